"""What the arms say of a student: gains between arms, gatekept, with intervals over units (METHOD.md section 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.corrections import Verdict, decide
from benchmark.statistics.paired import compare, paired_differences, sign_flip
from benchmark.statistics.power import ALPHA, FEWEST, power_of, spread
from benchmark.students.teaching import LESSON_WORDS, TEACHING_ARMS, TeachingArm
from benchmark.teaching.study import Row

SEED = 0
# Name to the arms whose difference it is. The first is asked first, and nothing else is decided where it fails.
EFFECTS: Mapping[str, tuple[TeachingArm, TeachingArm]] = {
    "comprehension gain": ("live", "placebo"),
    "interactivity": ("live", "yoked"),
    "dialogue": ("live", "static"),
    "language": ("live", "examples"),
    "harm": ("placebo", "misaligned"),
}
FIRST = "comprehension gain"
# Words between two points of a learning curve.
STEP = 50
ASKED_ABOUT = (0.05, 0.10)


@dataclass(frozen=True)
class Effect:
    """One difference between two arms.

    Attributes:
        name, first, second: which.
        difference: mean over units, with its interval.
        p: of the sign-flip test, two-sided; Holm's among those after the first.
        verdict: "not asked" where the comprehension gain is not significantly above 0.
        resolvable: the smallest difference that so many units find with 80% power.
        needed: units for a difference of 0.05, and for one of 0.10, with 80% power at this spread; by Student's t. None
            where there is no spread.
    """

    name: str
    first: TeachingArm
    second: TeachingArm
    difference: Interval
    p: float
    verdict: Verdict | str
    resolvable: float | None
    needed: tuple[int, ...]


@dataclass(frozen=True)
class Learned:
    """One student on one tier.

    Attributes:
        student, capacity, tier: which.
        arms: arm to the mean post-test r with its interval.
        before, delayed: of the live arm's student.
        effects: in the order of `EFFECTS`.
        normalised: the gain as a share of (oracle - placebo), of means; None without oracle, or where they are equal.
        repeated, unrepeated: live minus placebo in balanced accuracy where the parrot is right and where it is not.
        leakage_adjusted: the mean of the two (Hase et al. 2020).
        curve: of the live lesson: (the teacher's words, mean r over units), every 50 words.
        regret: mean over units of what the live teacher's moves fell short of the best ones.
        skill: mean Brier skill of the live teacher's forecasts; over `skilled` units.
    """

    student: str
    capacity: str
    tier: str
    arms: dict[TeachingArm, Interval]
    before: float
    delayed: float
    effects: tuple[Effect, ...]
    normalised: float | None
    repeated: float | None
    unrepeated: float | None
    leakage_adjusted: float | None
    curve: tuple[tuple[int, float], ...]
    regret: Interval | None
    skill: float | None
    skilled: int

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def learned(rows: Sequence[Row]) -> Learned:
    """All that is said of one student on one tier.

    Args:
        rows: of that student and tier, every arm on the same units.
    """
    by_arm = {arm: {each.unit: each for each in rows if each.arm == arm} for arm in TEACHING_ARMS}
    after = {arm: {unit: each.after for unit, each in found.items()} for arm, found in by_arm.items() if found}
    live = list(by_arm["live"].values())
    strata = [_stratum(by_arm, name) for name in ("repeated", "unrepeated")]
    regrets = [each.regret for each in live if each.regret is not None]
    skills = [each.skill for each in live if each.skill is not None]
    return Learned(
        student=rows[0].student,
        capacity=rows[0].capacity,
        tier=rows[0].tier,
        arms={arm: interval(list(scores.values()), seed=SEED) for arm, scores in after.items()},
        before=_mean([each.before for each in live]),
        delayed=_mean([each.delayed for each in live]),
        effects=effects(after),
        normalised=_normalised(after),
        repeated=strata[0],
        unrepeated=strata[1],
        leakage_adjusted=None if None in strata else _mean([each for each in strata if each is not None]),
        curve=_curve(live),
        regret=interval(regrets, seed=SEED) if regrets else None,
        skill=_mean(skills) if skills else None,
        skilled=len(skills),
    )


def effects(after: Mapping[TeachingArm, Mapping[str, float]]) -> tuple[Effect, ...]:
    """Every effect: the first at 0.05, then the others under Holm, and only if the first is above 0."""
    found = {name: compare(after[one], after[other], seed=SEED) for name, (one, other) in EFFECTS.items()}
    needed = {name: _needed(after[one], after[other]) for name, (one, other) in EFFECTS.items()}
    gain = found[FIRST]
    passed = gain.verdict == "significant" and gain.difference.mean > 0
    rest = [name for name in EFFECTS if name != FIRST]
    decisions = dict(zip(rest, decide([found[name].test for name in rest], method="holm", alpha=ALPHA), strict=True))
    made = [Effect(FIRST, *EFFECTS[FIRST], gain.difference, gain.test.p, gain.verdict, gain.resolvable, needed[FIRST])]
    for name in rest:
        verdict = decisions[name].verdict if passed else "not asked"
        one = found[name]
        made.append(
            Effect(
                name, *EFFECTS[name], one.difference, decisions[name].adjusted, verdict, one.resolvable, needed[name]
            )
        )
    return tuple(made)


def _needed(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[int, ...]:
    apart = paired_differences(one, other)
    if len(apart) < FEWEST or spread(apart) == 0:
        return ()
    return tuple(power_of(apart, each).needed_by_t for each in ASKED_ABOUT)


def above(
    rows: Sequence[Row], first: TeachingArm, second: TeachingArm, score: Literal["after", "accuracy"] = "after"
) -> float:
    """One-sided p that a student scores higher after the first arm than after the second, by sign flips over units."""
    scores = [{each.unit: getattr(each, score) for each in rows if each.arm == arm} for arm in (first, second)]
    return sign_flip([scores[0][unit] - scores[1][unit] for unit in scores[0]], alternative="greater", seed=SEED).p


def _curve(live: Sequence[Row]) -> tuple[tuple[int, float], ...]:
    """Between two turns a student knows what it knew after the last."""

    def at(row: Row, words: int) -> float:
        return next((r for said, r in reversed(row.curve) if said <= words), row.before)

    return tuple((words, _mean([at(each, words) for each in live])) for words in range(0, LESSON_WORDS + 1, STEP))


def _normalised(after: Mapping[TeachingArm, Mapping[str, float]]) -> float | None:
    """A ratio of means: the mean of ratios is biased where their denominators are small (arXiv 2407.07730)."""
    if "oracle" not in after:
        return None
    live, placebo, oracle = (_mean(list(after[arm].values())) for arm in ("live", "placebo", "oracle"))
    return (live - placebo) / (oracle - placebo) if oracle != placebo else None


def _stratum(by_arm: Mapping[TeachingArm, Mapping[str, Row]], name: str) -> float | None:
    pairs = [(getattr(by_arm["live"][unit], name), getattr(by_arm["placebo"][unit], name)) for unit in by_arm["live"]]
    both = [one - other for one, other in pairs if one is not None and other is not None]
    return _mean(both) if both else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
