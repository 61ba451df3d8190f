"""The laboratory as tools, for a model that chooses for itself which to use and when.

After MAIA (Shaham et al. 2024, "A multimodal automated interpretability agent", arXiv 2404.14394, section 3): exemplars
of the data set, experiments on inputs of the agent's own, and a log. Two things are ours: an experiment is measured
only after its outcome was foretold, and a hypothesis can be practised. A tool's docstring is what the model is told.
"""

import math
from collections.abc import Sequence
from typing import Literal

from benchmark.exam.items import Stratum
from benchmark.explainers.explainer import Journal
from benchmark.explainers.quoting import escaped, quoted
from benchmark.explainers.replies import Unreadable, phrase
from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.laboratory import MAX_WORDS, BudgetExceeded, ExamOverlap, Exemplar, Laboratory, PracticeGrade
from synthetic_neurons.passages import word_spans

TOOLS = ("exemplars", "near_misses", "measure", "practise", "notebook", "submit")
PAGE = 8
MOST_TEXTS = 16
MOST_CLAIMS = 8
MOST_NOTES = 20
LONGEST_NOTE = 100
UNSURE = 0.5


class Declined(ValueError):
    """A tool was called with what it cannot take; the message says what it takes.

    Attributes:
        kind: what was wrong: "bad_arguments", or a kind of `benchmark.explainers.replies.Unreadable`.
    """

    def __init__(self, message: str, kind: str = "bad_arguments") -> None:
        super().__init__(message)
        self.kind = kind


def listed(windows: Sequence[Exemplar], start: int = 0) -> str:
    """Windows as numbered, quoted data, each cut to 32 words."""
    return "\n".join(f"{start + at}. {quoted(each)}" for at, each in enumerate(windows, 1))


class Desk:
    """One model's place in one laboratory.

    Args:
        laboratory: the unit.
        journal: receives what was looked at, every prediction before its result, every grade and hypothesis.

    Attributes:
        submitted: what was handed in, once it was.
    """

    def __init__(self, laboratory: Laboratory, journal: Journal) -> None:
        self._laboratory, self._journal = laboratory, journal
        self._notes: list[str] = []
        self._noted: Report | None = None
        self._practised: list[tuple[Report, PracticeGrade]] = []
        self.submitted: Report | None = None

    def last_word(self) -> Report | None:
        """What is left of a session that ends early: the hypothesis noted since the last practice, or the best by r."""
        if self._noted is not None or not self._practised:
            return self._noted
        return max(self._practised, key=lambda pair: (pair[1].r, pair[1].simulation_accuracy))[0]

    def left(self) -> str:
        """What may still be measured."""
        rounds = self._laboratory.budget.rounds - self._laboratory.spend.rounds
        return f"left: {rounds} measurements, {self._laboratory.queries_left} queries"

    async def exemplars(self, stratum: Stratum, start: int = 0) -> str:
        """Show eight of the unit's texts, with the words it is active on and its activations from 0 to 10. Free.

        Args:
            stratum: firing (strongest first), near_miss (like the firing ones, but the unit is silent) or silent.
            start: how many texts to pass over.
        """
        windows = sorted(self._laboratory.exemplars(stratum), key=lambda each: -each.peak)
        start = max(0, int(start))
        shown = windows[start : start + PAGE]
        name = stratum.replace("_", "-")
        text = f"looks at {len(shown)} of {len(windows)} {name} exemplars, from {start + 1} on"
        self._journal.note("observation", text)
        return f"{listed(shown, start)}\n{len(shown)} of {len(windows)} {name} texts".lstrip()

    async def near_misses(self) -> str:
        """Show the first eight texts that are like the firing ones while the unit is silent in them. Free."""
        return await self.exemplars("near_miss")

    async def measure(self, texts: list[str], expected: list[float]) -> str:
        """Measure the unit on your own texts, once you have written down what you expect of each.

        Costs one measurement, and one query for each text.

        Args:
            texts: at most 16, of at most 64 words each.
            expected: for each text, in the same order, the greatest activation that you expect in it, from 0 to 10.
        """
        levels = _foretold(texts, expected)
        if len(texts) > self._laboratory.queries_left:
            raise BudgetExceeded(f"queries: {len(texts)} wanted, {self._laboratory.queries_left} left")
        self._laboratory.begin_round()
        for at, (text, level) in enumerate(zip(texts, levels, strict=True), 1):
            self._journal.note("experiment", f"text {at} of {len(texts)}", window=text, best=level)
        found = await self._measured(texts)
        lines = [self._compared(*each) for each in zip(range(1, len(texts) + 1), found, levels, strict=True)]
        return "\n".join([*lines, self.left()])

    async def _measured(self, texts: Sequence[str]) -> list[Exemplar]:
        try:
            return await self._laboratory.measure(texts)
        except ExamOverlap as error:
            self._journal.note("observation", f"the laboratory refused the texts: {error}")
            raise

    def _compared(self, at: int, window: Exemplar, level: float) -> str:
        """A measured text beside what was expected of it."""
        told = f"expected {level:.0f}, measured {window.peak:.0f}"
        self._journal.note("result", f"text {at}: {told}", window=window.text, best=level, peak=window.peak)
        return f"{at}. {quoted(window)}\n{told}"

    async def practise(self, explanation: str, claims: list[str] | None = None) -> str:
        """Grade an explanation on hidden practice texts: whether it passes, and its scores. Costs 60 queries.

        Args:
            explanation: one phrase.
            claims: one phrase for each concept, where the unit has several.
        """
        report = reported(explanation, claims)
        grade = self._laboratory.practise(report)
        self._practised.append((report, grade))
        self._noted = None
        text = f"P0: r {grade.r:.2f}, simulation accuracy {grade.simulation_accuracy:.2f}: {report.text}"
        note = {"slice": "P0", "r": grade.r, "accuracy": grade.simulation_accuracy, "passed": grade.passed}
        self._journal.note("practice", text, **note, report=report.to_json())
        verdict = "passed" if grade.passed else "not passed"
        return f"{verdict}: r {grade.r:.2f}, simulation accuracy {grade.simulation_accuracy:.2f}\n{self.left()}"

    async def notebook(self, action: Literal["write", "hypothesis", "read"], text: str = "") -> str:
        """Keep notes for yourself. Free.

        Args:
            action: write a note; state your best hypothesis, handed in should the budget end; or read the notes.
            text: the note, or the hypothesis.
        """
        if action == "read":
            return "\n".join(f"<note>{escaped(each)}</note>" for each in self._notes[-MOST_NOTES:]) or "no notes yet"
        if not text.strip():
            raise Declined(f"to {action} takes a text")
        if action == "hypothesis":
            self._noted = reported(text)
            self._journal.note("hypothesis", self._noted.text, report=self._noted.to_json())
        else:
            self._journal.note("observation", f"notes: {_cut(text)}")
        self._notes.append(f"{action}: {_cut(text)}" if action == "hypothesis" else _cut(text))
        return "noted"

    async def submit(
        self,
        explanation: str = "",
        claims: list[str] | None = None,
        confidence: float | None = None,
        abstain: bool = False,
        reason: str = "",
    ) -> str:
        """Hand in your explanation, which ends the session; or abstain where there is nothing to explain.

        Args:
            explanation: one phrase that says on what the unit is active.
            claims: one phrase for each concept, where the unit has several.
            confidence: how sure you are, from 0 to 1.
            abstain: true where you find nothing that the unit responds to.
            reason: why you abstain.
        """
        sure = _share(confidence)
        if abstain:
            self.submitted = Report.abstain(_cut(reason or explanation) or "no reason given", sure)
        else:
            self.submitted = reported(explanation, claims, sure)
        return "handed in"


