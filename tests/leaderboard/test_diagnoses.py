"""What a report in a log says beside its scores, and how the board sums it up and shows it."""

import json
from collections.abc import Callable
from dataclasses import astuple, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from benchmark.exam.description_length import text_bits
from benchmark.exam.items import Pool, Rows
from benchmark.explainers.report import Claim, Report
from benchmark.leaderboard import Board, UnitResult, cells, to_html, to_json, to_markdown, to_terminal, validate
from benchmark.leaderboard.diagnoses import Diagnosing, Findings
from benchmark.leaderboard.row import Row
from benchmark.units.unit import Unit
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import And, Position, Predicate, Suffix, Word

Rebuild = Callable[..., Board]
Make = Callable[..., UnitResult]
RED, LAW = Word(("red", "blue")), Word(("court",))
FILL = ("house", "walks", "seems", "over", "table")
BANK = 120
RATES = (0.007, 0.025, 0.043, 0.087, 0.35)
CONFOUNDED = "planted-confounded-00-red-cue-beginning"


class TinySuite:
    """A planted, a confounded and a found unit that all fire on "red" and "blue", and 120 strangers near r = 0."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        texts = [" ".join(rng.choice([*RED.words, *LAW.words, *FILL * 4], 12)) for _ in range(300)]
        passages = Passages.of(texts)
        truth = {"predicate": RED.to_json()}
        self.units = (
            Unit("planted-0", "planted", "concrete", truth),
            Unit(CONFOUNDED, "planted", "confounded", truth),
            Unit("found-0", "found", "rate-0", {"latent": 0}),
            Unit("trivial-0", "trivial", "trivial", {"predicate": {"op": "never"}}),
        )
        self.order = {unit.identifier: i for i, unit in enumerate(self.units)}
        rows = Rows.of_words(evaluate(RED, passages))
        pool = Pool(passages, np.ones(len(passages)), {unit.identifier: rows for unit in self.units})
        self.pools = {"planted": pool, "natural": pool, "trivial": pool}
        r = np.tile(rng.normal(0, 0.02, BANK), (len(self.units), 1))
        # Related reports, which the mask keeps out.
        r[:, :10] = 0.95
        mask = np.ones(r.shape, dtype=bool)
        mask[:, :10] = False
        # Strangers as broad as each claim below, so that all have enough of them within the caliper.
        logs = np.stack([np.log(np.resize(RATES, BANK)), rng.normal(3, 0.1, BANK)], axis=1)
        features = {f"executable/{kind}": logs.copy() for kind in ("planted", "natural")}
        self.bank = SimpleNamespace(r={"executable": r}, mask=mask, features=features)
        self.manifest = {"readers": {"executable": {"threshold": 0.7}}, "stop_r": 0.7}

    def pool(self, kind: str) -> Pool:
        return self.pools[kind]


def _sample(*predicates: Predicate | None, outcome: str = "report", **changes: Any) -> dict[str, Any]:
    claims = tuple(Claim(f"claim {i}", predicate) for i, predicate in enumerate(predicates))
    return {"outcome": outcome, "report": {**Report("the words red and blue", claims, 0.8).to_json(), **changes}}


def _found(unit: int, sample: dict[str, Any]) -> Findings:
    suite: Any = TinySuite()
    return Diagnosing(suite).of(suite.units[unit], sample)


def test_a_report_with_predicates_is_diagnosed() -> None:
    found = _found(0, _sample(RED, LAW))
    assert (found.error_type, found.claims, found.overclaimed) == ("spurious", 2, 1)
    assert (found.confidence, found.atoms) == (0.8, 3)
    assert found.description_bits == text_bits("the words red and blue")


@pytest.mark.parametrize(
    ("unit", "predicates", "kind", "overclaimed"),
    [
        (0, (RED,), "right", 0),
        (0, (LAW,), "wrong", 1),
        (0, (RED, LAW, Suffix("s")), "spurious", 2),
        (0, (And((RED, Position(0, 3))),), "too_narrow", 0),
        (1, (And((RED, Position(0, 3))),), "wrong_reason", 0),
        (2, (RED, LAW), None, 1),
    ],
)
def test_kinds_and_claims_no_better_than_strangers(
    unit: int, predicates: tuple[Predicate, ...], kind: str | None, overclaimed: int
) -> None:
    found = _found(unit, _sample(*predicates))
    assert (found.error_type, found.overclaimed) == (kind, overclaimed)


def test_masked_reports_are_no_strangers() -> None:
    suite: Any = TinySuite()
    weak = _sample(And((RED, Position(0, 0))))
    assert Diagnosing(suite).of(suite.units[0], weak).overclaimed == 0
    suite.bank.mask[:] = True
    suite.bank.features["executable/planted"][:, 0] = np.log(RATES[0])
    assert Diagnosing(suite).of(suite.units[0], weak).overclaimed == 1


def test_too_few_strangers_are_not_resolvable() -> None:
    suite: Any = TinySuite()
    suite.bank.mask[:, 18:] = False
    found = Diagnosing(suite).of(suite.units[0], _sample(RED))
    assert (found.claims, found.overclaimed, found.error_type) == (1, None, "right")


def test_a_claim_below_the_reader_s_threshold_does_not_fire() -> None:
    sample = _sample(RED)
    sample["report"]["claims"][0]["level"] = 0.5
    assert _found(0, sample).error_type == "wrong"


@pytest.mark.parametrize(("unit", "kind"), [(0, "not_diagnosed"), (2, None)])
def test_prose_is_not_diagnosed(unit: int, kind: str | None) -> None:
    found = _found(unit, _sample(RED, None))
    assert (found.error_type, found.claims, found.overclaimed, found.atoms) == (kind, None, None, None)
    assert found.description_bits


@pytest.mark.parametrize(
    "sample",
    [{"outcome": "crash"}, {"outcome": "report"}, _sample(outcome="abstained"), _sample(RED, outcome="limit")],
)
def test_what_is_no_report_has_no_findings(sample: dict[str, Any]) -> None:
    assert _found(0, sample) == Findings()


@pytest.mark.parametrize("confidence", [1.5, -0.1, float("nan")])
def test_a_confidence_that_is_none_is_left_out(confidence: float) -> None:
    assert _found(0, _sample(RED, confidence=confidence)).confidence is None


def test_nothing_is_an_error_or_overclaimed_on_a_trivial_unit() -> None:
    found = _found(3, _sample(RED))
    assert (found.error_type, found.overclaimed) == (None, None)
    assert found.description_bits


KINDS = ("right", "too_broad", "wrong", "not_diagnosed")


def _diagnosed(results: list[UnitResult], confidence: float | None = None) -> list[UnitResult]:
    """Results with made-up diagnoses: an explainer's bits grow with its name, every third claim is too much."""
    made = []
    for result in results:
        index = int(result.unit[-2:])
        if result.failed or result.outcome == "abstained":
            made.append(result)
            continue
        stated = confidence if confidence is not None else (index % 10) / 10
        made.append(
            replace(
                result,
                error_type=KINDS[index % 4] if result.tier == "planted" else None,
                claims=3,
                overclaimed=index % 4,
                confidence=stated,
                description_bits=20.0 * len(result.explainer),
                atoms=1 + index,
                passes=None if result.r is None else (result.r > 0.7 and result.tier != "null"),
            )
        )
    return made


