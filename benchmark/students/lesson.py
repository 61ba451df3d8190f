"""A lesson: a few labelled examples of the unit and a page of notes. Nothing else enters the exam room."""

from dataclasses import dataclass

from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar
from benchmark.students.student import NOTE_WORDS, cut_notes
from synthetic_neurons.passages import word_spans


@dataclass(frozen=True)
class Lesson:
    """What a student is taught (METHOD.md section 7).

    Attributes:
        examples: labelled teach windows of the unit; the student keeps its own memory of them.
        notes: text that the student re-reads in the exam; at most 200 words, no predicates.
    """

    examples: tuple[Exemplar, ...]
    notes: str

    def __post_init__(self) -> None:
        """Refuse notes that are longer than a student may carry."""
        words = len(word_spans(self.notes))
        if words > NOTE_WORDS:
            raise ValueError(f"a lesson's notes have {words} words, {NOTE_WORDS} are allowed; cut them with take_notes")


def take_notes(report: Report) -> str:
    """The report's text cut after 200 words; nothing for an abstention, which has nothing to teach.

    Only text passes: a student that shared the predicate language would be examined on it and not on the explanation.
    """
    return "" if report.abstained else cut_notes(report.text)
