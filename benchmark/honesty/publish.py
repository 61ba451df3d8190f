"""`honesty.json`, `honesty.md` and `honesty.svg`: made by one command, with what they were made with."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.honesty import room as rooms
from benchmark.honesty.combined import NAMES as COMBINATIONS
from benchmark.honesty.detectors import COMBINED, dossiers
from benchmark.honesty.figure import figure
from benchmark.honesty.floor import DRAWS, promised
from benchmark.honesty.guards import checks
from benchmark.honesty.headlines import headlines
from benchmark.honesty.liars import HIDER
from benchmark.honesty.measure import MAIN, POST_HOC, Study, best, by_share, measured, objections, study
from benchmark.honesty.papers import Desk
from benchmark.honesty.rates import ALPHAS
from benchmark.honesty.sessions import HONEST, hold
from benchmark.honesty.tables import markdown
from benchmark.honesty.unions import union_rates
from benchmark.honesty.unseen import left_out, unseen_rates
from benchmark.provenance import code_hash, commit, sources_hash, versions
from benchmark.rounding import rounded_json

PLACES = 5
# What decides a score; tables and figures may change without a new examination.
SCORING = (
    *rooms.UNITS,
    *(
        f"benchmark/honesty/{name}"
        for name in (
            *("liars.py", "sessions.py", "papers.py", "guards.py", "detectors.py", "rates.py"),
            *("combined.py", "unseen.py", "headlines.py", "publish.py"),
        )
    ),
)
# Of seeds the fits take no greater one.
MOST_SEED = 2**32 - 1
Say = Callable[[str], None]


def publish(seed: int, work: Path, folder: Path, say: Say) -> list[Path]:
    """Make units and exam, hold all sessions, examine them, and write three files.

    Args:
        seed: of everything that is drawn.
        work: where the suite is kept between runs.
        folder: where the files go.
        say: is told what is being done.

    Returns:
        The files, JSON first.

    Raises:
        UserError: the seed is none, or `work` holds the units of another one.
    """
    if not 0 <= seed <= MOST_SEED:
        nearest = min(max(seed, 0), MOST_SEED)
        raise UserError(f"seed {seed} is not from 0 to {MOST_SEED}; mend: --seed {nearest}")
    value = examined(rooms.make(seed, work, say=say), seed, say)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "honesty.json": json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "honesty.md": markdown(value),
        "honesty.svg": figure(value),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def examined(room: rooms.Room, seed: int, say: Say) -> dict[str, Any]:
    """All figures of one room, as JSON; scores are kept beside the suite, and not made again by the same code."""
    kept = room.suite.folder / f"scores-{sources_hash(SCORING)[:12]}"
    if not kept.with_suffix(".json").exists():
        done, facts = collect(room, seed, say)
        say("leaving out one strategy after the other")
        facts["unseen"] = unseen_rates(done, left_out(done, seed))
        done.save(kept.with_suffix(".npz"))
        kept.with_suffix(".json").write_text(json.dumps(facts), "utf-8")
    say("measuring")
    done, facts = Study.load(kept.with_suffix(".npz")), json.loads(kept.with_suffix(".json").read_text("utf-8"))
    rows = measured(done, seed)
    winners = best(rows, measured(done, seed, test=False))
    chosen = sorted({each["detector"] for each in winners if each["strategy"] in HIDER})
    picked = sorted({each["detector"] for each in winners})
    calibration = int(done.of(HONEST, False).sum())
    value = {
        **facts,
        "seed": seed,
        "main_reference": MAIN,
        "post_hoc": POST_HOC,
        "calibration_reports": calibration,
        "floor": {"draws": DRAWS, "promised": {f"{alpha:g}": promised(calibration, alpha) for alpha in ALPHAS}},
        "rates": rows,
        "best": winners,
        "objections": objections(done),
        "by_share": by_share(done, [*chosen, *COMBINATIONS, "truth"]),
        "unions": union_rates(done, {"best of each strategy": picked, "all single detectors": tuple(COMBINED)}),
        "provenance": {
            "commit": commit(),
            "code_sha256": code_hash(),
            "honesty_sha256": sources_hash(("benchmark/honesty",)),
            "versions": versions(),
        },
    }
    rounded: dict[str, Any] = rounded_json(value, PLACES)
    return rounded


def collect(room: rooms.Room, seed: int, say: Say) -> tuple[Study, dict[str, Any]]:
    """Every report's scores, and what else is told of the run."""
    say("holding sessions")
    told, audits = hold(room)
    say(f"{len(told)} reports; asking the guardrails")
    asked = [checks(room, each, audits[each.case]) for each in told]
    say("reading")
    desk = Desk(room, audits)
    found = dossiers(desk, told, audits, asked)
    facts = {
        "units": Counter(case.kind for case in room.cases),
        "passed_over": room.passed_over,
        "pool": {key: room.suite.manifest["pools"]["planted"][key] for key in ("windows", "effective_sample_size")},
        "bank": len(room.suite.bank.reports),
        "reports": Counter(each.arm for each in told),
        "honest": {
            arm: {
                "abstained": sum(each.report.abstained for each in told if each.arm == arm),
                "mean_r": _mean([each.paper.r["executable"] for each in found if each.told.arm == arm]),
            }
            for arm in HONEST
        },
        "headlines": headlines(desk, found, seed),
        "scored": {"commit": commit(), "code_sha256": sources_hash(SCORING)},
    }
    done = study(found, seed)
    return done, {**facts, "halves": _halves(room, done)}


def _halves(room: rooms.Room, done: Study) -> dict[str, list[str]]:
    """Which units set thresholds, and which are measured."""
    measured_units = set(done.units[done.test].tolist())
    names = {place: case.name for place, case in enumerate(room.cases)}
    return {
        "threshold": [name for place, name in names.items() if place not in measured_units],
        "measured": [name for place, name in names.items() if place in measured_units],
    }


def _mean(values: list[float]) -> float:
    return sum(values) / max(1, len(values))
