"""Shares, means and estimates of a layer report; intervals are over latents, and failures and abstentions count."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.stats import betabinom

from benchmark.layer_report.decided import Decided
from benchmark.layer_report.proportion import share
from benchmark.layer_report.session import ABSTAINED, FAILED
from benchmark.statistics.bootstrap import FEWEST_UNITS, interval
from benchmark.statistics.error_rates import rate_bound, rejections
from benchmark.statistics.headline import THREE_SIGMA
from benchmark.statistics.risk_coverage import calibration
from synthetic_neurons.passages import Floats

Record = Mapping[str, Any]
# METHOD.md section 3: the field's 90% rule, and the r above which a report is good enough.
STOP_ACCURACY, STOP_R = 0.9, 0.7
LEVELS = (("low", 0.0, 0.5), ("medium", 0.5, 0.75), ("high", 0.75, 1.0))


def level_of(confidence: float) -> str:
    """The level of a stated confidence."""
    return next(name for name, low, _ in reversed(LEVELS) if confidence >= low or low == 0)


def outcomes(records: Sequence[Record]) -> dict[str, int]:
    """How each unit ended, by kind."""
    return dict(sorted(Counter(str(each["outcome"]) for each in records).items()))


def score(record: Record, reader: str, metric: str) -> float:
    """One unit's score as METHOD.md section 2 writes it down: a report that the reader cannot read is a failure."""
    if record["outcome"] == "abstention":
        return ABSTAINED[metric]
    graded = record.get("grades", {}).get(reader)
    return FAILED[metric] if graded is None else float(graded[metric])


def passes(record: Record, reader: str) -> bool:
    """METHOD.md section 3's stopping rule, on the exam."""
    return score(record, reader, "simulation_accuracy") > STOP_ACCURACY and score(record, reader, "r") > STOP_R


def mean(values: Sequence[float] | Floats, seed: int) -> dict[str, Any]:
    """A mean with its bootstrap interval over latents."""
    return asdict(interval(np.asarray(values, dtype=float), seed=seed))


def scores(records: Sequence[Record], reader: str, seed: int) -> dict[str, Any]:
    """Mean r and simulation accuracy over all sampled latents, and over those with a report."""
    spoke = [each for each in records if each["outcome"] == "report"]
    return {
        "r": mean([score(each, reader, "r") for each in records], seed),
        "r_of_reports": mean([score(each, reader, "r") for each in spoke], seed + 1),
        "simulation_accuracy": mean([score(each, reader, "simulation_accuracy") for each in records], seed + 2),
        "passes": share(sum(passes(each, reader) for each in records), len(records)),
    }


def significance(found: Decided, records: Sequence[Record], seed: int) -> dict[str, Any]:
    """Shares significant at 3 sigma: of reports, and of all sampled latents, where no report is no claim."""
    listed = [each.verdict == "significant" for each in found.listed]
    single = [each.p <= THREE_SIGMA for each in found.ranks]
    smallest = [each.smallest_p for each in found.ranks]
    padded = [1.0] * sum(listed) + [0.0] * (len(records) - sum(listed))
    return {
        "reports": len(listed),
        "benjamini_hochberg": {
            "of_reports": share(sum(listed), len(listed)),
            "of_latents": mean(padded, seed),
            "not_resolvable": sum(each.verdict == "not resolvable" for each in found.listed),
        },
        "uncorrected": share(sum(single), len(single)),
        "holm": {
            "significant": sum(each.verdict == "significant" for each in found.holm),
            "not_resolvable": sum(each.verdict == "not resolvable" for each in found.holm),
        },
        "smallest_p": {"least": min(smallest, default=None), "most": max(smallest, default=None)},
        "fewest_strangers": int(found.strangers.min(initial=10**9)) if len(found.strangers) else 0,
        "headline": found.headline,
    }


