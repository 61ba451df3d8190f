"""The shipped 3 sigma on made-up evidence: what knows nothing is rejected as often as promised, by design or not."""

from itertools import pairwise

import numpy as np
import pytest
from made_up_evidence import evidence

from benchmark.calibration.decisions import blocks, null_rank_ps, null_runs, placebo_runs, rank_ps, suite_null
from benchmark.calibration.evidence import Evidence
from benchmark.calibration.false_positives import (
    ALPHAS,
    BREADTHS,
    KINDS,
    Decided,
    by_breadth,
    cells,
    decided_on_nulls,
    decided_on_placebos,
    family,
    unmatched,
    with_paraphrases,
    wrong_matching,
)


def test_a_run_takes_a_report_once_and_only_where_it_is_unrelated(monkeypatch: pytest.MonkeyPatch) -> None:
    import benchmark.calibration.decisions as decisions

    seen: list[tuple[np.ndarray, np.ndarray]] = []

    def note(
        found: Evidence, units: np.ndarray, reports: np.ndarray, seed: int, match: object
    ) -> tuple[float, bool, float]:
        seen.append((units, reports))
        return 0.5, True, 0.0

    monkeypatch.setattr(decisions, "one_run", note)
    made = evidence(1)
    sources = np.array([f"s{i // 3}" for i in range(240)])
    block = blocks(sources, 4, seed=2)
    runs = placebo_runs(made, sources, 4, 30, seed=2)
    assert len(seen) == len(runs.p) > 20
    for (units, reports), cluster in zip(seen, runs.cluster, strict=True):
        assert len(set(sources[reports])) == len(units) == 12, "no two reports on one source"
        assert made.allowed[units, reports].all()
        assert set(block[reports]) == {cluster}
    # Three reports on one source never stand in two blocks.
    assert all(len(set(block[i : i + 3])) == 1 for i in range(0, 240, 3))
    assert runs.disjoint == 4 * (20 // 12)
    few = placebo_runs(made, sources, 4, 30, seed=2, keep=np.arange(240) < 30)
    assert (len(few.p), few.disjoint) == (0, 0), "ten sources are too few for twelve units"


def test_headlines_of_placebos_hold_their_level() -> None:
    made = evidence(3, reports=600)
    runs = placebo_runs(made, np.array([f"s{i}" for i in range(600)]), 1, 150, seed=5)
    assert runs.resolvable.mean() > 0.8
    share = (runs.p[runs.resolvable] <= 0.05).mean()
    # Four binomial standard deviations at 150 runs.
    assert share <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 150)


def test_broad_placebos_unmatched_on_rate_are_rejected_and_matched_ones_are_not() -> None:
    made = evidence(4, reports=120, broad=True)
    sources = np.array([f"s{i}" for i in range(120)])
    found = {each.kind: each for each in wrong_matching("executable", made, "found", sources, 40, 1)}
    bad = found["found: not matched on firing rate"].bound
    assert bad.verdict == "fails"
    assert bad.rate > 0.3
    assert found["found: shipped: matched within the caliper"].bound.rate <= 0.1
    near = unmatched(made.features[0], made.bank_features, made.bank_allowed[0])
    assert np.abs(made.bank_features[near.indices, 1] - made.features[0, 1]).max() < 1
    assert np.ptp(made.bank_features[near.indices, 0]) > 2


def _square(seed: int, units: int = 96) -> Evidence:
    made = evidence(seed, units=units, reports=units)
    return made


def test_null_units_are_ranked_as_units_of_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    # Own reports and the bank are made alike here.
    monkeypatch.setattr("benchmark.statistics.headline.INFLATION", 1.0)
    suite = evidence(10, units=24, bank=1000)
    null, ps = suite_null(suite), []
    for seed in range(6):
        shard = _square(20 + seed)
        # The bank is the same on the suite's units and on the nulls.
        shard = Evidence(
            shard.r, shard.allowed, shard.features, _bank_of(suite, seed, 96), np.ones((96, 1000), dtype=bool),
            suite.bank_features, shard.rate,
        )  # fmt: skip
        ps.append(null_rank_ps(null, suite.rate, shard))
    p = np.concatenate(ps)
    assert abs((p <= 0.05).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / len(p))
    assert (p > 0).all()
    monkeypatch.undo()
    assert (null_rank_ps(null, suite.rate, shard) >= ps[-1]).all()
    assert (null_rank_ps(null, suite.rate, shard) > ps[-1]).any()


def _bank_of(suite: Evidence, seed: int, units: int) -> np.ndarray:
    rng = np.random.default_rng(1000 + seed)
    return np.exp(suite.bank_features[:, 0] / 2) * (0.3 + rng.normal(size=(units, suite.bank_features.shape[0])))


def test_groups_of_nulls_are_drawn_without_replacement_from_one_shard() -> None:
    shard = _square(30)
    runs = null_runs(shard, size=24, runs=10, seed=1)
    assert runs.disjoint == 4
    assert len(runs.p) == 10
    assert set(runs.cluster) == {0}


