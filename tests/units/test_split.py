"""The document split: near-duplicates on one side, disjointness asserted."""

import pytest

from benchmark.units.split import SplitError, assert_disjoint, group_sizes, overlapping, shingles, split

LONG = "the quick brown fox jumps over the lazy dog near the river bank"


def test_near_duplicates_fall_on_one_side() -> None:
    texts = {
        f"d{i}": f"document number {i} says entirely different things about topic {i} and {i * 7}" for i in range(200)
    }
    texts |= {"copy": "prefix words here " + LONG, "original": LONG + " and more"}
    home = split(texts, {"teach": 0.5, "exam": 0.5}, seed=3)
    assert home["copy"] == home["original"]
    assert {"teach", "exam"} == set(home.values())


def test_chains_of_overlap_are_one_group() -> None:
    a, b, c = "a1 a2 a3 a4 a5 a6 a7 a8", "b1 b2 b3 b4 b5 b6 b7 b8", "c1 c2 c3 c4 c5 c6 c7 c8"
    assert group_sizes([a + " x", f"{a} {b}", b + " y", c]) == [3, 1]


def test_shares_are_met_and_seeded() -> None:
    texts = {f"d{i}": " ".join(f"w{i}x{j}" for j in range(12)) for i in range(4000)}
    home = split(texts, {"teach": 0.25, "exam": 0.75}, seed=1)
    share = sum(part == "teach" for part in home.values()) / len(home)
    assert abs(share - 0.25) < 0.03
    assert home == split(texts, {"teach": 0.25, "exam": 0.75}, seed=1)
    assert home != split(texts, {"teach": 0.25, "exam": 0.75}, seed=2)


def test_shares_must_sum_to_one() -> None:
    with pytest.raises(ValueError, match=r"sum to 0\.5"):
        split({"a": "b"}, {"teach": 0.5}, seed=0)


def test_a_shared_run_on_two_sides_is_an_error() -> None:
    assert_disjoint({"teach": [LONG], "exam": ["something else that has well over eight words in all"]})
    with pytest.raises(SplitError, match="'exam' and 'teach' share"):
        assert_disjoint({"teach": [LONG], "exam": ["Indeed: The quick, brown fox jumps over the lazy dog!"]})


def test_overlap_is_found_whatever_the_case() -> None:
    forbidden = frozenset(shingles(LONG))
    assert overlapping([LONG.upper(), "a quite different text of more than eight words in all"], forbidden) == [
        True,
        False,
    ]
