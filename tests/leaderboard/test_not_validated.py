"""A column that the ladder does not validate says so on every rendering."""

import json
from dataclasses import replace

import pytest

from benchmark.ladder.verdicts import Verdict
from benchmark.leaderboard import Board, to_html, to_json, to_markdown, validate
from benchmark.leaderboard.columns import DAGGER, sections

WRONG = Verdict("embedding", "r", "not valid", 0.33, 0.62, 0.96, 24)
RIGHT = Verdict("embedding", "f1", "valid", 0.85, 0.9, 0.9, 24)


@pytest.fixture
def examined(board: Board) -> Board:
    return replace(board, validity=(WRONG, RIGHT))


def test_the_column_is_marked_and_the_note_says_why(examined: Board) -> None:
    shown = {(each.tier, each.reader): each for each in sections(examined)}
    for (tier, reader), section in shown.items():
        titles = {column.key: column.title for column in section.columns}
        marked = {key for key, title in titles.items() if title.endswith(DAGGER)}
        wrong = reader == "embedding" and tier not in ("null", "trivial")
        assert marked == ({"r"} if wrong else set())
        assert ("Not validated on the ladder: r τ 0.33" in section.note) == wrong
    assert any(reader == "embedding" for _, reader in shown)


def test_all_renderings_show_it(board: Board, examined: Board) -> None:
    for render in (to_markdown, to_html):
        assert "Not validated on the ladder" in render(examined)
        assert "Not validated on the ladder" not in render(board)
    value = json.loads(to_json(examined))
    validate(value)
    assert [each["verdict"] for each in value["validity"]] == ["not valid", "valid"]
