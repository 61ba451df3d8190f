"""The guardrails by name; each can be switched on and off alone, and told its thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from inspect import signature
from typing import Any

from benchmark.errors import UserError
from benchmark.guardrails.adversarial_tests import AdversarialTests
from benchmark.guardrails.guardrail import Guardrail
from benchmark.guardrails.independence import Independence
from benchmark.guardrails.leakage import Leakage
from benchmark.guardrails.min_rounds import MinRounds
from benchmark.guardrails.options import Number, checked
from benchmark.guardrails.out_of_distribution import OutOfDistribution
from benchmark.guardrails.significance import Significance
from benchmark.guardrails.verbosity import Verbosity
from benchmark.laboratory import ReservedPractice

# In the order in which they are asked: what is free first, what spends error last. Verbosity comes before the tests and
# slices that later ones pay for, so that these are spent on the claims that stay.
GUARDRAILS: dict[str, type[Guardrail]] = {
    "independence": Independence,
    "min_rounds": MinRounds,
    "verbosity": Verbosity,
    "adversarial": AdversarialTests,
    "leakage": Leakage,
    "out_of_distribution": OutOfDistribution,
    "significance": Significance,
}
CLASSIC = ("min_rounds", "adversarial", "out_of_distribution", "significance")
_SETS = {"all": tuple(GUARDRAILS), "none": (), "classic": CLASSIC}
_WITHOUT = "without_"
# What `spec` may be besides names with commas between, the shortest names first.
CHOICES = (*_SETS, *(_WITHOUT + each for each in GUARDRAILS))
Options = Mapping[str, Mapping[str, Number]]


@dataclass(frozen=True)
class Briefing:
    """What guardrails are told before a session.

    Attributes:
        options: guardrail to constructor arguments, of `checked_options`; those of guardrails that are off are unused.
        explains: the label of the model behind the explainer; None without one.
        reads: labels of the models that will read its report.
    """

    options: Options = field(default_factory=dict)
    explains: str | None = None
    reads: tuple[str, ...] = ()


def _checked(name: str, spec: str) -> str:
    if name in GUARDRAILS:
        return name
    valid = [*GUARDRAILS, *CHOICES]
    near = get_close_matches(spec if spec.startswith(_WITHOUT) else name, valid, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"valid: {', '.join(valid)}"
    raise UserError(f"no guardrail {name!r} in {spec!r}; {hint}")


def names_in(spec: str) -> tuple[str, ...]:
    """The names that `spec` chooses: one of `CHOICES`, or names with commas between.

    "classic" are the four of the guardrail ablation.

    Raises:
        ValueError: an unknown name, with the nearest valid ones.
    """
    text = spec.strip()
    if text in _SETS:
        return _SETS[text]
    if text.startswith(_WITHOUT):
        left_out = {_checked(text.removeprefix(_WITHOUT), text)}
        return tuple(name for name in GUARDRAILS if name not in left_out)
    wanted = {_checked(part.strip(), text) for part in text.split(",")}
    return tuple(name for name in GUARDRAILS if name in wanted)


def checked_options(options: Mapping[str, Any]) -> dict[str, dict[str, Number]]:
    """Guardrail to its options that differ from the defaults.

    Raises:
        ValueError: an unknown guardrail or option, or a value that does not fit; one line with the nearest valid one.
    """
    found = {}
    for name in sorted(options):
        if not isinstance(options[name], Mapping):
            raise UserError(f"options of guardrail {name!r} are {options[name]!r}: write {{option: value}}")
        found[name] = checked(name, GUARDRAILS[_known(name)], options[name])
        _made(name, found[name], {"practice": None})
    return {name: given for name, given in found.items() if given}


def _known(name: str) -> str:
    if name in GUARDRAILS:
        return name
    near = get_close_matches(name, GUARDRAILS, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(GUARDRAILS)}"
    raise UserError(f"options for no guardrail {name!r}; {hint}")


def _made(name: str, options: Mapping[str, Number], supplies: Mapping[str, Any]) -> Guardrail:
    make: Any = GUARDRAILS[name]
    wanted = signature(make).parameters
    guardrail: Guardrail = make(**{key: each for key, each in supplies.items() if key in wanted}, **options)
    return guardrail


def select(spec: str, practice: ReservedPractice, briefing: Briefing | None = None) -> list[Guardrail]:
    """The guardrails that `spec` chooses, in the order in which they are asked; see `names_in`.

    Args:
        spec: which.
        practice: the slices on which they may grade a submission.
        briefing: what they are told; the defaults if None.
    """
    told = briefing or Briefing()
    supplies = {"practice": practice, "explains": told.explains, "reads": told.reads}
    return [_made(name, told.options.get(name, {}), supplies) for name in names_in(spec)]