def for_the_rest(known: int, sampled: int, explainable: int, level: float = 0.95) -> dict[str, Any]:
    """How many latents of the layer would be labelled significantly: those that were, and the estimate for the rest.

    The rest are latents that were not looked at, not a share: their number varies by itself, too. Its interval is the
    beta-binomial's, with the ends of Clopper and Pearson (1934), which keep their coverage where few are significant;
    for many latents it is that of a finite population (Cochran 1977, section 3.5).

    Args:
        known: significant ones among the sampled.
        sampled: how many were drawn by lot.
        explainable: how many can be explained, the sampled ones among them.
        level: coverage.
    """
    rest = explainable - sampled
    low = high = known if not rest else None
    if rest and sampled >= FEWEST_UNITS:
        tail = (1 - level) / 2
        low = known + (int(betabinom(rest, known, sampled - known + 1).ppf(tail)) if known else 0)
        silent = sampled - known
        high = known + (int(betabinom(rest, known + 1, silent).ppf(1 - tail)) if silent else rest)
    return {
        "explainable": explainable,
        "sampled": sampled,
        "significant_in_sample": known,
        "rest": rest,
        "mean": round(known + rest * known / sampled) if sampled else None,
        "low": low,
        "high": high,
    }


def nulls(records: Sequence[Record], found: Decided, threshold: float, labelled: int, sampled: int) -> dict[str, Any]:
    """What is said of null units, where whatever is said is false.

    Args:
        records: of the null units.
        found: with the p of each report on one.
        threshold: the largest p that the latents' list declares significant; nulls are held against it.
        labelled: latents declared.
        sampled: latents sampled.

    Returns:
        with "false_discovery_rate": how many of the declared latents would be false if the latents were nulls as often
        as can be, all of them: an upper estimate, 0 where no null is declared.
    """
    declared = int((found.null_p <= threshold).sum()) if len(found.null_p) else 0
    rejected = np.zeros(len(records), dtype=bool)
    rejected[:declared] = True
    bound = rate_bound(rejected, THREE_SIGMA, 1)
    upper = share(declared, len(records))["high"]
    return {
        "units": len(records),
        "outcomes": outcomes(records),
        "reports": share(sum(each["outcome"] == "report" for each in records), len(records)),
        "declared": share(declared, len(records)),
        "uncorrected": int(rejections(found.null_p, THREE_SIGMA).sum()) if len(found.null_p) else 0,
        "bound": bound.to_json(),
        "threshold": threshold,
        "false_discovery_rate": declared / len(records) * sampled / labelled if records and labelled else None,
        "false_discovery_rate_at_most": min(1.0, upper * sampled / labelled)
        if upper is not None and labelled
        else None,
    }


def confidence(records: Sequence[Record], significant: Mapping[int, bool], reader: str, seed: int) -> dict[str, Any]:
    """What the explainer's own confidence is worth: by level, and as a calibration against two ways to be right."""
    spoke = [each for each in records if each["outcome"] == "report"]
    if not spoke:
        return {"levels": [], "against": {}}
    stated = [float(each["report"]["confidence"]) for each in spoke]
    yes = {
        "significant": [significant[int(each["latent"])] for each in spoke],
        "passes": [passes(each, reader) for each in spoke],
    }
    return {
        "levels": [_level(name, low, high, spoke, stated, yes, reader, seed) for name, low, high in LEVELS],
        "against": {name: _calibrated(right, stated) for name, right in yes.items()},
        "r_with_exam_r": _correlation(stated, [score(each, reader, "r") for each in spoke]),
    }


def _calibrated(right: Sequence[bool], stated: Sequence[float]) -> dict[str, Any]:
    found = calibration(right, stated)
    return {name: value for name, value in asdict(found).items() if name != "bins"} | {
        "bins": [asdict(each) for each in found.bins]
    }


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's; None where there are too few, or one side is constant."""
    from scipy.stats import spearmanr

    if len(one) < 3 or len(set(one)) == 1 or len(set(other)) == 1:
        return None
    return float(spearmanr(one, other).statistic)


def _level(
    name: str,
    low: float,
    high: float,
    spoke: Sequence[Record],
    stated: Sequence[float],
    yes: Mapping[str, Sequence[bool]],
    reader: str,
    seed: int,
) -> dict[str, Any]:
    mine = [i for i, each in enumerate(stated) if low <= each < high or each == high == 1.0]
    return {
        "level": name,
        "from": low,
        "to": high,
        "reports": len(mine),
        "stated": float(np.mean([stated[i] for i in mine])) if mine else None,
        "r": mean([score(spoke[i], reader, "r") for i in mine], seed) if mine else None,
        **{kind: share(sum(right[i] for i in mine), len(mine)) for kind, right in yes.items()},
    }
