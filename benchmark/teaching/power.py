"""`viva power teaching`: how many units a difference between arms needs, from a pilot's scores by unit."""

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import UserError
from benchmark.printable import aligned, harmless
from benchmark.statistics.power import ALPHA, FEWEST, POWER, Power, power_of
from benchmark.students.course import TEACHING_ARMS
from benchmark.teaching.effects import ASKED_ABOUT, EFFECTS

PILOT = Path("results/teaching/scores.csv")
# Units of a pilot that a spread can be read off.
PILOT_UNITS = 20

Say = Callable[[str], None]


class PilotError(UserError):
    """A pilot cannot be read; the message names the file and the mend."""


@dataclass(frozen=True)
class Needed:
    """One effect of one student: what each difference asked about needs."""

    tier: str
    student: str
    effect: str
    powers: tuple[Power, ...]


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb."""
    parser.description = "Units that a difference between two arms needs, from a pilot of 20 units or more."
    parser.add_argument("pilot", nargs="?", type=Path, default=PILOT, help=f"scores.csv of a study ({PILOT})")
    parser.add_argument("--difference", type=float, nargs="+", default=list(ASKED_ABOUT), help="in r")
    parser.add_argument("--power", type=float, default=POWER)
    parser.add_argument("--alpha", type=float, default=ALPHA, help="two-sided")
    parser.add_argument("--tier", help="one of the pilot's; default: all but null")
    parser.add_argument("--student", help="one of the pilot's")
    chosen = parser.parse_args(arguments)
    found = list(needed(read(chosen.pilot), chosen.difference, chosen.power, chosen.alpha))
    found = [each for each in found if _wanted(each, chosen.tier, chosen.student)]
    if not found:
        raise PilotError(
            f"{chosen.pilot}: no tier {chosen.tier!r} or student {chosen.student!r} with two units; try without"
        )
    for line in lines(found, chosen):
        say(line)


def _wanted(each: Needed, tier: str | None, student: str | None) -> bool:
    return (each.tier == tier if tier else each.tier != "null") and student in (None, each.student)


def read(path: Path) -> list[dict[str, str]]:
    """The lines of a pilot.

    Raises:
        PilotError: it is not there, or is no pilot.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PilotError(f"{path} cannot be read ({error}); make teaching writes one, or give another") from error
    wanted = {"tier", "unit", "student", *TEACHING_ARMS}
    if not rows or (lacking := wanted - rows[0].keys()):
        told = f"lacks {', '.join(sorted(lacking))}" if rows else "has no lines"
        raise PilotError(f"{path} {told}; give the scores.csv of make teaching or viva teach")
    return rows


def needed(
    rows: Sequence[dict[str, str]], differences: Sequence[float], power: float = POWER, alpha: float = ALPHA
) -> Iterator[Needed]:
    """Every effect of every student on every tier that has two units with both arms.

    Raises:
        PilotError: a score is no number.
        PowerError: a difference, power or level out of range.
    """
    for tier, student in dict.fromkeys((row["tier"], row["student"]) for row in rows):
        mine = [row for row in rows if (row["tier"], row["student"]) == (tier, student)]
        for effect, (one, other) in EFFECTS.items():
            apart = [_score(row, one) - _score(row, other) for row in mine if row[one] and row[other]]
            if len(apart) >= FEWEST:
                yield Needed(tier, student, effect, tuple(power_of(apart, each, power, alpha) for each in differences))


def _score(row: dict[str, str], arm: str) -> float:
    try:
        return float(row[arm])
    except ValueError:
        raise PilotError(f"unit {row['unit']!r}, arm {arm!r}: {row[arm]!r} is no number") from None


def lines(found: Sequence[Needed], chosen: argparse.Namespace) -> Iterator[str]:
    """What is printed: a table, and how to read it."""
    asked = [f"{each:g}" for each in chosen.difference]
    head = ["tier", "student", "effect", "units", "sd", *(f"for {each}" for each in asked)]
    body = []
    for each in found:
        first = each.powers[0]
        sizes = [str(power.needed_by_t) if power.sd > 0 else "no spread" for power in each.powers]
        body.append([harmless(each.tier), harmless(each.student), each.effect, str(first.n), f"{first.sd:.3f}", *sizes])
    yield from aligned([tuple(head), *map(tuple, body)])
    yield (
        f"units for a difference in r with {chosen.power:.0%} power at two-sided {chosen.alpha:g}, by Student's t, "
        "from the standard deviation of the paired differences over the pilot's units"
    )
    if (fewest := min(each.powers[0].n for each in found)) < PILOT_UNITS:
        yield f"a pilot of {fewest} units says little of the spread; {PILOT_UNITS} or more are better"
