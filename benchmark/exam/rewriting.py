"""The rewrite metric: how much of a latent's effect on the subject's loss its predicted activations keep.

"Partially rewriting a transformer in natural language" (arXiv 2501.18838): a reader's predicted activations are put in
the latent's place, and the subject's next-token loss is held against that with the latent at zero and with its true
values, where the error of the SAE is kept. `benchmark.subjects.rewriting` runs the subject; here is which windows are
looked at, how levels become activations, and what is made of the losses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

from benchmark.exam.items import Rows
from benchmark.statistics.bootstrap import FEWEST_UNITS, Interval
from synthetic_neurons.passages import Floats, Ints

Bools = NDArray[np.bool_]
# Loss is stated for so many tokens.
PER_TOKENS = 1000


@dataclass(frozen=True, eq=False)
class Drawn:
    """Windows of the pool on which a unit's losses are measured.

    Attributes:
        windows: int64 [drawn], places in the pool, ascending.
        weight: float64 [drawn], what restores the population: 1/π over the share drawn of the window's stratum.
    """

    windows: Ints
    weight: Floats


def draw_windows(fires: Bools, weight: Floats, most: int, seed: int) -> Drawn:
    """At most `most` windows in which the unit fires, and as many in which it is silent.

    Silent windows are there for a reader that predicts an activation where there is none.

    Args:
        fires: bool [windows], whether the unit fires in a window of the pool.
        weight: float64 [windows], 1/π.
        most: of each of the two strata; drawn from it uniformly, without replacement.
        seed: of the draw.

    Raises:
        ValueError: nothing is to be drawn.
    """
    if most < 1:
        raise ValueError(f"{most} windows of each kind measure nothing; draw 1 or more")
    rng = np.random.Generator(np.random.PCG64(seed))
    parts: list[tuple[Ints, Floats]] = []
    for stratum in (np.flatnonzero(fires), np.flatnonzero(~fires)):
        chosen = rng.permutation(stratum)[:most]
        parts.append((chosen, weight[chosen] * len(stratum) / max(1, len(chosen))))
    windows, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(windows)
    return Drawn(windows[order], weights[order])


def slope(levels: Floats, rows: Rows, word_weight: Floats) -> float:
    """Activations a level: least squares over tokens, through the origin, so that level 0 stays silence; never below 0.

    Fit on teach, never on the exam. A reader's level where the unit is silent lowers it, so that what is predicted has
    the size that serves best on text like that.

    Args:
        levels: float64 [words], predicted; written to all tokens of a word.
        rows: the latent's values on the same words.
        word_weight: float64 [words], what restores the base rate.

    Returns:
        0 where no level is above 0: then the prediction is that of no report.
    """
    square = float(word_weight @ (levels**2 * rows.count))
    return max(0.0, float(word_weight @ (levels * rows.total)) / square) if square > 0 else 0.0


def mean_value(rows: Rows, word_weight: Floats) -> float:
    """The latent's mean over tokens, at base rate: what mean-ablation puts on every token; of teach, too."""
    tokens = float(word_weight @ rows.count)
    return float(word_weight @ rows.total) / tokens if tokens > 0 else 0.0


@dataclass(frozen=True)
class Losses:
    """Next-token loss of the subject with a latent at four values, nats a token, over windows weighted to base rate.

    Attributes:
        own: with the latent's true values, which is the subject as it is.
        zero: with 0 on every token.
        mean: with the latent's mean on every token.
        predicted: with what a reader predicts from a report.
    """

    own: float
    zero: float
    mean: float
    predicted: float

    @property
    def effect(self) -> float:
        """What the latent is worth to the subject: the denominator of every score."""
        return self.zero - self.own

    @property
    def score(self) -> float | None:
        """(zero − predicted) / (zero − own): 1 for the true values, 0 for nothing; None where zero does no harm."""
        return (self.zero - self.predicted) / self.effect if self.effect > 0 else None

    @property
    def floor(self) -> float | None:
        """The same of the mean on every token, which takes no report."""
        return (self.zero - self.mean) / self.effect if self.effect > 0 else None


def mean_loss(sums: Floats, tokens: Floats, weight: Floats) -> float:
    """Nats a token: a Hájek estimate from windows' sums of losses.

    Args:
        sums: float64 [windows], nats.
        tokens: float64 [windows], how many tokens have a loss.
        weight: float64 [windows].
    """
    total = float(weight @ tokens)
    return float(weight @ sums) / total if total > 0 else 0.0


@dataclass(frozen=True)
class Rewritten:
    """One reader's predictions from one explainer's reports, put in the place of several latents in turn.

    Attributes:
        score: Σ(zero − predicted) / Σ(zero − own) over units; each counts by what it is worth to the subject, since a
            quotient of a unit that is worth next to nothing is noise. None where all together are worth nothing.
        low, high: 95% percentile bootstrap over units; None under ten.
        floor: the same of the mean on every token.
        effect: mean of zero − own over units, nats for 1,000 tokens.
        n: units.
        helped: units on which the predictions give a lower loss than zero does.
        worthless: units whose zero does no harm, so that they have no score of their own; they are in the sums.
    """

    score: float | None
    low: float | None
    high: float | None
    floor: float | None
    effect: float
    n: int
    helped: int
    worthless: int


def over_units(units: Sequence[Losses], *, seed: int, resamples: int = 2000) -> Rewritten:
    """The figures of one cell.

    Args:
        units: one each; an abstention's or failure's prediction is zero's.
        seed: of the bootstrap.
        resamples: of the units.

    Raises:
        ValueError: there are no units.
    """
    if not units:
        raise ValueError("no units were rewritten; give the losses of one or more")
    effect = np.array([each.effect for each in units])
    kept, floor = (np.array([each.zero - getattr(each, name) for each in units]) for name in ("predicted", "mean"))
    found = ratio(kept, effect, seed=seed, resamples=resamples)
    return Rewritten(
        score=found.mean if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        floor=float(floor.sum() / effect.sum()) if found else None,
        effect=float(effect.mean()) * PER_TOKENS,
        n=len(units),
        helped=int((kept > 0).sum()),
        worthless=int((effect <= 0).sum()),
    )


def ratio(above: Floats, below: Floats, *, seed: int, resamples: int = 2000) -> Interval | None:
    """Σ above / Σ below with its percentile bootstrap over units (Efron and Tibshirani 1993, chapter 13).

    Args:
        above: float64 [units].
        below: float64 [units], resampled with `above`.
        seed: of the resampling.
        resamples: how many.

    Returns:
        None where Σ below is not positive; without an interval under ten units, or where a resample's Σ below is not.
    """
    if below.sum() <= 0:
        return None
    mean = float(above.sum() / below.sum())
    if len(below) < FEWEST_UNITS:
        return Interval(mean, None, None, len(below))
    positive = True

    def quotient(a: Floats, b: Floats, axis: int = -1) -> Floats:
        nonlocal positive
        total = b.sum(axis=axis)
        positive &= bool((total > 0).all())
        found: Floats = a.sum(axis=axis) / np.where(total > 0, total, np.inf)
        return found

    drawn = bootstrap(
        (above, below),
        quotient,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=resamples,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    if not positive:
        return Interval(mean, None, None, len(below))
    return Interval(mean, float(drawn.low), float(drawn.high), len(below))
