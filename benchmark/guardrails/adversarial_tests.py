"""Guardrail: texts made to disprove the report, paid for like any experiment (METHOD.md section 6).

A test counts only if the runner-up hypothesis gives it a fair chance of refuting the report: otherwise many tests that
nobody expected to fail would look like evidence. That chance is read off the runner-up's own level, as a share of its
highest: where the report says "silent" it is that share, where the report says "fires" it is one minus the share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.explainers.experiments import Prediction, predictions, proposals
from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import MAX_LEVEL, Report
from benchmark.guardrails.guardrail import APPROVED, Objection, Submission, Verdict
from benchmark.laboratory import Exemplar, Laboratory

FIRES_SHARE = 0.25


@dataclass(frozen=True)
class Challenge:
    """One test.

    Attributes:
        prediction: what report and runner-up say.
        fires: whether the report says that the unit fires.
        chance: the probability of refuting, by the runner-up.
    """

    prediction: Prediction
    fires: bool
    chance: float


def _share(level: float, report: Report) -> float:
    highest = max((claim.level for claim in report.claims), default=MAX_LEVEL)
    return min(1.0, level / highest) if highest > 0 else 0.0


def challenges(submission: Submission, laboratory: Laboratory) -> list[Challenge]:
    """Every counterfactual with its probability of refuting, likeliest first; none without a runner-up."""
    if submission.runner_up is None:
        return []
    report, rival = submission.report, submission.runner_up
    exemplars = [*laboratory.exemplars("firing"), *laboratory.exemplars("near_miss"), *laboratory.exemplars("silent")]
    made = []
    for each in predictions(proposals(exemplars), report, rival, submission.read):
        fires, share = _share(each.top, report) >= FIRES_SHARE, _share(each.runner_up, rival)
        made.append(Challenge(each, fires, 1 - share if fires else share))
    return sorted(made, key=lambda test: -test.chance)


class AdversarialTests:
    """Objects when more than a quarter of the counted tests refute the report.

    With fewer tests than `least` that count, nothing can be said: the first time the report goes back for more rounds,
    afterwards it passes, and the journal says that it passed unexamined.

    Args:
        least: the fewest tests that make an examination.
        most: the most to pay for.
        least_chance: the probability of refuting from which a test counts.
        most_refuted: the share of counted tests that may refute.
    """

    name: str = "adversarial"
    essential: bool = False

    def __init__(self, least: int = 8, most: int = 16, least_chance: float = 0.2, most_refuted: float = 0.25) -> None:
        self._least, self.cost = least, most
        self._least_chance, self._most_refuted = least_chance, most_refuted

    def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Run the tests; the refuting ones come back as counterexamples."""
        counted = [test for test in challenges(submission, laboratory) if test.chance >= self._least_chance]
        counted = counted[: self.cost]
        if len(counted) < self._least:
            return self._too_few(len(counted), submission, journal)
        refuting = self._refuting(counted, laboratory, journal)
        share = len(refuting) / len(counted)
        journal.note("result", f"{len(refuting)} of {len(counted)} adversarial tests refute", share=share)
        if share <= self._most_refuted:
            return APPROVED
        text = f"{len(refuting)} of {len(counted)} adversarial tests refute the report"
        return Verdict(Objection(text, tuple(refuting)))

    def _too_few(self, count: int, submission: Submission, journal: Journal) -> Verdict:
        text = f"only {count} adversarial tests could refute, {self._least} needed"
        if submission.ordinal == 1:
            return Verdict(Objection(f"{text}: find a rival hypothesis and run more experiments", retry=True))
        journal.note("observation", f"{text}: the report passes unexamined", counted=count)
        return APPROVED

    @staticmethod
    def _refuting(counted: Sequence[Challenge], laboratory: Laboratory, journal: Journal) -> list[Exemplar]:
        for test in counted:
            trial, word = test.prediction.trial, "fires" if test.fires else "is silent"
            text = f"{trial.change}: the report says that the unit {word}"
            journal.note("experiment", text, **AdversarialTests._note(test))
        found = laboratory.measure([test.prediction.trial.text for test in counted])
        for test, exemplar in zip(counted, found, strict=True):
            text = f"measured {exemplar.peak:.1f}"
            journal.note("result", text, **AdversarialTests._note(test), peak=exemplar.peak)
        return [each for test, each in zip(counted, found, strict=True) if (each.peak > 0) != test.fires]

    @staticmethod
    def _note(test: Challenge) -> dict[str, Any]:
        return test.prediction.note() | {"fires": test.fires, "chance": test.chance}
