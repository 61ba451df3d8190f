"""Ceilings, spends and the score at each spend, from sessions whose figures are known."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from made_up_sessions import CEILINGS, Book, moment, report, session

from benchmark.spending.ceilings import fairness, spent
from benchmark.spending.curve import Curve, curves, rounded_up, score_at, steps
from benchmark.spending.figure import figure
from benchmark.spending.page import markdown, verdict
from benchmark.spending.sessions import Session, held_to_loops

FACTS = {"suite": "embedded-2", "suite_hash": "0" * 64, "score_version": "4"}


def curve_of(found: list[Curve], explainer: str, currency: str = "unit_queries") -> Curve:
    (one,) = [each for each in found if (each.explainer, each.currency) == (explainer, currency)]
    return one


def at(curve: Curve, spend: float) -> float:
    """The curve's mean at the last grid point that the spend covers."""
    return [r.mean for place, r in zip(curve.at, curve.r, strict=True) if place <= spend][-1]


def loop(unit: str, last: float | None = 0.9) -> Session:
    """Holds r 0.2 from 60 queries on, then 0.6 from 300 on; a worse one on P0 in between; ends at 500."""
    moments = (moment(60, 0.3, 0.2), moment(200, 0.1, 0.8), moment(300, 0.7, 0.6))
    outcome = {"report": report(last), "outcome": "report"} if last is not None else {"outcome": "abstained"}
    return session(unit, moments=moments, spend={"unit_queries": 500.0}, **outcome)


def test_a_stopped_loop_hands_in_the_best_by_practice_and_not_the_best_there_is() -> None:
    taken = steps(loop("a"), "unit_queries", "executable", Book())
    assert [(each.at, each.r) for each in taken] == [(0, 0), (60, 0.2), (300, 0.6), (500, 0.9)]
    assert [score_at(taken, spend) for spend in (0, 59, 60, 299, 300, 499, 500, 9000)] == [
        0,
        0,
        0.2,
        0.2,
        0.6,
        0.6,
        0.9,
        0.9,
    ]


def test_equal_r_on_practice_is_decided_by_accuracy() -> None:
    one = replace(
        loop("a"), moments=(moment(60, 0.5, 0.2, 0.7), moment(120, 0.5, 0.6, 0.9), moment(180, 0.5, 0.1, 0.6))
    )
    taken = steps(one, "unit_queries", "executable", Book())
    assert [(each.at, each.r) for each in taken] == [(0, 0), (60, 0.2), (120, 0.6), (500, 0.9)]


def test_the_curve_is_the_mean_over_units_and_ends_at_what_was_handed_in() -> None:
    found = curve_of(curves([loop("a"), loop("b", last=None)], Book()), "loop")
    assert [at(found, spend) for spend in (0, 55, 60, 295, 300, 495)] == pytest.approx([0, 0, 0.2, 0.2, 0.6, 0.6])
    assert at(found, 500) == pytest.approx(0.45), "an abstention scores 0, whatever was held before"
    assert (found.units, found.looped, found.at[-1]) == (2, True, 500)
    assert {r.low for r in found.r} == {None}, "two units have no interval"


def test_intervals_are_over_units() -> None:
    sessions = [loop(f"unit-{number}", last=number / 20) for number in range(20)]
    end = curve_of(curves(sessions, Book()), "loop").r[-1]
    assert end.low is not None
    assert end.high is not None
    assert end.low < 0.475 < end.high
    assert end.high - end.low == pytest.approx(2 * 1.96 * 0.288 / 20**0.5, rel=0.2)


def test_an_explainer_without_a_loop_is_one_point_at_its_mean_spend() -> None:
    once = [
        session(name, "once", report=report(r), spend={"tokens": t})
        for name, r, t in [("a", 0.4, 100), ("b", 0.2, 300)]
    ]
    found = curves([*once, loop("a")], Book())
    point = curve_of(found, "once", "tokens")
    assert (point.at, point.looped) == ((200.0,), False)
    assert point.r[0].mean == pytest.approx(0.3)
    assert curve_of(found, "loop", "tokens").at == (0.0,), "a loop without a model is a point on the axis of tokens"


def test_tiers_are_never_pooled_and_nulls_have_no_curve() -> None:
    sessions = [loop("a"), replace(loop("f"), tier="found"), replace(loop("n"), tier="null")]
    found = curves(sessions, Book())
    assert {(each.tier, each.units) for each in found} == {("planted", 1), ("found", 1)}


def test_one_reader_reads_all_reports_of_an_explainer() -> None:
    prose = replace(loop("a"), explainer="prose", declares_predicates=False)
    found = curves([loop("a"), prose], Book())
    assert {each.explainer: each.reader for each in found} == {"loop": "executable", "prose": "embedding"}
    assert {each.reader for each in curves([loop("a"), prose], Book(), "embedding")} == {"embedding"}


def test_the_axis_ends_at_a_round_number() -> None:
    assert [rounded_up(each) for each in (0, 7, 60, 636, 1416, 4801)] == [0, 7, 60, 650, 1500, 5000]


