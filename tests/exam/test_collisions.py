"""Which reports a reader cannot tell apart."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.exam.collisions import _correlations, collisions
from benchmark.statistics.weighted import weighted_r

WORDS = 400


def levels(seed: int, reports: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (reports, WORDS)).astype(np.uint8)


def weights(seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed + 1).uniform(0, 3, WORDS)
    drawn[:40] = 0
    return drawn


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_correlations_are_those_of_the_board(seed: int) -> None:
    made, weight = levels(seed, 4), weights(seed)
    found = _correlations(made, weight)
    for i in range(4):
        for j in range(4):
            wanted = weighted_r(made[i].astype(float), made[j].astype(float), weight)
            assert abs(found[i, j] - wanted) < 1e-9


def test_copies_scaled_copies_and_chains_are_one_set() -> None:
    made, weight = levels(0, 6), weights(0)
    made[2] = made[0]
    made[4] = made[0] // 2
    assert collisions(made, weight) == [[0, 2, 4]]
    # 1 agrees with 3 and 3 with 5, each a little apart from the next.
    made[3], made[5] = made[1], made[1]
    for row, first in ((3, 50), (5, 52)):
        made[row, first : first + 2] = 255 - made[row, first : first + 2]
    assert collisions(made, weight) == [[0, 2, 4], [1, 3, 5]]


def test_constant_reports_are_alike_and_like_no_other() -> None:
    made, weight = levels(3, 4), weights(3)
    made[0], made[3] = 0, 200
    assert collisions(made, weight) == [[0, 3]]
    # Constant wherever a word has weight.
    made[1, weight > 0] = 7
    assert collisions(made, weight) == [[0, 1, 3]]


def test_what_a_word_weighs_decides() -> None:
    made = levels(5, 2)
    made[1] = made[0]
    made[1, :20] = 255 - made[0, :20]
    light, heavy = np.ones(WORDS), np.ones(WORDS)
    light[:20], heavy[:20] = 1e-6, 50
    assert collisions(made, light) == [[0, 1]]
    assert collisions(made, heavy) == []


def test_no_report_and_one_report() -> None:
    assert collisions(np.zeros((0, WORDS), np.uint8), weights(0)) == []
    assert collisions(levels(0, 1), weights(0)) == []
