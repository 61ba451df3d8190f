"""The sampled reader's section of the board; no figure here was measured."""

import json
from dataclasses import replace

import pytest

from benchmark.leaderboard import Board, to_html, to_json, to_markdown, to_terminal, validate
from benchmark.leaderboard.board import with_sampled
from benchmark.leaderboard.row import Estimate
from benchmark.leaderboard.sampled_rows import SampledReading, SampledRow

ROW = SampledRow(
    explainer="single_pass",
    model="hf/SmolLM2-135M-Instruct",
    reader="hf/SmolLM2-135M-Instruct",
    tier="found",
    n_units=12,
    r_own=Estimate(0.12, 0.01, 0.23, 12),
    p=0.0004,
    p_resolvable=True,
    smallest_p=1e-4,
    strangers=6,
    largest_matching_distance=0.8,
    simulation=Estimate(0.55, 0.5, 0.6, 12),
    detection=Estimate(0.61, 0.5, 0.7, 12),
    fuzzing=None,
    abstained=1,
    failures={"unparsable": 1},
    n_nulls=3,
    false_claims=2,
    r_own_nulls=0.01,
    items=1890,
    errors={"out of range": 3, "refusal": 2},
    expected=0.98,
    unread=1,
    prompts=1890,
    tokens=400_000,
    dollars=0.0,
)
CUT = {"tier": "found", "units": 12, "nulls": 3, "per_stratum": 14, "strangers": 6, "modes": ["simulation"]}
READING = SampledReading(
    reader="hf/SmolLM2-135M-Instruct",
    cut={**CUT, "items_per_prompt": 1, "seed": 0},
    rows=(ROW, replace(ROW, explainer="<script>|x", p=None, p_resolvable=False)),
    prompts=9000,
    tokens=2_000_000,
    dollars=None,
    stranger_errors={"refusal": 7},
    provenance={},
)


@pytest.fixture(scope="module")
def sampled(board: Board) -> Board:
    return with_sampled(board, [READING])


def test_every_rendering_has_the_section_and_says_that_it_is_not_ranked(sampled: Board) -> None:
    for text in (to_markdown(sampled), to_terminal(sampled), to_html(sampled)):
        flat = " ".join(text.replace("\\_", "_").replace("&#39;", "'").split())
        assert "language_model reader (sampled)" in flat
        assert "not ranked beside the pool's r" in flat
        assert "0.0004 3σ" in flat
        assert "poor reader" in flat
    assert "<script>|x" not in to_markdown(sampled) + to_html(sampled)
    assert "not estimable" in to_markdown(sampled)
    assert "3 out of range, 2 refusal of 1890" in to_markdown(sampled)


def test_nothing_else_on_the_board_changes(board: Board, sampled: Board) -> None:
    assert sampled.rows == board.rows
    assert sampled.references == board.references
    assert "No language-model reader here" in to_markdown(board)
    assert "No language-model reader here" not in to_markdown(sampled)
    assert with_sampled(board, []) is board


def test_the_json_keeps_the_schema(sampled: Board) -> None:
    value = json.loads(to_json(sampled))
    validate(value)
    assert value["sampled"][0]["rows"][0]["base_rate_metrics"] == "not estimable"
    del value["sampled"][0]["rows"][0]["base_rate_metrics"]
    with pytest.raises(ValueError, match="sampled"):
        validate(value)


def test_lines_keep_the_terminal_s_width(sampled: Board) -> None:
    assert max(map(len, to_terminal(sampled).splitlines())) <= 116