def test_equal_ceilings_that_were_kept() -> None:
    fair = fairness([loop("a"), session("a", "once")])
    assert (fair.equal, fair.kept, fair.ceilings) == (True, True, CEILINGS)
    assert set(fair.exceeded.values()) == {0}


@pytest.mark.parametrize("currency", ["unit_queries", "rounds", "tokens", "calls", "generated"])
def test_a_ceiling_that_was_exceeded_is_said(currency: str) -> None:
    over = session("b", "once", spend={currency: CEILINGS[currency] + 1})
    sessions = [loop("a"), session("a", "once", spend={currency: CEILINGS[currency]}), over]
    fair, rows = fairness(sessions), spent(sessions)
    assert (fair.kept, fair.exceeded[currency]) == (False, 1)
    (row,) = [each for each in rows if (each.explainer, each.currency) == ("once", currency)]
    assert (row.exceeded, row.most_over, row.greatest, row.units) == (1, 1, CEILINGS[currency] + 1, 2)
    assert row.mean == pytest.approx(CEILINGS[currency] + 0.5)
    assert "once exceeded" in verdict(fair, rows)[0]


def test_a_last_step_that_ends_late_breaks_no_ceiling_and_is_counted() -> None:
    sessions = [session("a", spend={"seconds": 121.5}), session("b", spend={"seconds": 120.0})]
    fair = fairness(sessions)
    assert (fair.kept, fair.exceeded["seconds"]) == (True, 1)
    assert "loop on 1 unit by at most 1.5 s" in verdict(fair, spent(sessions))[1]


def test_other_ceilings_for_one_explainer_are_not_equal() -> None:
    richer = replace(session("a", "rich"), ceilings=CEILINGS | {"tokens": 40_000.0})
    fair = fairness([loop("a"), richer])
    assert (fair.equal, fair.ceilings["tokens"], fair.ceilings["rounds"]) == (False, None, 8)
    assert "Ceilings differ or lack: tokens" in verdict(fair, spent([loop("a"), richer]))[0]
    lacking = {name: value for name, value in CEILINGS.items() if name != "calls"}
    assert not fairness([loop("a"), replace(session("a", "old"), ceilings=lacking)]).equal


def test_a_session_that_ended_without_a_word_did_not_spend_nothing() -> None:
    silent = replace(session("b", "once"), spend={})
    rows = spent([session("a", "once", spend={"tokens": 100.0}), silent])
    (row,) = [each for each in rows if each.currency == "tokens"]
    assert (row.units, row.told, row.mean) == (2, 1, 100)
    assert "once: 1 unit ended without a spend in the log." in verdict(fairness([silent]), rows)


def test_the_page_and_the_figure_say_what_was_found_and_nothing_that_was_smuggled_in() -> None:
    hostile = "<script>alert(1)</script>|x"
    sessions = [loop(f"unit-{number}") for number in range(12)]
    sessions += [session(f"unit-{n}", hostile, report=report(0.5), spend={"tokens": 900.0}) for n in range(12)]
    found = curves(sessions, Book())
    page = markdown(fairness(sessions), spent(sessions), found, FACTS)
    assert "| loop | executable | 12 | 500 | 0.00" in page
    assert "0.90 \\[0.90, 0.90\\]" in page
    assert "### Planted units, against tokens" in page
    drawn = figure(found, "Score at spend")
    assert "<script>" not in page + drawn
    paths = [each.get("d", "") for each in ElementTree.fromstring(drawn).iter() if each.get("class") == "curve"]
    assert len(paths) == 2, "one sample in the legend, one line against unit queries; tokens are points"
    assert paths[1].count("H") == len(curve_of(found, "loop").at) - 1


def test_a_rival_that_got_more_than_its_loop_is_counted() -> None:
    rivals = [
        session(f"u{i}", "rival", spend={"unit_queries": 100.0 + i, "tokens": 5.0}, allowance={"unit_queries": 101.0})
        for i in range(4)
    ]
    found = fairness(rivals)
    assert (found.matched, found.beyond_loop) == (4, 2)
    told = " ".join(verdict(found, spent(rivals)))
    assert "met 4 units and were held to what their loop spent there: 2 units got more" in told
    assert "none got more" in " ".join(verdict(fairness(rivals[:2]), spent(rivals[:2])))


def test_a_rival_of_an_older_log_is_held_to_its_loop_s_own_spend() -> None:
    loop = [session("u1", "rule_induction_agentic", spend={"unit_queries": 90.0, "tokens": 0.0})]
    rival = session("u1", "rule_induction_best_of_n", spend={"unit_queries": 91.0, "tokens": 0.0})
    (_, found) = held_to_loops([*loop, rival])
    assert found.allowance == {"unit_queries": 90.0, "tokens": 0.0}
    assert fairness([*loop, found]).beyond_loop == 1
    assert not held_to_loops([rival])[0].allowance, "its loop is not here"


def test_cached_answers_are_named() -> None:
    some = [session("u1", "mine", cached=True), session("u1", "other")]
    assert fairness(some).cached == ("mine",)
    assert any(
        "come from a cache, and seconds be too few: mine" in line for line in verdict(fairness(some), spent(some))
    )
