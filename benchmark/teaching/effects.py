"""What the arms say of a student: gains between arms, gatekept, with intervals over units (METHOD.md section 7)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.corrections import Verdict, decide
from benchmark.statistics.paired import compare, paired_differences, sign_flip
from benchmark.statistics.power import ALPHA, FEWEST, power_of, spread
from benchmark.students.course import TEACHING_ARMS, TeachingArm
from benchmark.teaching.rows import Row

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
TURNS = (1, 2, 3, 4, 6, 8, 12)
ASKED_ABOUT = (0.05, 0.10)
# Ends of a lesson that are the teacher's failure; to have no more to say, or no more words, is none.
BAD_ENDS = {"turns": "never stopped", "refusal": "refused", "empty": "had nothing to tell", "error": "broke off"}


@dataclass(frozen=True)
class Effect:
    """One difference between two arms.

    Attributes:
        name, first, second: which.
        difference: mean over units, with its interval.
        p: of the sign-flip test, two-sided; Holm's among those after the first.
        verdict: "not asked" where the comprehension gain is not significantly above 0; "not defined" where there are
            no two units to compare on, as where no yoked lesson was made for another error state.
        resolvable: the smallest difference that so many units find with 80% power.
        needed: units for a difference of 0.05, and for one of 0.10, with 80% power at this spread; by Student's t. None
            where there is no spread.
    """

    name: str
    first: TeachingArm
    second: TeachingArm
    difference: Interval | None
    p: float | None
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
        repeated, unrepeated: live minus placebo in balanced accuracy, on the firing windows that the parrot finds after
            the live lesson, and on those that it does not, each with all silent ones: always yes gains nothing.
        leakage_adjusted: the mean of the two (after LAS, Hase et al. 2020), over the units that have both.
        strata: units that have firing windows of the first and of the second kind.
        unseen: after the live lesson, on windows without any word of the lesson's: the share of the firing ones said to
            fire less that of the silent ones; over `unseen_units` that have both.
        looked_up: after the live lesson, mean r with the whole transcript for notes.
        curve: of the live lesson: (the teacher's words, mean r over units), every 50 words.
        area: under that curve, as a mean r over the lesson's words: who learns sooner has more.
        by_turn: the same after so many turns.
        unread: windows of all post-tests without a readable answer.
        failures: answers that could not be taken, moves withheld, and lessons that ended badly, by kind, over all arms.
    """

    student: str
    capacity: str
    tier: str
    arms: dict[TeachingArm, Interval]
    before: float
    delayed: float | None
    effects: tuple[Effect, ...]
    normalised: float | None
    repeated: float | None
    unrepeated: float | None
    leakage_adjusted: float | None
    strata: tuple[int, int]
    unseen: float | None
    unseen_units: int
    looked_up: float | None
    curve: tuple[tuple[int, float], ...]
    area: float | None
    by_turn: tuple[tuple[int, float], ...]
    unread: int
    failures: dict[str, int]

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
    curve = _curve(live, {unit: each.after for unit, each in by_arm["none"].items()})
    repeated, unrepeated = _stratum(by_arm, "1"), _stratum(by_arm, "0")
    both = [(repeated[unit] + unrepeated[unit]) / 2 for unit in repeated if unit in unrepeated]
    free = [
        each.unseen - each.unseen_silent for each in live if each.unseen is not None and each.unseen_silent is not None
    ]
    own = frozenset(unit for unit, each in by_arm["yoked"].items() if each.own_state)
    return Learned(
        student=rows[0].student,
        capacity=rows[0].capacity,
        tier=rows[0].tier,
        arms={arm: interval(list(scores.values()), seed=SEED) for arm, scores in after.items()},
        before=_mean([each.before for each in live]),
        delayed=_mean_known([each.delayed for each in live]),
        effects=effects(after, own),
        normalised=_normalised(after),
        repeated=_mean_known(list(repeated.values())),
        unrepeated=_mean_known(list(unrepeated.values())),
        leakage_adjusted=_mean_known(both),
        strata=(len(repeated), len(unrepeated)),
        unseen=_mean_known(free),
        unseen_units=len(free),
        looked_up=_mean_known([each.looked_up for each in live]),
        curve=curve,
        area=_area(curve),
        by_turn=_by_turn(live),
        unread=sum(each.unread for each in rows),
        failures=failed(rows),
    )


def effects(
    after: Mapping[TeachingArm, Mapping[str, float]], own_state: frozenset[str] = frozenset()
) -> tuple[Effect, ...]:
    """Every effect: the first at 0.05, then the others under Holm, and only if the first is above 0.

    Args:
        after: arm to unit to post-test r; arms that nobody held have no effect.
        own_state: units on which the yoked lesson was made for another error state; interactivity is over these.
    """
    pairs = {name: _paired(after, *EFFECTS[name], own_state) for name in EFFECTS}
    found = {name: compare(*pair, seed=SEED) for name, pair in pairs.items() if len(pair[0]) >= FEWEST}
    gain = found.get(FIRST)
    passed = gain is not None and gain.verdict == "significant" and gain.difference.mean > 0
    rest = [name for name in found if name != FIRST]
    decisions = dict(zip(rest, decide([found[name].test for name in rest], method="holm", alpha=ALPHA), strict=True))
    made = []
    for name, arms in EFFECTS.items():
        if name not in found:
            made.append(Effect(name, *arms, None, None, "not defined", None, ()))
            continue
        one = found[name]
        p, verdict = (one.test.p, one.verdict) if name == FIRST else (decisions[name].adjusted, decisions[name].verdict)
        asked = verdict if passed or name == FIRST else "not asked"
        made.append(Effect(name, *arms, one.difference, p, asked, one.resolvable, _needed(*pairs[name])))
    return tuple(made)


