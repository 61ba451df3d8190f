"""Yes or no with switches on and off: against statsmodels, exact tests and counts, and by simulation."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from benchmark.statistics.factorial_design import Cell
from benchmark.statistics.switched import Switched, switched

FACTORS = ("a", "b", "c", "d")
ARMS = list(product((False, True), repeat=4))


def _draw(seed: int, units: int = 20, with_d: float = 0.2, without: float = 0.6, own: float = 1.5) -> list[Cell]:
    """Units that are lured or not, the more so without d; the other switches do nothing."""
    rng, cells = np.random.default_rng(seed), []
    for unit in range(units):
        lure = rng.normal(0, own)
        for arm in ARMS:
            odds = stats.logistic.ppf(with_d if arm[3] else without) + lure
            cells.append(Cell(f"u{unit:02}", arm, float(rng.uniform() < stats.logistic.cdf(odds))))
    return cells


def _rule(claims: dict[bool, int], units: int = 12) -> list[Cell]:
    """The first so many units say yes, by whether d is on."""
    return [Cell(f"u{unit:02}", arm, float(unit < claims[arm[3]])) for unit in range(units) for arm in ARMS]


def _counted(found: Switched) -> list[tuple[int, int]]:
    return [(each.fewer, each.more) for each in found.switches]


def test_counts_pairs_and_units_are_as_laid_out() -> None:
    found = switched(_rule({False: 7, True: 2}), FACTORS, seed=0)
    d = found.switches[3]
    assert (d.on.yes, d.on.n, d.off.yes, d.off.n) == (16, 96, 56, 96)
    assert (d.pairs.both, d.pairs.only_on, d.pairs.only_off, d.pairs.neither, d.pairs.p) == (16, 0, 40, 40, None)
    assert _counted(found) == [(0, 0), (0, 0), (0, 0), (5, 0)]
    # Five units against none, by the binomial: forty pairs of five units are not forty.
    assert d.test.p == pytest.approx(2 * 0.5**5)
    assert d.difference.mean == pytest.approx(-5 / 12)
    assert d.difference.low is not None
    assert d.difference.low < -5 / 12
    table = [[d.alone.both, d.alone.only_on], [d.alone.only_off, d.alone.neither]]
    assert table == [[2, 0], [5, 5]]
    assert d.alone.p == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert d.alone == d.last
    assert [each.decision.verdict for each in found.switches] == ["not resolvable"] * 4


def test_a_switch_that_decides_enough_units_is_significant_under_holm() -> None:
    found = switched(_rule({False: 10, True: 1}), FACTORS, seed=0)
    assert found.switches[3].decision.verdict == "significant"
    assert found.switches[3].decision.adjusted == pytest.approx(4 * 2 * 0.5**9)
    assert {each.decision.verdict for each in found.switches[:3]} == {"not resolvable"}


@pytest.mark.parametrize("claims", [{False: 0, True: 0}, {False: 12, True: 12}, {False: 5, True: 0}])
def test_where_answers_are_all_alike_there_are_counts_and_no_odds_ratio(claims: dict[bool, int]) -> None:
    found = switched(_rule(claims), FACTORS, seed=0)
    assert found.gee_note.startswith("no odds ratios: with ")
    assert {(each.odds_ratio, each.low, each.high, each.p) for each in found.switches} == {(None, None, None, None)}
    assert found.yes == 8 * sum(claims.values())
    assert found.switches[0].difference.low is None


def test_the_odds_ratio_is_recovered_and_its_interval_covers() -> None:
    """Population-averaged odds, by the definition: the mean chance over many units, with and without the switch."""
    lures = np.random.default_rng(0).normal(0, 1.5, 200_000)
    on, off = (stats.logistic.cdf(stats.logistic.ppf(p) + lures).mean() for p in (0.2, 0.6))
    true = on / (1 - on) / (off / (1 - off))
    every = [switched(_draw(seed), FACTORS, seed=0).switches for seed in range(25)]
    logs = np.array([np.log(each[3].odds_ratio or 1.0) for each in every])
    assert abs(logs.mean() - np.log(true)) < 4 * logs.std(ddof=1) / 5
    covered = [
        each[3].low is not None and each[3].high is not None and each[3].low <= true <= each[3].high for each in every
    ]
    # Four binomial standard deviations below 95% of 25 are 0.78.
    assert np.mean(covered) >= 0.78
    assert np.mean([each[3].decision.verdict == "significant" for each in every]) > 0.8


def test_a_switch_without_effect_is_seldom_significant() -> None:
    every = [switched(_draw(100 + seed, with_d=0.4, without=0.4), FACTORS, seed=0) for seed in range(25)]
    wrong = [any(each.decision.verdict == "significant" for each in found.switches) for found in every]
    # Family-wise at most 5%; four standard deviations more are six of 25.
    assert sum(wrong) < 6


def test_under_ten_units_an_odds_ratio_has_no_interval() -> None:
    found = switched(_draw(3, units=9), FACTORS, seed=0)
    assert not found.gee_note
    assert all(each.odds_ratio is not None and each.low is None and each.p is None for each in found.switches)
