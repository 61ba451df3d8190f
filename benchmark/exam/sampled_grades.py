"""Grades of a sampled reader: r_own, balanced accuracies and the explainer-level p (METHOD.md section 3).

`r_own` is a plain Pearson r over the marked words of a unit's own items, drawn one to one to one. It is not the pool's
r at base rate and is never ranked beside it; precision, F1 and AUPRC at base rate cannot be estimated from such items.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.sampled import STRANGERS
from benchmark.statistics.headline import Headline, headline
from benchmark.statistics.weighted import weighted_r
from synthetic_neurons.passages import Floats

# From this level on a language model says "fires". It is the middle of the scale and not calibrated: that would cost as
# much as the reading itself. The finetuned reader brings a threshold of its own.
THRESHOLD = 5.0
# Of answers that are yes (1) or no (0).
YES = 0.5
# A unit of whose items fewer were answered is not read: its r_own is 0, as a report that silences its reader must not
# be better off than one that is read.
LEAST_ANSWERED = 0.5
_ABSENT = 0.5


@dataclass(frozen=True)
class Sheetful:
    """One report's answers to one mode.

    Attributes:
        truth: float64 [items]: values for simulation, 1 and 0 for detection and fuzzing.
        values: the reader's, None for an error.
        errors: kinds with their counts.
        threshold: the value from which the reader says "fires".
    """

    truth: Floats
    values: tuple[float | None, ...]
    errors: Mapping[str, int] = field(default_factory=dict)
    threshold: float = YES

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Bool [items]."""
        return np.array([value is not None for value in self.values], dtype=bool)

    @property
    def is_read(self) -> bool:
        """Whether enough items were answered."""
        return bool(len(self.values)) and float(self.answered.mean()) >= LEAST_ANSWERED

    def r(self) -> float:
        """r_own: Pearson r over the answered items; 0 for a constant answer, and where too few were answered."""
        known = self.answered
        if not self.is_read:
            return 0.0
        said = np.array([value for value in self.values if value is not None], dtype=np.float64)
        return weighted_r(self.truth[known], said, np.ones(len(said)))

    def accuracy(self) -> float:
        """Balanced accuracy of "fires" over the answered items; a class without an answer contributes 0.5."""
        known = self.answered
        if not self.is_read:
            return 0.0
        said = np.array([value for value in self.values if value is not None]) >= self.threshold
        fires = self.truth[known] > 0
        right = [float((said[fires == kind] == kind).mean()) if (fires == kind).any() else _ABSENT for kind in (1, 0)]
        return sum(right) / 2


@dataclass(frozen=True)
class UnitReading:
    """What the sampled reader made of one explainer's report on one unit.

    Attributes:
        unit: its identifier.
        tier: its tier.
        outcome: of the explainer: "report", "abstained" or a kind of failure.
        own: mode to answers; empty without a report.
        strangers: r_own of the strangers' reports on the same items.
    """

    unit: str
    tier: str
    outcome: str
    own: Mapping[str, Sheetful]
    strangers: tuple[float, ...]

    @property
    def r_own(self) -> float:
        """0 for an abstention or a failure (METHOD.md section 2)."""
        return self.own["simulation"].r() if "simulation" in self.own else 0.0

    def accuracy(self, mode: str) -> float | None:
        """Balanced accuracy of one mode: an abstention 0.5, a failure 0; None where the mode was not asked."""
        if self.outcome != "report":
            return 0.5 if self.outcome == "abstained" else 0.0
        if mode not in self.own:
            return None
        return self.own[mode].accuracy()


def errors_of(readings: Sequence[UnitReading]) -> dict[str, int]:
    """Kinds of error with their counts, over all modes."""
    counts: Counter[str] = Counter()
    for reading in readings:
        for answers in reading.own.values():
            counts.update(answers.errors)
    return dict(sorted(counts.items()))


def sampled_headline(readings: Sequence[UnitReading], strangers: int, seed: int, draws: int = 10_000) -> Headline:
    """The explainer-level p over units: own r_own against the pre-drawn strangers' on the same items.

    Abstentions and failures contribute 0 to the statistic and to every draw, and change neither p nor z.

    Args:
        readings: of one tier.
        strangers: how many every unit was to have; with fewer than six, or fewer on some unit, it is not resolvable.
        seed: of the draws.
        draws: at least 10,000 for the board.
    """
    spoken = [reading for reading in readings if reading.outcome == "report"]
    if not spoken:
        return Headline(0.0, 1.0, 0.0, 0, 1.0, False, len(readings))
    own = np.array([reading.r_own for reading in spoken])
    others = [np.array(reading.strangers, dtype=np.float64) for reading in spoken]
    found = headline(own, others, draws=draws, seed=seed, fewest=max(strangers, STRANGERS))
    return Headline(
        mean=float(own.sum()) / len(readings),
        p=found.p,
        z=found.z,
        draws=found.draws,
        smallest_p=found.smallest_p,
        resolvable=found.resolvable,
        units=len(readings),
    )
