"""The leaderboard: per-unit results to rows, gates, limits, and their renderings."""

from benchmark.leaderboard.board import Board, build
from benchmark.leaderboard.render import to_html, to_json, to_markdown, to_terminal
from benchmark.leaderboard.results import ResultError, UnitResult
from benchmark.leaderboard.schema import (
    SCHEMA_VERSION,
    SCORE_VERSION,
    IncomparableError,
    SchemaError,
    assert_comparable,
    validate,
)

__all__ = [
    "SCHEMA_VERSION",
    "SCORE_VERSION",
    "Board",
    "IncomparableError",
    "ResultError",
    "SchemaError",
    "UnitResult",
    "assert_comparable",
    "build",
    "to_html",
    "to_json",
    "to_markdown",
    "to_terminal",
    "validate",
]
