"""The shipped SAE on real windows: the harvest's latents are those of SAELens' own bridge."""

import numpy as np
import pytest

from benchmark.subjects.equality import _difference, compare

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def test_latents_of_two_hundred_real_windows_are_those_of_saelens() -> None:
    found = compare(200)
    assert found.windows == 200
    assert found.tokens > 2000
    # A TopK SAE of k = 48.
    assert 20 * found.tokens < found.on <= 48 * found.tokens
    assert found.beyond == 0
    assert found.largest <= found.tolerance * 200
    assert found.only_one <= found.on / 10_000


def test_a_difference_is_seen_and_a_near_tie_is_none() -> None:
    theirs = np.array([[5, 3, 1, 0], [2, 0, 0, 0]], np.float32)
    assert _difference(theirs, theirs, 1e-3) == (2, 4, 0, 0, 0.0)
    tie = np.array([[5, 3, 0, 1], [2, 0, 0, 0]], np.float32)
    assert _difference(tie, theirs, 1e-3) == (2, 4, 0, 2, 0.0)
    lost = np.array([[5, 0, 1, 0], [2, 0, 0, 0]], np.float32)
    assert _difference(lost, theirs, 1e-3)[2:4] == (1, 1)
    other = theirs * np.float32(1.01)
    assert _difference(other, theirs, 1e-3)[2] == 4
