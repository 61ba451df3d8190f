"""What is compared: the reports of one explainer's run, the windows they are examined on, and what a reader decided.

Decisions are read from the run's stored predictions, so no reader is run anew and none can read differently twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from benchmark import papers as sidecar
from benchmark.comparison.gap import Views, views
from benchmark.errors import UserError
from benchmark.exam.cross_examination import dequantise, level_threshold, stored_threshold
from benchmark.exam.grading import grade_pool, simulation_accuracy
from benchmark.exam.items import STRATA, Items
from benchmark.examiner import Paper
from benchmark.leaderboard.collect import Run
from benchmark.suites.suite import Suite
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages

READERS = ("embedding", "executable", "lookup")
# A window is marginal if its greatest level lies so near the threshold (levels are 0 to 10).
MARGIN = 0.5


class ComparisonError(UserError):
    """What was asked for cannot be compared; the message names the mend."""


@dataclass(frozen=True, eq=False)
class Case:
    """One report, one reader, one unit.

    Attributes:
        unit: its identifier.
        reader: its name.
        text: the report.
        items: the unit's own items.
        levels: float64 [words of the items], of the reader.
        threshold: the reader's, as stored levels meet it.
        seen: the decisions, as `benchmark.comparison.gap` takes the gap apart.
        ours: our scores by name.
        facts: further figures that say why scores differ.
    """

    unit: str
    reader: str
    text: str
    items: Items
    levels: Floats
    threshold: float
    seen: Views
    ours: dict[str, float]
    facts: dict[str, float]

    def sheet(self) -> dict[str, Any]:
        """What delphi is given (`benchmark.comparison.delphi_scores`); a plain JSON value."""
        first, passages = self.items.passages.first, self.items.passages
        windows = [
            {
                "pieces": pieces(passages, place),
                "activations": self.items.values[first[place] : first[place + 1]].tolist() or [0.0],
                "stratum": stratum,
                "fires": bool(self.seen.equal.fires[place]),
                "said": int(self.seen.equal.said[place]),
            }
            for place, stratum in enumerate(self.items.strata)
        ]
        return {"unit": self.unit, "reader": self.reader, "explanation": self.text, "windows": windows}


def pieces(passages: Passages, place: int) -> list[str]:
    """One text cut before each of its words, so that the pieces together are the text."""
    text, words = passages.texts[place], slice(passages.first[place], passages.first[place + 1])
    cuts = [0, *passages.start[words].tolist()[1:], len(text)]
    return [text[a:b] for a, b in pairwise(cuts)]


def the_run(runs: Sequence[Run], explainer: str, model: str | None) -> Run:
    """The run of an explainer.

    Raises:
        ComparisonError: there is none, or one for each of several models.
    """
    fits = [run for run in runs if run.explainer == explainer and model in (None, run.model)]
    if len(fits) != 1:
        known = ", ".join(sorted({f"{run.explainer} ({run.model})" for run in runs}))
        raise ComparisonError(
            f"{len(fits)} runs are of {explainer} (model {model or 'any'}); mend: --explainer and --model, of: {known}"
        )
    return fits[0]


def chosen(suite: Suite, run: Run, tier: str, units: int, seed: int) -> tuple[list[Unit], dict[str, int]]:
    """Units of a tier that the explainer reported on, drawn by a seed, in the suite's order.

    Args:
        suite: of the run.
        run: of the explainer.
        tier: of the units.
        units: how many.
        seed: of the draw.

    Returns:
        the units, and how many others of the tier had which outcome: without a report there is nothing for delphi to
        score.

    Raises:
        ComparisonError: there are fewer.
    """
    mine = [unit for unit in suite.units if unit.tier == tier and unit.identifier in run.samples]
    outcomes = {unit.identifier: str(run.samples[unit.identifier]["outcome"]) for unit in mine}
    told = [unit for unit in mine if outcomes[unit.identifier] == "report"]
    if len(told) < units:
        raise ComparisonError(
            f"{run.explainer} reported on {len(told)} {tier} units of {len(mine)}, not on {units}; mend: --units "
            f"{len(told)}, or another explainer"
        )
    kept = np.sort(np.random.default_rng(seed).permutation(len(told))[:units])
    others = Counter(outcome for outcome in outcomes.values() if outcome != "report")
    return [told[i] for i in kept.tolist()], dict(sorted(others.items()))


def cases(suite: Suite, run: Run, units: Sequence[Unit], readers: Sequence[str] = READERS) -> list[Case]:
    """Every unit by every reader that read its report, reader by reader.

    Raises:
        PaperError: a sidecar is missing or damaged.
    """
    stored = {unit.identifier: sidecar.fetch(run.samples[unit.identifier]["papers"], run.papers) for unit in units}
    able = [name for name in readers if name in run.readers and all(name in stored[u.identifier] for u in units)]
    return [_case(suite, run, unit, name, stored[unit.identifier][name]) for name in able for unit in units]


def _case(suite: Suite, run: Run, unit: Unit, reader: str, paper: Paper) -> Case:
    pool, items = suite.pool(unit.pool), suite.items(unit, "own")
    stated = float(suite.manifest["readers"][reader]["threshold"])
    threshold = level_threshold(stated)
    own, everywhere, rows = dequantise(paper.own), dequantise(paper.pool), pool.rows[unit.identifier]
    seen = views(items, own, threshold, pool.passages, pool.weight, rows, everywhere)
    base = grade_pool(rows, paper.pool, pool.word_weight, stored_threshold(stated))
    accuracy = simulation_accuracy(items, own, threshold)
    ours = {"r": base.r, "f1": base.f1, "precision": base.precision, "simulation_accuracy": accuracy}
    text = str(run.samples[unit.identifier]["report"]["text"])
    facts = said_by_stratum(items, seen) | {
        "marginal": float((np.abs(items.passages.per_text_max(own) - threshold) < MARGIN).sum()),
        "base_rate_windows": float(items.weight[seen.own.fires].sum() / items.weight.sum()),
        "base_rate_words": pool.firing_rate(unit.identifier),
        "predicted_rate_words": base.predicted_rate,
    }
    return Case(unit.identifier, reader, text, items, own, threshold, seen, ours, facts)


def said_by_stratum(items: Items, seen: Views) -> dict[str, float]:
    """Stratum to the share of its windows that are said to fire; 0 for one without windows."""
    strata = np.array(items.strata)
    masks = {stratum: strata == stratum for stratum in STRATA}
    return {
        f"said_{stratum}": float(seen.equal.said[mask].mean()) if mask.any() else 0.0 for stratum, mask in masks.items()
    }
