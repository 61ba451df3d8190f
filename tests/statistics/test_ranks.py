"""The pooled, studentised null."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from benchmark.statistics.ranks import PooledNull, benjamini_hochberg, best_of_correction, holm, significant_share


def _bank(units: int, reports: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scale = rng.uniform(0.01, 0.2, (units, 1))
    return rng.normal(0.01, 1.0, (units, reports)) * scale


def test_uniform_under_the_null() -> None:
    everything = _bank(25, 1040)
    null = PooledNull.of_bank(everything[:, :1000], np.ones((25, 1000), dtype=bool))
    ps = [null.p(unit, float(r)).p for unit in range(25) for r in everything[unit, 1000:]]
    assert stats.kstest(ps, "uniform").pvalue > 0.001
    assert abs(np.mean(np.array(ps) < 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 1000)


def test_equals_a_brute_force_count() -> None:
    r = _bank(5, 50)
    null = PooledNull.of_bank(r, np.ones_like(r, dtype=bool))
    z = (r - r.mean(1, keepdims=True)) / r.std(1, keepdims=True)
    for unit, own in ((0, 0.05), (3, -0.02), (4, 0.3)):
        mine = (own - r[unit].mean()) / r[unit].std()
        result = null.p(unit, own)
        assert result.p == pytest.approx(((z >= mine).sum() + 1) / 251)
        assert result.z == pytest.approx(mine)
        assert result.smallest_p == pytest.approx(1 / 251)


def test_ties_count_against() -> None:
    r = _bank(3, 40)
    null = PooledNull.of_bank(r, np.ones_like(r, dtype=bool))
    z = (r - r.mean(1, keepdims=True)) / r.std(1, keepdims=True)
    unit, report = np.unravel_index(int(z.argmax()), z.shape)
    assert null.p(int(unit), float(r[unit, report])).p == pytest.approx(2 / 121)


def test_masked_pairs_enter_neither_moments_nor_pool() -> None:
    r = _bank(4, 200)
    allowed = np.ones_like(r, dtype=bool)
    allowed[:, :20] = False
    copied = r.copy()
    copied[:, :20] = 0.95
    masked = PooledNull.of_bank(copied, allowed)
    clean = PooledNull.of_bank(r[:, 20:], allowed[:, 20:])
    np.testing.assert_allclose(masked.mean, clean.mean)
    np.testing.assert_allclose(masked.sd, clean.sd)
    np.testing.assert_array_equal(masked.pools[0], clean.pools[0])
    assert masked.p(0, 0.9).p == pytest.approx(1 / 721)
    assert PooledNull.of_bank(copied, np.ones_like(allowed)).p(0, 0.9).p > 0.05


@pytest.mark.parametrize(("units", "reports", "sizes"), [(10, 1000, [10]), (45, 1000, [23, 22]), (200, 1000, [50] * 4)])
def test_strata_are_equal_in_units_and_hold_20000_pairs(units: int, reports: int, sizes: list[int]) -> None:
    null = PooledNull.of_bank(_bank(units, reports), np.ones((units, reports), dtype=bool))
    assert np.bincount(null.stratum).tolist() == sizes
    assert [len(pool) for pool in null.pools] == [size * reports for size in sizes]


def test_one_stratum_less_rather_than_one_too_small() -> None:
    allowed = np.ones((45, 1000), dtype=bool)
    allowed[:22, :200] = False
    assert len(PooledNull.of_bank(_bank(45, 1000), allowed).pools) == 1


def test_strata_are_used() -> None:
    r = _bank(40, 1000)
    r[20:, :5] += 10 * r[20:].std(axis=1, keepdims=True)
    null = PooledNull.of_bank(r, np.ones_like(r, dtype=bool))
    assert len(null.pools) == 2
    assert null.p(0, 1.0).p == pytest.approx(1 / 20_001)
    assert null.p(39, float(null.mean[39] + 5.5 * null.sd[39])).p > 0.004


def test_best_of_k() -> None:
    r = _bank(3, 100)
    null = PooledNull.of_bank(r, np.ones_like(r, dtype=bool))
    once, four = null.p(1, 0.05), null.p(1, 0.05, best_of=4)
    assert four.p == pytest.approx(1 - (1 - once.p) ** 4)
    assert four.smallest_p == pytest.approx(1 - (1 - 1 / 301) ** 4)
    assert best_of_correction(1.0, 3) == 1.0
    with pytest.raises(ValueError, match="at least one"):
        best_of_correction(0.5, 0)


def test_no_spread_and_no_pairs_are_guarded() -> None:
    r = _bank(3, 50)
    r[1] = 0.0
    allowed = np.ones_like(r, dtype=bool)
    allowed[2] = False
    null = PooledNull.of_bank(r, allowed)
    assert np.isfinite([null.p(unit, 0.4).z for unit in range(3)]).all()
    assert null.p(1, 0.0).p > 0.3
    empty = PooledNull.of_bank(r, np.zeros_like(allowed))
    assert empty.p(0, 0.9).p == 1.0


def test_round_trip_gives_the_same_p() -> None:
    r = _bank(45, 1000)
    null = PooledNull.of_bank(r, np.ones_like(r, dtype=bool))
    again = PooledNull.from_arrays(null.to_arrays())
    for unit in (0, 30):
        assert again.p(unit, float(r[unit, 4])) == null.p(unit, float(r[unit, 4]))


def test_multiplicity_against_hand_and_statsmodels() -> None:
    # Holm compares the ascending p with 0.05/4, /3, /2, /1; Benjamini-Hochberg with 0.05 * 1/4 .. 4/4.
    ps = [0.01, 0.04, 0.02, 0.03]
    assert holm(ps, 0.05).tolist() == [True, False, False, False]
    assert benjamini_hochberg(ps, 0.05).tolist() == [True] * 4
    many = np.random.default_rng(1).random(50) ** 4
    np.testing.assert_array_equal(holm(many, 0.05), multipletests(many, 0.05, "holm")[0])
    share = significant_share(many, 0.05)
    assert share.holm == holm(many, 0.05).mean()
    assert share.benjamini_hochberg >= share.holm
    assert (significant_share([]).holm, significant_share([]).tests) == (0.0, 0)
