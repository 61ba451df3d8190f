"""Thresholds, rates and the measurement on scores whose answer is known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import betabinom
from sklearn.metrics import roc_auc_score

from benchmark.honesty.combined import NAMES as COMBINATIONS
from benchmark.honesty.combined import fitted
from benchmark.honesty.detectors import COMBINED, DETECTORS
from benchmark.honesty.figure import figure
from benchmark.honesty.floor import DRAWS, FLOOR, draw_p, draws, floor_rates, promised
from benchmark.honesty.guards import NAMES as GUARDS
from benchmark.honesty.halves import test_half as halves
from benchmark.honesty.liars import STRATEGIES
from benchmark.honesty.measure import MAIN, POST_HOC, Study, best, by_share, measured, objections
from benchmark.honesty.rates import ALPHAS, Rate, auroc, auroc_interval, p_values, resolvable
from benchmark.honesty.sessions import HONEST
from benchmark.honesty.tables import markdown
from benchmark.honesty.unions import union_rates
from benchmark.honesty.unseen import unseen_rates


def test_honest_reports_alarm_no_more_often_than_promised() -> None:
    rng = np.random.default_rng(1)
    # 400 draws of 99 for the threshold and 50 to be judged: the mean rate is at most alpha.
    rates = [(p_values(rng.normal(size=50), rng.normal(size=99)) <= 0.05).mean() for _ in range(400)]
    assert 0.035 < np.mean(rates) <= 0.055


def test_ties_count_against_the_alarm() -> None:
    assert p_values(np.zeros(3), np.zeros(99)).tolist() == [1.0] * 3
    assert p_values(np.ones(1), np.zeros(99))[0] == pytest.approx(0.01)


def test_one_percent_takes_ninety_nine_honest_reports() -> None:
    assert resolvable(99, 0.01)
    assert not resolvable(98, 0.01)


def test_auroc_is_that_of_scikit_learn_with_ties() -> None:
    rng = np.random.default_rng(2)
    lies, clean = rng.integers(0, 5, 40).astype(float), rng.integers(0, 4, 60).astype(float)
    truth = np.repeat([1, 0], [40, 60])
    assert auroc(lies, clean) == pytest.approx(roc_auc_score(truth, np.concatenate([lies, clean])))


def test_the_interval_of_auroc_takes_whole_units() -> None:
    rng = np.random.default_rng(3)
    lies, clean, units = rng.normal(1, 1, 30), rng.normal(0, 1, 30), np.arange(30)
    alone = auroc_interval(lies, units, clean, units, 0)
    # The same reports five times over, in the same units, are worth no more.
    often = auroc_interval(np.repeat(lies, 5), np.repeat(units, 5), np.repeat(clean, 5), np.repeat(units, 5), 0)
    assert alone is not None
    assert often is not None
    assert often[1] - often[0] == pytest.approx(alone[1] - alone[0], rel=0.01)
    assert auroc_interval(lies[:4], units[:4], clean[:4], units[:4], 0) is None


def test_wilson_by_hand_and_none_under_ten_units() -> None:
    rate = Rate.of(np.array([True] * 8 + [False] * 12), np.arange(20))
    z, p, n = 1.959964, 0.4, 20
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert rate.low == pytest.approx((middle - half) / (1 + z**2 / n), abs=1e-5)
    assert rate.high == pytest.approx((middle + half) / (1 + z**2 / n), abs=1e-5)
    assert Rate.of(np.ones(9, dtype=bool), np.arange(9)).low is None


def test_the_interval_of_a_rate_counts_units_and_not_their_reports() -> None:
    alarms, units = np.array([True] * 8 + [False] * 12), np.arange(20)
    once, twice = Rate.of(alarms, units), Rate.of(np.repeat(alarms, 2), np.repeat(units, 2))
    assert (twice.reports, twice.units) == (40, 20)
    assert twice.low == pytest.approx(once.low)
    assert twice.high == pytest.approx(once.high)
    # Twenty reports of nine units have no interval either.
    assert Rate.of(alarms, np.arange(20) % 9).low is None


@pytest.mark.parametrize("alpha", ALPHAS)
def test_resolvable_is_where_an_alarm_can_be(alpha: float) -> None:
    for count in range(1, 200):
        least = p_values(np.array([np.inf]), np.zeros(count))[0]
        assert resolvable(count, alpha) == (least <= alpha), count


def test_rates_say_where_too_few_honest_reports_are_for_an_alarm() -> None:
    done = made(units=100)
    # Of both honest explainers there are 100 for the threshold, of one 50.
    assert int(done.of(HONEST, False).sum()) == 100
    for row in measured(done, 0):
        assert row["resolvable_0.05"]
        assert row["resolvable_0.01"] == (row["reference"] in (MAIN, "claims"))


def test_the_floor_is_the_procedures_rate_and_its_spread_that_of_single_draws() -> None:
    units = np.repeat(np.arange(120), 2)
    test = units % 2 == 1
    rates = floor_rates(scores := draws(240, 7), draw_p(scores, ~test), ~test, test, test, units)
    for alpha in ALPHAS:
        found, alarms = rates[f"false_alarms_{alpha:g}"], betabinom(120, *_order(120, alpha))
        # The number of alarms at a threshold of 120 among 120 others is beta-binomial; 0.0025 is a standard error.
        assert promised(120, alpha) == pytest.approx(alarms.mean() / 120)
        assert found["rate"] == pytest.approx(alarms.mean() / 120, abs=3 * alarms.std() / 120 / np.sqrt(DRAWS))
        assert found["sd"] == pytest.approx(alarms.std() / 120, rel=0.25)
        assert found["low"] <= found["rate"] <= found["high"]
        assert (found["reports"], found["units"]) == (120, 60)
    assert rates["auroc"] == pytest.approx(0.5, abs=0.01)
    apart = floor_rates(scores, draw_p(scores, ~test), ~test, ~test, test, units)
    assert apart["auroc"] == pytest.approx(np.mean([auroc(each[~test], each[test]) for each in scores]))


def _order(count: int, alpha: float) -> tuple[int, int]:
    above = int(alpha * (count + 1))
    return above, count + 1 - above


def test_the_floor_stands_in_every_row_without_a_score_of_its_own() -> None:
    done = made()
    assert FLOOR not in done.scores
    every = measured(done, 0)
    rows = {(r["reference"], r["strategies"]): r for r in every if r["detector"] == FLOOR}
    assert set(rows) == {(r["reference"], r["strategies"]) for r in every if r["detector"] == "truth"}
    row = rows[MAIN, "all"]
    assert row["detected_0.05"]["rate"] == pytest.approx(row["false_alarms_0.05"]["rate"], abs=0.01)
    assert row["kind"] == "end"


def made(seed: int = 4, units: int = 60) -> Study:
    """Every unit has all reports; `truth` is right, `three_sigma` finds swaps alone, all else is noise."""
    rng = np.random.default_rng(seed)
    names = (*HONEST, *STRATEGIES)
    arms, of = np.tile(names, units), np.repeat(np.arange(units), len(names))
    lie = ~np.isin(arms, HONEST)
    scores = {name: rng.normal(size=len(arms)) for name in DETECTORS}
    scores["truth"] = lie.astype(float)
    scores["three_sigma"] = np.where(arms == "swap", 9.0, scores["three_sigma"])
    test = halves(dict.fromkeys(range(units), ("mixed", "fraud")), seed)[of]
    objects = {name: np.zeros(len(arms), dtype=bool) for name in GUARDS}
    objects["verbosity"] = arms == "add"
    scores |= fitted(scores, lie, of.tolist(), ~test, 0)
    return Study(arms, of, test, scores, objects, np.full(len(arms), 0.2))


def test_thresholds_come_of_the_other_half() -> None:
    done = made()
    rows = {(r["detector"], r["strategies"]): r for r in measured(done, 0) if r["reference"] == MAIN}
    # Honest reports of the measured half that all score high are false alarms; they would be none if they set the bar.
    done.scores["r_lookup"][done.of(HONEST, True)] = 99.0
    moved = {(r["detector"], r["strategies"]): r for r in measured(done, 0) if r["reference"] == MAIN}
    assert rows["r_lookup", "all"]["false_alarms_0.05"]["rate"] < 0.2
    assert moved["r_lookup", "all"]["false_alarms_0.05"]["rate"] == 1.0
    assert moved["r_lookup", "all"]["detected_0.05"] == rows["r_lookup", "all"]["detected_0.05"]


def test_what_is_planted_among_scores_is_found() -> None:
    done = made()
    rows = measured(done, 0)
    found = {row["strategy"]: row for row in best(rows, measured(done, 0, test=False))}
    assert found["swap"]["detector"] == "three_sigma"
    assert found["swap"]["verdict"] == "caught"
    assert found["swap"]["truth"] == 1.0
    assert found["gate"]["verdict"] != "caught"
    asked = {(row["guardrail"], row["arm"]): row["rate"] for row in objections(done)}
    assert asked["verbosity", "add"] == 1.0
    assert asked["verbosity", "oracle"] == 0.0


def test_a_combination_of_noise_finds_nothing_in_either_half() -> None:
    rng = np.random.default_rng(6)
    units = np.repeat(np.arange(60), 8)
    lie, dev = rng.random(480) < 0.5, units % 2 == 0
    noise = {name: rng.normal(size=480) for name in COMBINED}
    for scores in fitted(noise, lie, units.tolist(), dev, 0).values():
        # In-sample, trees separate noise perfectly; of 240 reports chance alone moves it by some 0.06.
        assert abs(auroc(scores[dev & lie], scores[dev & ~lie]) - 0.5) < 0.2
        assert abs(auroc(scores[~dev & lie], scores[~dev & ~lie]) - 0.5) < 0.2


def test_a_study_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    done = made()
    done.save(tmp_path / "study.npz")
    back = Study.load(tmp_path / "study.npz")
    assert back.arms.tolist() == done.arms.tolist()
    assert all(np.array_equal(back.scores[name], each) for name, each in done.scores.items())
    assert all(np.array_equal(back.objects[name], each) for name, each in done.objects.items())


def _value(done: Study) -> dict[str, Any]:
    """What `publish` hands to the page, of a made study."""
    rows = measured(done, 0)
    return {
        "floor": {"draws": DRAWS, "promised": {"0.05": promised(24, 0.05), "0.01": promised(24, 0.01)}},
        "units": {"mixed": 24},
        "seed": 0,
        "calibration_reports": 24,
        "main_reference": MAIN,
        "rates": rows,
        "best": best(rows, measured(done, 0, test=False)),
        "objections": objections(done),
        "by_share": by_share(done, ["truth"]),
        "unions": union_rates(done, {"all single detectors": tuple(COMBINED)}),
        "unseen": unseen_rates(done, {each: {name: done.scores[name] for name in COMBINATIONS} for each in STRATEGIES}),
        "headlines": [{"arm": "swap", "units": 24, "mean_r": 0.1, "p": 0.5, "resolvable": True}],
    }


def test_the_page_and_the_figure_name_every_strategy_and_detector() -> None:
    value = _value(made(units=24))
    page, drawn = markdown(value), figure(value)
    for name in (*STRATEGIES, *DETECTORS):
        assert name in page
    assert all(name in drawn for name in STRATEGIES)
    assert "not resolvable" in page


def test_the_page_marks_what_was_decided_after_the_measured_half_was_seen() -> None:
    done = made(units=24)
    page = markdown(_value(done))
    before, apart = page.split("## Claims apart")
    assert apart.splitlines()[0].endswith("(post hoc)")
    assert "**Post hoc**" in apart.split("## ")[0]
    (note,) = [line for line in before.splitlines() if line.startswith("`best` is")]
    assert "**Post hoc**: *truth*" in note
    assert {key.split("[")[0] for key in POST_HOC} == {"rates", "best"}
