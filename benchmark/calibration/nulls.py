"""Independently keyed null units, reported on by a single pass of rule induction (METHOD.md section 4, (a))."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.calibration.evidence import Evidence, Room
from benchmark.calibration.teaching import Search, Teaching, searched
from benchmark.exam.cross_examination import stranger_mask
from benchmark.exam.items import Rows
from benchmark.statistics.weighted import rows_r_matrix, truths_r
from benchmark.suites.suite import Suite
from benchmark.units.null import NullUnit, fit_null
from benchmark.units.unit import Unit

# Windows drawn by weight from the pool, so that a unit's marginal there is the one at base rate.
MARGINAL_WINDOWS = 6_000
# Keys tried before a unit is given up; a rare one may fire in too few teach windows.
TRIES = 5


@dataclass(frozen=True, eq=False)
class Marginal:
    """What a null unit takes from the found unit that it is matched to; `unit` names it."""

    unit: str
    null: NullUnit


def marginals(suite: Suite, seed: int) -> list[Marginal]:
    """The chain and the values of every found unit of a suite, from its pool at base rate.

    A null's key decides where it fires and its match only how often and how strongly, so nothing about a text of the
    exam reaches an explainer through it.
    """
    windows, weight = suite.pool_windows("natural")
    rng = np.random.default_rng([seed, 1])
    drawn = windows[rng.choice(len(windows), MARGINAL_WINDOWS, p=weight / weight.sum())]
    passages = suite.passages(drawn)
    found = [unit for unit in suite.units if unit.tier == "found"]
    return [
        Marginal(unit.identifier, fit_null("marginal", suite.word_values(unit, drawn, passages), passages))
        for unit in found
    ]


@dataclass(frozen=True, eq=False)
class Null:
    """One keyed null unit with what rule induction made of it."""

    key: str
    matched: str
    truth: NullUnit
    search: Search
    redrawn: int


def keyed(marginal: Marginal, suite_hash: str, seed: int, number: int, attempt: int) -> NullUnit:
    """Null unit `number` of a calibration; its key holds the suite's hash, so no unit of the suite shares it."""
    like = marginal.null
    key = f"calibration/{suite_hash}/{seed}/{number}/{attempt}"
    return NullUnit(key, like.values, like.start, like.stay)


def make_null(suite_hash: str, found: Sequence[Marginal], teaching: Teaching, seed: int, number: int) -> Null:
    """Key a null unit, show its teach windows to rule induction, and keep its best hypothesis.

    Raises:
        ValueError: five keys in a row fire in fewer than ten teach windows.
    """
    marginal = found[number % len(found)]
    for attempt in range(TRIES):
        unit = keyed(marginal, suite_hash, seed, number, attempt)
        if exemplars := teaching.exemplars(unit.on(teaching.passages), (seed, number, attempt)):
            return Null(unit.key, marginal.unit, unit, searched(exemplars), attempt)
    raise ValueError(
        f"null {number}, like {marginal.unit}, fires in fewer than ten teach windows, {TRIES} keys in a row"
    )


def null_rows(room: Room, units: Sequence[NullUnit]) -> list[Rows]:
    """Truth of null units on the natural pool, on the subject's tokens as the suite's own nulls have it."""
    windows, _ = room.suite.pool_windows("natural")
    made = [Unit(unit.key, "null", "null", unit.to_json()) for unit in units]
    return [room.suite.rows(unit, windows, room.passages) for unit in made]


def examine_nulls(
    room: Room, bank: dict[str, Any], found: Sequence[Null], say: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """Every null's report, and every bank report, on every one of these nulls, by each reader; as plain arrays.

    Args:
        room: of the natural pool.
        bank: reader to uint8 [readable bank reports, words], and which reports they are (`read_bank`).
        found: the nulls; they are one another's other units.
        say: told of progress.
    """
    rows, reports = null_rows(room, [null.truth for null in found]), [null.search.best for null in found]
    weight = room.pool.word_weight
    arrays: dict[str, Any] = {"rate": np.array([float(weight @ (each.total > 0)) / weight.sum() for each in rows])}
    for name in room.readers:
        r, features = room.examine(name, reports, rows)
        levels, readable = bank[name]
        bank_r = np.full((len(rows), len(room.suite.bank.reports)), np.nan, dtype=np.float32)
        bank_r[:, readable] = rows_r_matrix(rows, levels, weight)
        arrays |= {f"{name}/r": r.astype(np.float32), f"{name}/features": features, f"{name}/bank_r": bank_r}
        say(f"{len(found)} nulls examined by {name}")
    allowed = stranger_mask(truths_r(rows, weight), arrays["executable/r"].astype(float))
    return arrays | {"allowed": allowed.astype(np.uint8)} | _facts(found)


def _facts(found: Sequence[Null]) -> dict[str, Any]:
    told = [
        {"key": null.key, "matched": null.matched, "report": null.search.best.to_json(), "redrawn": null.redrawn}
        for null in found
    ]
    return {
        "held_out_r": np.array([null.search.held_out_r for null in found]),
        "hypotheses": np.array([null.search.hypotheses for null in found], dtype=np.int64),
        "submitted": np.array([null.search.submitted for null in found], dtype=np.int64),
        "told": np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), dtype=np.uint8).copy(),
    }


def told(arrays: dict[str, Any]) -> list[dict[str, Any]]:
    """Keys, matches and reports of a shard's nulls, as `examine_nulls` wrote them."""
    value: list[dict[str, Any]] = json.loads(arrays["told"].tobytes())
    return value


def null_evidence(room: Room, reader: str, arrays: dict[str, Any]) -> Evidence:
    """One shard as evidence: report i is about null i."""
    bank_r = arrays[f"{reader}/bank_r"].astype(float)
    executable = arrays["executable/bank_r"].astype(float)
    # The suite's mask asks a bank report's source too; a hash of ours is unrelated to every source, but for chance.
    allowed = stranger_mask(np.zeros_like(executable), np.where(np.isnan(executable), 0.0, executable))
    return Evidence(
        arrays[f"{reader}/r"].astype(float),
        arrays["allowed"].astype(bool),
        arrays[f"{reader}/features"],
        np.nan_to_num(bank_r),
        allowed & ~np.isnan(bank_r),
        room.bank(reader)[2],
        arrays["rate"],
    )
