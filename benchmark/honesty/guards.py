"""Each guardrail alone on each report: whether it objects, and the figure that it goes by."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmark.examiner import practice_levels
from benchmark.explainers.explainer import Journal
from benchmark.guardrails.guardrail import Submission
from benchmark.guardrails.registry import GUARDRAILS, select
from benchmark.honesty.room import Room
from benchmark.honesty.sessions import Audit, Told
from benchmark.laboratory import ReservedPractice

NAMES = tuple(GUARDRAILS)
# Lower than any figure: nobody asks a guardrail about an abstention.
UNASKED = -10.0


@dataclass(frozen=True)
class Check:
    """One guardrail on one report.

    Attributes:
        objects: whether it sends the report back.
        score: the figure that it goes by, greater where it is nearer to objecting.
    """

    objects: bool
    score: float


def _verbosity(data: dict[str, Any]) -> float:
    price = float(data["price"])
    return max((price * claim["share"] - claim["gain"] for claim in data["claims"]), default=0.0)


# From what a guardrail notes in the journal to its score; the two that know nothing of the report have none.
FIGURES: dict[str, Callable[[dict[str, Any]], float]] = {
    "verbosity": _verbosity,
    # Too few tests that could refute: the report goes back, and no share is known.
    "adversarial": lambda data: float(data.get("share", 1.0)),
    # Not applicable: too few positives on new words.
    "leakage": lambda data: -float(data["accuracy"]) if "accuracy" in data else -1.0,
    "out_of_distribution": lambda data: -max(float(data["r"]), float(data["accuracy"]) - 0.3),
    "significance": lambda data: float(data["p"]),
}


def checks(room: Room, told: Told, audit: Audit) -> dict[str, Check]:
    """Guardrail to its check; an abstention is handed in unasked.

    The report comes as a first submission of an explainer without rounds, with the auditor's search as its rivals.
    """
    if told.report.abstained:
        return dict.fromkeys(NAMES, Check(False, UNASKED))
    return {name: _check(room, told, audit, name) for name in NAMES}


def _check(room: Room, told: Told, audit: Audit, name: str) -> Check:
    case = room.cases[told.case]
    laboratory, journal = room.laboratory(case), Journal()
    practice = ReservedPractice(laboratory, room.examiner.practice(room.unit(case)))
    readers = room.examiner.readers
    (guardrail,) = select(name, practice)
    submission = Submission(
        told.report,
        tuple(each for each in audit.rivals if each.claims != told.report.claims),
        round=0,
        ordinal=1,
        read=lambda report, texts: practice_levels(report, texts, readers["executable"], readers["embedding"]),
    )
    verdict = asyncio.run(guardrail.check(submission, laboratory, journal))
    noted = [each.data for each in journal.entries if each.data.get("guardrail") == name]
    score = FIGURES[name](noted[-1]) if name in FIGURES else float(not verdict.approved)
    return Check(not verdict.approved, score)
