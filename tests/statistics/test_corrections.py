"""Corrections for many tests and for the best of many candidates; error rates by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from benchmark.statistics.corrections import Method, Test, decide, rank_test

METHODS: tuple[Method, ...] = ("holm", "benjamini_hochberg")
SMALLEST = 1 / 20_001


def _tests(ps: list[float], smallest: float = SMALLEST) -> list[Test]:
    return [Test(p, min(p, smallest)) for p in ps]


def test_a_rank_counts_the_observation_itself() -> None:
    assert rank_test(0, 999).p == pytest.approx(0.001)
    assert rank_test(999, 999).p == 1.0
    assert rank_test(4, 99).p == pytest.approx(0.05)
    assert rank_test(4, 99).smallest_p == pytest.approx(0.01)


@pytest.mark.parametrize(("p", "smallest"), [(0.0, 0.0), (0.01, 0.0), (0.5, 0.6), (1.1, 0.1), (float("nan"), 0.1)])
def test_a_p_of_zero_or_beyond_what_is_attainable_is_refused(p: float, smallest: float) -> None:
    with pytest.raises(ValueError, match="smallest attainable"):
        Test(p, smallest)


def test_counts_that_contradict_are_refused() -> None:
    with pytest.raises(ValueError, match="11 of 10 draws"):
        rank_test(11, 10)
    with pytest.raises(ValueError, match="best_of=0"):
        rank_test(1, 10, submitted=0)


@pytest.mark.parametrize("candidates", [1, 3, 8])
def test_the_best_of_k_keeps_its_size_and_uncorrected_it_would_not(candidates: int) -> None:
    rng = np.random.default_rng(1)
    null = np.sort(rng.normal(size=9_999))
    best = rng.normal(size=(4_000, candidates)).max(axis=1)
    as_good = len(null) - np.searchsorted(null, best)
    corrected = np.array([rank_test(int(b), len(null), candidates).p for b in as_good])
    # Four binomial standard deviations at 4,000 trials, and as much again for the one null bank that all share.
    assert abs((corrected <= 0.05).mean() - 0.05) < 2 * 4 * np.sqrt(0.05 * 0.95 / 4_000)
    if candidates > 1:
        naive = np.array([rank_test(int(b), len(null)).p for b in as_good])
        assert (naive <= 0.05).mean() > 0.1


def test_candidates_that_resemble_one_another_are_corrected_too_much_never_too_little() -> None:
    rng = np.random.default_rng(2)
    shared, own = rng.normal(size=(4_000, 1)), rng.normal(size=(4_000, 5))
    best = (np.sqrt(0.7) * shared + np.sqrt(0.3) * own).max(axis=1)
    p = 1 - (1 - stats.norm.sf(best)) ** 5
    as_good = np.floor(stats.norm.sf(best) * 10_000).astype(int)
    corrected = np.array([rank_test(int(b), 10_000, 5).p for b in as_good])
    np.testing.assert_allclose(corrected, p, atol=1e-3)
    assert (corrected <= 0.05).mean() < 0.05


def _step_down(ps: list[float], alpha: float) -> list[bool]:
    """Holm by its definition: the smallest against alpha/m, the next against alpha/(m-1), until one fails."""
    rejected = [False] * len(ps)
    for place, index in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        if ps[index] > alpha / (len(ps) - place):
            break
        rejected[index] = True
    return rejected


def _step_up(ps: list[float], alpha: float) -> list[bool]:
    adjusted = stats.false_discovery_control(ps, method="bh")
    return [bool(p <= alpha) for p in adjusted]


values = st.integers(1, 400).map(lambda n: n / 2_000)


@given(st.lists(values, min_size=1, max_size=12))
def test_decisions_are_those_of_the_definitions(ps: list[float]) -> None:
    for method, reference in (("holm", _step_down), ("benjamini_hochberg", _step_up)):
        decided = decide(_tests(ps), method=method, alpha=0.0503)  # type: ignore[arg-type]
        assert [each.verdict == "significant" for each in decided] == reference(ps, 0.0503)
        assert all((each.verdict == "significant") == (each.adjusted <= 0.0503) for each in decided)


@pytest.mark.parametrize(("method", "name"), [("holm", "holm"), ("benjamini_hochberg", "fdr_bh")])
def test_adjusted_p_are_those_of_statsmodels(method: Method, name: str) -> None:
    ps = np.append(np.random.default_rng(4).beta(0.3, 1, 60), [0.01, 0.01, 1.0])
    adjusted = [each.adjusted for each in decide(_tests(list(ps), 1e-12), method=method)]
    assert adjusted == pytest.approx(multipletests(ps, method=name)[1], abs=1e-12)


@given(st.lists(values, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_the_tests_does_not_matter(ps: list[float], random: "np.random.Generator") -> None:
    order = list(range(len(ps)))
    random.shuffle(order)
    for method in METHODS:
        straight = decide(_tests(ps), method=method, alpha=0.05)
        shuffled = decide(_tests([ps[i] for i in order]), method=method, alpha=0.05)
        assert [straight[i] for i in order] == shuffled


@pytest.mark.parametrize("method", METHODS)
def test_what_could_never_be_significant_is_not_resolvable(method: Method) -> None:
    # Ten tests at 0.05: the best can be held to 0.005 and no rank among 99 strangers goes below 0.01.
    coarse = decide([Test(0.5, 0.01)] * 10, method=method, alpha=0.05)
    assert {each.verdict for each in coarse} == {"not resolvable"}
    fine = decide([Test(0.5, 0.001)] * 10, method=method, alpha=0.05)
    assert {each.verdict for each in fine} == {"not significant"}
    mixed = decide([Test(0.001, 0.001), Test(0.5, 0.01), Test(0.5, 0.001)], method=method, alpha=0.003)
    assert [each.verdict for each in mixed] == ["significant", "not resolvable", "not significant"]


def test_a_list_with_discoveries_resolves_what_claims_do_not() -> None:
    # Nine discoveries of ten lift the threshold of the tenth from alpha/10 to alpha under a false-discovery rate.
    tests = [*[Test(0.0001, 0.0001)] * 9, Test(0.9, 0.04)]
    assert decide(tests, method="benjamini_hochberg", alpha=0.05)[-1].verdict == "not significant"
    tests = [*[Test(0.0001, 0.0001)] * 5, *[Test(0.9, 0.04)] * 5]
    assert decide(tests, method="holm", alpha=0.05)[-1].verdict == "not resolvable"


@pytest.mark.parametrize("method", METHODS)
@given(ps=st.lists(values, min_size=1, max_size=8), smallest=values)
def test_not_resolvable_is_never_said_of_a_rejection(method: Method, ps: list[float], smallest: float) -> None:
    for each in decide(_tests(ps, smallest), method=method, alpha=0.05):
        assert (each.verdict == "significant") == (each.adjusted <= 0.05)
        if each.smallest_p > 0.05:
            assert each.verdict == "not resolvable"


def test_no_tests_no_decisions() -> None:
    assert decide([], method="holm") == []


def _alone(ps: list[float], index: int, smallest: float, method: Method) -> bool:
    """Whether a test would be rejected at its smallest p, by asking again with that p in its place."""
    return decide(_tests([*ps[:index], smallest, *ps[index + 1 :]]), method=method, alpha=0.05)[index].adjusted <= 0.05


@settings(max_examples=30)
@given(ps=st.lists(values, min_size=1, max_size=8), smallest=values)
def test_resolvable_is_what_the_smallest_p_would_have_done(ps: list[float], smallest: float) -> None:
    for method in METHODS:
        for index, each in enumerate(decide(_tests(ps, smallest), method=method, alpha=0.05)):
            assert (each.verdict != "not resolvable") == _alone(ps, index, min(ps[index], smallest), method)


def _discoveries(method: Method, alpha: float, trials: int) -> tuple[float, float, float]:
    """False-discovery rate, family-wise error and power over lists of 50 tests, 40 of them null."""
    rng = np.random.default_rng(3)
    proportions, any_false, power = [], [], []
    for _ in range(trials):
        p = stats.norm.sf(rng.normal(np.repeat([0.0, 3.0], [40, 10])))
        decided = decide([Test(each, each) for each in p], method=method, alpha=alpha)
        found = np.array([each.verdict == "significant" for each in decided])
        proportions.append(found[:40].sum() / max(1, found.sum()))
        any_false.append(found[:40].any())
        power.append(found[40:].mean())
    return float(np.mean(proportions)), float(np.mean(any_false)), float(np.mean(power))


def test_false_discoveries_keep_their_rate() -> None:
    rate, family_wise, power = _discoveries("benjamini_hochberg", 0.1, 800)
    # Benjamini and Hochberg (1995), theorem 1: alpha times the share of true nulls, 0.1 x 0.8.
    assert rate == pytest.approx(0.08, abs=0.02)
    assert family_wise > 0.2
    assert power > 0.6


def test_claims_keep_the_family_wise_error() -> None:
    _, family_wise, power = _discoveries("holm", 0.1, 800)
    assert family_wise < 0.1 + 4 * np.sqrt(0.1 * 0.9 / 800)
    assert 0.3 < power < _discoveries("benjamini_hochberg", 0.1, 200)[2]
