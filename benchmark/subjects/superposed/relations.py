"""How latents relate to concepts: matrices, claims, and a label for each latent by stated numeric rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from benchmark.statistics.weighted import weighted_r
from synthetic_neurons.passages import Floats

Label = Literal["dead", "background", "absorbed", "one concept", "split", "mixture", "unclear"]
LABELS: tuple[Label, ...] = get_args(Label)
Bools = NDArray[np.bool_]

# A latent is on where its level is at least this (0 to 10): a TopK SAE keeps its k largest however small they are.
ON_LEVEL = 1.0
FEWEST_ON = 5
BACKGROUND_R = 0.5
ONE_R = 0.8
PRECISE = 0.8
HOLE_CLOSED, HOLE_OPEN = 0.2, 0.5
FEWEST_IN_HOLE = 5
SPLIT_RECALL = 0.05
MIXTURE_R = 0.5
MOST_CLAIMS = 6
LEAST_R, LEAST_GAIN = 0.1, 0.01
_SHORTLIST = 24

RULES: dict[Label, str] = {
    "dead": f"on (level {ON_LEVEL:g} of 10 or more) at fewer than {FEWEST_ON} words",
    "background": f"the greatest r is with a background feature and is {BACKGROUND_R} or more",
    "absorbed": (
        f"the best concept is a wider one; on at {PRECISE} or more of its on-words the concept holds; on at "
        f"{HOLE_CLOSED} or less of the words of a concept directly below (of {FEWEST_IN_HOLE} or more), and at "
        f"{HOLE_OPEN} or more of the words of the wider one outside of all such"
    ),
    "one concept": f"r with the best concept is {ONE_R} or more",
    "split": (
        f"at {PRECISE} or more of the on-words the best concept holds, the latent is on at {SPLIT_RECALL} or more of "
        "the concept's words, and both are true of another latent with the same best concept"
    ),
    "mixture": (
        f"two or more claims; at {PRECISE} or more of the on-words one of them holds; r with the claims together is "
        f"{MIXTURE_R} or more"
    ),
    "unclear": "none of these; the first rule that fits, in this order, decides",
}


def correlations(latents: Floats, concepts: Floats) -> Floats:
    """float64 [latents, concepts]: Pearson r over words; 0 where either side is constant.

    Args:
        latents: float64 [words, latents].
        concepts: float64 [words, concepts].
    """

    def standard(values: Floats) -> Floats:
        centred = values - values.mean(axis=0)
        spread = np.sqrt((centred**2).mean(axis=0))
        flat = spread <= 1e-12
        return np.where(flat, 0.0, centred / np.where(flat, 1.0, spread))

    found: Floats = standard(latents).T @ standard(concepts) / max(1, len(latents))
    return np.clip(found, -1.0, 1.0)


def cosines(decoder: Floats, vectors: Floats) -> Floats:
    """float64 [latents, concepts]: cosine of each latent's decoder direction with each feature's vector."""

    def unit(rows: Floats) -> Floats:
        scaled: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return scaled

    found: Floats = unit(decoder) @ unit(vectors).T
    return found


def precisions(latents: Floats, concepts: Floats) -> Floats:
    """float64 [latents, concepts]: AUPRC of each latent as a detector of each concept; 0 where either never fires."""
    found = np.zeros((latents.shape[1], concepts.shape[1]))
    holds = concepts > 0
    for row in np.flatnonzero((latents > 0).any(axis=0)):
        for column in np.flatnonzero(holds.any(axis=0)):
            found[row, column] = average_precision_score(holds[:, column], latents[:, row])
    return found


@dataclass(frozen=True)
class Fitted:
    """One claim about a latent: a concept, less concepts below it, at a level from 0 to 10."""

    concept: int
    without: tuple[int, ...]
    level: float


def claimed(claims: Sequence[Fitted], truth: Floats) -> Floats:
    """float64 [words]: on each word the greatest level of a claim that holds; a concept's value scales its level."""
    levels = np.zeros(len(truth))
    for claim in claims:
        np.maximum(levels, claim.level * _column(claim.concept, claim.without, truth), out=levels)
    return levels


def _column(concept: int, without: tuple[int, ...], truth: Floats) -> Floats:
    holds: Floats = truth[:, concept]
    return np.minimum(holds, 1.0 - truth[:, list(without)].max(axis=1)) if without else holds


