"""The explanation task: an explainer meets every unit of a suite, one sample a unit."""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample

from benchmark.explainers.registry import entry_or_custom
from benchmark.guardrails.registry import names_in
from benchmark.leaderboard import SCORE_VERSION
from benchmark.runtime.choose import choose_units
from benchmark.runtime.solver import explain
from benchmark.scorers.examination import examination
from benchmark.suites import load

TASK_VERSION = "1-A"
INSTRUCTION = "Explain the unit in the laboratory: say what it responds to, as claims that let a reader predict it."


@task
def explanation(
    explainer: str = "rule_induction",
    guardrails: str | list[str] = "all",
    suite: str = "embedded-1",
    tiers: str | list[str] = "planted,found,null",
    units: str | list[str] = "",
    per_tier: str | list[str] = "",
    unit_queries: int = 1500,
    rounds: int = 8,
    tokens: int = 20_000,
    seconds: float = 120.0,
    papers: str = "runs/papers",
) -> Task:
    """One explainer on the units of a suite.

    Args:
        explainer: a name, `package.module:factory` or `file.py:factory`.
        guardrails: "all", "none", "without_NAME" or a comma list.
        suite: a frozen suite, by name or folder.
        tiers: comma list of tiers to keep; tiers that the explainer does not apply to are left out.
        units: comma list of identifiers; empty keeps all.
        per_tier: such as "found=12,null=3": at most so many of a tier, spread over its families.
        unit_queries: ceiling of texts measured, practice items included.
        rounds: ceiling of rounds of a loop.
        tokens: ceiling of model tokens.
        seconds: ceiling of seconds of work: the unit's own and its share of a batching model's, without queueing.
        papers: folder of the sidecar with predictions.
    """
    # Inspect turns `-T tiers=a,b` into a list; a string says the same.
    guardrails, tiers, units, per_tier = map(_joined, (guardrails, tiers, units, per_tier))
    names_in(guardrails)
    found = load(suite)
    chosen = choose_units(found, entry_or_custom(explainer), tiers, units, per_tier)
    budget = {"unit_queries": unit_queries, "rounds": rounds, "tokens": tokens, "seconds": seconds}
    samples = [
        Sample(id=unit.identifier, input=INSTRUCTION, metadata={"tier": unit.tier, "family": unit.family})
        for unit in chosen
    ]
    return Task(
        dataset=MemoryDataset(samples, name=found.name),
        solver=explain(explainer, guardrails, suite, budget),
        scorer=examination(suite, papers),
        version=TASK_VERSION,
        metadata={
            "suite": found.name,
            "suite_hash": found.hash,
            "bank_hash": found.bank_hash,
            "score_version": SCORE_VERSION,
            "explainer": explainer,
            "guardrails": guardrails,
        },
        fail_on_error=False,
    )


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(map(str, value))
