"""The sampled reader's paper and grades: who is read on what, and what the answers score."""

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr
from sklearn.metrics import balanced_accuracy_score

from benchmark.exam.items import Items, Stratum
from benchmark.exam.sampled import (
    STRANGERS,
    Sheet,
    draw_sheet,
    draw_strangers,
    draw_units,
    generator,
)
from benchmark.exam.sampled_grades import THRESHOLD, Sheetful, UnitReading, errors_of, sampled_headline
from synthetic_neurons.passages import Passages

FIRING = [f"the cat number {n} saw a Cat and one dog" for n in range(20)]
NEAR = [f"a cat in window {n} , and 3 dogs" for n in range(20)]
SILENT = [f"nothing of the kind is here {n}" for n in range(20)]


@cache
def items() -> Items:
    """The unit fires on "Cat" alone, with a value that grows from window to window."""
    passages = Passages.of([*FIRING, *NEAR, *SILENT])
    fires = np.array([word == "Cat" for word in passages.words])
    values = np.where(fires, 1.0 + passages.text_of, 0.0)
    strata: tuple[Stratum, ...] = ("firing",) * 20 + ("near_miss",) * 20 + ("silent",) * 20
    return Items(passages, values, strata, np.ones(60))


def sheet(seed: int = 0, per_stratum: int = 14) -> Sheet:
    return draw_sheet(items(), "unit", seed, per_stratum)


def test_a_sheet_has_14_of_each_stratum_and_marks_one_word_each() -> None:
    drawn = sheet()
    for kind in ("firing", "near_miss", "silent"):
        mine = [each for each in drawn.marked if each.stratum == kind]
        assert len(mine) == 14
        assert len({each.text for each in mine}) == 14
        assert all((each.value > 0) == (kind == "firing") for each in mine)
    assert all(each.word == "Cat" for each in drawn.marked if each.value > 0)


def test_firing_windows_are_spread_over_the_range() -> None:
    values = sorted(each.value for each in sheet(per_stratum=5).marked if each.value > 0)
    assert values[0] == 1
    assert values[-1] == 20
    assert np.diff(values).min() >= 4


def test_a_near_miss_marks_the_word_that_fires_elsewhere_and_a_silent_window_any() -> None:
    assert {each.word for each in sheet().marked if each.stratum == "near_miss"} == {"cat"}
    assert len({each.word for each in sheet().marked if each.stratum == "silent"}) > 3


def test_fuzzing_marks_every_firing_window_once_rightly_and_once_wrongly() -> None:
    doubtful = sheet().doubtful
    assert len(doubtful) == 42
    right = {each.text for each in doubtful if each.value > 0}
    wrong = {each.text for each in doubtful if each.value == 0 and each.stratum == "firing"}
    assert right == wrong
    assert len(right) == 14


@pytest.mark.parametrize("seed", range(5))
def test_a_sheet_is_of_its_seed_and_unit_alone(seed: int) -> None:
    assert sheet(seed) == sheet(seed)
    assert sheet(seed) != draw_sheet(items(), "other", seed)
    strata = [each.stratum for each in sheet(seed).marked]
    assert strata != sorted(strata)


def test_units_that_most_explainers_met_come_first() -> None:
    met = {f"u{n}": 3 if n < 5 else 1 for n in range(20)}
    drawn = draw_units(met, 7, seed=1)
    assert set(drawn[:5]) == {f"u{n}" for n in range(5)}
    assert drawn == draw_units(dict(reversed(met.items())), 7, seed=1)
    assert draw_units(met, 7, seed=1) != draw_units(met, 7, seed=2)


def strangers(count: int = STRANGERS, allowed: int = 200, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(5)
    features = np.stack([rng.normal(-5, 2, 300), rng.normal(4, 1, 300)], axis=1)
    mask = np.zeros(300, dtype=bool)
    mask[:allowed] = True
    texts = [f"report {n % 290}" for n in range(300)]
    return draw_strangers(mask, features, texts, float(np.exp(-7)), count, generator(seed, "s")).indices


def test_strangers_are_allowed_distinct_and_near_in_rate() -> None:
    features = np.random.default_rng(5).normal(-5, 2, 300)
    drawn = strangers()
    assert len(set(drawn.tolist())) == STRANGERS
    assert drawn.max() < 200
    distance = np.abs(features[:200] + 7)
    assert (distance[drawn] <= np.sort(distance)[98]).all()
    assert strangers(seed=1).tolist() != drawn.tolist()


def test_fewer_strangers_than_asked_for_where_the_bank_allows_fewer() -> None:
    assert len(strangers(allowed=4)) == 4
    assert len(strangers(allowed=0)) == 0


def made(truth: Sequence[float], said: Sequence[float | None], **errors: int) -> Sheetful:
    return Sheetful(np.array(truth), tuple(said), errors, THRESHOLD)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=4, max_size=42).filter(
        lambda pairs: np.std([a for a, _ in pairs]) > 0.1 and np.std([b for _, b in pairs]) > 0.1
    )
)
def test_r_own_is_pearsons(pairs: list[tuple[float, float]]) -> None:
    truth, said = zip(*pairs, strict=True)
    assert made(list(truth), list(said)).r() == pytest.approx(float(pearsonr(truth, said)[0]), abs=1e-9)


