"""Chance by keyed hashes: rates, independence of keys, causality, and the same values everywhere."""

import numpy as np
import pytest

from synthetic_neurons.hashing import Hashing, uniforms
from synthetic_neurons.passages import Passages

_RNG = np.random.default_rng(5)
_LINES = [" ".join(_RNG.choice(["rain", "cat", "of", "the", "7"], size=20)) for _ in range(2000)]
_TEXTS = Passages.of(_LINES)
_INNER = _TEXTS.place > 0


def test_uniforms_are_uniform_and_independent() -> None:
    draws = uniforms("a", Passages.of([f"w{i} x y" for i in range(5000)]))[:, 0]
    assert np.histogram(draws, bins=10, range=(0, 1))[0] == pytest.approx(np.full(10, 1500), rel=0.12)
    other = uniforms("b", Passages.of([f"w{i} x y" for i in range(5000)]))[:, 0]
    assert abs(np.corrcoef(draws, other)[0, 1]) < 0.03


def test_the_values_are_these_on_every_machine() -> None:
    found = Hashing("key", 0.5).apply(np.ones(6), Passages.of(["the cat sat on the mat"]))
    assert found.tolist() == [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def test_a_gate_lets_its_share_through_and_silences_first_words() -> None:
    found = Hashing("key", 0.3).apply(np.ones(len(_TEXTS.words)), _TEXTS)
    assert found[_INNER].mean() == pytest.approx(0.3, abs=0.02)
    assert found[~_INNER].max() == 0


def test_noise_misses_and_invents_its_shares() -> None:
    clean = (np.array(_TEXTS.words) == "cat").astype(float)
    found = Hashing("key", missed=0.2, spontaneous=0.05).apply(clean, _TEXTS)
    assert found[clean > 0].mean() == pytest.approx(0.8, abs=0.03)
    assert found[clean == 0].mean() == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("hashing", [Hashing("key", 0.4), Hashing("key", missed=0.2, spontaneous=0.03)])
def test_attainable_r_is_what_clean_values_reach(hashing: Hashing) -> None:
    clean = np.select([np.array(_TEXTS.words) == "cat", np.array(_TEXTS.words) == "rain"], [1.0, 0.5], 0.0)
    weights = _RNG.uniform(1, 20, len(clean))
    chancy = hashing.apply(clean, _TEXTS)
    both = np.cov(clean, chancy, aweights=weights)
    measured = both[0, 1] / np.sqrt(both[0, 0] * both[1, 1])
    assert hashing.attainable_r(clean, _TEXTS, weights) == pytest.approx(measured, abs=0.01)
    assert 0.4 < measured < 0.9


def test_later_words_change_nothing() -> None:
    cut = Passages.of([" ".join(line.split()[:8]) for line in _LINES])
    hashing = Hashing("key", 0.4, 0.2, 0.1)
    whole = hashing.apply(np.ones(len(_TEXTS.words)), _TEXTS).reshape(len(_LINES), 20)[:, :8]
    assert whole.ravel().tolist() == hashing.apply(np.ones(len(cut.words)), cut).tolist()


def test_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match=r"missed is 1\.2"):
        Hashing("key", missed=1.2)


def test_json_round_trip() -> None:
    hashing = Hashing("key", 0.4, 0.2, 0.1)
    assert Hashing.from_json(hashing.to_json()) == hashing
