"""Who is a stranger to whom, in the cross-examination that the board is made of."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.exam.cross_examination import quantise
from benchmark.exam.items import Items, Pool, Rows
from benchmark.examiner import READERS, Paper
from benchmark.leaderboard import collect
from benchmark.leaderboard.collect import CrossExamination, Run
from benchmark.leaderboard.results import settle
from benchmark.leaderboard.row import count_trivial
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages

WORDS = 400
UNITS = 4
BANK = 30
MASKED = 7


class TinySuite:
    """Four units on one pool. Units 0 and 1 have related truths; bank report 7 is unit 0's truth, and masked there."""

    name = "tiny"

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.truth = [(rng.random(WORDS) < 0.1).astype(float) for _ in range(UNITS)]
        self.truth[1] = np.where(rng.random(WORDS) < 0.9, self.truth[0], self.truth[1])
        self.units = tuple(Unit(f"planted-{i}", "planted", "concrete", {}) for i in range(UNITS))
        self.order = {unit.identifier: i for i, unit in enumerate(self.units)}
        passages = Passages.of([" ".join(["word"] * 20) for _ in range(WORDS // 20)])
        rows = {unit.identifier: Rows.of_words(truth) for unit, truth in zip(self.units, self.truth, strict=True)}
        weight = rng.uniform(1, 20, WORDS // 20)
        # A dead and an always-on unit: nothing correlates with them, and nothing of theirs is in the bank.
        self.units += tuple(Unit(f"trivial-{i}", "trivial", "trivial", {}) for i in range(2))
        constant = {f"trivial-{i}": Rows.of_words(np.full(WORDS, float(i))) for i in range(2)}
        self.pools = {
            "planted": Pool(passages, weight, rows),
            "natural": Pool(passages, weight, {}),
            "trivial": Pool(passages, weight, constant),
        }
        self.own = Items(passages, self.truth[0], ("firing",) * len(passages), weight)
        r = rng.normal(0, 0.03, (UNITS, BANK))
        r[0, MASKED] = 0.9
        mask = np.ones((UNITS, BANK), dtype=bool)
        mask[0, MASKED] = False
        # Log rates about that of the units, so that all of the bank lies within the caliper.
        features = np.array([np.log(0.1), 3.0]) + rng.normal(0, 0.1, (BANK, 2))
        self.bank = SimpleNamespace(
            r={reader: r for reader in READERS},
            mask=mask,
            features={f"{reader}/planted": features for reader in READERS},
        )
        self.manifest = {"readers": {reader: {"threshold": 5.0} for reader in READERS}, "stop_r": 0.7}

    def pool(self, kind: str) -> Pool:
        return self.pools[kind]

    def items(self, unit: Unit, which: str) -> Items:
        return self.own

    def attainable_r(self, unit: Unit) -> float:
        return 1.0


@pytest.fixture
def suite() -> TinySuite:
    return TinySuite()


@pytest.fixture
def results(suite: TinySuite, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Results of an explainer that reports every unit's truth exactly."""
    papers = {
        unit.identifier: {reader: Paper(*[quantise(10 * truth)] * 3) for reader in READERS}
        for unit, truth in zip(suite.units[:UNITS], suite.truth, strict=True)
    }
    monkeypatch.setattr(collect.sidecar, "fetch", lambda address, folder: papers[address])

    def make(**changes: Any) -> dict[tuple[str, str], Any]:
        sample = {"outcome": "report", "tokens": 0, "unit_queries": 0, "seconds": 0.0, "declares_predicates": True}
        report = {"text": "a report", "claims": [], "confidence": 1.0, "abstained": False}
        samples = {
            unit.identifier: {**sample, "papers": unit.identifier, "report": report, **changes}
            for unit in suite.units[:UNITS]
        }
        examination: Any = CrossExamination(suite)  # type: ignore[arg-type]
        found = examination.results(Run("x", "none", samples, Path()))
        return {(result.unit, result.reader): result for result in found}

    return make


def _r(suite: TinySuite, unit: int, other: int) -> float:
    weight = suite.pool("planted").word_weight
    both: Floats = np.cov(suite.truth[unit], suite.truth[other], aweights=weight)
    return float(both[0, 1] / np.sqrt(both[0, 0] * both[1, 1]))


@pytest.mark.parametrize("reader", READERS)
def test_masked_reports_related_siblings_and_the_own_report_are_no_strangers(
    suite: TinySuite, results: Any, reader: str
) -> None:
    related = _r(suite, 0, 1)
    assert related > 0.5
    strangers = results()["planted-0", reader].stranger_r
    assert len(strangers) == BANK - 1 + 2, "the bank but for the masked report, and two unrelated siblings"
    assert max(strangers) < 0.3
    for expected in (_r(suite, 0, 2), _r(suite, 0, 3)):
        assert np.isclose(strangers, expected, atol=1e-6).any()
    assert max(results()["planted-2", reader].stranger_r) < 0.3


def test_the_own_report_is_no_stranger_even_where_nothing_correlates_with_the_unit(
    suite: TinySuite, results: Any
) -> None:
    suite.pool("planted").rows["planted-3"] = Rows.of_words(np.zeros(WORDS))
    assert len(results()["planted-3", "executable"].stranger_r) == BANK + UNITS - 1


def test_the_masked_report_is_not_in_the_pooled_null(suite: TinySuite) -> None:
    null = CrossExamination(suite).null("executable", "planted")  # type: ignore[arg-type]
    assert sum(map(len, null.pools)) == UNITS * BANK - 1
    assert abs(null.mean[0] - suite.bank.r["executable"][0][suite.bank.mask[0]].mean()) < 1e-9
    assert null.sd[0] < 0.06


@pytest.mark.parametrize(
    ("family", "predicate", "expected"),
    [
        ("semi_null", {"op": "word", "words": ["rain"]}, False),
        ("semi_null", {"op": "not", "of": {"op": "previous", "of": {"op": "word", "words": ["the"]}}}, True),
        ("semi_null", None, None),
        ("concrete", {"op": "repeats"}, None),
    ],
)
def test_a_context_claim_on_a_semi_null_is_spurious(family: str, predicate: Any, expected: bool | None) -> None:
    claim = {"text": "rain", **({"predicate": predicate} if predicate else {})}
    sample = {"report": {"text": "a report", "claims": [claim], "confidence": 1.0, "abstained": False}}
    assert collect.spurious(Unit("u", "planted", family, {}), sample) is expected


def test_r_is_weighted_and_the_own_unit_s(suite: TinySuite, results: Any) -> None:
    found = results()
    for unit in suite.units[:UNITS]:
        assert found[unit.identifier, "executable"].r == pytest.approx(1)


@pytest.mark.parametrize(("declares", "outcome"), [(True, "graded"), (False, "declares_none")])
def test_the_executable_reader_grades_what_was_declared(results: Any, declares: bool, outcome: str) -> None:
    found = results(declares_predicates=declares)
    assert found["planted-0", "executable"].outcome == outcome
    assert found["planted-0", "embedding"].outcome == "graded"


@pytest.mark.parametrize(
    ("outcome", "said", "right"),
    [
        ("report", (0.0, 10.0), (1.0, 1.0)),
        ("report", (10.0, 0.0), (0.0, 0.0)),
        ("abstained", (0.0, 10.0), (0.0, 0.0)),
        ("crash", (0.0, 10.0), (0.0, 0.0)),
    ],
)
def test_trivial_units_are_right_or_wrong_and_have_no_r(
    suite: TinySuite,
    monkeypatch: pytest.MonkeyPatch,
    outcome: str,
    said: tuple[float, float],
    right: tuple[float, float],
) -> None:
    papers = {f"trivial-{i}": {"executable": Paper(*[quantise(np.full(WORDS, said[i]))] * 3)} for i in range(2)}
    monkeypatch.setattr(collect.sidecar, "fetch", lambda address, folder: papers[address])
    sample = {"outcome": outcome, "tokens": 0, "unit_queries": 0, "seconds": 0.0, "declares_predicates": True}
    graded = {"report": {"text": "x"}} if outcome == "report" else {}
    samples = {name: {**sample, **graded, **({"papers": name} if graded else {})} for name in papers}
    run = Run("x", "none", samples, Path(), ("executable",))
    found = settle(CrossExamination(suite).results(run))  # type: ignore[arg-type]
    assert [result.r for result in found] == [None, None]
    assert tuple(result.simulation_accuracy for result in found) == right
    trivial = count_trivial(found)
    assert (trivial.n, trivial.right) == (2, sum(right))


def test_predicate_and_text_are_correlated_as_numpy_does_it(suite: TinySuite) -> None:
    rng = np.random.default_rng(4)
    one, other = rng.integers(0, 256, (2, WORDS)).astype(np.uint8)
    papers = {"executable": Paper(*[one] * 3), "embedding": Paper(*[other] * 3)}
    pool = suite.pool("planted")
    # A word of two tokens counts twice, as it does in r.
    rows = pool.rows["planted-0"] = replace(pool.rows["planted-0"], count=rng.integers(1, 4, WORDS).astype(float))
    made = CrossExamination._text_agreement(pool, "planted-0", papers, "executable")
    covariance = np.cov(one.astype(float), other.astype(float), aweights=pool.word_weight * rows.count)
    assert made == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), abs=1e-9)
    assert CrossExamination._text_agreement(pool, "planted-0", papers, "embedding") is None
    assert (
        CrossExamination._text_agreement(pool, "planted-0", {"executable": papers["executable"]}, "executable") is None
    )


def test_results_carry_how_far_the_two_readings_agree(results: Any) -> None:
    found = results()
    for (unit, reader), result in found.items():
        if unit.startswith("trivial"):
            continue
        # Both readers predict the truth exactly here.
        assert result.text_agreement == (pytest.approx(1) if reader == "executable" else None)
