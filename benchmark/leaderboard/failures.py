"""How often an explainer's units failed, of what, and how often its model had to be asked again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmark.leaderboard.collect import Run

# Of a reason's finer kind, in characters: where a reason has none, this much of it stands for one.
LONGEST_KIND = 60
NO_FAILURES = ("report", "abstained")


def failure_table(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Per explainer and model: its units, its failures by kind and finer kind, and repairs by what was wrong.

    Failures are the explainer's own; a report that one reader cannot read is on the board.
    """
    return [
        {
            "explainer": run.explainer,
            "model": run.model,
            "n_units": len(run.samples),
            "failures": _failures(run.samples.values()),
            "repairs": _repairs(run.samples.values()),
            "n_repaired": sum(bool(sample.get("repairs")) for sample in run.samples.values()),
        }
        for run in runs
    ]


def _failures(samples: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for sample in samples:
        if (kind := str(sample["outcome"])) not in NO_FAILURES:
            reasons[kind][_finer(str(sample.get("reason") or "not stated"))] += 1
    return {kind: {"count": of.total(), "reasons": dict(sorted(of.items()))} for kind, of in sorted(reasons.items())}


def _finer(reason: str) -> str:
    """What stands before a reason's first colon."""
    return reason.partition(":")[0].strip()[:LONGEST_KIND]


def _repairs(samples: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for sample in samples:
        total.update(sample.get("repairs") or {})
    return dict(sorted(total.items()))
