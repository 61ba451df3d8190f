"""Found units beside randomised ones: who stands there, by how much they differ, and on every rendering."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmark.leaderboard import Board, UnitResult, to_html, to_json, to_markdown, validate

Make = Callable[..., UnitResult]
Rebuild = Callable[..., Board]
READERS = ("executable", "embedding")


def tier_of(make: Make, explainer: str, tier: str, scores: Any, reader: str, **changes: Any) -> list[UnitResult]:
    return [
        replace(make(explainer, "found", i, reader), tier=tier, unit=f"{tier}-{i:02d}", r=float(r), **changes)
        for i, r in enumerate(scores)
    ]


def both(make: Make, explainer: str, reader: str, seed: int, gain: float = 0.3, **changes: Any) -> list[UnitResult]:
    rng = np.random.default_rng(seed)
    found, other = (np.clip(rng.normal(centre, 0.1, n), -1, 1) for centre, n in ((0.1 + gain, 24), (0.1, 12)))
    return [
        *tier_of(make, explainer, "found", found, reader, **changes),
        *tier_of(make, explainer, "randomised", other, reader, **changes),
    ]


def plain(board: Board) -> str:
    """The Markdown without what keeps brackets from being links."""
    return to_markdown(board).replace("\\", "")


@pytest.fixture
def results(make: Make) -> list[UnitResult]:
    found = [each for i, reader in enumerate(READERS) for each in both(make, "top_tokens", reader, i)]
    found += [each for reader in READERS for each in both(make, "placebo", reader, 5, gain=0.0)]
    return [*found, *both(make, "constant", "executable", 6)[:24]]


def test_every_explainer_and_reader_that_met_both_tiers_stands_there(
    results: list[UnitResult], rebuild: Rebuild
) -> None:
    board = rebuild(results)
    assert {(each.explainer, each.reader) for each in board.against} == {
        (name, reader) for name in ("top_tokens", "placebo") for reader in READERS
    }
    rows = {(row.tier, row.reader, row.explainer): row for row in board.rows if row.family == "all"}
    for each in board.against:
        assert each.found == rows["found", each.reader, each.explainer].r
        assert each.randomised == rows["randomised", each.reader, each.explainer].r
        assert each.found is not None
        assert each.randomised is not None
        assert each.difference == pytest.approx(each.found.mean - each.randomised.mean)
        assert (each.found.n, each.randomised.n) == (24, 12)
        assert each.low is not None
        assert each.high is not None
        assert (each.low > 0) == (each.explainer == "top_tokens")


def test_it_stands_on_every_rendering(results: list[UnitResult], rebuild: Rebuild) -> None:
    board = rebuild(results)
    value = json.loads(to_json(board))
    validate(value)
    rows = value["trained_against_randomised"]["rows"]
    assert len(rows) == 4
    assert "2501.17727" in value["trained_against_randomised"]["note"]
    for page in (plain(board), to_html(board)):
        assert "Trained against randomised" in page
        assert "2501.17727" in page
        for row in rows:
            assert f"{row['difference']:.2f} [{row['low']:.2f}, {row['high']:.2f}]".replace("-", "−") in page


def test_abstentions_and_failures_count_and_what_declares_none_has_no_difference(make: Make, rebuild: Rebuild) -> None:
    silent = both(make, "top_tokens", "executable", 0)
    silent[0] = replace(silent[0], outcome="abstained", r=None)
    silent[-1] = replace(silent[-1], outcome="crash", r=None)
    mute = both(make, "single_pass", "executable", 1)
    mute = [replace(each, outcome="declares_none", r=None) for each in mute]
    board = rebuild([*silent, *mute])
    known = {each.explainer: each for each in board.against}
    scores = {tier: [each.r or 0.0 for each in silent if each.tier == tier] for tier in ("found", "randomised")}
    assert known["top_tokens"].difference == pytest.approx(np.mean(scores["found"]) - np.mean(scores["randomised"]))
    assert known["single_pass"].difference is None
    assert "declares none" in to_markdown(board)
    validate(json.loads(to_json(board)))


def test_few_units_have_no_interval(make: Make, rebuild: Rebuild) -> None:
    few = both(make, "top_tokens", "executable", 0)[:33]
    (only,) = rebuild(few).against
    assert only.difference is not None
    assert (only.low, only.high) == (None, None)
    assert "[no interval]" in plain(rebuild(few))


def test_without_a_randomised_tier_there_is_no_panel(make: Make, rebuild: Rebuild) -> None:
    board = rebuild(both(make, "top_tokens", "executable", 0)[:24])
    assert board.against == ()
    assert "Trained against randomised" not in to_markdown(board) + to_html(board)
    validate(json.loads(to_json(board)))


def test_a_contestant_s_figures_do_not_hang_on_the_others(results: list[UnitResult], rebuild: Rebuild) -> None:
    alone = rebuild([each for each in results if each.explainer == "placebo"]).against
    among = tuple(each for each in rebuild(results).against if each.explainer == "placebo")
    assert [(each.low, each.high) for each in alone] == [(each.low, each.high) for each in among]
