"""Contrastive: firing windows beside near-misses, after the contrastive explainer of delphi.

Source: Paulo et al. (2024), "Automatically interpreting millions of features in large language models", whose library
shows the model activating examples and then similar ones that do not activate.
"""

from collections.abc import Sequence
from pathlib import Path

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.quoting import MOST_WORDS, escaped, quoted
from benchmark.explainers.replies import asked, phrase
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Exemplar, Laboratory

PROMPT = Path(__file__).with_name("prompts") / "contrastive.txt"
MOST_EXEMPLARS = 8


def _silent(exemplar: Exemplar) -> str:
    return f"<text>{escaped(' '.join(exemplar.words[:MOST_WORDS]))}</text>"


def prompt_for(firing: Sequence[Exemplar], silent: Sequence[Exemplar]) -> str:
    """The prompt: at most 8 firing windows, strongest first, and 8 silent ones; no name of unit, layer or model."""
    before, _, rest = PROMPT.read_text(encoding="utf-8").strip().partition("{firing}")
    between, _, after = rest.partition("{silent}")
    strongest = sorted(firing, key=lambda each: -each.peak)[:MOST_EXEMPLARS]
    # Joined, not str.format: exemplars may hold braces.
    shown = ["\n".join(map(quoted, strongest)), "\n".join(map(_silent, silent[:MOST_EXEMPLARS]))]
    return "".join((before, shown[0], between, shown[1], after))


class Contrastive:
    """Asks once what firing windows have that look-alikes lack; declares no predicates."""

    name: str = "contrastive"
    needs_model: bool = True
    declares_predicates: bool = False

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """One question, one phrase; an abstention where no exemplar fires. What cannot be read is asked for once more.

        Raises:
            ValueError: `ask` is missing.
            NoReport: "refusal" or "unparsable".
        """
        if ask is None:
            raise ValueError(f"explainer {self.name!r} needs a model and none was given: set model=…")
        firing = laboratory.exemplars("firing")
        silent = laboratory.exemplars("near_miss") or laboratory.exemplars("silent")
        journal.note("observation", f"{len(firing)} firing exemplars, {len(silent)} to set against them")
        if not firing:
            return Report.abstain("no exemplar fires")
        laboratory.check_time()
        text = await asked(ask, prompt_for(firing, silent), phrase, journal)
        report = Report(text, (Claim(text),))
        journal.note("submission", text, report=report.to_json())
        return report
