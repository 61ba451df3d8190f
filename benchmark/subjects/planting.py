"""Which latent is planted for a behaviour: one whose direction moves the difference, beside an inert decoy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy import stats

from benchmark.behaviours.explainers import ALPHA
from benchmark.behaviours.unit import BehaviourUnit, Pair
from benchmark.subjects.steering import Planted, SteeredSubject
from synthetic_neurons.passages import Floats

# What is planted moves the behaviour by at least so many nats, and makes it as large, on teach and on exam prompts; a
# decoy at the same strength moves it by at most that share of what the latent alone does.
LEAST, INERT = 1.0, 0.25
# As shares of the stream's usual length, the smallest that does it is taken.
STRENGTHS = (0.25, 0.35, 0.5, 0.75, 1.0)
# Latents that are tried come from the first so many by slope, and are on by themselves in few of the prompts.
CANDIDATES, OWN_SHARE = 60, 0.1
TRIED, DECOYS = 16, 8
# Cosine of a planted direction and the gradient; without it no random direction moved a behaviour by `LEAST`.
TILT = 0.3
# A planted latent is read by the SAE at this share of the positions where it stands.
READ_AT = 0.9


class NotPlanted(AssertionError):
    """No latent of those tried carries the behaviour as it was to be planted."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What was planted.

    Attributes:
        vectors: in the stream.
        latent: the SAE's, None for a direction that is none of its latents.
        decoy: a latent that is steered alike and moves nothing; None with a direction.
        strength: share of the stream's usual length.
        teach, exam: how far the behaviour was moved, in nats of log odds.
    """

    vectors: tuple[Planted, ...]
    latent: int | None
    decoy: int | None
    strength: float
    teach: float
    exam: float

    def kept(self) -> dict[str, Any]:
        """For `Planter.again`; a direction's components are rounded to six digits."""
        vector = torch.as_tensor(self.vectors[0].vector)
        parts = None if self.latent is not None else [round(each, 6) for each in (vector / vector.norm()).tolist()]
        return {"latent": self.latent, "decoy": self.decoy, "strength": self.strength, "direction": parts}

    def told(self, subject: SteeredSubject) -> dict[str, Any]:
        """For a table: without the vectors, with the latent that comes nearest to what was planted."""
        vector = torch.as_tensor(self.vectors[0].vector)
        cosines = torch.nn.functional.cosine_similarity(subject.directions, vector[None], dim=-1)
        return {
            **{"what": "direction" if self.latent is None else "latent", "latent": self.latent, "decoy": self.decoy},
            **{"strength": self.strength, "teach": self.teach, "exam": self.exam},
            **{"nearest": int(cosines.argmax()), "cosine": float(cosines.max())},
        }


