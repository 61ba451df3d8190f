"""Which students are validated: gates by scripted teachers; live is the treatment and no gate (METHOD.md section 7)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from benchmark.statistics.bootstrap import interval
from benchmark.statistics.paired import no_worse_than
from benchmark.statistics.power import ALPHA
from benchmark.teaching.effects import SEED, above
from benchmark.teaching.study import Row

# Fixed before any live lesson was held (METHOD.md section 7).
CHANCE = 0.05
MARGIN = 0.05
FEWEST_FOR_TOST = 80
Passed = Literal["passed", "failed", "not resolvable", "not asked"]


@dataclass(frozen=True)
class Gate:
    """One gate of one student.

    Attributes:
        name: which.
        passed: the verdict.
        why: the figures.
    """

    name: str
    passed: Passed
    why: str


@dataclass(frozen=True)
class Validated:
    """A student's gates; it is validated where none failed and none is open."""

    student: str
    gates: tuple[Gate, ...]

    @property
    def valid(self) -> bool:
        """Whether every gate that was asked is passed."""
        return all(gate.passed in ("passed", "not asked") for gate in self.gates)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return {**asdict(self), "validated": self.valid}


def gates(rows: Sequence[Row], smaller: Sequence[Sequence[float]] = ()) -> Validated:
    """A student's gates.

    Args:
        rows: of one student: all arms on planted, found and null units.
        smaller: post-test r after the oracle's lesson, by unit, of the same student with less to carry, the least
            first; empty where nothing limits what it carries.
    """
    planted = [each for each in rows if each.tier == "planted"]
    real = [each for each in rows if each.tier != "null"]
    null = [each for each in rows if each.tier == "null"]
    return Validated(
        rows[0].student,
        (
            _chance(real),
            _off_topic(real),
            _order(planted),
            _capacity(smaller),
            _nulls(null),
        ),
    )


def _chance(rows: Sequence[Row]) -> Gate:
    before = [each.before for each in rows if each.arm == "none"]
    found = interval(before, seed=SEED)
    high = max(abs(found.mean), abs(found.low or 0.0), abs(found.high or 0.0))
    return Gate("pre-test at chance", "passed" if high < CHANCE else "failed", f"r {found.mean:.3f}, bound {high:.3f}")


def _off_topic(rows: Sequence[Row]) -> Gate:
    one, other = (
        [each.after for each in sorted(rows, key=lambda row: row.unit) if each.arm == arm]
        for arm in ("off_topic", "none")
    )
    found = no_worse_than(one, other, MARGIN)
    apart = float(np.mean(np.subtract(one, other)))
    why = f"off-topic minus none {apart:+.3f} on {len(one)} units, margin {MARGIN}"
    if found.p_equivalent is None:
        return Gate("off-topic as none", "passed" if found.equivalent else "failed", why)
    if len(one) < FEWEST_FOR_TOST:
        return Gate("off-topic as none", "not resolvable", f"{why}; {FEWEST_FOR_TOST} units are needed")
    return Gate("off-topic as none", "passed" if found.equivalent else "failed", f"{why}, p {found.p_equivalent:.3f}")


def _order(rows: Sequence[Row]) -> Gate:
    """Oracle above placebo above misaligned, on planted units, each by sign flips at 5%, one-sided.

    By balanced accuracy: r of a rare unit hardly falls below 0, whatever wrong is believed of it.
    """
    if not rows:
        return Gate("oracle > placebo > misaligned", "not resolvable", "no planted units")
    ps = above(rows, "oracle", "placebo", "accuracy"), above(rows, "placebo", "misaligned", "accuracy")
    passed: Passed = "passed" if max(ps) <= ALPHA else "failed"
    means = [
        np.mean([each.accuracy for each in rows if each.arm == arm]) for arm in ("oracle", "placebo", "misaligned")
    ]
    return Gate(
        "oracle > placebo > misaligned",
        passed,
        f"accuracy {means[0]:.2f}, {means[1]:.2f}, {means[2]:.2f}; p {ps[0]:.3f} and {ps[1]:.3f}",
    )


def _capacity(smaller: Sequence[Sequence[float]]) -> Gate:
    if not smaller:
        return Gate("score rises with capacity", "not asked", "nothing limits what it carries")
    means = [float(np.mean(each)) for each in smaller]
    rises = all(one <= other for one, other in pairwise(means)) and means[0] < means[-1]
    return Gate(
        "score rises with capacity", "passed" if rises else "failed", "r " + ", ".join(f"{each:.2f}" for each in means)
    )


def _nulls(rows: Sequence[Row]) -> Gate:
    if not rows:
        return Gate("nothing learned on null units", "not resolvable", "no null units")
    p = above(rows, "live", "placebo")
    mean = float(np.mean([each.after for each in rows if each.arm == "live"]))
    return Gate(
        "nothing learned on null units",
        "passed" if p > ALPHA and abs(mean) < CHANCE else "failed",
        f"live r {mean:.3f}, live above placebo p {p:.3f}, {len({each.unit for each in rows})} units",
    )
