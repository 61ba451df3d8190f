"""A column that the ladder does not validate says so on every rendering."""

import json
from dataclasses import replace

import pytest

from benchmark.ladder.verdicts import Verdict
from benchmark.leaderboard import Board, to_html, to_json, to_markdown, validate
from benchmark.leaderboard.cells import DAGGER
from benchmark.leaderboard.columns import sections

WRONG = Verdict("embedding", "r", "not valid", 0.33, 0.62, 0.96, 24)
RIGHT = Verdict("embedding", "f1", "valid", 0.85, 0.9, 0.9, 24)
BROAD = Verdict("executable", "simulation_accuracy", "not valid", 0.5, 0.7, 0.9, 24)
TRUE = Verdict("executable", "r", "by construction", 1.0, 0.9, 0.9, 24)
SCORED = {"accuracy", "auprc", "f1", "precision", "discrimination"}


@pytest.fixture
def examined(board: Board) -> Board:
    return replace(board, validity=(WRONG, RIGHT, BROAD, TRUE))


def _marked(board: Board) -> dict[tuple[str, str], tuple[set[str], str]]:
    """The columns that bear a dagger, and the note, by tier and reader."""
    return {
        (each.tier, each.reader): ({c.key for c in each.columns if c.title.endswith(DAGGER)}, each.note)
        for each in sections(board)
    }


def test_the_column_is_marked_and_the_note_says_why(examined: Board) -> None:
    shown = _marked(examined)
    assert {reader for _, reader in shown} >= {"embedding", "executable"}
    for (tier, reader), (marked, note) in shown.items():
        if tier in ("null", "trivial"):
            assert not marked
        elif reader == "embedding":
            assert marked == SCORED - {"f1"} | {"r"}, "valid on the ladder: F1"
            assert "Not validated on the ladder: r τ 0.33" in note
            assert "auprc not examined" in note
        elif reader == "executable":
            assert marked == SCORED | {"text_r", "text_agreement"}, "the executable reader's r is true agreement"
            assert "simulation_accuracy τ 0.50" in note
            assert "r, text read, and predicate–text τ 0.33" in note


def test_without_a_ladder_nothing_is_validated(board: Board) -> None:
    for (tier, reader), (marked, note) in _marked(board).items():
        if tier in ("null", "trivial"):
            assert not marked
        else:
            assert marked >= SCORED
            assert ("r" in marked) == (reader != "executable")
            assert f"{DAGGER} Not validated: no ladder of this suite was run." in note


def test_all_renderings_show_it(board: Board, examined: Board) -> None:
    for render in (to_markdown, to_html):
        assert "Not validated on the ladder" in render(examined)
        assert "Not validated on the ladder" not in render(board)
    value = json.loads(to_json(examined))
    validate(value)
    assert [each["verdict"] for each in value["validity"]] == ["not valid", "valid", "not valid", "by construction"]
