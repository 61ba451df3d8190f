"""The laboratory: metered access to one unit, the same for every explainer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from benchmark.clock import Clock
from benchmark.exam.claim_gains import ClaimGrade
from benchmark.exam.items import Stratum
from benchmark.exam.trigger_free import FreeGrade, FreeItems
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
    calls: int = 60
    generated: int = 10_000


@dataclass(frozen=True)
class Spend:
    """What an explainer has used so far: a copy, taken when it was asked for.

    Attributes:
        unit_queries: texts measured, practice items included.
        rounds: rounds begun.
        tokens: the model's, of questions and answers.
        calls: questions to the model.
        generated: tokens of the model's answers, which are among `tokens`.
        refused: texts that overlapped the exam.
        practice_grades: grades given on any practice slice.
        seconds: wall seconds since the laboratory was opened.
    """

    unit_queries: int = 0
    rounds: int = 0
    tokens: int = 0
    refused: int = 0
    practice_grades: int = 0
    seconds: float = 0.0
    calls: int = 0
    generated: int = 0


class Meter:
    """What was used, against a budget; it only ever grows."""

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self.budget, self._used, self._clock = budget, Spend(), clock

    @property
    def spend(self) -> Spend:
        """What was used so far, as a copy."""
        return replace(self._used, seconds=self._clock.seconds)

    def add(self, **amounts: int) -> None:
        """Count `amounts`, named as in `Spend`."""
        if (least := min(amounts.values())) < 0:
            raise ValueError(f"a spend of {least}; give 0 or more")
        self._used = replace(self._used, **{name: getattr(self._used, name) + n for name, n in amounts.items()})

    def check_time(self) -> None:
        """Raise `BudgetExceeded` when the seconds are used up."""
        if self.spend.seconds > self.budget.seconds:
            raise BudgetExceeded(f"seconds: {self.budget.seconds:.0f} allowed")

    def queries(self, number: int) -> None:
        """Charge unit queries, all or none."""
        self.check_time()
        used, allowed = self._used.unit_queries, self.budget.unit_queries
        if used + number > allowed:
            raise BudgetExceeded(f"unit queries: {number} wanted, {allowed} allowed, {used} used")
        self.add(unit_queries=number)

    def tokens(self, number: int, generated: int) -> None:
        """Count a model's tokens, `generated` of them of its answer."""
        self.add(tokens=number, generated=generated)
        # Providers may ignore how long an answer may be.
        for name in ("tokens", "generated"):
            if getattr(self._used, name) > (allowed := getattr(self.budget, name)):
                raise BudgetExceeded(f"{name}: {allowed} allowed")

    def call(self, question: int, answer: int) -> None:
        """Count a call to the model, if there is room for its question and for the longest answer it may get."""
        self.check_time()
        wanted = {"calls": 1, "tokens": question + answer, "generated": answer}
        for name, number in wanted.items():
            used, allowed = getattr(self._used, name), getattr(self.budget, name)
            if used + number > allowed:
                raise BudgetExceeded(f"{name}: {number} wanted, {allowed} allowed, {used} used")
        self.add(calls=1)

    def seconds(self, seconds: float) -> None:
        """Count work that was done elsewhere."""
        self._clock.charge(seconds)

    def round(self) -> None:
        """Count a round of a loop."""
        self.check_time()
        if self._used.rounds >= self.budget.rounds:
            raise BudgetExceeded(f"rounds: {self.budget.rounds} allowed")
        self.add(rounds=1)


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


class ReservedRoom(PracticeRoom, Protocol):
    """A practice room with what guardrails alone may ask."""

    def free_items(self) -> FreeItems:
        """How many items P-free has."""
        ...

    def grade_free(self, report: Report) -> FreeGrade:
        """Grade `report` on P-free."""
        ...

    def grade_claims(self, report: Report, slice_name: str) -> list[ClaimGrade]:
        """What each claim of `report` adds on `slice_name`; empty where the unit is constant there."""
        ...


