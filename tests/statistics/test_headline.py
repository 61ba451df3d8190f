"""The headline p: calibration, power, ties, masks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmark.statistics.headline import headline, nearest_strangers


def _null_ps(shift: float, trials: int, units: int = 12) -> np.ndarray:
    rng = np.random.default_rng(7)
    ps = []
    for trial in range(trials):
        r = rng.normal(0.0, 0.1, size=(units, 40))
        ps.append(headline(r[:, 0] + shift, list(r[:, 1:]), draws=400, seed=trial).p)
    return np.array(ps)


def test_calibrated_when_own_is_exchangeable_with_strangers() -> None:
    ps = _null_ps(0.0, 600)
    # Four binomial standard deviations at 600 trials.
    assert abs((ps < 0.05).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 600)
    assert abs((ps < 0.5).mean() - 0.5) < 4 * np.sqrt(0.25 / 600)


def test_power_when_own_is_better() -> None:
    assert (_null_ps(0.1, 60) < 0.05).mean() > 0.8
    rng = np.random.default_rng(3)
    strong = headline(np.full(12, 0.6), list(rng.normal(0, 0.1, (12, 99))), seed=1)
    assert strong.p < 0.00135
    assert strong.resolvable
    assert strong.z > 5
    assert strong.mean == pytest.approx(0.6)


def test_worse_than_strangers_is_not_significant() -> None:
    rng = np.random.default_rng(3)
    assert headline(np.full(12, -0.6), list(rng.normal(0, 0.1, (12, 99))), seed=1).p == 1.0


def test_ties_count_against() -> None:
    everyone_alike = headline(np.full(6, 0.3), [np.full(30, 0.3)] * 6, draws=500, seed=1)
    assert everyone_alike.p == 1.0
    assert everyone_alike.z == 0.0
    # Sums that differ by rounding alone are ties.
    assert headline(np.array([0.1, 0.2, 0.3]), [np.full(20, value) for value in (0.3, 0.1, 0.2)], seed=2).p > 0.05


def test_constant_explainer_is_not_significant() -> None:
    rng = np.random.default_rng(4)
    strangers = list(np.abs(rng.normal(0, 0.05, (20, 99))))
    assert headline(np.zeros(20), strangers, seed=1).p > 0.9


def test_not_resolvable() -> None:
    rng = np.random.default_rng(5)
    strangers = list(rng.normal(0, 0.1, (10, 99)))
    assert headline(np.zeros(10), strangers, seed=1).resolvable
    few = [*strangers[:9], strangers[9][:18]]
    assert not headline(np.zeros(10), few, seed=1).resolvable
    # One unit with 99 strangers cannot give less than 1 in 100.
    single = headline(np.ones(1), strangers[:1], seed=1)
    assert not single.resolvable
    assert single.smallest_p == pytest.approx(0.01)
    nobody = headline(np.zeros(0), [], seed=1)
    assert (nobody.mean, nobody.p, nobody.resolvable, nobody.units) == (0.0, 1.0, False, 0)
    with pytest.raises(ValueError, match="9 sets of strangers for 10 units"):
        headline(np.zeros(10), strangers[:9], seed=1)


def test_same_seed_same_answer() -> None:
    rng = np.random.default_rng(6)
    own, strangers = rng.normal(0, 0.1, 10), list(rng.normal(0, 0.1, (10, 50)))
    assert headline(own, strangers, seed=3) == headline(own, strangers, seed=3)
    assert headline(own, strangers, seed=3).p != headline(own, strangers, seed=4).p


def test_exact_p_for_two_units_by_enumeration() -> None:
    own, strangers = np.array([0.5, 0.2]), [np.linspace(0, 0.6, 20), np.linspace(0, 0.3, 20)]
    sums = np.append(strangers[0], 0.5)[:, None] + np.append(strangers[1], 0.2)[None, :]
    exact = (sums >= 0.7 - 1e-12).mean()
    assert headline(own, strangers, draws=40_000, seed=1).p == pytest.approx(exact, abs=0.006)


def test_nearest_in_standardised_features() -> None:
    # The second feature varies a hundred times more, so distances must be standardised.
    candidates = np.array([[0.0, 100.0], [1.0, 0.0], [5.0, -100.0], [0.0, 0.0]])
    found = nearest_strangers(np.array([0.0, 0.0]), candidates, np.ones(4, dtype=bool), count=2)
    assert found.indices.tolist() == [3, 1]
    assert found.largest_distance == pytest.approx(1 / candidates[:, 0].std())
    by_hand = nearest_strangers(np.zeros(2), candidates, np.ones(4, dtype=bool), 1, np.array([0.5, 1.0]))
    assert by_hand.indices.tolist() == [3]


def test_masked_near_copy_is_never_a_stranger() -> None:
    rng = np.random.default_rng(8)
    units, bank = 6, 60
    features = rng.normal(size=(bank, 2))
    r = rng.normal(0, 0.02, (units, bank))
    r[:, :30] = 0.9
    allowed = np.ones((units, bank), dtype=bool)
    allowed[:, :30] = False
    own_features = features[:units]
    for unit in range(units):
        found = nearest_strangers(own_features[unit], features, allowed[unit])
        assert set(found.indices) == set(range(30, 60))
    own = np.full(units, 0.5)

    def p(mask: NDArray[np.bool_]) -> float:
        near = [nearest_strangers(own_features[u], features, mask[u]).indices for u in range(units)]
        return headline(own, [r[u, each] for u, each in enumerate(near)], draws=2000, seed=1).p

    assert p(allowed) < 0.00135
    assert p(np.ones_like(allowed)) > 0.05


def test_no_allowed_stranger() -> None:
    found = nearest_strangers(np.zeros(2), np.zeros((3, 2)), np.zeros(3, dtype=bool))
    assert len(found.indices) == 0
    assert found.largest_distance == 0.0


def test_the_observation_is_one_of_its_draws_so_no_p_is_zero() -> None:
    # Thirty reports far above every stranger: no draw of 999 takes all thirty, and the observation itself is counted.
    found = headline(np.full(30, 0.9), [np.linspace(-0.1, 0.1, 99)] * 30, draws=999, seed=1)
    assert found.p == found.smallest_p == 1 / 1_000
