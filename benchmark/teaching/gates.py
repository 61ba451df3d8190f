"""Which students are validated: gates by scripted teachers; live is the treatment and no gate (METHOD.md section 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from scipy.stats import friedmanchisquare, kendalltau

from benchmark.statistics.bootstrap import interval
from benchmark.statistics.paired import no_worse_than
from benchmark.statistics.power import ALPHA, FEWEST
from benchmark.students.course import TeachingArm
from benchmark.teaching.effects import SEED, above
from benchmark.teaching.rows import Row

# Fixed before any live lesson was held (METHOD.md section 7).
CHANCE = 0.05
MARGIN = 0.05
FEWEST_FOR_TOST = 80
# An order of fewer says nothing.
FEWEST_ARMS = 3
# The two students by whom lessons and exam room themselves are checked.
NO_OP, PARROT = "no_op", "parrot"
_GAIN: tuple[TeachingArm, TeachingArm] = ("live", "placebo")
_OF_THE_LIVE_LESSON: tuple[TeachingArm, ...] = ("live", "yoked", "relay")
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
    capacity: str
    gates: tuple[Gate, ...]

    @property
    def valid(self) -> bool:
        """Whether every gate that was asked is passed."""
        return all(gate.passed in ("passed", "not asked") for gate in self.gates)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return {**asdict(self), "validated": self.valid}


def house(rows: Sequence[Row]) -> tuple[Gate, ...]:
    """What must hold of the lessons and the exam room themselves, whoever the student is.

    Args:
        rows: of all students, on planted and found units.
    """
    return (_no_op(rows), _parrot(rows))


def gates(
    rows: Sequence[Row],
    smaller: Sequence[Sequence[float]] = (),
    shared: Sequence[Gate] = (),
    others: Sequence[Mapping[TeachingArm, float]] = (),
    wronged: frozenset[str] | None = None,
) -> Validated:
    """A student's gates.

    Args:
        rows: of one student: all arms on planted, found and null units.
        smaller: post-test r after the oracle's lesson, by unit, of the same student with less to carry, the least
            first; empty where nothing limits what it carries.
        shared: of the house.
        others: of each other family of students, arm to mean r on planted units.
        wronged: units whose misaligned lesson agrees less with them than the placebo's: the order is judged on these
            (METHOD.md section 7); None for all.
    """
    planted = [each for each in rows if each.tier == "planted"]
    real = [each for each in rows if each.tier != "null"]
    null = [each for each in rows if each.tier == "null"]
    own = (
        _chance(real),
        _off_topic(real),
        _order(planted, wronged),
        _capacity(smaller),
        _nulls(null),
        _agrees(planted, others),
    )
    return Validated(rows[0].student, rows[0].capacity, (*shared, *own))


def _no_op(rows: Sequence[Row]) -> Gate:
    name = "no-op gains exactly 0"
    after = {arm: {each.unit: each.after for each in rows if (each.student, each.arm) == (NO_OP, arm)} for arm in _GAIN}
    if not after["live"]:
        return Gate(name, "not resolvable", f"no student {NO_OP!r} in this study")
    most = max(abs(after["live"][unit] - after["placebo"][unit]) for unit in after["live"])
    return Gate(name, "passed" if most == 0 else "failed", f"greatest gain {most:.3f} on {len(after['live'])} units")


def _parrot(rows: Sequence[Row]) -> Gate:
    """The share of windows that the parrot finds though no word of theirs was said: near 0, or the strata leak."""
    name = "parrot finds nothing unsaid"
    found = [each.unseen for each in rows if (each.student, each.arm) == (PARROT, "live") and each.unseen is not None]
    if not found:
        return Gate(name, "not resolvable", f"no student {PARROT!r}, or no trigger-free positive, in this study")
    mean = float(np.mean(found))
    return Gate(name, "passed" if mean < CHANCE else "failed", f"{mean:.3f} of them, on {len(found)} units")


def _open(name: str, rows: Sequence[Row], arms: Sequence[TeachingArm]) -> Gate | None:
    """A gate that nobody can decide, since an arm was not held on two units; None where all were."""
    for arm in arms:
        if sum(each.arm == arm for each in rows) < FEWEST:
            return Gate(name, "not resolvable", f"the arm {arm.replace('_', ' ')} was not held on two units")
    return None


def _chance(rows: Sequence[Row]) -> Gate:
    if (unheld := _open("pre-test at chance", rows, ("none",))) is not None:
        return unheld
    before = [each.before for each in rows if each.arm == "none"]
    found = interval(before, seed=SEED)
    high = max(abs(found.mean), abs(found.low or 0.0), abs(found.high or 0.0))
    return Gate("pre-test at chance", "passed" if high < CHANCE else "failed", f"r {found.mean:.3f}, bound {high:.3f}")


def _off_topic(rows: Sequence[Row]) -> Gate:
    if (unheld := _open("off-topic as none", rows, ("off_topic", "none"))) is not None:
        return unheld
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


def _order(planted: Sequence[Row], wronged: frozenset[str] | None) -> Gate:
    """Oracle above placebo above misaligned in r, on planted units, each by sign flips at 5%, one-sided."""
    rows = [each for each in planted if wronged is None or each.unit in wronged]
    if (unheld := _open("oracle > placebo > misaligned", rows, ("oracle", "placebo", "misaligned"))) is not None:
        return unheld
    ps = above(rows, "oracle", "placebo"), above(rows, "placebo", "misaligned")
    means = [np.mean([each.after for each in rows if each.arm == arm]) for arm in ("oracle", "placebo", "misaligned")]
    return Gate(
        "oracle > placebo > misaligned",
        "passed" if max(ps) <= ALPHA else "failed",
        f"r {means[0]:.3f}, {means[1]:.3f}, {means[2]:.3f}; p {ps[0]:.3f} and {ps[1]:.3f}; "
        f"{len({each.unit for each in rows})} units",
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
    if (unheld := _open("nothing learned on null units", rows, ("live", "placebo"))) is not None:
        return unheld
    p = above(rows, "live", "placebo")
    mean = float(np.mean([each.after for each in rows if each.arm == "live"]))
    return Gate(
        "nothing learned on null units",
        "passed" if p > ALPHA and abs(mean) < CHANCE else "failed",
        f"live r {mean:.3f}, live above placebo p {p:.3f}, {len({each.unit for each in rows})} units",
    )


def arm_means(rows: Sequence[Row]) -> dict[TeachingArm, float]:
    """Scripted arm to mean r on planted units; live is the treatment, and yoked and relay are made of it."""
    planted = [each for each in rows if each.tier == "planted" and each.arm not in _OF_THE_LIVE_LESSON]
    arms = dict.fromkeys(each.arm for each in planted)
    return {arm: float(np.mean([each.after for each in planted if each.arm == arm])) for arm in arms}


def _agrees(rows: Sequence[Row], others: Sequence[Mapping[TeachingArm, float]]) -> Gate:
    """Whether a student orders the arms as the mean of the other families does: Kendall's tau-b above 0 at 5%."""
    name = "arm order as in other families"
    if not rows or not others:
        return Gate(name, "not resolvable", "no other family of students in this study")
    own = arm_means(rows)
    arms = [arm for arm in own if all(arm in each for each in others)]
    if len(arms) < FEWEST_ARMS:
        return Gate(name, "not resolvable", f"only {len(arms)} scripted arms were held")
    theirs = [float(np.mean([each[arm] for each in others])) for arm in arms]
    found = kendalltau([own[arm] for arm in arms], theirs)
    tau, p = float(found.statistic), float(found.pvalue)
    if np.isnan(tau):
        return Gate(name, "failed", "it scores alike in all arms")
    passed: Passed = "passed" if tau > 0 and p <= ALPHA else "failed"
    return Gate(name, passed, f"tau {tau:.2f}, p {p:.3f}, {len(arms)} arms, {len(others)} families")


def concordance(families: Sequence[Mapping[TeachingArm, float]]) -> float | None:
    """Kendall's W of the families' orders of the arms, corrected for ties; None without two, or without an order."""
    arms = [arm for arm in families[0] if all(arm in each for each in families)] if families else []
    if len(families) < 2 or len(arms) < FEWEST_ARMS:
        return None
    if all(len({each[arm] for arm in arms}) == 1 for each in families):
        return None
    statistic = friedmanchisquare(*([each[arm] for each in families] for arm in arms)).statistic
    return float(statistic) / (len(families) * (len(arms) - 1))
