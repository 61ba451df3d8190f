"""What is significant at 3 sigma, and how often the same test says so where there is nothing (METHOD.md section 4)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmark.calibration.decisions import null_rank_ps, one_run, suite_null
from benchmark.calibration.evidence import Bools, Evidence
from benchmark.layer_report.crossed import Sitting
from benchmark.statistics.corrections import Decision, Test, decide
from benchmark.statistics.error_rates import effective_number, rate_bound, rejections
from benchmark.statistics.headline import THREE_SIGMA, deflated, log_odds
from benchmark.statistics.ranks import PooledNull, RankP, benjamini_hochberg
from synthetic_neurons.passages import Floats, Ints

# Lists of strangers' reports that are decided on as the own list is.
LISTS = 200


@dataclass(frozen=True, eq=False)
class Decided:
    """One reader's decisions.

    Attributes:
        ranks: of the reports on latents, in the order of `Sitting.speaking`.
        holm, listed: what Holm (for claims) and Benjamini and Hochberg (for the list) make of them.
        null_p: float64, the p of each report on a null unit.
        headline: p and resolvability of the mean r over the latents with a report, and the largest matching distance.
        dealt: strangers' reports of the same run, see `dealt_reports`.
        strangers: int64 [reports], the bank reports that each was ranked beside on its unit.
    """

    ranks: list[RankP]
    holm: list[Decision]
    listed: list[Decision]
    null_p: Floats
    headline: dict[str, Any]
    dealt: dict[str, Any]
    strangers: Ints


def decided(sitting: Sitting, every: Evidence, unrelated: Bools, seed: int) -> Decided:
    """Decide on all reports of a sitting, by one reader.

    Args:
        sitting: the units and reports.
        every: on latents and null units.
        unrelated: bool [units, reports], from `Strangers`: which reports the examination of the test deals to whom.
        seed: of the draws.
    """
    count, spoke = len(sitting.latents), len(sitting.speaking)
    latents = _part(every.on(np.arange(count)), np.arange(spoke))
    if not spoke:
        return Decided([], [], [], np.zeros(0), {}, {}, np.zeros(0, np.int64))
    null = suite_null(latents)
    ranks = [
        null.p(int(unit), float(latents.r[unit, i]), log_rate=float(latents.features[i, 0]))
        for i, unit in enumerate(sitting.speaking)
    ]
    tests = [Test(each.p, each.smallest_p) for each in ranks]
    p, resolvable, farthest = one_run(latents, sitting.speaking, np.arange(spoke), seed)
    return Decided(
        ranks,
        decide(tests, method="holm"),
        decide(tests, method="benjamini_hochberg"),
        _null_ps(sitting, every, null, latents.rate),
        {"p": p, "resolvable": resolvable, "largest_matching_distance": round(farthest, 3), "units": spoke},
        dealt_reports(sitting, latents, null, unrelated[:count, :spoke], seed),
        latents.bank_allowed[sitting.speaking].sum(axis=1),
    )


def _part(every: Evidence, reports: Ints) -> Evidence:
    return replace(every, r=every.r[:, reports], allowed=every.allowed[:, reports], features=every.features[reports])


def _null_ps(sitting: Sitting, every: Evidence, null: PooledNull, rates: Floats) -> Floats:
    """The p of each null unit's own report, as if the null were one more latent of the layer."""
    first, spoke = len(sitting.latents), len(sitting.speaking)
    if not sitting.nulls:
        return np.zeros(0)
    places = np.arange(len(sitting.nulls))
    return null_rank_ps(null, np.maximum(rates, 1e-9), _part(every.on(first + places), spoke + places))


def _p_matrix(null: PooledNull, found: Evidence, units: Ints) -> Floats:
    """float64 [units, reports]: `PooledNull.p` of each report on each unit; its neighbours are sought once."""
    assert null.alike is not None
    odds, ps = log_odds(found.features[:, 0]), np.ones((len(units), found.r.shape[1]))
    for column in range(found.r.shape[1]):
        mean, sd = null.alike.moments(null.alike.neighbours(float(odds[column])))
        for row, unit in enumerate(units.tolist()):
            z = deflated(float((found.r[unit, column] - mean[unit]) / sd[unit]))
            ps[row, column] = null.rank(z, int(null.stratum[unit])).p
    return ps


def dealt_reports(sitting: Sitting, found: Evidence, null: PooledNull, unrelated: Bools, seed: int) -> dict[str, Any]:
    """How often the test rejects reports of other latents of the same run, whose truth has nothing to do with the unit.

    Args:
        sitting: the units and reports.
        found: on the latents, by one reader.
        null: the test's.
        unrelated: bool [latents, reports]; by truth, since a report that agrees with the unit by luck is what the test
            is examined for.
        seed: of the draws.

    Returns:
        "rate": of p at most 0.00135 over all unrelated pairs, bounded with clusters by unit and by report; and of 200
        lists, in each of which every unit has another's report, how many of the list Benjamini and Hochberg declare.
    """
    ps, allowed = _p_matrix(null, found, sitting.speaking), unrelated[sitting.speaking]
    units, reports = np.nonzero(allowed)
    if not len(units):
        return {}
    rejected = rejections(ps[units, reports], THREE_SIGMA)
    least = float(min(len(np.unique(units)), len(np.unique(reports))))
    bound = rate_bound(rejected, THREE_SIGMA, 1, effective_number(rejected, units, reports, least))
    rng = np.random.default_rng([seed, 5])
    declared = []
    for _ in range(LISTS):
        drawn = [ps[i, rng.choice(np.flatnonzero(row))] for i, row in enumerate(allowed) if row.any()]
        declared.append(int(benjamini_hochberg(drawn).sum()))
    return {
        **bound.to_json(),
        "all_pairs": int(ps.size - len(ps)),
        "lists": LISTS,
        "reports_a_list": int(allowed.any(axis=1).sum()),
        "lists_with_any": int(np.count_nonzero(declared)),
        "declared_a_list": float(np.mean(declared)),
    }