def _paired(
    after: Mapping[TeachingArm, Mapping[str, float]], first: TeachingArm, second: TeachingArm, own_state: frozenset[str]
) -> tuple[dict[str, float], dict[str, float]]:
    one, other = after.get(first, {}), after.get(second, {})
    units = [unit for unit in one if unit in other and (second != "yoked" or unit in own_state)]
    return {unit: one[unit] for unit in units}, {unit: other[unit] for unit in units}


def _needed(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[int, ...]:
    apart = paired_differences(one, other)
    if spread(apart) == 0:
        return ()
    return tuple(power_of(apart, each).needed_by_t for each in ASKED_ABOUT)


def failed(rows: Sequence[Row]) -> dict[str, int]:
    """All that went wrong in lessons and exams, by kind."""
    found: Counter[str] = Counter()
    for each in rows:
        found.update(each.failures)
        found.update({"teacher: quoted the exam, withheld": each.withheld, "student: not measured": each.refused})
        if each.end in BAD_ENDS:
            found[f"teacher: {BAD_ENDS[each.end]}"] += 1
    return {kind: count for kind, count in sorted(found.items()) if count}


def above(rows: Sequence[Row], first: TeachingArm, second: TeachingArm) -> float:
    """One-sided p that a student scores higher after the first arm than after the second, by sign flips over units.

    Over the units that have both; 1 where none has.
    """
    scores = [{each.unit: each.after for each in rows if each.arm == arm} for arm in (first, second)]
    apart = [scores[0][unit] - scores[1][unit] for unit in scores[0] if unit in scores[1]]
    return sign_flip(apart, alternative="greater", seed=SEED).p if apart else 1.0


def _curve(live: Sequence[Row], untaught: Mapping[str, float]) -> tuple[tuple[int, float], ...]:
    """Between two turns a student knows what it knew after the last; empty where nobody looked turn by turn.

    It begins with what the arm "none" scores on the same form, where that arm was held.
    """
    probed = [each for each in live if each.curve]
    if not probed:
        return ()

    def at(row: Row, words: int) -> float:
        return next((r for said, r in reversed(row.curve) if said <= words), untaught.get(row.unit, row.before))

    last = max(each.curve[-1][0] for each in probed)
    return tuple((words, _mean([at(each, words) for each in probed])) for words in range(0, last + 1, STEP))


def _area(curve: Sequence[tuple[int, float]]) -> float | None:
    """By trapezoids."""
    if len(curve) < FEWEST:
        return None
    words, r = zip(*curve, strict=True)
    return float(np.trapezoid(r, words) / (words[-1] - words[0]))


def _by_turn(live: Sequence[Row]) -> tuple[tuple[int, float], ...]:
    """A lesson that is over stays at what was known at its end; empty where nobody looked turn by turn."""
    probed = [each.curve for each in live if each.curve]
    return tuple((turn, _mean([curve[min(turn, len(curve)) - 1][1] for curve in probed])) for turn in TURNS if probed)


def _normalised(after: Mapping[TeachingArm, Mapping[str, float]]) -> float | None:
    """A ratio of means: the mean of ratios is biased where their denominators are small (arXiv 2407.07730)."""
    live, placebo, oracle = (after.get(arm, {}) for arm in ("live", "placebo", "oracle"))
    units = [unit for unit in live if unit in placebo and unit in oracle]
    if not units:
        return None
    means = [_mean([arm[unit] for unit in units]) for arm in (live, placebo, oracle)]
    return (means[0] - means[1]) / (means[2] - means[1]) if means[2] != means[1] else None


def _stratum(by_arm: Mapping[TeachingArm, Mapping[str, Row]], leaked: str) -> dict[str, float]:
    """Unit to live minus placebo, on the firing windows that the parrot of the live lesson finds ("1"), or does not.

    In balanced accuracy, with all silent windows on the other side. A placebo lesson that broke off was wrong about all
    of them; a live one that did has no strata, and is missing from their count.
    """
    apart = {}
    for unit, live in by_arm["live"].items():
        firing = [at for at, fires in enumerate(live.fires) if fires == "1" and live.repeats[at] == leaked]
        silent = [at for at, fires in enumerate(live.fires) if fires == "0"]
        if firing and silent and (placebo := by_arm["placebo"].get(unit)) is not None:
            apart[unit] = _balanced(live, firing, silent) - _balanced(placebo, firing, silent)
    return apart


def _balanced(row: Row, firing: Sequence[int], silent: Sequence[int]) -> float:
    sides = [[row.right[at : at + 1] == "1" for at in side] for side in (firing, silent)]
    return sum(_mean(side) for side in sides) / 2


def _mean_known(values: Sequence[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return _mean(known) if known else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
