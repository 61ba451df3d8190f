"""The way from delphi's score to ours: each step against its definition, and all of them against the gap."""

import numpy as np
import pytest
from made_up_cases import own_items, own_levels, pool
from sklearn.metrics import balanced_accuracy_score, f1_score, matthews_corrcoef

from benchmark.comparison.gap import (
    BASE_RATE,
    NEAR_MISSES,
    NONE,
    UNANSWERED,
    Chain,
    Decisions,
    Views,
    evened,
    f1_chain,
    r_chain,
    views,
    window_decisions,
)
from benchmark.exam.grading import grade_pool, simulation_accuracy
from benchmark.exam.items import Rows
from synthetic_neurons.passages import Floats, Passages


def some_views(said: list[int], pool_levels: Floats | None = None) -> Views:
    shared = pool()
    levels = np.ones(200) if pool_levels is None else pool_levels
    return views(own_items(), own_levels(said), 5.0, shared.passages, shared.weight, shared.rows["found-1"], levels)


@pytest.mark.parametrize("seed", range(5))
def test_scores_of_decisions_are_the_textbooks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fires, said, weight = rng.random(60) < 0.3, rng.random(60) < 0.4, rng.random(60) * rng.integers(0, 2, 60)
    found = Decisions(fires, said, weight)
    balanced = balanced_accuracy_score(fires, said, sample_weight=weight)
    assert found.informedness == pytest.approx(2 * balanced - 1, abs=1e-9)
    assert found.r == pytest.approx(matthews_corrcoef(fires, said, sample_weight=weight), abs=1e-9)
    assert found.f1 == pytest.approx(f1_score(fires, said, sample_weight=weight), abs=1e-9)


def test_one_class_alone_has_no_informedness() -> None:
    ones, none = np.ones(4, bool), np.zeros(4, bool)
    assert Decisions(ones, ones, np.ones(4)).informedness == 0.0
    assert Decisions(none, ones, np.ones(4)).informedness == 0.0


def test_even_weights_keep_the_silent_windows_total_and_take_the_proportions_of_text() -> None:
    weight = evened(own_items())
    assert weight[:3].tolist() == [1.0, 1.0, 1.0]
    assert weight[3:].sum() == pytest.approx(6)
    assert weight[6] / weight[3] == pytest.approx(0.93 / 0.02)


def test_the_ends_of_the_way_are_the_exams_own_scores() -> None:
    levels = np.random.default_rng(0).random(200) * 10
    seen, shared = some_views([0, 3, 7], levels), pool()
    grade = grade_pool(shared.rows["found-1"], levels, shared.word_weight, 5.0)
    assert seen.r == grade.r
    assert seen.words.f1 == pytest.approx(grade.f1, abs=1e-12)
    accuracy = simulation_accuracy(own_items(), own_levels([0, 3, 7]), 5.0)
    assert seen.equal.informedness == pytest.approx(2 * accuracy - 1, abs=1e-12)


def test_windows_and_words_of_the_pool_are_told_apart() -> None:
    levels = np.ones(200)
    levels[0:20:5] = 9.0  # the word before each that fires
    seen = some_views([], levels)
    assert seen.windows.f1 == 1.0
    assert seen.words.f1 == 0.0
    assert seen.windows.weight.tolist() == pool().weight.tolist()


def test_words_that_do_not_count_are_left_out() -> None:
    shared, levels = pool(), np.ones(200)
    rows = shared.rows["found-1"]
    levels[100] = 9.0
    count = np.where(np.arange(200) == 100, 0.0, 1.0)
    unread = Rows.of(count, rows.total, rows.square)
    seen = views(own_items(), own_levels([]), 5.0, shared.passages, shared.weight, unread, levels)
    assert seen.words.weight[100] == 0
    assert seen.words.weight[101] == 20


def test_steps_add_up_and_are_named_in_order() -> None:
    seen = some_views([0, 1, 3, 8], np.random.default_rng(1).random(200) * 10)
    for chain in (r_chain({"accuracy": 0.7}, seen), f1_chain({"f1_score": 0.6}, seen)):
        assert sum(chain.steps.values()) == pytest.approx(chain.gap)
        assert list(chain.steps) == list(chain.names)
        assert len(chain.values) == len(chain.names) + 1
    assert r_chain({"accuracy": 0.7}, seen).values[0] == pytest.approx(0.4)
    assert r_chain({"accuracy": 0.7}, seen).values[-1] == seen.r
    assert f1_chain({"f1_score": 0.6}, seen).values[-1] == seen.words.f1


def test_false_alarms_on_near_misses_are_the_near_misses_step() -> None:
    seen = some_views([0, 1, 2, 3, 4, 5])  # all firing windows, all near misses, nothing else
    chain = r_chain({"accuracy": 0.75}, seen)
    assert chain.steps[UNANSWERED] == pytest.approx(0)
    assert chain.steps[NEAR_MISSES] == pytest.approx(0.5 - (1 - 0.02 / 0.95))


def test_false_alarms_everywhere_are_the_base_rates_step() -> None:
    seen = some_views([0, 1, 2, 3, 6])  # a third of the near misses and of the other silent windows
    chain = f1_chain({"f1_score": seen.equal.f1}, seen)
    assert chain.steps[NEAR_MISSES] == pytest.approx(0, abs=1e-9)
    assert chain.steps[BASE_RATE] > 0.4


def test_the_cause_is_the_greatest_step_in_the_gaps_direction() -> None:
    assert Chain((0.9, 0.2, 0.5, 0.4), ("a", "b", "c")).cause == "a"
    assert Chain((0.4, 0.9, 0.2, 0.6), ("a", "b", "c")).cause == "a"
    assert Chain((0.4, 0.9, 0.2, 0.3), ("a", "b", "c")).cause == "b"
    assert Chain((0.4, 0.9, 0.2, 0.4), ("a", "b", "c")).cause == NONE


def test_a_level_at_the_threshold_is_said_to_fire() -> None:
    passages = Passages.of(["a b", "c d"])
    levels = np.array([0.0, 0.5, 0.4999, 0.0])
    said = window_decisions(passages, np.zeros(4), levels, 0.5, np.ones(2)).said
    assert said.tolist() == [True, False]
