"""Ranks by contests won, and tie groups as letters."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.statistics.paired import PairingError
from benchmark.statistics.ranking import compact_letters, rank, tie_groups

NAMES = "stuvwxyz"
Pairs = set[frozenset[str]]


@st.composite
def relations(draw: st.DrawFn) -> tuple[list[str], Pairs]:
    names = list(NAMES[: draw(st.integers(1, len(NAMES)))])
    pairs = [frozenset(pair) for pair in combinations(names, 2)]
    return names, set(draw(st.lists(st.sampled_from(pairs), unique=True))) if pairs else set()


def _without(names: list[str], different: Pairs) -> list[frozenset[str]]:
    """Every group without a different pair that lies in no larger such group, by looking at all of them."""
    sets = [frozenset(s) for s in chain.from_iterable(combinations(names, n) for n in range(1, len(names) + 1))]
    free = [each for each in sets if not any(pair <= each for pair in different)]
    return [each for each in free if not any(each < other for other in free)]


@given(relations())
def test_a_letter_is_shared_exactly_when_not_different(relation: tuple[list[str], Pairs]) -> None:
    names, different = relation
    letters = compact_letters(names, different)
    for first, second in combinations(names, 2):
        assert bool(set(letters[first]) & set(letters[second])) == (frozenset((first, second)) not in different)
    assert all(letters.values())
    assert "a" in letters[names[0]]


@given(relations())
def test_groups_are_the_largest_without_a_different_pair(relation: tuple[list[str], Pairs]) -> None:
    names, different = relation
    found = tie_groups(names, different)
    assert len(found) == len(set(found))
    assert set(found) == set(_without(names, different))


def test_piephos_chain() -> None:
    # Four in a row where only neighbours cannot be told apart.
    different = {frozenset(pair) for pair in ("sv", "su", "tv")}
    assert compact_letters(list("stuv"), different) == {"s": "a", "t": "ab", "u": "bc", "v": "c"}
    assert compact_letters([], set()) == {}
    assert compact_letters(["s", "t"], set()) == {"s": "a", "t": "a"}


def test_more_groups_than_letters_stay_apart() -> None:
    names = [f"n{index:02}" for index in range(30)]
    letters = compact_letters(names, {frozenset(pair) for pair in combinations(names, 2)})
    assert len({each for value in letters.values() for each in value.split()}) == 30
    assert (letters["n25"], letters["n26"], letters["n29"]) == ("z", "a1", "d1")


def _scores(seed: int, means: dict[str, float], units: int = 60, noise: float = 0.1) -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(seed)
    hard = rng.normal(0, 0.3, units)
    return {
        name: {f"u{i}": float(mean + hard[i] + rng.normal(0, noise)) for i in range(units)}
        for name, mean in means.items()
    }


def test_ranks_letters_and_contests_agree() -> None:
    found = rank(_scores(1, {"low": 0.2, "one": 0.5, "other": 0.5, "top": 0.8}), seed=1)
    top, *middle, low = found.places
    assert (top.name, low.name) == ("top", "low")
    assert (top.best, top.worst, top.won, top.lost, top.letters) == (1, 1, 3, 0, "a")
    assert {(each.best, each.worst, each.letters) for each in middle} == {(2, 3, "b")}
    assert (low.best, low.worst, low.letters) == (4, 4, "c")
    assert low.share_won.mean < 0.2 < 0.8 < top.share_won.mean
    assert sum(place.share_won.mean for place in found.places) == pytest.approx(2.0)
    assert (found.units, len(found.contests)) == (60, 6)
    for contest in found.contests:
        assert contest.difference.mean >= 0
        assert contest.adjusted >= contest.p > 0
        first, second = (next(p for p in found.places if p.name == name) for name in (contest.first, contest.second))
        assert (contest.verdict != "significant") == bool(set(first.letters) & set(second.letters))


def test_order_of_rows_units_and_a_shift_change_nothing() -> None:
    scores = _scores(2, {"a": 0.3, "b": 0.4, "c": 0.45}, units=30)
    found = rank(scores, draws=999, resamples=200, seed=1)
    turned = {name: dict(reversed(values.items())) for name, values in reversed(scores.items())}
    assert rank(turned, draws=999, resamples=200, seed=1) == found
    shifted = {name: {unit: 2 * value + 1 for unit, value in values.items()} for name, values in scores.items()}
    again = rank(shifted, draws=999, resamples=200, seed=1)
    assert [(p.name, p.best, p.worst, p.letters, p.share_won) for p in again.places] == [
        (p.name, p.best, p.worst, p.letters, p.share_won) for p in found.places
    ]


def test_alike_explainers_are_told_apart_as_seldom_as_promised() -> None:
    wrong = [
        any(
            place.won
            for place in rank(_scores(seed, dict.fromkeys("abcd", 0.5), 20), draws=199, resamples=20, seed=0).places
        )
        for seed in range(150)
    ]
    # Holm holds the chance of any false contest to 0.05; four binomial standard deviations at 150 trials are 0.07.
    assert np.mean(wrong) <= 0.05 + 0.07


def test_identical_and_lone_explainers_tie() -> None:
    one = {f"u{i}": 0.1 * i for i in range(12)}
    both = rank({"b": one, "a": dict(one)}, seed=1)
    assert [(p.name, p.best, p.worst, p.letters, p.share_won.mean) for p in both.places] == [
        ("a", 1, 2, "a", 0.5),
        ("b", 1, 2, "a", 0.5),
    ]
    assert both.contests[0].verdict == "not resolvable"
    (alone,) = rank({"a": one}, seed=1).places
    assert (alone.best, alone.worst, alone.letters) == (1, 1, "a")


def test_few_units_decide_nothing() -> None:
    three = rank({"a": dict.fromkeys("uvw", 1.0), "b": dict.fromkeys("uvw", 0.0)}, seed=1)
    assert [(p.best, p.worst, p.score.low) for p in three.places] == [(1, 2, None), (1, 2, None)]
    assert three.contests[0].verdict == "not resolvable"


def test_other_units_and_none_are_refused() -> None:
    with pytest.raises(PairingError, match="'w' was given to one"):
        rank({"a": dict.fromkeys("uv", 1.0), "b": dict.fromkeys("uvw", 0.0)}, seed=1)
    with pytest.raises(PairingError, match="no units to rank"):
        rank({"a": {}}, seed=1)
