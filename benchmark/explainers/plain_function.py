"""An explainer that is one function: its parameters say what it wants, and what it returns becomes the report."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from benchmark.errors import UserError
from benchmark.explainers.alarm import Stepped, ending
from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Laboratory

GIVEN = ("laboratory", "journal", "ask")
_BULLET = "- "
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def parameters(function: Callable[..., Any], spec: str) -> Mapping[str, inspect.Parameter]:
    """A callable's parameters by name.

    Raises:
        UserError: it does not tell them, as some that are written in C.
    """
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise UserError(f"explainer {spec!r} does not tell its parameters; wrap it in a function of your own") from None


def makes_explainers(function: Callable[..., Any], spec: str) -> bool:
    """Whether a callable wants nothing of a unit, and so can only make the explainer."""
    wanted = parameters(function, spec)
    optional = all(each.default is not each.empty or each.kind not in _NAMED for each in wanted.values())
    return optional and not set(GIVEN) & set(wanted) and not inspect.iscoroutinefunction(function)


class PlainFunction:
    """A function as an explainer.

    Args:
        function: takes any of `laboratory`, `journal` and `ask`, by these names; may be asynchronous. What it returns
            is read by `report_of`. Its attributes `name`, `declares_predicates` and `applies_to` say what an
            explainer's do.
        spec: how it was asked for, for what is said of it.

    Raises:
        UserError: a parameter that nothing is given for.
    """

    def __init__(self, function: Callable[..., Any], spec: str) -> None:
        wanted = parameters(function, spec)
        for name, each in wanted.items():
            if each.kind not in _NAMED or (name not in GIVEN and each.default is each.empty):
                raise UserError(
                    f"explainer {spec!r} has the parameter {str(each)!r}, for which nothing is given; "
                    f"a function takes {', '.join(GIVEN[:-1])} and {GIVEN[-1]}, as many of them as it wants"
                )
        self._function, self._takes = function, tuple(name for name in GIVEN if name in wanted)
        called = getattr(function, "__name__", "")
        self.name: str = getattr(function, "name", called if called.isidentifier() else spec[spec.rfind("@") + 1 :])
        self.needs_model: bool = "ask" in wanted
        self.declares_predicates: bool = bool(getattr(function, "declares_predicates", False))
        if hasattr(function, "applies_to"):
            self.applies_to = function.applies_to

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """Call the function with what it takes; its report is noted where it has noted none itself.

        Raises:
            ValueError: `ask` is missing and wanted.
            NoReport: "no_report" for an empty text.
            BudgetExceeded: it computes for longer than the budget has seconds.
            TypeError: it returned what is no report.
        """
        if self.needs_model and ask is None:
            raise ValueError(f"explainer {self.name!r} asks a model and none was given: set model=…")
        have = {"laboratory": laboratory, "journal": journal, "ask": ask}
        allowed = laboratory.budget.seconds

        def left() -> float:
            return allowed - laboratory.spend.seconds

        with ending(left(), allowed):
            returned = self._function(**{name: have[name] for name in self._takes})
        if inspect.isawaitable(returned):
            returned = await Stepped(returned, left, allowed)
        report = report_of(returned, self.name)
        if not report.abstained and not journal.count("submission"):
            journal.note("submission", report.text, report=report.to_json())
        return report


def report_of(returned: object, name: str) -> Report:
    """What a function returned, as a report: a text's lines behind "- " are its claims, else it is one; None abstains.

    Raises:
        NoReport: "no_report" for an empty text.
        TypeError: neither a report, nor a text, nor None.
        ValueError: a confidence outside 0 to 1.
    """
    if returned is None:
        return Report.abstain("it gave no explanation")
    if isinstance(returned, str):
        returned = Report(returned.strip())
    if not isinstance(returned, Report):
        raise TypeError(f"{name} returned {type(returned).__name__!r}; return a Report, a text, or None to abstain")
    _check(returned, name)
    if returned.abstained or returned.claims:
        return returned
    if not returned.text.strip():
        raise NoReport("no_report", f"{name} returned an empty text; return None to abstain")
    return replace(returned, claims=_claims(returned.text))


def _check(report: Report, name: str) -> None:
    if not isinstance(report.text, str) or not all(isinstance(each, Claim) for each in report.claims):
        raise TypeError(f"{name} returned a Report of something else than a text and Claims")
    if not 0 <= report.confidence <= 1:
        raise ValueError(f"{name} returned a Report with confidence {report.confidence}; give 0 to 1")


def _claims(text: str) -> tuple[Claim, ...]:
    lines = [line.strip() for line in text.splitlines()]
    listed = [line.removeprefix(_BULLET).strip() for line in lines if line.startswith(_BULLET)]
    return tuple(Claim(each) for each in listed if each) or (Claim(text),)