@pytest.fixture(scope="module")
def told(results: list[UnitResult], rebuild: Rebuild) -> Board:
    return rebuild(_diagnosed(results))


def _row(board: Board, explainer: str, tier: str = "planted", reader: str = "executable") -> Row:
    wanted = (explainer, tier, reader, "all")
    (row,) = [row for row in board.rows if (row.explainer, row.tier, row.reader, row.family) == wanted]
    return row


def test_a_row_sums_up_its_reports(told: Board) -> None:
    found = _row(told, "rule_induction").diagnoses
    assert found is not None
    assert found.error_types == dict.fromkeys(KINDS, 6)
    assert found.overclaimed is not None
    assert found.overclaimed.mean == pytest.approx(0.5)
    assert found.overclaimed.n == 24
    assert found.atoms is not None
    assert found.atoms.mean == pytest.approx(12.5)


def test_brier_and_excess_are_of_confidence_against_this_reader_s_score(told: Board) -> None:
    members = [r for r in told.results if (r.explainer, r.tier, r.reader) == ("top_tokens", "planted", "embedding")]
    found = _row(told, "top_tokens", reader="embedding").diagnoses
    assert found is not None
    assert found.calibration is not None
    assert found.excess_confidence is not None
    stated = np.array([m.confidence for m in members], dtype=float)
    r = np.array([m.r for m in members], dtype=float)
    passed = [bool(m.passes) for m in members]
    assert found.calibration.brier == pytest.approx(brier_score_loss(passed, stated))
    assert found.excess_confidence.mean == pytest.approx((stated - np.maximum(r, 0)).mean())
    assert sum(each.n for each in found.calibration.bins) == 24
    assert {(each.low is None, each.n < 10) for each in found.calibration.bins} <= {(True, True), (False, False)}
    assert found.overconfident == int((stated > np.maximum(r, 0)).sum())
    assert found.risk_coverage is not None
    assert found.risk_coverage.floor == pytest.approx(1 - np.maximum(r, 0).mean())
    assert found.risk_coverage.risk[-1] == pytest.approx(found.risk_coverage.floor)