def _candidates(levels: Floats, truth: Floats, children: Mapping[int, tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The concepts likest to the latent, each whole; wider ones also without those below at which the latent is off."""
    r = correlations(levels[:, None], truth)[0]
    found: list[tuple[int, ...]] = []
    for concept in map(int, np.argsort(-r, kind="stable")[:_SHORTLIST]):
        found.append((concept,))
        off = tuple(c for c in children.get(concept, ()) if _rate(levels >= ON_LEVEL, truth[:, c] > 0) <= HOLE_CLOSED)
        if off:
            found.append((concept, *off))
    return found


def _rate(on: Bools, where: Bools) -> float:
    return float(on[where].mean()) if where.any() else 0.0


def fit_claims(levels: Floats, truth: Floats, children: Mapping[int, tuple[int, ...]]) -> tuple[Fitted, ...]:
    """Up to six claims, greedily: the first reaches r 0.1, and each further one raises it by 0.01 or more.

    Args:
        levels: float64 [words], the latent, 0 to 10.
        truth: float64 [words, concepts], 0 to 1.
        children: concept to the concepts directly below it.
    """
    chosen: list[Fitted] = []
    best, weight = 0.0, np.ones(len(levels))
    candidates = _candidates(levels, truth, children)
    while len(chosen) < MOST_CLAIMS:
        open_words = claimed(chosen, truth) == 0
        trials = [made for each in candidates if (made := _levelled(each, levels, truth, open_words)) is not None]
        scored = [(weighted_r(levels, claimed([*chosen, trial], truth), weight), trial) for trial in trials]
        if not scored:
            break
        r, trial = max(scored, key=lambda pair: pair[0])
        if r < (best + LEAST_GAIN if chosen else LEAST_R):
            break
        best, chosen = r, [*chosen, trial]
    return tuple(chosen)


def _levelled(candidate: tuple[int, ...], levels: Floats, truth: Floats, open_words: Bools) -> Fitted | None:
    column = _column(candidate[0], candidate[1:], truth)
    where = open_words & (column > 0)
    level = float(levels[where].mean()) if where.any() else 0.0
    return Fitted(candidate[0], candidate[1:], round(level, 2)) if level >= 0.05 else None


@dataclass(frozen=True, eq=False)
class Measured:
    """What labels are decided by, on held-out words.

    Attributes:
        on: bool [words, latents].
        truth: float64 [words, N]: concepts, then background features.
        r: float64 [latents, N].
        children: concept to the concepts directly below it.
        planted: how many of the N are concepts.
    """

    on: Bools
    truth: Floats
    r: Floats
    children: Mapping[int, tuple[int, ...]]
    planted: int

    def best(self, latent: int) -> int:
        """The concept of greatest r."""
        return int(self.r[latent, : self.planted].argmax())

    def precision(self, latent: int) -> float:
        """The share of the on-words at which the best concept holds."""
        return _rate(self.truth[:, self.best(latent)] > 0, self.on[:, latent])

    def recall(self, latent: int) -> float:
        """The share of the best concept's words at which the latent is on."""
        return _rate(self.on[:, latent], self.truth[:, self.best(latent)] > 0)

    def dead(self, latent: int) -> bool:
        """See `RULES`."""
        return int(self.on[:, latent].sum()) < FEWEST_ON

    def holes(self, latent: int) -> tuple[int, ...]:
        """The concepts directly below the best one at whose words the latent is off, if the rule of absorption fits."""
        best = self.best(latent)
        inside = self.truth[:, best] > 0
        off = [c for c in self.children.get(best, ()) if self._closed(latent, c)]
        if not off or self.precision(latent) < PRECISE:
            return ()
        outside = inside & ~(self.truth[:, off] > 0).any(axis=1)
        return tuple(off) if _rate(self.on[:, latent], outside) >= HOLE_OPEN else ()

    def _closed(self, latent: int, concept: int) -> bool:
        where = self.truth[:, concept] > 0
        return int(where.sum()) >= FEWEST_IN_HOLE and _rate(self.on[:, latent], where) <= HOLE_CLOSED

    def label(self, latent: int, claims: Sequence[Fitted], agreement: float) -> Label:
        """The first of `RULES` that fits."""
        best = self.best(latent)
        if self.dead(latent):
            return "dead"
        if self.r[latent].argmax() >= self.planted and self.r[latent].max() >= BACKGROUND_R:
            return "background"
        if self.holes(latent):
            return "absorbed"
        if self.r[latent, best] >= ONE_R:
            return "one concept"
        if self._has_part(latent) and self._shared(latent):
            return "split"
        together = claimed(claims, self.truth) > 0
        if len(claims) > 1 and _rate(together, self.on[:, latent]) >= PRECISE and agreement >= MIXTURE_R:
            return "mixture"
        return "unclear"

    def _has_part(self, latent: int) -> bool:
        return self.precision(latent) >= PRECISE and self.recall(latent) >= SPLIT_RECALL

    def _shared(self, latent: int) -> bool:
        others = (other for other in range(self.on.shape[1]) if other != latent and not self.dead(other))
        return any(self.best(other) == self.best(latent) and self._has_part(other) for other in others)