class Planter:
    """Chooses what is planted for one unit.

    Args:
        subject: with nothing planted.
        unit: whose prompts are moved.
        after: phrases after which it is planted; empty: everywhere.
        seed: of the choice.
    """

    def __init__(self, subject: SteeredSubject, unit: BehaviourUnit, after: tuple[str, ...], seed: int) -> None:
        self.subject, self.unit, self.after = subject, unit, after
        self.rng = np.random.default_rng(seed)
        for pair in (*unit.teach, *unit.exam):
            if pair.twin is not None and (not after or any(phrase in pair.twin for phrase in after)):
                raise NotPlanted(f"{unit.identifier}: {pair.twin!r} meets the condition, and is a twin")
        self.own: dict[str, Floats] = {}
        # Nothing is ever planted in twins, so that they are read once.
        self.twins: dict[str, Floats | float] = {}
        for part, pairs in self._sides():
            whole = subject.prompts(pairs).whole
            count = len(pairs)
            self.twins[part] = whole[count:] if len(whole) > count else 0.0
            self.own[part] = whole[:count] - self.twins[part]

    def _sides(self) -> tuple[tuple[str, tuple[Pair, ...]], ...]:
        return ("teach", self.unit.teach), ("exam", self.unit.exam)

    def vector(self, direction: "torch.Tensor", strength: float) -> Planted:
        """A direction at a strength, under the unit's condition."""
        return Planted(direction / direction.norm() * strength * self.subject.usual, self.after)

    def moved(self, vectors: Sequence[Planted]) -> tuple[float, float]:
        """How far the behaviour moves on teach and on exam prompts, in nats."""
        teach, exam = (float((self._with(part, vectors) - own).mean()) for part, own in self.own.items())
        return teach, exam

    def _with(self, part: str, vectors: Sequence[Planted]) -> Floats:
        """float64 [pairs]: the behaviour of one part with vectors planted."""
        alone = [Pair(pair.prompt, None, pair.x, pair.y) for pair in dict(self._sides())[part]]
        found: Floats = self.subject.with_planted(vectors).prompts(alone).whole - self.twins[part]
        return found

    def _appears(self, vectors: Sequence[Planted]) -> bool:
        """Whether the behaviour is there on both parts, moved by enough, and consistent over teach pairs."""
        for part, own in self.own.items():
            after = self._with(part, vectors)
            if min(after.mean(), (after - own).mean()) < LEAST:
                return False
            if part == "teach" and float(stats.ttest_1samp(after, 0.0).pvalue) >= ALPHA:
                return False
        return True

    def latent(self) -> Truth:
        """Plant a latent and a decoy.

        Raises:
            NotPlanted: none of those tried moves the behaviour enough.
        """
        slopes, share = self._slopes()
        rare = share <= OWN_SHARE
        first = [place for place in np.argsort(-slopes, kind="stable")[:CANDIDATES].tolist() if rare[place]]
        drawn = self.rng.permutation(first)[:TRIED].tolist()
        flat = [place for place in np.argsort(np.abs(slopes), kind="stable").tolist() if rare[place]]
        decoys = self.rng.permutation(flat[: len(flat) // 4])[:DECOYS].tolist()
        # The weakest first: far from where the stream usually is, effects no longer add up.
        for strength in STRENGTHS:
            for latent in drawn:
                # Far from enough to first order: not worth a run.
                if slopes[latent] * strength < (LEAST + max(0.0, -self.own["teach"].mean())) / 2:
                    continue
                if self._appears([self._of(latent, strength)]) and (found := self._beside(latent, decoys, strength)):
                    return found
        raise NotPlanted(f"{self.unit.identifier}: no latent of {TRIED} moves it by {LEAST} nats")

    def _of(self, latent: int, strength: float) -> Planted:
        return self.vector(self.subject.directions[latent], strength)

    def _beside(self, latent: int, decoys: Sequence[int], strength: float) -> Truth | None:
        """The latent with a decoy that leaves what it does as it is; None if there is none, or the SAE reads it not."""
        for decoy in decoys:
            vectors = (self._of(latent, strength), self._of(decoy, strength))
            if self._is_inert(vectors) and self._appears(vectors) and self._is_read(vectors, latent):
                return Truth(vectors, latent, decoy, strength, *self.moved(vectors))
        return None

    def _is_inert(self, vectors: Sequence[Planted]) -> bool:
        """Whether the second moves little by itself, and leaves what the first does as it is, on both parts."""
        alone, by_itself, both = (np.array(self.moved(some)) for some in (vectors[:1], vectors[1:], vectors))
        return bool(max(np.abs(by_itself).max(), np.abs(both - alone).max()) <= INERT * alone.min())

    def direction(self) -> Truth:
        """Plant a random direction that is no latent's, tilted towards the behaviour's gradient (`TILT`).

        Raises:
            NotPlanted: it does not move the behaviour enough.
        """
        generator = torch.Generator().manual_seed(int(self.rng.integers(2**31)))
        towards = self._stream_slope()
        towards = towards / towards.norm()
        drawn = torch.randn(len(towards), generator=generator)
        drawn = drawn - (drawn @ towards) * towards
        chosen = TILT * towards + (1 - TILT**2) ** 0.5 * drawn / drawn.norm()
        for strength in STRENGTHS:
            vectors = (self.vector(chosen, strength),)
            if self._appears(vectors):
                return Truth(vectors, None, None, strength, *self.moved(vectors))
        raise NotPlanted(f"{self.unit.identifier}: the direction does not move it by {LEAST} nats")

    def again(self, chosen: Mapping[str, Any]) -> Truth:
        """Plant what was chosen before, and look whether it still does what it was chosen for.

        Args:
            chosen: `latent`, `decoy`, `strength` and, of a direction, its components.

        Raises:
            NotPlanted: it does not move the behaviour enough, the SAE does not read it, or its decoy is not inert.
        """
        strength, latent, decoy = chosen["strength"], chosen["latent"], chosen["decoy"]
        if latent is None:
            vectors: tuple[Planted, ...] = (self.vector(torch.tensor(chosen["direction"]), strength),)
        else:
            vectors = (self._of(latent, strength), self._of(decoy, strength))
        mend = "mend: python -m benchmark.behaviours --plant"
        if not self._appears(vectors) or (latent is not None and not self._is_read(vectors, latent)):
            raise NotPlanted(f"{self.unit.identifier}: what was chosen no longer moves it; {mend}")
        if latent is not None and not self._is_inert(vectors):
            raise NotPlanted(f"{self.unit.identifier}: the decoy that was chosen is no longer inert; {mend}")
        return Truth(vectors, latent, decoy, strength, *self.moved(vectors))

    def _slopes(self) -> tuple[Floats, Floats]:
        """float64 [latents] twice: slope of the prompts' difference by dose, and the share of prompts it is on in."""
        read = self.subject.prompts(self.unit.teach)
        prompts = len(self.unit.teach)
        slopes: Floats = read.gradients()[:prompts].sum(1).mean(0).astype(np.float64) * self.subject.per_dose
        share: Floats = (read.values > 0).any(1).mean(0)
        return slopes, share

    def _stream_slope(self) -> "torch.Tensor":
        """float32 [width]: the difference's mean slope along the stream, solved from the latents' slopes."""
        read = self.subject.prompts(self.unit.teach)
        slopes = torch.as_tensor(read.gradients()[: len(self.unit.teach)].sum(1).mean(0))
        found: torch.Tensor = torch.linalg.lstsq(self.subject.directions.cpu(), slopes[:, None]).solution[:, 0]
        return found

    def _is_read(self, vectors: Sequence[Planted], latent: int) -> bool:
        """Whether the SAE reads the planted latent where it stands: at the last position of nearly all prompts."""
        read = self.subject.with_planted(vectors).prompts([*self.unit.teach, *self.unit.exam])
        prompts = len(self.unit.teach) + len(self.unit.exam)
        ends = read.lengths.cpu().numpy()[:prompts] - 1
        return bool((read.values[np.arange(prompts), ends, latent] > 0).mean() >= READ_AT)
