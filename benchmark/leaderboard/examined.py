"""What `viva calibrate` found on a board's suite, as every rendering of the board shows it (METHOD.md section 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.leaderboard.rank import position
from benchmark.leaderboard.row import READERS
from benchmark.statistics.headline import THREE_SIGMA

TITLE = "The examiners examined"
NONE = (
    "3σ was not calibrated on this suite and score version: how often it rejects where there is nothing is not known "
    "here. `viva calibrate suite=<name> ship=yes` measures it, and boards that are then rebuilt carry it."
)
KINDS = {
    "null": "a unit's p, null units, best hypothesis",
    "null_submitted": "a unit's p, null units, as handed in",
    "null_headline": "headline p, null units",
    "placebo_found": "a unit's p, placebos on found units",
    "placebo_planted": "a unit's p, placebos on planted units",
    "placebo_headline_found": "headline p, placebos on found units",
    "placebo_headline_planted": "headline p, placebos on planted units",
}


@dataclass(frozen=True)
class ExaminedSection:
    """The section as text.

    Attributes:
        note: what was decided how often, and what the words mean.
        head: headings.
        body: one line a kind of decision and level.
        found: what else the calibration says, a line each.
    """

    note: str
    head: tuple[str, ...] = ()
    body: tuple[tuple[str, ...], ...] = ()
    found: tuple[str, ...] = ()


def section(calibration: Mapping[str, Any] | None) -> ExaminedSection:
    """The section of a board; without a calibration it says so."""
    if calibration is None:
        return ExaminedSection(NONE)
    bounds: Sequence[Mapping[str, Any]] = calibration["false_positives"]
    readers = sorted({str(each["reader"]) for each in bounds}, key=lambda name: position(name, READERS))
    cells = {(each["kind"], each["alpha"], each["reader"]): _bound(each) for each in bounds}
    body = [
        (words, f"{alpha:g}", *(cells.get((kind, alpha, reader), "–") for reader in readers))
        for alpha in sorted({float(each["alpha"]) for each in bounds})
        for kind, words in KINDS.items()
    ]
    return ExaminedSection(_note(calibration), ("decision", "α", *readers), tuple(body), tuple(_found(calibration)))


def _bound(each: Mapping[str, Any]) -> str:
    said = f"{each['rate']:.4f} [{each['lower']:.4f}, {each['upper']:.4f}] {each['verdict']}"
    return said if each["resolvable"] >= 0.995 else f"{said}; {each['resolvable']:.0%} resolvable"


def _note(calibration: Mapping[str, Any]) -> str:
    return (
        f"How often 3σ rejects where there is nothing: {calibration['nulls']:,} null units keyed anew and "
        f"{calibration['placebos']:,} reports on {calibration['placebo_sources']:,} units that are in no bank (seed "
        f"{calibration['seed']}), with one-sided bounds that hold together with 99%. passes: the upper bound is at "
        "most 3α and the lower at most α. too few: even without a rejection the bound could not come so low. fails: "
        "anything else."
    )


def _interval(share: Mapping[str, Any]) -> str:
    bounds = "" if share["low"] is None else f" [{share['low']:.2f}, {share['high']:.2f}]"
    return f"{share['mean']:.2f}{bounds} (n = {share['n']})"


def _found(calibration: Mapping[str, Any]) -> list[str]:
    power = [f"{each['reader']} {_interval(each['share'])}" for each in calibration["power"]]
    moved = [f"{e['reader']} {e['moved']['mean']:.2f} ({e['kind']})" for e in calibration["sensitivity"]]
    agree = [f"{e['first']} – {e['second']} {e['rho']:.2f} ({e['tier']})" for e in calibration["transfer"]]
    return [
        f"Power: the share of the ladder's rungs with true agreement 0.5 or more found at p < {THREE_SIGMA:g}: "
        f"{', '.join(power)}, over units.",
        f"Sensitivity: how far r moves where a report says the same in other words, and for a real error: "
        f"{', '.join(moved)}.",
        f"Transfer: rank correlation of two readers' r over the same reports: {', '.join(agree)}.",
    ]
