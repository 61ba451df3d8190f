"""What a calibration found, as boards of its suite carry it: `viva calibrate ship=yes` puts it where they look."""

import json
from pathlib import Path
from typing import Any

from benchmark.leaderboard.schema import SCORE_VERSION
from benchmark.suites.suite import Suite

SHIPPED = Path(__file__).parent / "shipped"
_BOUNDS = ("reader", "kind", "alpha", "rejected", "decisions", "rate", "lower", "upper", "resolvable", "verdict")
_STATED = ("suite_hash", "bank_hash", "seed", "score_version")


def ship(calibration: Path, suite: str, folder: Path = SHIPPED) -> Path:
    """Put a published calibration, without its details, where boards of its suite find it.

    Args:
        calibration: a `calibration.json`.
        suite: the suite's name.
        folder: where it goes.
    """
    told = json.loads(calibration.read_text("utf-8"))
    value = {
        **{name: told[name] for name in _STATED},
        "nulls": told["nulls_examined"]["units"],
        "placebos": told["placebos_examined"]["reports"],
        "placebo_sources": told["placebos_examined"]["sources"],
        "false_positives": [{name: each[name] for name in _BOUNDS} for each in told["false_positives"]],
        "power": _most_windows(told["power"]),
        "sensitivity": [each for each in told["sensitivity"] if each["metric"] == "r"],
        "transfer": told["transfer"],
    }
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{suite}.json"
    target.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    return target


def _most_windows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each reader's power with the most windows that were tried."""
    most: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda each: int(each["windows"])):
        most[str(row["reader"])] = row
    return list(most.values())


def shipped(suite: Suite, folder: Path = SHIPPED) -> dict[str, Any] | None:
    """The calibration of a suite; None where none was made of its hash, its bank and this score version."""
    path = folder / f"{suite.name}.json"
    if not path.is_file():
        return None
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    wanted = {"suite_hash": suite.hash, "bank_hash": suite.bank_hash, "score_version": SCORE_VERSION}
    return told if all(told.get(name) == value for name, value in wanted.items()) else None