def reported(explanation: str, claims: Sequence[str] | None = None, confidence: float = UNSURE) -> Report:
    """An explanation and its claims as a report; an explanation without claims is its own.

    Raises:
        Declined: nothing to be read in one of them, or too many.
    """
    if len(claims or ()) > MOST_CLAIMS:
        raise Declined(f"{len(claims or ())} claims; give at most {MOST_CLAIMS}, one for each concept")
    try:
        text, *rest = (phrase(each) for each in (explanation, *(claims or ())))
    except Unreadable as error:
        raise Declined(str(error), error.kind) from None
    return Report(text, tuple(map(Claim, rest or [text])), confidence)


def _foretold(texts: Sequence[str], expected: Sequence[float]) -> list[float]:
    """The expected levels, if there are as many as texts and the laboratory can measure these."""
    if not 1 <= len(texts) <= MOST_TEXTS:
        raise Declined(f"{len(texts)} texts; give 1 to {MOST_TEXTS}")
    if len(expected) != len(texts):
        raise Declined(f"{len(expected)} expected activations for {len(texts)} texts; give one for each text")
    for at, text in enumerate(texts, 1):
        if not 1 <= len(word_spans(text)) <= MAX_WORDS:
            raise Declined(f"text {at} has {len(word_spans(text))} words; give 1 to {MAX_WORDS}")
    return [_level(each) for each in expected]


def _level(value: float) -> float:
    if not math.isfinite(number := _float(value)):
        raise Declined("an expected activation is a number from 0 to 10")
    return min(MAX_LEVEL, max(0.0, number))


def _share(value: float | None) -> float:
    """A confidence from 0 to 1, also where it was given in per cent."""
    number = UNSURE if value is None else _float(value)
    if not math.isfinite(number):
        return UNSURE
    return min(1.0, max(0.0, number / 100 if 1 < number <= 100 else number))


def _float(value: float) -> float:
    """A number from JSON, where an integer may have any length."""
    try:
        return float(value)
    except OverflowError:
        return math.nan


def _cut(text: str) -> str:
    return " ".join(text.split()[:LONGEST_NOTE])