MAX_WORDS = 64
PRACTICE_ITEMS = 60
OPEN_SLICE = "P0"
SUBMISSION_SLICES = ("P1", "P2", "P3", "P4")
SHIFTED_SLICE = "P-ood"


def computed(
    values: Callable[[Sequence[str]], list[Floats]],
) -> Callable[[Sequence[str]], Awaitable[list[Floats]]]:
    """Activations that are computed on the spot, as a `Laboratory` takes them."""

    async def at_once(texts: Sequence[str]) -> list[Floats]:
        return values(texts)

    return at_once


class PracticeError(ValueError):
    """A practice slice is not there for the asking, or cannot be graded for this report."""


class Laboratory:
    """Metered access to one unit: exemplars from teach, `measure`, and grades on the practice slice P0.

    Args:
        exemplars: the unit's teach windows, strongest first within each stratum.
        activations: texts to per-word values on the 0–10 scale; awaited, since others may be asking too.
        practice: the practice room.
        budget: ceilings.
        forbidden: eight-word shingles of the exam; a text sharing one is refused.
        clock: counts the seconds; started now unless given.
        watch: is shown whatever is measured.
    """

    def __init__(
        self,
        exemplars: Sequence[Exemplar],
        activations: Callable[[Sequence[str]], Awaitable[list[Floats]]],
        practice: PracticeRoom,
        budget: Budget,
        forbidden: frozenset[int] = frozenset(),
        clock: Clock | None = None,
        watch: Callable[[Sequence[Exemplar]], None] | None = None,
    ) -> None:
        self._exemplars, self._activations, self._practice = tuple(exemplars), activations, practice
        self._meter, self._forbidden, self._watch = Meter(budget, clock or Clock()), forbidden, watch

    @property
    def budget(self) -> Budget:
        """The ceilings."""
        return self._meter.budget

    @property
    def spend(self) -> Spend:
        """What has been used so far, as a copy; seconds are less what was spent waiting in line (see `Clock`)."""
        return self._meter.spend

    def exemplars(self, stratum: Stratum, limit: int | None = None) -> tuple[Exemplar, ...]:
        """Teach windows of one stratum; free of charge, since every explainer gets the same."""
        return tuple(each for each in self._exemplars if each.stratum == stratum)[:limit]

    async def measure(self, texts: Sequence[str]) -> list[Exemplar]:
        """The unit's activations on the explainer's own texts; each costs one unit query.

        What explainers of several units ask for at the same time shares the subject's forward passes.

        Raises:
            BudgetExceeded: before any is measured, if the budget does not cover them all.
            ExamOverlap: if any text shares eight words with the exam; the attempt is counted.
            UnmeasurableText: if any text has no words, or more than 64.
        """
        self._meter.queries(len(texts))
        passages = Passages.of(texts)
        lengths = np.diff(passages.first)
        if len(texts) and (lengths.min() < 1 or lengths.max() > MAX_WORDS):
            raise UnmeasurableText(f"a text must have 1 to {MAX_WORDS} words")
        refused = sum(overlapping(texts, self._forbidden)) if self._forbidden else 0
        if refused:
            self._meter.add(refused=refused)
            raise ExamOverlap(f"{refused} of {len(texts)} texts overlap the exam and were refused")
        levels = await self._activations(texts)
        found = [
            Exemplar(text, passages.words[a:b], values, "firing" if values.max(initial=0.0) > 0 else "silent")
            for text, values, a, b in zip(texts, levels, passages.first[:-1], passages.first[1:], strict=True)
        ]
        if self._watch is not None:
            self._watch(found)
        return found

    def practise(self, report: Report, slice_name: str = OPEN_SLICE) -> PracticeGrade:
        """Grade `report` on P0; its 60 items are charged as unit queries (METHOD.md section 1).

        Raises:
            PracticeError: any slice but P0; the others are the guardrails' (see `ReservedPractice`).
            BudgetExceeded: fewer than 60 queries are left.
        """
        if slice_name != OPEN_SLICE:
            raise PracticeError(f"no practice slice {slice_name!r} in the laboratory; choose {OPEN_SLICE!r}")
        return _graded(self._practice, self._meter, report, slice_name)

    @property
    def queries_left(self) -> int:
        """Unit queries that are still free."""
        return self.budget.unit_queries - self.spend.unit_queries

    def begin_call(self, question: int, answer: int) -> None:
        """Count a call to the explainer's model before it is made.

        Args:
            question: its tokens.
            answer: the most tokens that the answer may have.

        Raises:
            BudgetExceeded: the budget has no room for it; nothing was counted.
        """
        self._meter.call(question, answer)

    def charge_tokens(self, number: int, generated: int = 0) -> None:
        """Count tokens of the explainer's model, `generated` of them its answer's.

        Raises:
            BudgetExceeded: when more than the budget's have now been used.
        """
        self._meter.tokens(number, generated)

    def charge_seconds(self, seconds: float) -> None:
        """Count work that was done for the explainer before its session: what it would have taken now.

        Raises:
            ValueError: less than nothing.
        """
        self._meter.seconds(seconds)

    def begin_round(self) -> None:
        """Count a round of an agentic loop.

        Raises:
            BudgetExceeded: when the rounds or the seconds are used up.
        """
        self._meter.round()

    def check_time(self) -> None:
        """Raise `BudgetExceeded` when the seconds are used up."""
        self._meter.check_time()


