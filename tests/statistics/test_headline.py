"""The headline p: calibration, power, ties, masks."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmark.statistics.headline import (
    CALIPER,
    FEWEST_STRANGERS,
    INFLATION,
    deflated,
    headline,
    log_odds,
    nearest_strangers,
)


def _null_ps(shift: float, trials: int, units: int = 12, spread: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(7)
    ps = []
    for trial in range(trials):
        r = rng.normal(0.0, 0.1, size=(units, 40))
        ps.append(headline(spread * r[:, 0] + shift, list(r[:, 1:]), draws=400, seed=trial).p)
    return np.array(ps)


def test_calibrated_when_own_is_exchangeable_with_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.statistics.headline.INFLATION", 1.0)
    ps = _null_ps(0.0, 600)
    # Four binomial standard deviations at 600 trials.
    assert abs((ps < 0.05).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 600)
    assert abs((ps < 0.5).mean() - 0.5) < 4 * np.sqrt(0.25 / 600)


def test_reports_half_again_as_spread_as_strangers_are_rejected_no_more_often_than_they_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Own reports that know nothing, 1.5 times as spread: as often below 0.05 as exchangeable ones undeflated."""
    # Own is one of 40 members of its set, so the draws are a little wider than the strangers.
    assert abs((_null_ps(0.0, 600, spread=INFLATION) < 0.05).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 600)
    monkeypatch.setattr("benchmark.statistics.headline.INFLATION", 1.0)
    assert (_null_ps(0.0, 600, spread=1.5) < 0.05).mean() > 0.1


def test_only_what_lies_above_the_centre_is_deflated() -> None:
    assert deflated(3.0) == 2.0
    assert deflated(-3.0) == -3.0


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
    # 0.7 deflated about what the draws expect.
    exact = (sums >= sums.mean() + (0.7 - sums.mean()) / 1.5 - 1e-12).mean()
    assert headline(own, strangers, draws=40_000, seed=1).p == pytest.approx(exact, abs=0.006)


def _exact(own: tuple[float, ...], strangers: int) -> float:
    """The p of these own reports beside strangers of r 0, by every choice of own or stranger a unit."""
    chance = 1 / (strangers + 1)
    bar = sum(own) * chance + sum(own) * (1 - chance) / 1.5
    p = 0.0
    for taken in product((False, True), repeat=len(own)):
        reached = sum(r for r, yes in zip(own, taken, strict=True) if yes) >= bar - 1e-12
        p += reached * float(np.prod([chance if yes else 1 - chance for yes in taken]))
    return p


@pytest.mark.parametrize(("units", "strangers"), [(1, 99), (2, 6), (3, 19), (4, 6), (4, 19), (5, 10), (6, 6)])
def test_the_smallest_p_is_that_of_reports_that_tower_over_their_strangers(units: int, strangers: int) -> None:
    everyone_alike = (1.0,) * units
    some = [(1.0,) * count + (0.0,) * (units - count) for count in range(1, units + 1)]
    found = headline(np.ones(units), [np.zeros(strangers)] * units, draws=200_000, seed=1, fewest=6)
    assert found.smallest_p == pytest.approx(max(min(_exact(own, strangers) for own in some), 1 / 200_001))
    exact = _exact(everyone_alike, strangers)
    assert abs(found.p - exact) < 4 * np.sqrt(exact / 200_000) + 1 / 200_000
    assert found.resolvable == (found.smallest_p <= 0.00135)


def test_no_own_reports_have_a_smaller_p_than_the_smallest() -> None:
    rng = np.random.default_rng(9)
    strangers = 12
    smallest = headline(np.ones(4), [np.zeros(strangers)] * 4, draws=100_000, seed=1, fewest=6).smallest_p
    ps = [_exact(tuple(rng.uniform(0, 1, 4)), strangers) for _ in range(300)]
    ps += [_exact(tuple(float(x) for x in rng.integers(0, 3, 4)), strangers) for _ in range(80)]
    assert min(p for p in ps if p > 0) >= smallest - 1e-12


