"""Beside a predicate's score: the same report's score by a reader of its text, and how far the two readings agree.

METHOD.md section 3: executable scores are titled "predicate", with both beside them.
"""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from benchmark.leaderboard import cells
from benchmark.leaderboard.board import Board
from benchmark.leaderboard.column import Column, mean_of
from benchmark.leaderboard.row import ALL, GROUPS, Estimate, Row

_TEXT = "embedding"
_Whose = tuple[str, str, str]


def with_text_reader(columns: tuple[Column, ...], board: Board, tier: str, reader: str) -> tuple[Column, ...]:
    """The columns of the executable reader's section with two more; those of any other as they are."""
    texts = {
        (row.explainer, row.model, row.family): row.r for row in board.rows if (row.tier, row.reader) == (tier, _TEXT)
    }
    if reader != "executable" or not texts:
        return columns
    return (*columns[:2], _text_r(texts), _agreement(_agreements(board, tier)), *columns[2:])


def _text_r(texts: Mapping[_Whose, Estimate | None]) -> Column:
    def found(row: Row) -> Estimate | None:
        return texts.get((row.explainer, row.model, row.family))

    return Column(
        "text_r",
        "r, text read",
        "the same reports read as text by the embedding reader",
        lambda row: cells.mean(found(row), row.n_units),
        lambda row: mean_of(found(row)),
    )


def _agreements(board: Board, tier: str) -> dict[_Whose, Estimate]:
    """Explainer, model and family to the mean over units where both readers read the report."""
    every: dict[_Whose, list[float]] = defaultdict(list)
    for result in board.results:
        if result.tier == tier and result.text_agreement is not None:
            for family in (ALL, result.family, *([GROUPS[result.group]] if result.group in GROUPS else [])):
                every[result.explainer, result.model, family].append(result.text_agreement)
    return {whose: Estimate(float(np.mean(values)), None, None, len(values)) for whose, values in every.items()}


def _agreement(found: Mapping[_Whose, Estimate]) -> Column:
    def of(row: Row) -> Estimate | None:
        return found.get((row.explainer, row.model, row.family))

    return Column(
        "text_agreement",
        "predicate–text",
        "r of what the report's predicates predict with what the embedding reader predicts of its text, on the pool; "
        "over units where both read it",
        lambda row: cells.mean(of(row), row.n_units),
        lambda row: mean_of(of(row)),
    )