def test_every_kind_is_bounded_at_both_levels() -> None:
    suite = evidence(10, units=24, bank=600)
    null = suite_null(suite)
    shards = [(_square(seed, units=48), np.arange(48) % 2) for seed in (41, 42)]
    decided = decided_on_nulls(null, suite.rate, shards, 24, 8, 1)
    assert decided["null_submitted"].p[::2].tolist() == [1.0] * 48  # an abstention is never significant
    assert decided["null_submitted"].p[1::2].tolist() == decided["null"].p[1::2].tolist()
    assert decided["null_headline"].least == 4
    single, together = decided_on_placebos(suite, np.arange(24), np.array([f"s{i // 4}" for i in range(240)]), 20, 1)
    assert len(single.p) == suite.allowed.sum()
    assert single.least == 24
    every = decided | {"placebo_found": single, "placebo_headline_found": together}
    found = cells("executable", every, family(3))
    assert [(each.kind, each.bound.alpha) for each in found] == [(kind, alpha) for kind in every for alpha in ALPHAS]
    assert set(every) <= set(KINDS)
    assert {each.bound.family for each in found} == {42}
    # Placebos share 24 units, so they are worth less than they number.
    (placebo,) = [each for each in found if (each.kind, each.bound.alpha) == ("placebo_found", 0.05)]
    assert placebo.bound.effective < placebo.bound.decisions
    rows = by_breadth("executable", {"placebo_found": single})
    assert sum(row["decisions"] for row in rows) == len(single.p)
    assert {row["breadth"] for row in rows} <= set(BREADTHS)


def test_a_rate_without_a_rejection_takes_the_worth_of_a_commoner_level() -> None:
    first = np.repeat(np.arange(30), 40)
    p = np.where(np.random.default_rng(0).random(1_200) < 0.1, 0.03, 0.5)
    decided = Decided(p, np.ones(1_200, dtype=bool), np.zeros(1_200), first, least=30.0)
    assert decided.effective(0.001).number == decided.effective(0.05).number > 30


def test_paraphrases_in_the_bank_blind_the_test_and_fail_the_bound() -> None:
    made = evidence(7, units=24, reports=24 * 4, bank=1000)
    own = [[4 * unit + 1, 4 * unit + 2, 4 * unit + 3] for unit in range(24)]
    exact = np.arange(24) * 4
    for unit in range(24):
        made.r[unit, 4 * unit : 4 * unit + 4] = 0.9
    made.features[:, 0] = -6.0
    found = with_paraphrases("executable", made, own, exact, members=42)
    # The 72 paraphrases fill the first 0.3% of the ranks, so most exact reports no longer reach 0.135%.
    assert found["exact_found"]["bank"] == 1
    assert found["exact_found"]["bank with paraphrases"] < 0.6
    assert found["as_placebos"]["verdict"] == "fails"
    assert found["as_placebos"]["lower"] > 0.00135


def test_the_rank_is_of_the_report_s_own_breadth() -> None:
    made = evidence(8, units=24, reports=60, broad=True)
    units, reports = np.nonzero(made.allowed)
    p = rank_ps(suite_null(made), made, units, reports)
    # Half a word in two: r is ten times as wide as the narrow bank's, and would be rejected most of the time.
    assert (p <= 0.05).mean() < 0.2
    assert len(p) == made.allowed.sum()


def test_what_could_not_be_resolved_is_no_evidence_of_a_low_rate() -> None:
    p = np.concatenate([np.full(20, 1e-4), np.full(80, 1.0)])
    resolvable = np.concatenate([np.ones(40, bool), np.zeros(60, bool)])
    found = Decided(p, resolvable, np.full(100, 0.1)).bound(0.05, 1)
    assert (found.rate, found.decisions) == (0.5, 40)
    nothing = Decided(p, np.zeros(100, bool), np.full(100, 0.1)).bound(0.05, 1)
    assert (nothing.decisions, nothing.verdict) == (0, "too few")


def test_a_rejection_more_never_makes_a_verdict_better() -> None:
    """Runs in 42 clusters that go together at 0.05: what few rejections at 0.00135 are worth is not seen in them."""
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(42), 96)
    p = np.where(rng.random(len(cluster)) < 0.2 * (rng.random(42) < 0.25)[cluster], 0.03, 0.5)
    order = ["passes", "too few", "fails"]
    found = []
    for rejected in range(10):
        some = p.copy()
        some[rng.choice(len(p), rejected, replace=False)] = 0.0001
        made = Decided(some, np.ones(len(p), dtype=bool), np.zeros(len(p)), cluster, least=42.0)
        found.append(made.bound(0.00135, 42))
    assert found[0].verdict == "too few"
    assert all(each.effective <= found[0].effective * 1.5 for each in found)
    assert all(order.index(b.verdict) >= order.index(a.verdict) for a, b in pairwise(found))
