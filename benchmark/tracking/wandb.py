"""W&B: the board's rows as a table, summary figures and the settings. Offline it writes a folder and needs no key."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import wandb

from benchmark.errors import UserError
from benchmark.leaderboard.board import Board
from benchmark.leaderboard.row import ALL, Row

COLUMNS: tuple[str, ...] = (
    *("explainer", "model", "tier", "family", "reader", "n_units", "r", "r_low", "r_high"),
    *("simulation_accuracy", "comprehension_gain", "p", "right", "abstained", "failures"),
    *("tokens", "unit_queries", "seconds"),
)


class TrackingError(UserError):
    """A tracker cannot be used; the message names what is missing."""


def check(mode: str) -> None:
    """Raise `TrackingError` if W&B would ask for a key that is not there."""
    if mode == "online" and not (os.environ.get("WANDB_API_KEY") or wandb.api.api_key):
        raise TrackingError(
            "tracking.mode=online needs the environment variable WANDB_API_KEY; set it, or take tracking.mode=offline"
        )


def cells(row: Row) -> list[Any]:
    """One row of the table, in the order of `COLUMNS`."""
    r = (row.r.mean, row.r.low, row.r.high) if row.r else (None, None, None)
    means = [score.mean if score else None for score in (row.simulation_accuracy, row.comprehension_gain)]
    return [
        *(row.explainer, row.model, row.tier, row.family, row.reader, row.n_units),
        *(*r, *means, row.p, row.trivial.right if row.trivial else None, row.abstained, sum(row.failures.values())),
        *(row.cost.tokens, row.cost.unit_queries, row.cost.seconds),
    ]


def summary(board: Board) -> dict[str, float]:
    """Mean r by tier, reader and explainer, such as "r/found/embedding/top_tokens"; and the number of rows."""
    figures = {
        "/".join(("r", row.tier, row.reader, row.explainer)): row.r.mean
        for row in board.rows
        if row.family == ALL and row.r is not None
    }
    return {**figures, "rows": float(len(board.rows))}


def track(board: Board, folder: Path, settings: Mapping[str, Any]) -> None:
    """Log a board as one W&B run.

    Args:
        board: what was published.
        folder: of the run; W&B's own folder is made in it.
        settings: the run's settings, as plain values.
    """
    chosen = settings["tracking"]
    quiet = wandb.Settings(
        console="off", silent=True, disable_git=True, x_disable_stats=True, x_disable_machine_info=True
    )
    run = wandb.init(
        project=chosen["project"],
        name=settings["run"],
        mode=chosen["mode"],
        dir=folder,
        config={"settings": dict(settings), "provenance": dict(board.provenance)},
        settings=quiet,
    )
    run.log({"leaderboard": wandb.Table(columns=list(COLUMNS), data=[cells(row) for row in board.rows])})
    run.summary.update(summary(board))
    run.finish()
    print(f"tracked by W&B ({chosen['mode']}): {run.dir}")
