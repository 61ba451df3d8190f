"""From a run's logs to losses: every reader's predictions from every report, put in the place of found latents."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmark import papers as sidecar
from benchmark.exam.cross_examination import dequantise, quantise
from benchmark.exam.items import Rows
from benchmark.exam.rewriting import Drawn, Losses, draw_windows, mean_loss, mean_value, slope
from benchmark.examiner import Examiner, Paper
from benchmark.explainers.report import Report
from benchmark.leaderboard.collect import Run
from benchmark.leaderboard.row import cell_seed
from benchmark.rewrite.errors import RewriteError
from benchmark.subjects.rewriting import Cached, Rewriter
from benchmark.subjects.windows import tokenise
from benchmark.suites import Suite
from benchmark.suites.homes import Dwelling, Home
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Ints

TIER = "found"
# Nats a token by which the blocks above the hook may differ, run alone, from the whole subject: float32's rounding.
SAME_LOSS = 1e-4
# What a suite ships is rounded to two decimals.
ROUNDED = 0.0051

Say = Callable[[str], None]


@dataclass(frozen=True)
class UnitLosses:
    """One reader's predictions from one report, in the place of one latent.

    Attributes:
        outcome: "report", or why there is none; then the prediction is 0 on every token.
        slope: activations a level, fit on teach.
        windows: how many were measured.
        disagreeing: share of the measured windows' tokens whose value here is not the one that the suite ships.
    """

    explainer: str
    model: str
    reader: str
    unit: str
    outcome: str
    slope: float
    losses: Losses
    windows: int
    disagreeing: float


@dataclass(frozen=True, eq=False)
class _Place:
    """One latent on its windows: what is the same for every report."""

    unit: Unit
    column: int
    drawn: Drawn
    cached: Cached
    words: Ints
    own: Floats
    disagreeing: float


def found_units(suite: Suite, runs: Sequence[Run]) -> list[Unit]:
    """Found units that some run has met, in the suite's order.

    Raises:
        RewriteError: there are none.
    """
    met = {identifier for run in runs for identifier in run.samples}
    units = [unit for unit in suite.units if unit.tier == TIER and unit.identifier in met]
    if not units:
        raise RewriteError(
            f"viva rewrite: these logs of {suite.name} have no found unit, and only a latent can be replaced; "
            "mend: the logs of a run with units.tiers=[found]"
        )
    return units


class Bench:
    """A suite's found latents in their subject.

    Args:
        suite: of the run.
        units: found ones.
        examiner: whose readers read reports on teach.
        most: windows of each unit's that fire, and that do not.
        seed: of the draw of windows.
        say: told of progress.
    """

    def __init__(
        self,
        suite: Suite,
        units: Sequence[Unit],
        examiner: Examiner,
        most: int,
        seed: int,
        say: Say = lambda line: None,
    ) -> None:
        self.suite, self.units, self.examiner, self.most, self.seed, self.say = suite, units, examiner, most, seed, say
        self.gap: float | None = None

    @cached_property
    def _rewriter(self) -> Rewriter:
        stated = self.suite.sources.get(TIER, {})
        dwelling = Dwelling(Home(stated["subject"], stated["sae"]) if stated else Home(), self.say)
        if stated:
            dwelling.assert_same(stated["facts"], self.suite.name)
        return Rewriter(dwelling.source([int(unit.truth["latent"]) for unit in self.units]))

    def losses(self, runs: Sequence[Run], readers: Sequence[str]) -> Iterator[UnitLosses]:
        """All runs' losses on all units, one unit after the other.

        Raises:
            RewriteError: the blocks above the hook do not give the subject's own loss.
        """
        for column, unit in enumerate(self.units):
            place = self._place(column, unit)
            known: dict[bytes, float] = {}
            zero, mean = (self._at(place, np.full(len(place.words), value), known) for value in (0.0, self._mean(unit)))
            own = mean_loss(place.own, place.cached.predicted_tokens, place.drawn.weight)
            for run, reader, sample in _met(runs, readers, unit):
                outcome, size, values = self._predicted(place, run, reader, sample)
                losses = Losses(own, zero, mean, self._at(place, values, known))
                yield UnitLosses(
                    *(run.explainer, run.model, reader, unit.identifier, outcome, size, losses),
                    *(len(place.drawn.windows), place.disagreeing),
                )
            self.say(f"{column + 1}/{len(self.units)} {unit.identifier}: zero costs {zero - own:.5f} nats a token")

    def _place(self, column: int, unit: Unit) -> _Place:
        pool = self.suite.pool("natural")
        fires = pool.passages.per_text_max(pool.rows[unit.identifier].total) > 0
        drawn = draw_windows(fires, pool.weight, self.most, cell_seed(self.seed, unit.identifier))
        numbers = self.suite.pool_windows("natural")[0][drawn.windows]
        passages = self.suite.passages(numbers)
        coded = tokenise(passages, self._rewriter.source.tokenizer)
        cached = self._rewriter.read(coded.ids)
        text = passages.text_of[coded.word_of]
        words = pool.passages.first[drawn.windows][text] + coded.word_of - passages.first[text]
        own = self._rewriter.loss(cached, column, np.zeros(cached.values.shape[:2]))
        self._check(cached, own)
        shipped = cached.laid_out(self.suite.token_values(unit, numbers)[0], len(self._rewriter.source.before))
        apart = np.abs(cached.values[..., column] - shipped) > ROUNDED
        share = float(apart.sum() / max(1, int(cached.counts.sum())))
        return _Place(unit, column, drawn, cached, words, own, share)

    def _check(self, cached: Cached, own: Floats) -> None:
        """Once a run, hold the blocks above the hook against the whole subject."""
        if self.gap is not None:
            return
        whole = self._rewriter.own_loss(cached)
        self.gap = float((np.abs(whole - own) / np.maximum(1, cached.predicted_tokens)).max())
        if self.gap > SAME_LOSS:
            raise RewriteError(
                f"viva rewrite: with true values the loss is {self.gap:.2g} nats a token off the subject's own; "
                "mend: device=cpu and float32, or another subject"
            )

    def _at(self, place: _Place, values: Floats, known: dict[bytes, float]) -> float:
        """The mean loss with the latent at `values` [tokens]; equal changes are run once."""
        cached, rewriter = place.cached, self._rewriter
        new = cached.laid_out(values, len(rewriter.source.before))
        change = np.where(cached.counts.cpu().numpy(), new - cached.values[..., place.column], 0.0)
        key = change.tobytes()
        if key not in known:
            moved = (change != 0).any(axis=1)
            sums = place.own.copy()
            sums[moved] = rewriter.loss(cached.some(moved), place.column, change[moved])
            known[key] = mean_loss(sums, cached.predicted_tokens, place.drawn.weight)
        return known[key]

    def _predicted(self, place: _Place, run: Run, reader: str, sample: Mapping[str, Any]) -> tuple[str, float, Floats]:
        """How the report came out, activations a level, and float64 [tokens] predicted."""
        paper = _paper(run, reader, sample)
        if paper is None:
            outcome = "no_predicate" if sample["outcome"] == "report" else str(sample["outcome"])
            return outcome, 0.0, np.zeros(len(place.words))
        size = self._slope(place.unit, reader, Report.from_json(sample["report"]))
        return "report", size, size * dequantise(paper.pool[place.words])

    def _slope(self, unit: Unit, reader: str, report: Report) -> float:
        passages, rows, weight = self._teach(unit)
        levels = self.examiner.readers[reader].read(report, passages)
        return slope(dequantise(quantise(levels)), rows, weight) if levels is not None else 0.0

    def _mean(self, unit: Unit) -> float:
        _, rows, weight = self._teach(unit)
        return mean_value(rows, weight)

    def _teach(self, unit: Unit) -> tuple[Any, Rows, Floats]:
        """A unit's windows of teach, its values there, and each word's weight."""
        windows, _, weight = self.suite.item_windows(unit, "teach")
        passages = self.suite.passages(windows)
        return passages, self.suite.rows(unit, windows, passages), weight[passages.text_of]


def _met(runs: Sequence[Run], readers: Sequence[str], unit: Unit) -> Iterator[tuple[Run, str, Mapping[str, Any]]]:
    """Runs that met a unit, with each reader that grades them: the executable one where predicates are declared."""
    for run in runs:
        sample = run.samples.get(unit.identifier)
        for reader in run.readers if sample else ():
            if reader in readers and sample and (reader != "executable" or _declares(run)):
                yield run, reader, sample


def _declares(run: Run) -> bool:
    return any(sample.get("declares_predicates") for sample in run.samples.values())


def _paper(run: Run, reader: str, sample: Mapping[str, Any]) -> Paper | None:
    if sample["outcome"] != "report" or "papers" not in sample:
        return None
    return sidecar.fetch(sample["papers"], run.papers).get(reader)
