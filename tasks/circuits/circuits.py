"""The circuits task: an explainer finds the circuit of a planted behaviour, one sample a model and behaviour."""

from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig

from benchmark import provenance
from benchmark.circuits.agents.explainers import entry
from benchmark.circuits.agents.guardrails.registry import names_in
from benchmark.errors import UserError
from benchmark.runtime.circuit_sessions import circuit, explain_circuit, null
from benchmark.runtime.circuit_units import CircuitUnit, units_of
from tasks.explanation.explanation import TaskError

TASK_VERSION = "2-A"
INSTRUCTION = "Find the heads that make this model give the right answer, or say that there are none."
ANSWER_TOKENS = 512
# Enough for the dearest explainer: every one of 1,260 edges patched on 64 prompts.
PROMPTS = 100_000


@task
def circuits(
    explainer: str = "rules_agentic",
    guardrails: str | list[str] = "all",
    kinds: str | list[str] = "",
    seeds: str | int | list[str | int] = "0,1",
    tiers: str | list[str] = "planted,null,hollow",
    units: str | list[str] = "",
    prompts: int = PROMPTS,
    rounds: int = 8,
    tokens: int = 60_000,
    seconds: float = 300.0,
    calls: int = 30,
    generated: int = 10_000,
    role: str = "",
    seed: int = 0,
) -> Task:
    """One explainer on planted circuits, and on two kinds of null.

    Args:
        explainer: a name, such as "agentic" or "ablation".
        guardrails: "all", "none", "without_NAME" or a comma list; only guarded explainers meet them.
        kinds: comma list of kinds of circuit; empty takes all.
        seeds: comma list of the models' seeds.
        tiers: of "planted", "null" (shuffled answers) and "hollow" (no circuit, decoys left).
        units: comma list of identifiers, of those chosen; empty keeps all.
        prompts: ceiling of prompts run, by experiments and guardrails together.
        rounds: ceiling of rounds of a loop.
        tokens: ceiling of model tokens.
        seconds: ceiling of seconds of work.
        calls: ceiling of calls to the model.
        generated: ceiling of model tokens of answers alone.
        role: the role whose model is asked; empty asks the evaluation's own model.
        seed: of what is drawn by lot, and of a model's sampling.

    Raises:
        TaskError: an argument without meaning; the message has the nearest choice.
    """
    guardrails, kinds, seeds, tiers, units = map(_joined, (guardrails, kinds, seeds, tiers, units))
    budget = {"unit_queries": prompts, "rounds": rounds, "tokens": tokens, "seconds": seconds}
    budget |= {"calls": calls, "generated": generated}
    try:
        active = names_in(guardrails) if entry(explainer).guarded else ()
        chosen = _kept(units_of(kinds, seeds, tiers), units)
        _positive(budget)
    except UserError as error:
        raise TaskError(str(error)) from error
    return Task(
        dataset=MemoryDataset(list(map(_sample, chosen)), name="planted-circuits"),
        solver=explain_circuit(explainer, guardrails, budget, role or None, seed),
        scorer=[circuit(), null()],
        config=GenerateConfig(max_tokens=ANSWER_TOKENS, temperature=0.0, seed=seed),
        version=TASK_VERSION,
        metadata={
            "explainer": explainer,
            "guardrails_active": list(active),
            "budget": budget,
            "code_sha256": provenance.code_hash(),
            "commit": provenance.commit(),
            "versions": provenance.versions(),
        },
        fail_on_error=False,
    )


def _sample(unit: CircuitUnit) -> Sample:
    return Sample(
        id=unit.identifier, input=INSTRUCTION, metadata={"kind": unit.kind, "seed": unit.seed, "tier": unit.tier}
    )


def _kept(found: list[CircuitUnit], names: str) -> list[CircuitUnit]:
    wanted = [each.strip() for each in names.split(",") if each.strip()]
    known = {unit.identifier for unit in found}
    if unknown := [name for name in wanted if name not in known]:
        raise UserError(f"no unit {unknown[0]!r} among those chosen; they are {', '.join(sorted(known))}")
    return [unit for unit in found if not wanted or unit.identifier in wanted]


def _positive(budget: dict[str, Any]) -> None:
    for name, value in budget.items():
        told = "prompts" if name == "unit_queries" else name
        kinds = (int, float) if name == "seconds" else (int,)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise UserError(f"{told}={str(value)[:40]!r} is no {'number' if name == 'seconds' else 'whole number'}")
        if not value > 0:
            raise UserError(f"{told}={value} allows nothing; give 1 or more")


def _joined(value: str | int | list[Any]) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
