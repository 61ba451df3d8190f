"""The three-sigma headline of each strategy as an explainer: does a liar pass as one that knows its units?"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmark.exam.cross_examination import report_features
from benchmark.honesty.detectors import Dossier
from benchmark.honesty.liars import STRATEGIES
from benchmark.honesty.papers import Desk
from benchmark.honesty.sessions import HONEST
from benchmark.statistics.headline import headline, nearest_strangers
from synthetic_neurons.passages import Floats

NULLS = "null"


def headlines(desk: Desk, found: Sequence[Dossier], seed: int) -> list[dict[str, Any]]:
    """One row an arm, executable reader; null units are left out (METHOD.md section 4), abstentions count 0."""
    rows = []
    for arm in (*HONEST, *STRATEGIES):
        mine = [each for each in found if each.told.arm == arm and each.case.kind != NULLS]
        if mine:
            own = np.array([each.paper.r["executable"] for each in mine])
            result = headline(own, [_strangers(desk, each) for each in mine], seed=seed)
            rows.append({"arm": arm, "units": result.units, "mean_r": result.mean, "p": result.p, "z": result.z})
            rows[-1] |= {"resolvable": result.resolvable, "smallest_p": result.smallest_p}
    return rows


def _strangers(desk: Desk, each: Dossier) -> Floats:
    """float64 [strangers]: r of the bank's reports that are most like this one, on its unit."""
    bank, weight = desk.room.suite.bank, desk.pool.word_weight
    threshold = desk.reader("executable").threshold
    features = report_features(desk.stored("executable", each.told.report), weight, threshold, each.told.report.text)
    near = nearest_strangers(features, bank.features["executable/planted"], bank.mask[each.told.case])
    found: Floats = bank.r["executable"][each.told.case, near.indices]
    return found
