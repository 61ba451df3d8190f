"""Null units of a calibration: like the suite's found units, unlike one another, and unpredictable on new text."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark.calibration.evidence import Room, read
from benchmark.calibration.nulls import (
    Marginal,
    examine_nulls,
    keyed,
    make_null,
    marginals,
    null_evidence,
    null_rows,
    told,
)
from benchmark.calibration.teaching import Teaching
from benchmark.explainers.report import Report
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.lookup import LookupReader
from benchmark.suites import Suite, load

sys.path.insert(0, str(Path(__file__).parents[1] / "readers"))
from hash_encoder import HashEncoder


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load("embedded-2")


@pytest.fixture(scope="module")
def found(suite: Suite) -> list[Marginal]:
    return marginals(suite, seed=0)


@pytest.fixture(scope="module")
def teaching(suite: Suite) -> Teaching:
    return Teaching(suite, HashEncoder())


def test_a_marginal_has_the_firing_rate_of_its_unit(suite: Suite, found: list[Marginal]) -> None:
    assert [each.unit for each in found] == [unit.identifier for unit in suite.units if unit.tier == "found"]
    pool = suite.pool("natural")
    # A null unit is silent on first words, so a match's first words do not count.
    weight = np.where(pool.passages.place > 0, pool.word_weight, 0.0)
    rates = [float(weight @ (pool.rows[each.unit].total > 0) / weight.sum()) for each in found]
    ratio = [each.null.rate / rate for each, rate in zip(found, rates, strict=True)]
    # On 6,000 windows drawn by weight rare units have about a hundred firing words.
    assert 0.6 < min(ratio) <= max(ratio) < 1.6
    assert np.median(ratio) == pytest.approx(1, abs=0.1)


def test_keys_are_independent_and_name_suite_seed_and_number(suite: Suite, found: list[Marginal]) -> None:
    keys = {
        keyed(found[0], suite_hash, seed, number, attempt).key
        for suite_hash in ("a", "b")
        for seed in (1, 2)
        for number in (0, 24)
        for attempt in (0, 1)
    }
    assert len(keys) == 16
    own = {str(unit.truth["key"]) for unit in suite.units if unit.tier == "null"}
    assert not own & keys
    passages = suite.passages(suite.pool_windows("natural")[0][:1500])
    values = np.stack([keyed(found[20], suite.hash, 1, number, 0).on(passages) > 0 for number in (0, 24, 48)])
    r = np.corrcoef(values)
    assert np.abs(r[np.triu_indices(3, 1)]).max() < 0.03


def test_a_null_is_taught_reported_on_and_examined(suite: Suite, found: list[Marginal], teaching: Teaching) -> None:
    nulls = [make_null(suite.hash, found, teaching, seed=1, number=number) for number in (3, 20)]
    again = make_null(suite.hash, found, teaching, seed=1, number=20)
    assert again.search == nulls[1].search  # the same number gives the same unit, windows and report
    assert [null.matched for null in nulls] == [found[3].unit, found[20].unit]
    assert all(null.search.best.has_predicates and not null.search.best.abstained for null in nulls)
    assert all(null.search.submitted in (0, 1) and null.search.hypotheses >= 1 for null in nulls)
    assert all((null.search.held_out_r >= 0.15) == bool(null.search.submitted) for null in nulls)
    stated = suite.manifest["readers"]
    readers = {
        "executable": ExecutableReader(stated["executable"]["threshold"]),
        "lookup": LookupReader(stated["lookup"]["threshold"]),
    }
    room = Room(suite, "natural", readers)
    some = np.flatnonzero(~np.isnan(suite.bank.r["executable"][0]))[:6]
    reports: list[Report] = [suite.bank.reports[i].report for i in some]
    bank = {name: (read(reader, reports, room.passages), some) for name, reader in readers.items()}
    arrays = examine_nulls(room, bank, nulls)
    assert [each["key"] for each in told(arrays)] == [null.key for null in nulls]
    for name in readers:
        evidence = null_evidence(room, name, arrays)
        assert evidence.r.shape == (2, 2)
        assert evidence.bank_allowed.sum(axis=1).tolist() == [6, 6]
        # What was read into a null's teach windows says nothing about the exam.
        assert np.abs(np.diag(evidence.r)).max() < 0.1
        assert np.isfinite(evidence.features).all()
    rows = null_rows(room, [null.truth for null in nulls])
    unit = next(unit for unit in suite.units if unit.tier == "null")
    assert rows[0].count.tolist() == room.pool.rows[unit.identifier].count.tolist()
    rates = [float(room.pool.word_weight @ (each.total > 0) / room.pool.word_weight.sum()) for each in rows]
    assert rates == pytest.approx(arrays["rate"].tolist())
    assert rates == pytest.approx([found[3].null.rate, found[20].null.rate], rel=0.35)


def test_a_unit_that_hardly_fires_is_not_taught(teaching: Teaching) -> None:
    values = np.zeros(len(teaching.passages.words))
    values[teaching.passages.first[:9] + 1] = 1.0
    assert teaching.exemplars(values, (1,)) == []
    values[teaching.passages.first[:10] + 1] = 1.0
    made = teaching.exemplars(values, (1,))
    assert sum(each.stratum == "firing" for each in made) == 10
    assert made[0].peak == 10