class ReservedPractice:
    """The practice slices of the guardrails: P1 to P4, each at most once, P-ood and P-free; and P0 claim by claim.

    The runtime hands it to guardrails; explainers never hold one. What is graded here is charged to the laboratory.

    Args:
        laboratory: the unit's laboratory, whose budget pays.
        practice: the practice room.
    """

    def __init__(self, laboratory: Laboratory, practice: ReservedRoom) -> None:
        self._meter, self._practice = laboratory._meter, practice
        self._used: set[str] = set()

    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        """Grade `report` on a reserved slice; its 60 items are charged as unit queries.

        Raises:
            PracticeError: a slice that is not reserved, or a submission's slice for the second time.
            BudgetExceeded: fewer than 60 queries are left.
        """
        valid = [each for each in (*SUBMISSION_SLICES, SHIFTED_SLICE) if each not in self._used]
        if slice_name not in valid:
            why = "was used already" if slice_name in self._used else "is not reserved for guardrails"
            raise PracticeError(f"practice slice {slice_name!r} {why}; choose from {', '.join(valid)}")
        # A submission's slice is fresh: a second look at it would not be paid for in significance.
        self._used |= {slice_name} & set(SUBMISSION_SLICES)
        return _graded(self._practice, self._meter, report, slice_name)

    def free_items(self) -> FreeItems:
        """How many items P-free has; free of charge, since no report is graded."""
        return self._practice.free_items()

    def grade_free(self, report: Report) -> FreeGrade:
        """Grade `report` on P-free; each of its items is charged as a unit query.

        Raises:
            BudgetExceeded: fewer queries are left.
        """
        self._charge(self._practice.free_items().total)
        return self._practice.grade_free(report)

    def grade_claims(self, report: Report) -> list[ClaimGrade]:
        """What each claim of `report` adds on P0; its 60 items are charged as unit queries.

        Raises:
            BudgetExceeded: fewer than 60 queries are left.
        """
        self._charge(PRACTICE_ITEMS)
        return self._practice.grade_claims(report, OPEN_SLICE)

    def _charge(self, items: int) -> None:
        self._meter.queries(items)
        self._meter.add(practice_grades=1)


def _graded(practice: PracticeRoom, meter: Meter, report: Report, slice_name: str) -> PracticeGrade:
    meter.queries(PRACTICE_ITEMS)
    meter.add(practice_grades=1)
    return practice.grade(report, slice_name)
