"""The board's section on comprehension, as every rendering shows it: who learned what, and what that is worth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.leaderboard import cells
from benchmark.leaderboard.comprehension import SHOWN, Comprehension

TITLE = "Comprehension"
TEXT_ONLY = "text-only"
LIMIT = "Deterministic students are proxies, not people, and an unvalidated student's row proves nothing."
# Name to its arms and what it means.
EFFECTS: Mapping[str, tuple[str, str, str]] = {
    "comprehension gain": ("live", "placebo", "what the live lesson adds over a lesson about another unit"),
    "interactivity": ("live", "yoked", "over the live lesson of another student in another state"),
    "dialogue": ("live", "static", "over the report alone"),
    "language": ("live", "examples", "over examples without a word about them"),
    "harm": ("placebo", "misaligned", "what a lesson that tells false things of the unit takes away"),
}
ARMS: Mapping[str, str] = {
    "none": "no lesson at all",
    "placebo": "a lesson about another unit of like firing rate",
    "live": "the dialogue with the teacher: the treatment",
    "oracle": "a lesson by the truth, where that is known",
}

Told = Mapping[str, Any]


@dataclass(frozen=True)
class StudentColumn:
    """One column.

    Attributes:
        key: the HTML class of its cells, after `c-`.
        title, hint: the heading and what it means.
        text: a student's cell, given the tier's units.
        value: what it sorts by; None for columns that sort by their words.
    """

    key: str
    title: str
    hint: str
    text: Callable[[Told, int], str]
    value: Callable[[Told], float | None] | None = None


@dataclass(frozen=True)
class StudentTable:
    """The students on one tier.

    Attributes:
        tier, units: which, and how many units.
        caption: which students are text-only, and how many planted units lie outside rule induction's language.
        students: one a row.
    """

    tier: str
    units: int
    caption: str
    students: tuple[Told, ...]

    def body(self) -> list[list[str]]:
        """The cells' words, the student's name first."""
        return [
            [str(each["student"]), *(column.text(each, self.units) for column in COLUMNS)] for each in self.students
        ]


@dataclass(frozen=True)
class ComprehensionSection:
    """The section.

    Attributes:
        title: names the teacher.
        note: what was done, what the words mean, and what they cannot say.
        tables: one a tier.
        figure: SVG; empty where there is none.
    """

    title: str
    note: str
    tables: tuple[StudentTable, ...]
    figure: str


def section(comprehension: Comprehension | None) -> ComprehensionSection | None:
    """The section of a board; None where no study was given."""
    if comprehension is None:
        return None
    told = comprehension.told
    tables = (_table(told, tier) for tier in SHOWN)
    shown = tuple(table for table in tables if table.students)
    return ComprehensionSection(f"taught by {told['teacher']}", _note(told), shown, comprehension.figure)


def _table(told: Told, tier: str) -> StudentTable:
    students = tuple(each for each in told["students"] if each["tier"] == tier)
    caption = _caption(told, students)
    if tier != "planted":
        caption += f" Whether {tier} units lie in it, nobody can tell."
    return StudentTable(tier, told["units"].get(tier, 0), caption, students)


def _caption(told: Told, students: Sequence[Told]) -> str:
    """METHOD.md section 7 asks for both in every table."""
    named = ", ".join(str(each["student"]) for each in students if each["capacity"] == TEXT_ONLY)
    who = f"Text-only students: {named or 'none'}."
    if not (planted := told["units"].get("planted", 0)):
        return f"{who} No planted units."
    share = f"{told['outside'] / planted:.0%}"
    return f"{who} {told['outside']} of {planted} planted units ({share}) lie outside rule induction's language."


def _note(told: Told) -> str:
    return (
        f"Students were taught about this suite's units in {told['lesson_words']} words and sat an exam: r at base "
        "rate, with 95% intervals over units. Gain is live \N{MINUS SIGN} placebo; the other differences are decided "
        "only where it is above 0, under Holm. Columns named gain in the tables above are another measure, of a single "
        f"lesson. {LIMIT}"
    )


def _interval(found: Told | None, units: int, signed: bool = False) -> str:
    if found is None:
        return cells.NOTHING
    bounds = "no interval"
    if found["low"] is not None and found["high"] is not None:
        bounds = f"{cells.number(found['low'])}, {cells.number(found['high'])}"
    sign = "+" if signed and round(found["mean"], 2) > 0 else ""
    return f"{sign}{cells.number(found['mean'])} [{bounds}]{_over(found['n'], units)}"


def _over(n: int, units: int) -> str:
    return "" if n == units else f" (n {n})"


def _mean(found: Told | None) -> float | None:
    return None if found is None else float(found["mean"])


def _validated(student: Told, units: int) -> str:
    if student["validated"]:
        return "validated"
    told = [f"{what} {_quoted(names)}" for what, names in _unmet(student).items() if names]
    return f"unvalidated: {'; '.join(told) or 'no gates were asked'}"


def _unmet(student: Told) -> dict[str, Sequence[str]]:
    return {"fails": student["failed"], "leaves open": student["open"]}


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"\N{LEFT DOUBLE QUOTATION MARK}{name}\N{RIGHT DOUBLE QUOTATION MARK}" for name in names)


def _arm(name: str) -> StudentColumn:
    def found(student: Told) -> Told | None:
        value: Told | None = student["arms"].get(name)
        return value

    return StudentColumn(
        "arm",
        _unbroken(f"r after {name}"),
        ARMS[name],
        lambda each, units: _interval(found(each), units),
        lambda each: _mean(found(each)),
    )


def _effect(name: str) -> StudentColumn:
    first, second, hint = EFFECTS[name]

    def found(student: Told) -> Told | None:
        return next((each for each in student["effects"] if each["name"] == name), None)

    def text(student: Told, units: int) -> str:
        effect = found(student)
        return cells.NOTHING if effect is None else _verdict(effect, units)

    def value(student: Told) -> float | None:
        effect = found(student)
        return None if effect is None else _mean(effect["difference"])

    return StudentColumn("effect", f"{name} {_unbroken(f'({first} {cells.MINUS} {second})')}", hint, text, value)


def _verdict(effect: Told, units: int) -> str:
    if effect["difference"] is None:
        return str(effect["verdict"])
    apart, verdict = _interval(effect["difference"], units, signed=True), str(effect["verdict"])
    return f"{_unbroken(apart)} {_unbroken(verdict)}"


def _unbroken(text: str) -> str:
    """For narrow cells of the page; Markdown's escaping makes plain blanks of it again."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _of(name: str, title: str, hint: str, signed: bool = False) -> StudentColumn:
    return StudentColumn(
        "amount",
        title,
        hint,
        lambda each, units: _interval(each[name], units, signed),
        lambda each: _mean(each[name]),
    )


