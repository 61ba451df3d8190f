"""The search finds rules of every kind it can say, shrinks what it saw once, and is quick and deterministic."""

import time
from typing import Any

import numpy as np
import pytest
from planted_world import GATED, World, exemplar, null_world, words

from benchmark.explainers.atoms import Workbench
from benchmark.explainers.rule_search import cross_validated_r, search
from benchmark.explainers.word_data import Data, weighted_correlation
from benchmark.statistics.weighted import weighted_r
from synthetic_neurons.evaluate import evaluate

RULES: dict[str, dict[str, Any]] = {
    "word": words("river", "stone"),
    "suffix": {"op": "suffix", "text": "ing"},
    "prefix": {"op": "prefix", "text": "un"},
    "gated": GATED,
    "unless": {"op": "unless", "of": words("bank", "door"), "exception": {"op": "previous", "of": words("the")}},
    "position": {
        "op": "and",
        "of": [words(*["river", "stone", "tree", "house", "city"]), {"op": "position", "from": 0, "to": 3}],
    },
    "repeats": {"op": "and", "of": [words("river", "bank", "the"), {"op": "repeats"}]},
    "graded": {"op": "or", "of": [words("river"), {"op": "scaled", "factor": 0.4, "of": words("stone", "tree")}]},
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_finds_the_rule_on_unseen_text(name: str) -> None:
    world = World(RULES[name], counts=(40, 40, 120))
    data = Data.of(world.exemplars)
    started = time.process_time()
    hypotheses = search(data)
    assert time.process_time() - started < 1.0
    assert world.r(hypotheses[0].report) > 0.9
    assert cross_validated_r(data) > 0.7


def test_runners_up_are_of_another_kind_and_ranked() -> None:
    hypotheses = search(Data.of(World(GATED, counts=(40, 40, 120)).exemplars))
    assert len(hypotheses) >= 2
    assert len({each.report.text for each in hypotheses}) == len(hypotheses)
    assert [each.score for each in hypotheses] == sorted((each.score for each in hypotheses), reverse=True)


def test_graded_words_become_one_claim_a_band() -> None:
    report = search(Data.of(World(RULES["graded"], counts=(40, 40, 120)).exemplars))[0].report
    assert sorted(round(claim.level) for claim in report.claims) == [4, 10]


def test_search_is_deterministic() -> None:
    data = Data.of(World(GATED).exemplars)
    assert [each.report for each in search(data)] == [each.report for each in search(data)]


def test_a_word_seen_once_is_shrunk() -> None:
    once = exemplar("the zebra sat", np.array([0.0, 10.0, 0.0]), "firing")
    often = [exemplar(f"a lion {i}", np.array([0.0, 10.0, 0.0]), "firing") for i in range(9)]
    bench = Workbench(Data.of([once, *often]))
    _, level = bench.word_levels(np.ones(len(bench.values), dtype=bool))
    found = dict(zip(bench.data.lower_types, level, strict=True))
    assert found["zebra"] == pytest.approx(10 / 1.5)
    assert found["lion"] == pytest.approx(90 / 9.5)


def test_silent_windows_stand_for_many() -> None:
    firing = exemplar("the lion", np.array([10.0, 10.0]), "firing")
    silent = exemplar("the dog", np.zeros(2), "silent")
    bench = Workbench(Data.of([firing, silent]))
    _, level = bench.word_levels(np.ones(4, dtype=bool))
    found = dict(zip(bench.data.lower_types, level, strict=True))
    assert found["the"] < 0.6 < 6 < found["lion"]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_carries_over_on_null_units(seed: int) -> None:
    assert cross_validated_r(Data.of(null_world(seed).exemplars)) < 0.15


def test_columns_agree_with_the_interpreter() -> None:
    """Word lists are found by counting; what they are said to hold on must be what `evaluate` gives."""
    data = Data.of(World(GATED).exemplars)
    bench, everywhere = Workbench(data), np.ones(len(data.values), dtype=bool)
    for reach in (0, 1, 2, 4, 8):
        made = bench.word_list(everywhere, reach, "and")
        if made is not None:
            np.testing.assert_array_equal(made[1], evaluate(made[0], data.passages) > 0.5)


def test_correlation_agrees_with_the_statistics_package() -> None:
    rng = np.random.default_rng(5)
    truth, guess, weight = rng.random(50), rng.random(50), rng.random(50)
    assert weighted_correlation(truth, guess, weight) == pytest.approx(weighted_r(truth, guess, weight))


def test_dead_and_always_on_units_are_said_to_be_so() -> None:
    texts = ["the river ran", "a bank of stone"]
    dead = [exemplar(text, np.zeros(len(text.split())), "silent") for text in texts]
    on = [exemplar(text, np.full(len(text.split()), 4.0), "firing") for text in texts]
    for exemplars, op in ((dead, "never"), (on, "always")):
        (only,) = search(Data.of(exemplars))
        assert only.claims[0][0].op == op


def test_mismatched_values_are_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 3 words"):
        Data.of([exemplar("one two three", np.zeros(2), "silent")])
