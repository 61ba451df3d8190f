"""The protocol of readers: whoever predicts activations from a report alone."""

from typing import Protocol

from benchmark.explainers.report import Claim, Report
from synthetic_neurons.passages import Floats, Passages

# Readers that cannot read a whole pool for every report (METHOD.md section 3), and are in no default.
SAMPLED_READERS = ("finetuned",)


class Reader(Protocol):
    """Predicts a level for every word from a report, never from the unit.

    Attributes:
        name: on the board; no score is shown without it.
        threshold: the level from which the reader says "fires"; one per reader, set on the calibration split.
    """

    name: str
    threshold: float

    def read(self, report: Report, passages: Passages) -> Floats | None:
        """float64 [words], levels 0 to 10; None where this reader cannot read this report (no predicates)."""
        ...


def claims_to_read(report: Report, reader: str) -> tuple[Claim, ...]:
    """The report's claims; its whole text as one claim where it has none.

    Raises:
        ValueError: for an abstention, which has its own score (METHOD.md section 2) and is never read.
    """
    if report.abstained:
        raise ValueError(f"the {reader} reader was given an abstention, which is never read; score it unread")
    return report.claims or (Claim(report.text),)