def test_balanced_accuracy_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    truth, said = rng.integers(0, 2, 42), rng.uniform(0, 10, 42)
    found = made([float(each) for each in truth], [float(each) for each in said]).accuracy()
    assert found == pytest.approx(balanced_accuracy_score(truth, said >= 5))


def test_an_error_is_left_out_and_is_no_zero() -> None:
    truth = [0.0, 0.0, 10.0, 10.0, 10.0]
    assert made(truth, [0.0, 1.0, 9.0, 10.0, None]).r() == made(truth[:4], [0.0, 1.0, 9.0, 10.0]).r()
    assert made(truth, [0.0, 1.0, 9.0, 10.0, None]).r() > made(truth, [0.0, 1.0, 9.0, 10.0, 0.0]).r() + 0.2


def test_a_report_that_silences_the_reader_scores_nothing() -> None:
    unread = made([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1.0, None, None, None])
    assert not unread.is_read
    assert unread.r() == 0
    assert unread.accuracy() == 0


def test_a_class_without_an_answer_gives_no_information() -> None:
    assert made([0.0, 0.0, 1.0], [0.0, 0.0, None]).accuracy() == 0.75


def reading(r: float, strangers: tuple[float, ...], outcome: str = "report") -> UnitReading:
    """A unit whose r_own is 1, -1 or 0."""
    own = {"simulation": made([0.0, 1.0], {1: [0.0, 1.0], -1: [1.0, 0.0], 0: [1.0, 1.0]}[int(r)], refusal=1)}
    return UnitReading("u", "found", outcome, own if outcome == "report" else {}, strangers)


def test_the_p_is_that_of_the_exact_null() -> None:
    """Three units of which each own report is better than all six strangers', by every choice of members."""
    readings = [reading(1, (0.0, 0.1, -0.2, 0.3, 0.0, 0.2))] * 3
    found = sampled_headline(readings, STRANGERS, seed=3, draws=200_000)
    means = [sum(each) / 3 for each in product((1.0, 0.0, 0.1, -0.2, 0.3, 0.0, 0.2), repeat=3)]
    # The own mean, 1, deflated about what the draws expect.
    bar = np.mean(means) + (1 - np.mean(means)) / 1.5
    assert found.p == pytest.approx(np.mean(np.array(means) >= bar - 1e-12), rel=0.05)
    # With strangers at 0 two own reports of three would reach (3 / 7 + 18 / 7 / 1.5) / 3 no draw but all three.
    assert found.smallest_p == pytest.approx(1 / 7**3)
    assert not found.resolvable
    assert sampled_headline(readings * 4, STRANGERS, seed=3).resolvable


def test_with_fewer_than_six_strangers_nothing_is_resolvable() -> None:
    readings = [reading(1, (0.0, 0.1, -0.2, 0.3, 0.0))] * 12
    assert not sampled_headline(readings, 5, seed=0).resolvable


def test_random_reports_are_significant_no_more_often_than_they_may_be() -> None:
    """Own and strangers from one distribution: p below 0.05 in at most 5% of 300 draws, within 3.3 standard errors."""
    rng, hits = np.random.default_rng(11), 0
    for trial in range(300):
        truth = rng.normal(size=42)
        readings = [
            UnitReading(
                "u",
                "found",
                "report",
                {"simulation": Sheetful(truth, tuple(map(float, rng.normal(size=42))))},
                tuple(Sheetful(truth, tuple(map(float, rng.normal(size=42)))).r() for _ in range(6)),
            )
            for _ in range(12)
        ]
        hits += sampled_headline(readings, STRANGERS, seed=trial, draws=1000).p < 0.05
    assert hits / 300 <= 0.05 + 3.3 * np.sqrt(0.05 * 0.95 / 300)


def test_abstentions_and_failures_count_in_the_mean_and_not_in_the_draws() -> None:
    some = [reading(1, (0.0,) * 6)] * 6
    found = sampled_headline([*some, *[reading(1, (), "abstained")] * 4, *[reading(1, (), "crash")] * 2], 6, seed=0)
    assert found.mean == pytest.approx(0.5)
    assert found.units == 12
    assert found.p == sampled_headline(some, 6, seed=0).p
    assert reading(1, (), "abstained").accuracy("detection") == 0.5
    assert reading(1, (), "crash").accuracy("detection") == 0
    assert reading(1, ()).accuracy("detection") is None


def test_errors_are_counted_by_kind() -> None:
    assert errors_of([reading(1, ()), reading(0, ()), reading(1, (), "abstained")]) == {"refusal": 2}
