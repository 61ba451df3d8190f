"""Single pass: one question to a language model, after Bills et al. (2023), "Language models can explain neurons"."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.quoting import escaped as escaped
from benchmark.explainers.quoting import quoted as quoted
from benchmark.explainers.replies import Unreadable, asked
from benchmark.explainers.replies import phrase as read_phrase
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Exemplar, Laboratory

PROMPT = Path(__file__).with_name("prompts") / "single_pass.txt"
MOST_EXEMPLARS = 8


def prompt_for(exemplars: Sequence[Exemplar]) -> str:
    """The prompt: at most 8 exemplars, strongest first; no name of unit, layer or model."""
    strongest = sorted(exemplars, key=lambda each: -each.peak)[:MOST_EXEMPLARS]
    # One replace, not str.format: exemplars may hold braces.
    return (
        PROMPT.read_text(encoding="utf-8").strip().replace("{exemplars}", "\n".join(quoted(each) for each in strongest))
    )


def parse_reply(reply: str) -> str:
    """The explanation in a model's reply, for callers that ask no second time.

    Raises:
        NoReport: "refusal" for a refusal, "unparsable" where there is nothing to take.
    """
    try:
        return read_phrase(reply)
    except Unreadable as error:
        kind: Literal["refusal", "unparsable"] = "refusal" if error.kind == "refusal" else "unparsable"
        raise NoReport(kind, f"{error.kind}: {error}; ask again or choose another model") from None


class SinglePass:
    """Shows a model the strongest exemplars once and takes its phrase; declares no predicates."""

    name: str = "single_pass"
    needs_model: bool = True
    declares_predicates: bool = False

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """One question, one phrase; an abstention where no exemplar fires. What cannot be read is asked for once more.

        Raises:
            ValueError: `ask` is missing.
            NoReport: "refusal" or "unparsable".
        """
        if ask is None:
            raise ValueError(
                "explainer 'single_pass' needs a model and none was given: set model=…, or take rule_induction"
            )
        firing = laboratory.exemplars("firing")
        journal.note("observation", f"{len(firing)} firing exemplars")
        if not firing:
            return Report.abstain("no exemplar fires")
        laboratory.check_time()
        text = await asked(ask, prompt_for(firing), read_phrase, journal)
        report = Report(text, (Claim(text),))
        journal.note("submission", text, report=report.to_json())
        return report
