"""React: a free tool-user, after MAIA (Shaham et al. 2024, "A multimodal automated interpretability agent").

arXiv 2404.14394, section 3: a language model is given the task and an interface, and decides by itself what to look at,
what to try and when it is done. The loop is ReAct's (Yao et al. 2022, arXiv 2210.03629), as Inspect has it; the
interface is the laboratory as tools (`benchmark.explainers.desk`).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from benchmark.explainers.desk import PAGE, Declined, Desk, listed, reported
from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar, Laboratory

PROMPTS = Path(__file__).with_name("prompts")


@dataclass(frozen=True)
class Ending:
    """How a conversation came to its end without a submission.

    Attributes:
        kind: the failure, should there be nothing to hand in.
        why: in words, behind the finer kind and a colon where there is one.
        answer: the model's last text, where it stopped calling tools of its own accord.
    """

    kind: Literal["refusal", "unparsable", "limit"]
    why: str
    answer: str | None = None


@cache
def prompt(name: str) -> str:
    """A prompt by its file's name."""
    return (PROMPTS / f"{name}.txt").read_text(encoding="utf-8").strip()


def start(laboratory: Laboratory, firing: tuple[Exemplar, ...]) -> str:
    """The first message: the strongest exemplars, and what the budget allows."""
    strongest = sorted(firing, key=lambda each: -each.peak)[:PAGE]
    text = prompt("react_start").replace("{rounds}", str(laboratory.budget.rounds))
    # The exemplars last: they may hold braces.
    return text.replace("{queries}", str(laboratory.budget.unit_queries)).replace("{exemplars}", listed(strongest))


class React:
    """Lets a model work with the laboratory's tools until it submits; declares no predicates."""

    name: str = "react"
    needs_model: bool = True
    declares_predicates: bool = False

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """What the model submits; where it never does, its last answer or what it last thought best.

        Raises:
            ValueError: `ask` is missing, or is not Inspect's.
            NoReport: nothing was submitted, and nothing can be handed in instead.
        """
        from benchmark.runtime.react_tools import converse

        if ask is None:
            raise ValueError("explainer 'react' needs a model and none was given: set model=…, or take rule_induction")
        firing = laboratory.exemplars("firing")
        journal.note("observation", f"{len(firing)} firing exemplars")
        if not firing:
            return Report.abstain("no exemplar fires")
        desk = Desk(laboratory, journal)
        ending = await converse(desk, journal, ask, prompt("react"), start(laboratory, firing))
        report = desk.submitted or _instead(desk, journal, ending)
        journal.note("submission", report.text, report=report.to_json())
        return report


def _instead(desk: Desk, journal: Journal, ending: Ending) -> Report:
    """What stands for a submission that never came: the model's last answer, else what it last thought best."""
    journal.note("observation", f"nothing was submitted: {ending.why}")
    kind, why = ending.kind, ending.why
    if ending.answer is not None:
        try:
            return reported(ending.answer)
        except Declined as unread:
            kind, why = "refusal" if unread.kind == "refusal" else kind, f"{unread.kind}: {unread}"
    if (last := desk.last_word()) is None:
        raise NoReport(kind, why)
    return last
