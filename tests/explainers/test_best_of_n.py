"""Compute-matched rivals: never more than the loop spent, and the best of what that buys."""

import asyncio

import pytest
from planted_world import World, null_world, underdetermined, words
from scripted_model import Scripted, looked_up

from benchmark.explainers.contest import Allowance
from benchmark.explainers.explainer import Journal, NoReport
from benchmark.explainers.report import Report
from benchmark.explainers.rule_induction_best_of_n import RuleInductionBestOfN
from benchmark.explainers.single_pass_best_of_n import SinglePassBestOfN
from benchmark.laboratory import PRACTICE_ITEMS, Laboratory


def passes(answers: list[str], allowance: Allowance, world: World | None = None) -> tuple[Report, Laboratory, Scripted]:
    laboratory = (world or World(words("river"), read=looked_up)).laboratory()
    model = Scripted(laboratory, answers)
    return asyncio.run(SinglePassBestOfN(allowance).explain(laboratory, Journal(), model)), laboratory, model


def test_the_best_by_practice_is_handed_in() -> None:
    report, laboratory, model = passes(["the word money", "the word river", "trees"], Allowance(100_000, 600))
    assert report.text == "the word river"
    assert report.confidence > 0.9
    assert laboratory.spend.unit_queries == 3 * PRACTICE_ITEMS
    assert len(set(model.prompts)) == len(model.prompts)


@pytest.mark.parametrize("allowance", [Allowance(130, 600), Allowance(500, 600), Allowance(100_000, 130)])
def test_an_allowance_is_never_exceeded(allowance: Allowance) -> None:
    answers = [f"the word number{i}" for i in range(50)]
    _, laboratory, model = passes(answers, allowance)
    assert laboratory.spend.tokens <= allowance.tokens
    assert laboratory.spend.unit_queries <= allowance.unit_queries
    assert len(model.prompts) == min(allowance.tokens // 120, allowance.unit_queries // PRACTICE_ITEMS)


def test_without_queries_the_one_pass_stands() -> None:
    report, laboratory, model = passes(["the word money", "the word river"], Allowance(100_000, 12))
    assert report.text == "the word money"
    assert laboratory.spend.unit_queries == 0
    assert len(model.prompts) == 1


def test_a_model_that_repeats_itself_is_not_asked_for_ever() -> None:
    _, laboratory, model = passes(["the word money"], Allowance(100_000, 1500))
    assert laboratory.spend.unit_queries == PRACTICE_ITEMS
    assert len(model.prompts) <= 8


def test_a_first_pass_that_cannot_be_read_is_a_failure_and_a_later_one_is_not() -> None:
    with pytest.raises(NoReport):
        passes([""], Allowance(100_000, 600))
    report, _, _ = passes(["the word river", "", ""], Allowance(1000, 600))
    assert report.text == "the word river"


def rules(world: World, allowance: Allowance) -> tuple[Report, Laboratory, Journal]:
    laboratory, journal = world.laboratory(), Journal()
    return asyncio.run(RuleInductionBestOfN(allowance).explain(laboratory, journal)), laboratory, journal


def test_rules_are_chosen_by_practice_within_the_loops_queries() -> None:
    report, laboratory, journal = rules(underdetermined(), Allowance(0, 250))
    assert laboratory.spend.unit_queries == 4 * PRACTICE_ITEMS
    graded = [entry.data["r"] for entry in journal.entries if entry.kind == "practice"]
    assert len(graded) == 4
    assert report.confidence == pytest.approx(max(graded))


def test_resampled_searches_fill_a_large_allowance() -> None:
    _, laboratory, journal = rules(underdetermined(), Allowance(0, 1500))
    graded = [entry.text for entry in journal.entries if entry.kind == "practice"]
    assert len(graded) > 4
    assert len(set(graded)) == len(graded)
    assert laboratory.spend.unit_queries <= 1500


@pytest.mark.parametrize("seed", range(3))
def test_a_lucky_grade_is_not_enough_where_the_exemplars_hold_no_rule(seed: int) -> None:
    world = null_world(seed)
    world.room.overrides = {"P0": {"r": 0.2}}
    assert rules(world, Allowance(0, 600))[0].abstained
    world.room.overrides = {"P0": {"r": 0.4}}
    assert not rules(world, Allowance(0, 600))[0].abstained