def test_who_always_has_the_default_confidence_states_none(results: list[UnitResult], rebuild: Rebuild) -> None:
    found = _row(rebuild(_diagnosed(results, confidence=0.5)), "top_tokens").diagnoses
    assert found is not None
    assert (found.confidence, found.excess_confidence, found.overconfident) == (None, None, None)
    assert (found.calibration, found.risk_coverage) == (None, None)
    assert found.description_bits is not None


def test_reports_that_cannot_be_told_apart_are_counted(results: list[UnitResult], rebuild: Rebuild) -> None:
    """Five reports in two sets, whose members may be of another tier, and the rest alone."""
    made, seen = [], 0
    for each in _diagnosed(results):
        mine = (each.explainer, each.tier, each.reader) == ("top_tokens", "planted", "embedding")
        name = ("first", "first", "second", "second", "second")[seen] if mine and seen < 5 else ""
        seen += mine
        made.append(replace(each, collision=name if mine else None))
    found = _row(rebuild(made), "top_tokens", reader="embedding")
    assert found.diagnoses is not None
    assert found.diagnoses.collisions is not None
    assert astuple(found.diagnoses.collisions) == (24, 5, 2)
    assert cells.collisions(found) == "5/24 in 2"
    other = _row(rebuild(made), "top_tokens", reader="executable").diagnoses
    assert other is not None
    assert other.collisions is None


def test_the_front_is_of_contestants_that_none_beats_in_length_and_r(told: Board) -> None:
    rows = [row for row in told.rows if (row.tier, row.reader, row.family) == ("planted", "embedding", "all")]
    points = {
        row.explainer: (row.diagnoses.description_bits.mean, row.r.mean)
        for row in rows
        if row.role == "contestant" and row.diagnoses and row.diagnoses.description_bits and row.r
    }
    for row in rows:
        assert row.diagnoses is not None
        if row.role == "control":
            assert row.diagnoses.pareto is None
            continue
        bits, r = points[row.explainer]
        beaten = any(b <= bits and s >= r and (b, s) != (bits, r) for b, s in points.values())
        assert row.diagnoses.pareto is not beaten
    assert {row.diagnoses.pareto for row in rows if row.diagnoses} == {True, False, None}


def test_the_board_shows_the_diagnoses_and_keeps_its_schema(told: Board) -> None:
    validate(json.loads(to_json(told)))
    for text in (to_markdown(told), to_html(told)):
        assert "types of error" in text
        assert "6 right, 6 too broad, 6 wrong, 6 not diagnosed" in text
        assert "Brier score" in text
    assert "3 of 3 claims no better than strangers, confidence" in to_html(told)
    assert "types of error" not in to_terminal(told)


def test_results_of_old_logs_render_with_dashes(board: Board, told: Board) -> None:
    assert all(row.diagnoses is None for row in board.rows)
    text = to_markdown(board)
    start = text.index("Planted, predicate (by construction): diagnoses")
    (line,) = [line for line in text[start:].split("###")[0].splitlines() if line.startswith("| top_tokens")]
    assert set(line.removeprefix("| top_tokens").replace("|", "").split()) == {"–"}
    assert to_terminal(board) == to_terminal(told)


@pytest.mark.parametrize(
    ("field", "value"), [("error_type", "odd"), ("overclaimed", -1), ("confidence", 2), ("atoms", 0.5)]
)
def test_the_schema_refuses_odd_diagnoses(told: Board, field: str, value: Any) -> None:
    broken = json.loads(to_json(told))
    broken["units"][0][field] = value
    with pytest.raises(ValueError, match=field):
        validate(broken)
