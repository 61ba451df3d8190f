"""Constant, placebo, oracle, recorded, top tokens, vocabulary."""

import asyncio

import numpy as np
import pytest
from planted_world import World, words

from benchmark.explainers.constant import Constant
from benchmark.explainers.explainer import Explainer, Journal, NoReport
from benchmark.explainers.oracle import Oracle
from benchmark.explainers.placebo import Placebo
from benchmark.explainers.recorded import Recorded
from benchmark.explainers.report import Claim, Report
from benchmark.explainers.top_tokens import TopTokens
from benchmark.explainers.vocabulary import Vocabulary, whole_words
from benchmark.explainers.word_data import predicted
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse


def explain(explainer: Explainer, world: World) -> Report:
    return asyncio.run(explainer.explain(world.laboratory(), Journal()))


@pytest.fixture(scope="module")
def world() -> World:
    graded = {"op": "or", "of": [words("river"), {"op": "scaled", "factor": 0.5, "of": words("stone", "tree")}]}
    return World(graded)


def test_constant_predicts_level_ten_everywhere(world: World) -> None:
    report = explain(Constant(), world)
    assert np.all(predicted(report, Passages.of(["a b c"])) == 10)
    assert world.r(report) == 0


def test_placebo_hands_in_the_strangers_report_unchanged(world: World) -> None:
    stranger = Report("the word 'door'", (Claim("the word 'door'", parse(words("door"))),))
    assert explain(Placebo(stranger), world) is stranger


def test_oracle_hands_in_the_truth_and_has_none_elsewhere(world: World) -> None:
    report = Report("truth", (Claim("truth", parse(world.value)),))
    assert world.r(explain(Oracle(report), world)) == pytest.approx(1)
    with pytest.raises(NoReport) as failure:
        explain(Oracle(None), world)
    assert failure.value.kind == "no_report"


def test_recorded_hands_in_the_file_s_report_unchanged_or_none(world: World) -> None:
    theirs = Report("doors and gates", (Claim("doors and gates"),))
    assert explain(Recorded(theirs), world) is theirs
    with pytest.raises(NoReport) as failure:
        explain(Recorded(None), world)
    assert failure.value.kind == "no_report"


def test_top_tokens_groups_words_by_rounded_level(world: World) -> None:
    report = explain(TopTokens(), world)
    levels = {claim.level: claim.predicate.to_json()["words"] for claim in report.claims if claim.predicate}
    assert levels == {10.0: ["river"], 5.0: ["stone", "tree"]}
    assert world.r(report) == pytest.approx(1)
    assert len(predicted(explain(TopTokens(limit=1), world), Passages.of(["stone"]))) == 1


def test_top_tokens_abstains_where_nothing_fires(world: World) -> None:
    silent = World(words("river"))
    silent.exemplars = [each for each in silent.exemplars if each.stratum != "firing"]
    assert explain(TopTokens(), silent).abstained


def test_vocabulary_names_whole_words_only(world: World) -> None:
    assert whole_words(["\u0120River", " river", "ing", "??", "\u2581bank", "don't", "x"]) == ("river", "ing", "bank")
    report = explain(Vocabulary([" river", " bank"]), world)
    assert report.text == "words such as river, bank"
    assert report.has_predicates
    assert explain(Vocabulary(["?", "."]), world).abstained
