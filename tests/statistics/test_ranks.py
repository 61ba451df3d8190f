"""The pooled, studentised null."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from benchmark.statistics.headline import INFLATION
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


def test_round_trip_in_half_precision_never_makes_a_p_smaller() -> None:
    r = _bank(45, 1000)
    null = PooledNull.of_bank(r, np.ones_like(r, dtype=bool))
    again = PooledNull.from_arrays(null.to_arrays())
    assert {pool.dtype for pool in again.pools} == {np.dtype(np.float16)}
    for unit in range(45):
        for report in range(0, 1000, 37):
            before, after = (each.p(unit, float(r[unit, report])) for each in (null, again))
            assert (after.z, after.smallest_p) == (before.z, before.smallest_p)
            # What ties by half precision is a thousandth of z to either side: some pairs in a thousand.
            assert before.p <= after.p <= 1.02 * before.p + 2e-3
    whole = {name: each.astype(float) for name, each in null.to_arrays().items()}
    assert PooledNull.from_arrays(whole).p(0, 9.0).p == null.p(0, 9.0).p


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


def _by_breadth(units: int, log_rate: np.ndarray, seed: int) -> np.ndarray:
    """Made-up r: on each unit broad reports lie at a place of their own, and wider, than narrow ones."""
    rng = np.random.default_rng(seed)
    place = np.random.default_rng(99).normal(size=(units, 1))
    return np.exp(log_rate / 2) * (place + rng.standard_t(4, size=(units, len(log_rate))))


@pytest.mark.parametrize("breadth", [0.002, 0.02, 0.4])
def test_no_breadth_makes_a_placebo_significant(breadth: float, monkeypatch: pytest.MonkeyPatch) -> None:
    # Own reports and the bank are made alike here.
    monkeypatch.setattr("benchmark.statistics.headline.INFLATION", 1.0)
    rng, units = np.random.default_rng(5), 24
    bank_rate = rng.uniform(np.log(0.001), np.log(0.9), 1000)
    bank = _by_breadth(units, bank_rate, 1)
    own_rate = np.full(60, np.log(breadth))
    own = _by_breadth(units, own_rate, 2)
    everyone = np.ones_like(bank, dtype=bool)

    def share(null: PooledNull, log_rate: float | None, alpha: float) -> float:
        return float(np.mean([null.p(u, r, log_rate=log_rate).p <= alpha for u in range(units) for r in own[u]]))

    by_breadth = PooledNull.of_bank(bank, everyone, log_rate=bank_rate)
    # 1,440 pairs in 24 units of 50 neighbours each: the neighbours' means are off by a seventh of a deviation. Those
    # whose breadth has less than the least spread are rejected less often.
    found = share(by_breadth, np.log(breadth), 0.05)
    assert found < 0.03 if breadth == 0.002 else abs(found - 0.05) < 0.03
    assert share(by_breadth, np.log(breadth), 0.00135) < 0.006
    by_unit = share(PooledNull.of_bank(bank, everyone), None, 0.05)
    assert by_unit > 0.1 if breadth == 0.4 else by_unit < 0.06


def test_studentised_by_the_fifty_nearest_and_never_by_itself() -> None:
    rng = np.random.default_rng(3)
    rate, r = rng.uniform(-6, -1, 120), rng.normal(size=(3, 120))
    allowed = rng.random((3, 120)) < 0.9
    null = PooledNull.of_bank(r, allowed, log_rate=rate)
    odds = np.log(np.exp(rate) / (1 - np.exp(rate)))
    own = [r[unit, allowed[unit]].std() for unit in range(3)]

    def moments(near: list[int]) -> tuple[list[float], float]:
        """Each unit's mean over its neighbours, and the spread of all that is left, in each unit's own."""
        mean = [r[unit, [each for each in near if allowed[unit, each]]].mean() for unit in range(3)]
        left = [(r[unit, each] - mean[unit]) / own[unit] for unit in range(3) for each in near if allowed[unit, each]]
        return mean, max(0.5, float(np.sqrt(np.mean(np.square(left)))))

    z = []
    for report in range(120):
        others = [each for each in np.argsort(np.abs(odds - odds[report]), kind="stable") if each != report][:50]
        mean, breadth = moments(others)
        z += [(r[u, report] - mean[u]) / (own[u] * breadth) for u in np.flatnonzero(allowed[:, report])]
    np.testing.assert_allclose(null.pools[0], np.sort(z), rtol=1e-5)
    mean, breadth = moments(list(np.argsort(np.abs(odds - odds[7]), kind="stable")[:50]))
    mine = (0.4 - mean[1]) / (own[1] * breadth)
    assert null.p(1, 0.4, log_rate=float(rate[7])).z == pytest.approx(mine / INFLATION)
    assert null.p(1, -0.4, log_rate=float(rate[7])).z == pytest.approx((-0.4 - mean[1]) / (own[1] * breadth))
    with pytest.raises(ValueError, match="by breadth"):
        null.p(1, 0.4)


def test_neighbours_without_spread_leave_half_of_the_unit_s_own() -> None:
    rate = np.concatenate([np.full(60, -6.0), np.full(60, -1.0)])
    r = np.concatenate([np.zeros((2, 60)), _bank(2, 60)], axis=1)
    null = PooledNull.of_bank(r, np.ones_like(r, dtype=bool), log_rate=rate)
    found = null.p(0, 0.001, log_rate=-6.0)
    assert found.z == pytest.approx(0.001 / (0.5 * r[0].std()) / INFLATION)
    assert np.isfinite(null.pools[0]).all()


def test_an_exact_report_is_significant_though_most_strangers_have_no_word_in_common_with_a_unit() -> None:
    """Unrelated narrow reports have r 0 but for a few: these must not set what an exact report has to beat."""
    rng = np.random.default_rng(8)
    rate = rng.uniform(np.log(0.0005), np.log(0.02), 1000)
    r = np.where(rng.random((24, 1000)) < 0.02, rng.uniform(0.01, 0.09, (24, 1000)), rng.normal(0, 1e-4, (24, 1000)))
    null = PooledNull.of_bank(r, np.ones_like(r, dtype=bool), log_rate=rate)
    for unit in range(24):
        found = null.p(unit, 0.5, log_rate=float(np.log(0.002)))
        assert found.p == found.smallest_p
    overlapping = [null.p(unit, 0.05, log_rate=float(np.log(0.002))).p for unit in range(24)]
    assert 0.002 < np.median(overlapping) < 0.03, "2% of strangers overlap"
