"""Columns that the ladder does not validate bear a dagger, and their section says why (METHOD.md section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmark.ladder.order import LEAST_TAU, TRUTH, VALID
from benchmark.ladder.scores import METRICS
from benchmark.ladder.verdicts import Verdict
from benchmark.leaderboard.board import Board
from benchmark.leaderboard.cells import DAGGER
from benchmark.leaderboard.column import Column
from benchmark.leaderboard.results import TRIVIAL

# A metric and its verdict.
Unproven = tuple[str, Verdict | None]
# Columns whose key is not the metric's name.
_COLUMN = {"simulation_accuracy": "accuracy"}


def unproven_columns(board: Board, tier: str, reader: str) -> dict[str, Unproven]:
    """Column key to what it shows and the ladder does not validate; None where no ladder of the suite examined it."""
    if tier in ("null", TRIVIAL):
        return {}
    found = {(each.reader, each.metric): each for each in board.validity}
    asked = {_COLUMN.get(metric, metric): (reader, metric) for metric in METRICS if (reader, metric) != TRUTH}
    if reader == TRUTH[0]:
        # Both go by what the embedding reader makes of the text.
        asked["text_r"] = asked["text_agreement"] = ("embedding", "r")
    wrong = {key: pair for key, pair in asked.items() if pair not in found or found[pair].verdict != VALID}
    return {key: (metric, found.get((name, metric))) for key, (name, metric) in wrong.items()}


def marked(columns: Sequence[Column], unproven: Mapping[str, Unproven]) -> tuple[Column, ...]:
    """Columns with a dagger on those metrics that the ladder does not validate."""
    return tuple(replace(each, title=f"{each.title} {DAGGER}") if each.key in unproven else each for each in columns)


def why_not_validated(board: Board, unproven: Mapping[str, Unproven]) -> list[str]:
    if unproven and not board.validity:
        return [f"{DAGGER} Not validated: no ladder of this suite was run."]
    names = {"text_r": "r, text read, and predicate–text"}
    shown = {key: pair for key, pair in unproven.items() if key != "text_agreement"}
    told = [_said_of(names.get(key, metric), found) for key, (metric, found) in shown.items()]
    asked = (
        f"asked: τ {LEAST_TAU}, and both shares clearly above half, of units whose score falls for a missing and for "
        "an extra concept"
    )
    return [f"{DAGGER} Not validated on the ladder: {'; '.join(told)} ({asked})."] if told else []


def _said_of(metric: str, found: Verdict | None) -> str:
    if found is None:
        return f"{metric} not examined"
    return f"{metric} τ {found.tau:.2f}, {found.missing_label:.0%}, {found.extra_label:.0%}"