def test_nearest_in_standardised_features() -> None:
    # The second feature varies a hundred times more, so distances must be standardised.
    candidates = np.array([[0.0, 100.0], [1.0, 0.0], [5.0, -100.0], [0.0, 0.0]])
    everyone = np.ones(4, dtype=bool)
    found = nearest_strangers(np.array([0.0, 0.0]), candidates, everyone, count=2, caliper=None)
    assert found.indices.tolist() == [3, 1]
    assert found.largest_distance == pytest.approx(1 / candidates[:, 0].std())
    by_hand = nearest_strangers(np.zeros(2), candidates, everyone, 1, np.array([0.5, 1.0]), caliper=None)
    assert by_hand.indices.tolist() == [3]


def test_masked_near_copy_is_never_a_stranger() -> None:
    rng = np.random.default_rng(8)
    units, bank = 6, 60
    # Log rates that all lie within the caliper.
    features = np.array([-5.0, 4.0]) + rng.normal(0, 0.1, size=(bank, 2))
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


UNITS, BANK, TRIALS = 12, 500, 120


def _scores(rng: np.random.Generator, log_rate: np.ndarray, units: int = UNITS) -> np.ndarray:
    """Made-up r [units, reports]: the broader a report, the wider, and the further above 0, it lies by chance."""
    size = np.exp(log_rate / 2)
    return size * (0.5 + rng.normal(size=(units, len(log_rate))))


def _shares(breadth: float, broad: int, caliper: float | None) -> tuple[float, float]:
    """Of explainers that know nothing and are all as broad, the share that is significant at 5%, and resolvable."""
    rng = np.random.default_rng(12)
    rates = np.concatenate([rng.uniform(np.log(1e-4), np.log(0.02), BANK - broad), np.log(rng.uniform(0.05, 1, broad))])
    bank = np.stack([rates, rng.normal(4, 1, BANK)], axis=1)
    significant = resolvable = 0
    for trial in range(TRIALS):
        own = np.stack([np.full(UNITS, np.log(breadth)), rng.normal(4, 1, UNITS)], axis=1)
        own_r, bank_r = np.diag(_scores(rng, own[:, 0])), _scores(rng, bank[:, 0])
        near = [nearest_strangers(each, bank, np.ones(BANK, dtype=bool), caliper=caliper).indices for each in own]
        found = headline(own_r, [bank_r[unit, each] for unit, each in enumerate(near)], draws=400, seed=trial)
        resolvable += found.resolvable or (found.smallest_p <= 0.05 and min(map(len, near)) >= FEWEST_STRANGERS)
        significant += found.p <= 0.05 and min(map(len, near)) >= FEWEST_STRANGERS
    return significant / TRIALS, resolvable / TRIALS


# Four binomial standard deviations at 120 trials.
SLACK = 4 * np.sqrt(0.05 * 0.95 / TRIALS)


@pytest.mark.parametrize("breadth", [0.0005, 0.005])
def test_narrow_and_middling_placebos_are_significant_as_often_as_promised(breadth: float) -> None:
    significant, resolvable = _shares(breadth, broad=20, caliper=CALIPER)
    assert resolvable == 1
    assert significant <= 0.05 + SLACK


def test_a_very_broad_placebo_is_not_compared_with_narrow_strangers() -> None:
    # Only twenty of the bank are broad: the 99 nearest are mostly narrow, and breadth alone beats them.
    assert _shares(0.6, broad=20, caliper=None)[0] > 0.4
    assert _shares(0.6, broad=20, caliper=CALIPER) == (0.0, 0.0)
    # With enough broad strangers the cell can be told, and is.
    significant, resolvable = _shares(0.6, broad=300, caliper=CALIPER)
    assert resolvable == 1
    assert significant <= 0.05 + SLACK


def test_the_caliper_is_on_odds_and_ignores_length() -> None:
    rate = np.array([0.0001, 0.0009, 0.01, 0.019, 0.021, 0.5, 0.65, 0.7, 0.98, 0.991, 1.0])
    bank = np.stack([np.log(rate), np.linspace(0, 50, len(rate))], axis=1)

    def within(own: float) -> list[float]:
        near = nearest_strangers(np.array([np.log(own), 0.0]), bank, np.ones(len(rate), dtype=bool))
        return sorted(rate[near.indices].tolist())

    assert within(0.01) == [0.01, 0.019]
    assert within(0.0002) == [0.0001, 0.0009]  # below one word in a thousand all are alike
    assert within(0.5) == [0.5, 0.65]  # 0.65 has 1.9 times the odds, 0.7 has 2.3
    assert within(1.0) == [1.0]
    assert np.isfinite(log_odds(np.array([-np.inf, -50.0, 0.0, 3.0]))).all()
