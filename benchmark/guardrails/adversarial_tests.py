"""Guardrail: texts made to disprove the report, paid for like any experiment (METHOD.md section 6).

A test counts only if the rival hypothesis gives it a fair chance of refuting the report: otherwise many tests that
nobody expected to fail would look like evidence. That chance is read off the rival's own level, as a share of its
highest: where the report says "silent" it is that share, where the report says "fires" it is one minus the share.

The runner-up is asked first. Only where fewer than eight of its tests count, the next rivals are: the search's others,
then reports one clause away from the submitted one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.errors import UserError
from benchmark.explainers.experiments import Prediction, Trial, by_turns, predictions, proposals
from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import MAX_LEVEL, Report
from benchmark.guardrails.guardrail import Objection, Submission, Verdict
from benchmark.guardrails.options import Count, Share
from benchmark.guardrails.rivals import clause_rivals
from benchmark.laboratory import ExamOverlap, Exemplar, Laboratory

FIRES_SHARE = 0.25


@dataclass(frozen=True)
class Challenge:
    """One test.

    Attributes:
        prediction: what report and rival say.
        fires: whether the report says that the unit fires.
        chance: the probability of refuting, by the rival.
        rival: the rival's prose.
    """

    prediction: Prediction
    fires: bool
    chance: float
    rival: str

    @property
    def trial(self) -> Trial:
        """The text, and what was changed in it."""
        return self.prediction.trial

    def note(self) -> dict[str, Any]:
        """What the journal keeps of it."""
        return self.prediction.note() | {"fires": self.fires, "chance": self.chance}


def _share(level: float, report: Report) -> float:
    highest = max((claim.level for claim in report.claims), default=MAX_LEVEL)
    return min(1.0, level / highest) if highest > 0 else 0.0


def _against(rival: Report, trials: Sequence[Trial], submission: Submission) -> Iterator[Challenge]:
    for each in predictions(trials, submission.report, rival, submission.read):
        own, share = _share(each.top, submission.report), _share(each.runner_up, rival)
        # Between silence and a quarter of its highest level a report commits itself to neither.
        if own == 0 or own >= FIRES_SHARE:
            yield Challenge(each, own > 0, 1 - share if own else share, rival.text)


def challenges(submission: Submission, laboratory: Laboratory, least_chance: float, enough: int) -> list[Challenge]:
    """Tests that count, in the order in which to run them: rival by rival until `enough`, kinds of change in turn.

    Args:
        submission: its rivals are asked in order, then those one clause away from the report.
        laboratory: gives the teach windows that tests are cut from.
        least_chance: the probability of refuting from which a test counts.
        enough: no further rival is asked once so many tests count.
    """
    exemplars = [*laboratory.exemplars("firing"), *laboratory.exemplars("near_miss"), *laboratory.exemplars("silent")]
    trials = proposals(exemplars, submission.measured)
    counted: dict[str, Challenge] = {}
    for rival in (*submission.rivals, *clause_rivals(submission.report, exemplars)):
        if len(counted) >= enough or not trials:
            break
        fair = [each for each in _against(rival, trials, submission) if each.chance >= least_chance]
        for each in by_turns(fair, lambda test: test.trial.kind, lambda test: test.chance):
            counted.setdefault(each.trial.text, each)
    return list(counted.values())


class AdversarialTests:
    """Objects when more than a quarter of the counted tests refute the report, or when too few count.

    Args:
        least: the fewest tests that make an examination; with fewer the report goes back every time.
        most: the most to pay for.
        least_chance: the probability of refuting from which a test counts.
        most_refuted: the share of counted tests that may refute.
    """

    name: str = "adversarial"

    def __init__(
        self, least: Count = 8, most: Count = 16, least_chance: Share = 0.2, most_refuted: Share = 0.25
    ) -> None:
        if most < least:
            raise UserError(f"adversarial.most={most} is below adversarial.least={least}: give {least} or more")
        self._least, self.cost = least, most
        self._least_chance, self._most_refuted = least_chance, most_refuted

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Run the tests; every measured text comes back with the verdict."""
        counted = challenges(submission, laboratory, self._least_chance, self._least)[: self.cost]
        if len(counted) < self._least:
            return self._too_few(len(counted), journal)
        found = await _measured(counted, laboratory, journal)
        if len(found) < self._least:
            return self._too_few(len(found), journal, tuple(found.values()))
        tests = [test for test in counted if test.trial.text in found]
        refuting = tuple(found[test.trial.text] for test in tests if _refutes(test, found[test.trial.text]))
        text, share = f"{len(refuting)} of {len(tests)} adversarial tests refute the report", len(refuting) / len(tests)
        note = {"guardrail": self.name, "cost": len(found), "counted": len(tests), "refuted": len(refuting)}
        journal.note("result", text, share=share, **note)
        objection = Objection(text, refuting) if share > self._most_refuted else None
        return Verdict(objection, tuple(found.values()))

    def _too_few(self, count: int, journal: Journal, measured: tuple[Exemplar, ...] = ()) -> Verdict:
        text = f"only {count} adversarial tests could refute, {self._least} needed"
        journal.note("result", text, guardrail=self.name, cost=len(measured), counted=count)
        return Verdict(Objection(f"{text}: find a rival hypothesis and run more experiments", retry=True), measured)


def _refutes(test: Challenge, exemplar: Exemplar) -> bool:
    return (exemplar.peak > 0) != test.fires


async def _measured(counted: Sequence[Challenge], laboratory: Laboratory, journal: Journal) -> dict[str, Exemplar]:
    """What the unit does on the tests' texts, foretold in the journal before it is measured."""
    for test in counted:
        word = "fires" if test.fires else "is silent"
        text = f"{test.trial.change}: the report says that the unit {word}"
        journal.note("experiment", text, rival_report=test.rival, **test.note())
    found = await _answers([test.trial.text for test in counted], laboratory, journal)
    notes = {test.trial.text: test.note() for test in counted}
    for exemplar in found:
        journal.note("result", f"measured {exemplar.peak:.1f}", **notes[exemplar.text], peak=exemplar.peak)
    return {exemplar.text: exemplar for exemplar in found}


async def _answers(texts: Sequence[str], laboratory: Laboratory, journal: Journal) -> list[Exemplar]:
    """Measure all at once; where the laboratory refuses some for the exam's sake, one by one."""
    try:
        return await laboratory.measure(texts)
    except ExamOverlap as error:
        journal.note("observation", f"the laboratory refused adversarial tests: {error}")
        halves = (texts[: len(texts) // 2], texts[len(texts) // 2 :]) if len(texts) > 1 else ()
        return [exemplar for half in halves for exemplar in await _answers(half, laboratory, journal)]
