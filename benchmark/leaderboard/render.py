"""The four renderings of a board."""

import json

from benchmark.leaderboard.board import Board
from benchmark.leaderboard.markdown import to_markdown
from benchmark.leaderboard.page import to_html
from benchmark.leaderboard.terminal import to_terminal

__all__ = ["to_html", "to_json", "to_markdown", "to_terminal"]


def to_json(board: Board) -> str:
    """leaderboard.json: sorted keys, six significant digits, ASCII; equal results give equal bytes."""
    return json.dumps(board.to_json(), indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"
