"""All that a teaching study found, from its rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmark.statistics.bootstrap import Interval
from benchmark.students.course import TEACHING_ARMS
from benchmark.students.teaching import LESSON_WORDS
from benchmark.teaching.adaptation import Adapted, adapted, matrix, personalisation
from benchmark.teaching.cohort import FAMILIES
from benchmark.teaching.effects import Learned, learned
from benchmark.teaching.gates import Gate, Validated, arm_means, concordance, gates, house
from benchmark.teaching.rows import Row
from benchmark.teaching.study import Match

TIERS = ("planted", "found", "probed", "randomised", "null", "trivial")
SCHEMA = 2
BRIEF, WHOLE = "model_brief", "model"


@dataclass(frozen=True)
class Facts:
    """What was studied.

    Attributes:
        suite, suite_hash, teacher: which units, and who taught.
        outside: identifiers of the planted units outside rule induction's language.
        seconds: of all lessons and exams; None where they are not known.
        scripted: whether the teacher is an algorithm: gates are by scripted teachers only.
        agreement: arm to unit to how far the lesson's claims agree with the unit (r of their words).
        words: the teacher's, in every lesson.
        items: of a unit's items so many, for both forms together; None for all.
    """

    suite: str
    suite_hash: str
    teacher: str
    outside: frozenset[str]
    seconds: float | None = None
    scripted: bool = True
    agreement: Mapping[str, Mapping[str, float]] | None = None
    words: int = LESSON_WORDS
    items: int | None = None


@dataclass(frozen=True)
class Findings:
    """A teaching study.

    Attributes:
        facts: what was studied.
        rows: a student, arm and unit each.
        learned, adapted: by tier and student.
        validated: by student; empty where a language model taught.
        concordance: Kendall's W of the families' orders of the scripted arms.
        matrices: tier to student to intended student to mean r.
        personalisation: tier to diagonal less off-diagonal of that matrix.
    """

    facts: Facts
    rows: tuple[Row, ...]
    learned: tuple[Learned, ...]
    adapted: tuple[Adapted, ...]
    validated: tuple[Validated, ...]
    concordance: float | None
    matrices: Mapping[str, Mapping[str, Mapping[str, float]]]
    personalisation: Mapping[str, Interval]

    @property
    def units(self) -> dict[str, int]:
        """Tier to how many units."""
        return dict(Counter(tier for _, tier in dict.fromkeys((each.unit, each.tier) for each in self.rows)))

    @property
    def outside(self) -> int:
        """How many planted units of this study lie outside rule induction's language."""
        return len({each.unit for each in self.rows} & self.facts.outside)

    def valid(self, student: str) -> bool:
        """Whether a student passes every gate; never where none was asked."""
        return any(each.student == student and each.valid for each in self.validated)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value, without the rows."""
        facts, told = self.facts, self.facts.agreement or {}
        return {
            "schema": SCHEMA,
            "suite": facts.suite,
            "suite_hash": facts.suite_hash,
            "teacher": facts.teacher,
            "seconds": facts.seconds,
            "lesson_words": facts.words,
            "items": facts.items,
            "units": self.units,
            "outside": self.outside,
            "outside_share": self.outside / self.units["planted"] if "planted" in self.units else None,
            "misaligned_below_placebo": None if (wrong := wronged(told)) is None else sorted(wrong),
            "students": [each.to_json() for each in self.learned],
            "adapted": [each.to_json() for each in self.adapted],
            "gates": [each.to_json() for each in self.validated],
            "concordance": self.concordance,
            "personalisation": {tier: asdict(each) for tier, each in self.personalisation.items()},
            "matrices": self.matrices,
        }


def wronged(agreement: Mapping[str, Mapping[str, float]]) -> frozenset[str] | None:
    """Units whose misaligned lesson agrees less with them than the placebo's; None where nobody computed it."""
    wrong, other = agreement.get("misaligned"), agreement.get("placebo")
    if wrong is None or other is None:
        return None
    return frozenset(unit for unit in wrong if wrong[unit] < other[unit])


def findings(
    rows: Sequence[Row], facts: Facts, matches: Sequence[Match] = (), rise: Mapping[str, Any] | None = None
) -> Findings:
    """A study's findings.

    Args:
        rows: of all students, arms and units.
        facts: what was studied.
        matches: students after lessons for whomever.
        rise: student to r by unit for less and less to carry, the least first; a language model's is read off the rows.
    """
    rows = sorted(rows, key=lambda each: (TIERS.index(each.tier), TEACHING_ARMS.index(each.arm)))
    names = list(dict.fromkeys(each.student for each in rows))
    tiers = list(dict.fromkeys(each.tier for each in rows))
    cells = [(name, tier) for tier in tiers for name in names]
    of = {cell: [each for each in rows if (each.student, each.tier) == cell] for cell in cells}
    met = {cell: [each for each in matches if (each.student, each.tier) == cell] for cell in cells}
    return Findings(
        facts,
        tuple(rows),
        tuple(learned(of[cell]) for cell in cells if of[cell]),
        tuple(adapted(of[cell], met[cell]) for cell in cells if of[cell]),
        _validated(rows, names, {**(rise or {}), **_models_rise(rows)}, wronged(facts.agreement or {}))
        if facts.scripted
        else (),
        concordance(list(_families(rows, names).values())),
        {tier: found for tier in tiers if (found := matrix([each for each in matches if each.tier == tier]))},
        {tier: each for tier in tiers if (each := personalisation([met for met in matches if met.tier == tier]))},
    )


def _validated(
    rows: Sequence[Row], names: Sequence[str], rise: Mapping[str, Any], wrong: frozenset[str] | None
) -> tuple[Validated, ...]:
    shared: tuple[Gate, ...] = house([each for each in rows if each.tier != "null"])
    families = _families(rows, names)
    return tuple(
        gates(
            [row for row in rows if row.student == name],
            rise.get(name, ()),
            shared,
            [means for family, means in families.items() if family != FAMILIES.get(name)],
            wrong,
        )
        for name in names
    )


def _models_rise(rows: Sequence[Row]) -> dict[str, list[list[float]]]:
    """The brief language model against the one with all its notes, after the oracle's lesson, on units of both."""
    by_student = {
        name: {each.unit: each.after for each in rows if (each.student, each.arm) == (name, "oracle")}
        for name in (BRIEF, WHOLE)
    }
    units = [unit for unit in by_student[BRIEF] if unit in by_student[WHOLE]]
    return {WHOLE: [[by_student[name][unit] for unit in units] for name in (BRIEF, WHOLE)]} if units else {}


def _families(rows: Sequence[Row], names: Sequence[str]) -> dict[str, Any]:
    """Family to its arms' means, over its students."""
    known = {FAMILIES[name] for name in names if name in FAMILIES}
    return {
        family: arm_means([each for each in rows if FAMILIES.get(each.student) == family]) for family in sorted(known)
    }
