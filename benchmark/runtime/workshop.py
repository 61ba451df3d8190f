"""What one process needs to explain a suite's units: the suite, its examiner, the subject, and explainers by name."""

from collections.abc import Coroutine
from functools import lru_cache
from typing import Any, cast

from benchmark.examiner import Examiner, activations
from benchmark.explainers.explainer import Explainer, Journal
from benchmark.explainers.registry import EXPLAINERS, resolve
from benchmark.explainers.report import Report
from benchmark.explainers.top_tokens import TopTokens
from benchmark.guardrails.registry import select
from benchmark.laboratory import Budget, Laboratory
from benchmark.suites import Suite, load
from benchmark.units.unit import Unit


class Workshop:
    """One suite with all that explaining and examining it takes; heavy parts are made at the first need."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._examiner: Examiner | None = None
        self._subject: Any = None
        self._placebos: dict[str, Report] = {}

    @property
    def examiner(self) -> Examiner:
        """Readers over the suite."""
        if self._examiner is None:
            self._examiner = Examiner(self.suite)
        return self._examiner

    def subject(self) -> Any:
        """The subject and SAE, booted once a process."""
        if self._subject is None:
            from benchmark.subjects.harvest import FoundSubject, shipped_sae

            self._subject = FoundSubject(shipped_sae())
        return self._subject

    def laboratory(self, unit: Unit, budget: Budget) -> Laboratory:
        """A fresh laboratory for one unit."""
        return Laboratory(
            self.suite.exemplars(unit),
            activations(unit, self.subject),
            self.examiner.practice(unit),
            budget,
            self.suite.forbidden,
        )

    def explainer(self, spec: str, unit: Unit, guardrails: str) -> Explainer:
        """An explainer for one unit, with what only the caller has injected.

        Raises:
            ValueError: no explainer of that name; the message names the nearest.
        """
        if spec not in EXPLAINERS:
            made: Explainer = resolve(spec)()
            return made
        given: dict[str, Any] = {}
        if spec == "placebo":
            given = {"report": self.placebo(unit)}
        elif spec == "oracle":
            given = {"truth": truth_report(unit)}
        elif spec == "vocabulary":
            given = {"tokens": unit.notes["promoted"]}
        elif spec == "rule_induction_guardrailed":
            given = {"guardrails": select(guardrails)}
        return EXPLAINERS[spec].factory(**given)

    def placebo(self, unit: Unit) -> Report:
        """Another unit's report, from another family: the truth's for planted units, else its top tokens.

        It is written outside the bank and always carries predicates.
        """
        if unit.identifier not in self._placebos:
            tier = "planted" if unit.tier == "planted" else "found"
            others = [each for each in self.suite.units if each.tier == tier and each.family != unit.family]
            other = others[self.suite.order[unit.identifier] * 7 % len(others)]
            self._placebos[unit.identifier] = truth_report(other) or self._top_tokens(other)
        return self._placebos[unit.identifier]

    def _top_tokens(self, unit: Unit) -> Report:
        return _run(TopTokens().explain(self.laboratory(unit, Budget()), Journal()))


def _run(work: Coroutine[Any, Any, Report]) -> Report:
    """Drive a coroutine that awaits nothing to its end; an event loop may be running already."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast(Report, done.value)
    raise RuntimeError("an explainer without a model waited for something")


def truth_report(unit: Unit) -> Report | None:
    """The report of the truth itself; planted units only."""
    return Report.from_json(unit.report) if unit.report is not None else None


@lru_cache(maxsize=4)
def workshop(suite: str) -> Workshop:
    """The workshop of a suite, once a process."""
    return Workshop(load(suite))