def _skill(student: Told, units: int) -> str:
    known = student["skill"] is not None
    return cells.number(student["skill"]) + (f" ({student['forecasts']} answers)" if known else "")


_GAIN, *_REST = EFFECTS
COLUMNS: Sequence[StudentColumn] = (
    StudentColumn("capacity", "exam rests on", "text-only: its notes alone", lambda each, _: str(each["capacity"])),
    StudentColumn(
        "gates", "validated", "whether it passes every gate by scripted teachers; else those it does not", _validated
    ),
    *map(_arm, ARMS),
    _effect(_GAIN),
    StudentColumn(
        "amount",
        "normalised gain",
        "the gain as a share of (oracle \N{MINUS SIGN} placebo), of means",
        lambda each, _: cells.number(each["normalised"]),
        lambda each: each["normalised"],
    ),
    *map(_effect, _REST),
    _of("regret", "teacher's regret", "what the live teacher's moves fell short of the best ones on its menu"),
    _of("over_random", "regret \N{MINUS SIGN} random", "below 0 the teacher chooses better than chance", True),
    StudentColumn(
        "amount",
        "forecast skill",
        "Brier skill of the teacher's forecasts of quiz answers over the student's base rate, over sums",
        _skill,
        lambda each: each["skill"],
    ),
    _of("selective", "selective flips", "mistakes that targeted feedback rights, less those that other does", True),
    _of("personalised", "personalisation", "own live lesson less the lessons made for the other students", True),
)
