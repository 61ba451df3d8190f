"""The laboratory: metered access to one unit, the same for every explainer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from benchmark.clock import Clock
from benchmark.exam.items import Stratum
from benchmark.explainers.report import Report
from benchmark.units.split import overlapping
from synthetic_neurons.passages import Floats, Passages


class BudgetExceeded(RuntimeError):
    """The explainer asked for more than its budget; the message says of what."""


class ExamOverlap(ValueError):
    """A text for `measure` overlaps the exam; it was refused, and the attempt was counted."""


class UnmeasurableText(ValueError):
    """A text for `measure` is empty or longer than the subject's window."""


@dataclass(frozen=True)
class Budget:
    """Ceilings, equal for all explainers (METHOD.md section 5)."""

    unit_queries: int = 1500
    rounds: int = 8
    tokens: int = 20_000
    seconds: float = 120.0


@dataclass
class Spend:
    """What an explainer has used so far."""

    unit_queries: int = 0
    rounds: int = 0
    tokens: int = 0
    refused: int = 0
    practice_grades: int = 0
    clock: Clock = field(default_factory=Clock)

    @property
    def seconds(self) -> float:
        """Seconds since the laboratory was opened, less what was spent waiting in line (see `Clock`)."""
        return self.clock.seconds


@dataclass(frozen=True, eq=False)
class Exemplar:
    """A teach window as the explainer sees it: words with their activations scaled to 0–10.

    A word's value is the greatest among its tokens. `weight` restores the base rate: how many windows of the teach
    split the exemplar stands for, relative to the others; measured texts have weight 1.
    """

    text: str
    words: tuple[str, ...]
    values: Floats
    stratum: Stratum
    weight: float = 1.0

    @property
    def peak(self) -> float:
        """The greatest value in the window."""
        return float(self.values.max(initial=0.0))


@dataclass(frozen=True)
class PracticeGrade:
    """What the laboratory returns for a practice slice: scores and pass or fail, never a text or a value."""

    slice_name: str
    r: float
    simulation_accuracy: float
    p: float
    z: float
    passed: bool


class PracticeRoom(Protocol):
    """Grades a report on a practice slice of the unit: P0, P1 … P4, or P-ood."""

    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        """Grade `report` on `slice_name`."""
        ...


MAX_WORDS = 64
PRACTICE_ITEMS = 60


class Laboratory:
    """Metered access to one unit: exemplars from teach, `measure`, and practice grades.

    Args:
        exemplars: the unit's teach windows, strongest first within each stratum.
        activations: texts to per-word values on the 0–10 scale.
        practice: the practice room.
        budget: ceilings.
        forbidden: eight-word shingles of the exam; a text sharing one is refused.
        clock: counts the seconds; started now unless given.
        watch: is shown whatever is measured.
    """

    def __init__(
        self,
        exemplars: Sequence[Exemplar],
        activations: Callable[[Sequence[str]], list[Floats]],
        practice: PracticeRoom,
        budget: Budget,
        forbidden: frozenset[int] = frozenset(),
        clock: Clock | None = None,
        watch: Callable[[Sequence[Exemplar]], None] | None = None,
    ) -> None:
        self._exemplars, self._activations, self._practice = tuple(exemplars), activations, practice
        self.budget, self.spend, self._forbidden = budget, Spend(clock=clock or Clock()), forbidden
        self._watch = watch

    def exemplars(self, stratum: Stratum, limit: int | None = None) -> tuple[Exemplar, ...]:
        """Teach windows of one stratum; free of charge, since every explainer gets the same."""
        return tuple(each for each in self._exemplars if each.stratum == stratum)[:limit]

    def measure(self, texts: Sequence[str]) -> list[Exemplar]:
        """The unit's activations on the explainer's own texts; each costs one unit query.

        Raises:
            BudgetExceeded: before any is measured, if the budget does not cover them all.
            ExamOverlap: if any text shares eight words with the exam; the attempt is counted.
            UnmeasurableText: if any text has no words, or more than 64.
        """
        self.check_time()
        if self.spend.unit_queries + len(texts) > self.budget.unit_queries:
            raise BudgetExceeded(f"unit queries: {self.budget.unit_queries} allowed, {self.spend.unit_queries} used")
        self.spend.unit_queries += len(texts)
        passages = Passages.of(texts)
        lengths = np.diff(passages.first)
        if len(texts) and (lengths.min() < 1 or lengths.max() > MAX_WORDS):
            raise UnmeasurableText(f"a text must have 1 to {MAX_WORDS} words")
        refused = sum(overlapping(texts, self._forbidden)) if self._forbidden else 0
        if refused:
            self.spend.refused += refused
            raise ExamOverlap(f"{refused} of {len(texts)} texts overlap the exam and were refused")
        found = [
            Exemplar(text, passages.words[a:b], values, "firing" if values.max(initial=0.0) > 0 else "silent")
            for text, values, a, b in zip(
                texts, self._activations(texts), passages.first[:-1], passages.first[1:], strict=True
            )
        ]
        if self._watch is not None:
            self._watch(found)
        return found

    def practise(self, report: Report, slice_name: str) -> PracticeGrade:
        """Grade `report` on a practice slice; its 60 items are charged as unit queries (METHOD.md section 1)."""
        self.check_time()
        if self.queries_left < PRACTICE_ITEMS:
            raise BudgetExceeded(f"unit queries: {PRACTICE_ITEMS} practice items, {self.queries_left} queries left")
        self.spend.unit_queries += PRACTICE_ITEMS
        self.spend.practice_grades += 1
        return self._practice.grade(report, slice_name)

    @property
    def queries_left(self) -> int:
        """Unit queries that are still free."""
        return self.budget.unit_queries - self.spend.unit_queries

    def begin_round(self) -> None:
        """Count a round of an agentic loop.

        Raises:
            BudgetExceeded: when the rounds are used up.
        """
        if self.spend.rounds >= self.budget.rounds:
            raise BudgetExceeded(f"rounds: {self.budget.rounds} allowed")
        self.spend.rounds += 1

    def check_time(self) -> None:
        """Raise `BudgetExceeded` when the seconds are used up."""
        if self.spend.seconds > self.budget.seconds:
            raise BudgetExceeded(f"seconds: {self.budget.seconds:.0f} allowed")
