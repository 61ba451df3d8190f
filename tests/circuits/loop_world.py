"""One planted circuit for tests of agents over circuits, and a model that answers from a script."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from benchmark.circuits.agents.session import CircuitSession, nulls, parted
from benchmark.circuits.planted import EACH, LAYERS, PlantedCircuit, plant
from benchmark.laboratory import Budget
from benchmark.subjects.native import NativeMachine

T = TypeVar("T")
PLENTY = Budget(unit_queries=1_000_000, rounds=8)


@cache
def made() -> PlantedCircuit:
    return plant("induction", 0)


@cache
def machine() -> NativeMachine:
    return NativeMachine(made().weights, LAYERS, EACH)


def session(budget: Budget = PLENTY, null: bool = False) -> CircuitSession:
    """On fewer prompts than in earnest: 32 for experiments, 16 for guardrails."""
    parts = parted(made().teach.part(0, 48))
    shown, held_out = nulls(parts, 3) if null else parts
    return CircuitSession(machine(), shown, held_out, budget)


def by_role(role: str) -> list[str]:
    return [str(head) for head, own in sorted(made().roles.items()) if own == role]


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waits for something")


class Scripted:
    """Answers in turn; the last for ever. Keeps every prompt; charges the session as a real model's calls are."""

    def __init__(self, place: CircuitSession, answers: Sequence[str | Callable[[str], str]]) -> None:
        self.session, self.answers = place, list(answers)
        self.prompts: list[str] = []

    async def __call__(self, prompt: str, schema: Mapping[str, Any] | None = None) -> str:
        self.session.begin_call(100, 20)
        answer = self.answers[min(len(self.prompts), len(self.answers) - 1)]
        self.prompts.append(prompt)
        self.session.charge_tokens(120, 20)
        return answer(prompt) if callable(answer) else answer
