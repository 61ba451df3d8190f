"""The guardrails by name; each can be switched on and off alone."""

from collections.abc import Callable
from difflib import get_close_matches

from benchmark.errors import UserError
from benchmark.guardrails.adversarial_tests import AdversarialTests
from benchmark.guardrails.guardrail import Guardrail
from benchmark.guardrails.min_rounds import MinRounds
from benchmark.guardrails.out_of_distribution import OutOfDistribution
from benchmark.guardrails.significance import Significance
from benchmark.laboratory import ReservedPractice

# In the order in which they are asked: what is free first, what spends error last.
GUARDRAILS: dict[str, Callable[[ReservedPractice], Guardrail]] = {
    "min_rounds": lambda practice: MinRounds(),
    "adversarial": lambda practice: AdversarialTests(),
    "out_of_distribution": OutOfDistribution,
    "significance": Significance,
}
_WITHOUT = "without_"


def _checked(name: str, spec: str) -> str:
    if name in GUARDRAILS:
        return name
    valid = [*GUARDRAILS, "all", "none", *(_WITHOUT + each for each in GUARDRAILS)]
    near = get_close_matches(spec if spec.startswith(_WITHOUT) else name, valid, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"valid: {', '.join(valid)}"
    raise UserError(f"no guardrail {name!r} in {spec!r}; {hint}")


def names_in(spec: str) -> tuple[str, ...]:
    """The names that `spec` chooses: "all", "none", "without_NAME", or names with commas between.

    Raises:
        ValueError: an unknown name, with the nearest valid ones.
    """
    text = spec.strip()
    if text in ("all", "none"):
        return tuple(GUARDRAILS) if text == "all" else ()
    if text.startswith(_WITHOUT):
        left_out = {_checked(text.removeprefix(_WITHOUT), text)}
        return tuple(name for name in GUARDRAILS if name not in left_out)
    wanted = {_checked(part.strip(), text) for part in text.split(",")}
    return tuple(name for name in GUARDRAILS if name in wanted)


def select(spec: str, practice: ReservedPractice) -> list[Guardrail]:
    """The guardrails that `spec` chooses, in the order in which they are asked; see `names_in`.

    Args:
        spec: which.
        practice: the slices on which they may grade a submission.
    """
    return [GUARDRAILS[name](practice) for name in names_in(spec)]
