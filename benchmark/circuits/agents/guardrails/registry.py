"""The guardrails of circuits by name; each can be switched on and off alone."""

from collections.abc import Callable
from difflib import get_close_matches

from benchmark.circuits.agents.guardrails.checks import (
    Behaviour,
    Causal,
    Minimality,
    Necessity,
    Significance,
    Sufficiency,
)
from benchmark.circuits.agents.guardrails.guardrail import CircuitGuardrail
from benchmark.errors import UserError

# In the order in which they are asked: what is cheap first, what spends error last.
GUARDRAILS: dict[str, Callable[[], CircuitGuardrail]] = {
    "behaviour": Behaviour,
    "necessity": Necessity,
    "sufficiency": Sufficiency,
    "causal": Causal,
    "minimality": Minimality,
    "significance": Significance,
}
_WITHOUT = "without_"
CHOICES = ("all", "none", *(f"{_WITHOUT}{name}" for name in GUARDRAILS))


def names_in(spec: str) -> tuple[str, ...]:
    """The names that `spec` chooses: "all", "none", "without_NAME", or names with commas between.

    Raises:
        UserError: an unknown name, with the nearest valid one.
    """
    text = spec.strip()
    if text in ("all", "none"):
        return tuple(GUARDRAILS) if text == "all" else ()
    if text.startswith(_WITHOUT):
        left_out = _checked(text.removeprefix(_WITHOUT), text)
        return tuple(name for name in GUARDRAILS if name != left_out)
    wanted = {_checked(part.strip(), text) for part in text.split(",")}
    return tuple(name for name in GUARDRAILS if name in wanted)


def _checked(name: str, spec: str) -> str:
    if name in GUARDRAILS:
        return name
    near = get_close_matches(name, [*GUARDRAILS, "all", "none"], n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join([*GUARDRAILS, *CHOICES[:2]])}"
    raise UserError(f"no guardrail of circuits {name!r} in {spec!r}; {hint}")


def select(spec: str) -> list[CircuitGuardrail]:
    """The guardrails that `spec` chooses, in the order in which they are asked; see `names_in`."""
    return [GUARDRAILS[name]() for name in names_in(spec)]
