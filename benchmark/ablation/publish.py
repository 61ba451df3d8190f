"""`ablation.json`, `ablation.md` and `ablation.svg`: from logs, or from a board's results."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmark.ablation.arms import Arms, arms_in
from benchmark.ablation.figure import figure
from benchmark.ablation.measure import SEED, Ablated, ablated
from benchmark.ablation.outcomes import BY_READER, COSTS
from benchmark.ablation.tables import markdown
from benchmark.leaderboard.collect import CrossExamination, read_logs
from benchmark.leaderboard.results import UnitResult, settle
from benchmark.leaderboard.schema import SCORE_VERSION
from benchmark.rounding import rounded_json

STEM = "ablation"


def from_logs(places: Sequence[Path], folder: Path) -> list[Path]:
    """The ablation of the logs under some places; no model, and no board.

    Args:
        places: logs, or folders of logs.
        folder: where the files go; made if it is not there.

    Returns:
        The files: of several explainers, three of each.

    Raises:
        UserError: logs that hold no whole ablation, or do not belong together.
    """
    suite, runs, _ = read_logs(places)
    arms = arms_in(places)
    examination = CrossExamination(suite)
    known = {(name, each.model) for each in arms for name in each.of}
    results = settle(result for run in runs if run.name in known for result in examination.results(run))
    return from_results(arms, results, {"suite": suite.name, "suite_hash": suite.hash}, folder)


def from_results(
    arms: Sequence[Arms], results: Sequence[UnitResult], facts: Mapping[str, Any], folder: Path
) -> list[Path]:
    """The ablation of results that are settled.

    Args:
        arms: of each explainer and model.
        results: of these and of any other explainers.
        facts: "suite" and "suite_hash".
        folder: where the files go; made if it is not there.
    """
    stated = {"score_version": SCORE_VERSION, **{name: facts[name] for name in ("suite", "suite_hash")}}
    folder.mkdir(parents=True, exist_ok=True)
    # All are measured before the first is written.
    found = [ablated(each, results) for each in arms]
    return [path for each in found for path in _write(each, stated, folder, _stem(each.arms, len(found)))]


def _stem(arms: Arms, count: int) -> str:
    """Of several explainers, each has files of its own."""
    return STEM if count == 1 else f"{STEM}-{re.sub(r'[^0-9A-Za-z_.-]+', '-', f'{arms.explainer}-{arms.model}')}"


def _write(found: Ablated, facts: Mapping[str, Any], folder: Path, stem: str) -> list[Path]:
    texts = {
        f"{stem}.json": json.dumps(to_json(found, facts), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        f"{stem}.md": markdown(found, facts, f"{stem}.svg"),
        f"{stem}.svg": figure(found, f"What the guardrails do: {found.arms.explainer}"),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def to_json(found: Ablated, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A plain JSON value."""
    arms = found.arms
    value: dict[str, Any] = {
        **facts,
        "explainer": arms.explainer,
        "model": arms.model,
        "factors": arms.factors,
        "always_on": arms.always,
        "seed": SEED,
        "outcomes": {of.key: of.said for of in (*BY_READER, *COSTS)},
        "arms": _plain(found.rows),
        "effects": _plain(found.effects),
        "decisions": _plain(found.decisions),
        "reliability": _plain(found.reliability),
        "readers_without_predicates": found.unread,
    }
    rounded: dict[str, Any] = rounded_json(value)
    return rounded


def _plain(items: Iterable[Any]) -> list[dict[str, Any]]:
    return [asdict(each) for each in items]
