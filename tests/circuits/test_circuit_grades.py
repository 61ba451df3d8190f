"""Grades of circuits: against what is planted, by brute force, and at their floor and ceiling."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmark.circuits import explainers
from benchmark.circuits.agreement import Agreement, foresight, interventions, of_edges, of_heads
from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.faithfulness import GRID, RANDOM, Chance, NoBehaviour, Shares, curve, faithfulness, matched
from benchmark.circuits.kinds.prompts import first_token
from benchmark.circuits.laboratory import Change, CircuitLaboratory, OverBudget
from benchmark.circuits.nodes import Head
from benchmark.circuits.planted import EACH, LAYERS, PlantedCircuit, plant
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.runner import Runner
from benchmark.subjects.native import NativeMachine

PLENTY = 1_000_000


@pytest.fixture(scope="module")
def made() -> PlantedCircuit:
    return plant("previous_token", 5)


@pytest.fixture(scope="module")
def machine(made: PlantedCircuit) -> NativeMachine:
    return NativeMachine(made.weights, LAYERS, EACH)


@pytest.fixture(scope="module")
def exam(made: PlantedCircuit, machine: NativeMachine) -> Runner:
    return Runner(machine, made.exam.part(0, 24))


@pytest.fixture
def laboratory(made: PlantedCircuit, machine: NativeMachine) -> CircuitLaboratory:
    return CircuitLaboratory(Runner(machine, made.teach.part(0, 24)), PLENTY)


def rank_p(circuit: frozenset[Head], runner: Runner, number: int = RANDOM, seed: int = 0) -> float:
    return Chance(Shares(runner, "mean"), number, seed).p(circuit)


def test_the_oracle_is_at_its_ceiling_and_random_heads_at_their_floor(
    made: PlantedCircuit, exam: Runner, laboratory: CircuitLaboratory
) -> None:
    best = explainers.oracle(made.circuit)(laboratory)
    found = faithfulness(best, exam, "mean")
    assert (found.sufficiency, found.necessity) == (pytest.approx(1, abs=0.05), pytest.approx(1, abs=0.05))
    assert found.minimality > 0.05
    assert found.incompleteness < 0.05
    assert of_heads(best, made.circuit, exam.heads) == Agreement(1.0, pytest.approx(1.0), 1.0)
    assert rank_p(best.circuit, exam, 200) == 1 / 201
    worst = [explainers.random(seed)(laboratory) for seed in range(12)]
    assert abs(np.mean([of_heads(each, made.circuit, exam.heads).auroc for each in worst]) - 0.5) < 0.2
    assert np.mean([faithfulness(each, exam, "mean").sufficiency for each in worst]) < 0.3


def test_chance_finds_a_random_circuit_significant_as_often_as_it_says(exam: Runner) -> None:
    """p of random circuits of the true one's shape, at the 0.1 level; a tie with the null counts against it."""
    shape = frozenset(Head(layer, 0) for layer in range(LAYERS))
    some = matched(shape, EACH, 40, 11)
    p = [rank_p(each, exam, 19, number) for number, each in enumerate(some)]
    assert binomtest(sum(each <= 0.1 for each in p), len(p), 0.1, alternative="greater").pvalue > 0.001


@pytest.mark.parametrize("explain", [explainers.ablation("zero"), explainers.attribution(), explainers.attribution(5)])
def test_what_is_simple_is_found_from_ablations_and_from_gradients(
    made: PlantedCircuit, laboratory: CircuitLaboratory, explain: explainers.Explain
) -> None:
    assert explain(laboratory).circuit == made.circuit


def test_attention_alone_takes_imitators_for_the_circuit(made: PlantedCircuit, laboratory: CircuitLaboratory) -> None:
    found = explainers.attention_score()(laboratory)
    imitators = {head for head, role in made.roles.items() if role == "imitator"}
    assert made.circuit | imitators <= found.circuit
    assert {found.does[head] for head in imitators} == {"previous token"}


def test_logits_written_directly_are_those_that_are_lost(made: PlantedCircuit, laboratory: CircuitLaboratory) -> None:
    """The last layer's heads feed nobody: what they write is what is lost without them."""
    last = [head for head in laboratory.heads if head.layer == LAYERS - 1]
    lost = laboratory.whole - laboratory.ablate([frozenset({head}) for head in last], "zero")
    assert [laboratory.direct()[head] for head in last] == pytest.approx(lost.tolist(), abs=1e-3)
    assert explainers.logit_attribution()(laboratory).circuit == made.circuit


def test_greedy_ablation_takes_the_heads_that_count(made: PlantedCircuit, laboratory: CircuitLaboratory) -> None:
    found = explainers.greedy("mean")(laboratory)
    assert found.circuit <= made.circuit
    assert sum(found.scores.values()) >= explainers.ENOUGH


@pytest.mark.parametrize("explain", [explainers.ablation("mean"), explainers.attribution(), explainers.greedy("mean")])
def test_a_behaviour_that_nothing_carries_is_left_alone(
    made: PlantedCircuit, machine: NativeMachine, explain: explainers.Explain
) -> None:
    null = Runner(machine, made.teach.part(0, 48).shuffled(0))
    report = explain(CircuitLaboratory(null, PLENTY))
    assert report.abstained
    assert "standard errors" in report.reason


def test_no_share_of_nothing(machine: NativeMachine) -> None:
    prompts = first_token(8, 0)
    same = Behaviour(prompts.prompts, prompts.corrupted, prompts.answer, prompts.answer)
    with pytest.raises(NoBehaviour):
        Shares(Runner(machine, same), "mean")


def test_a_curve_keeps_the_best_heads_by_their_order_or_by_their_size(exam: Runner) -> None:
    heads, shares = exam.heads, Shares(exam, "mean")
    report = CircuitReport({heads[0]: -3.0, heads[1]: 2.0, heads[2]: 1.0})
    signed, absolute = (curve(report, shares, heads, ranking) for ranking in ("signed", "absolute"))
    kept = math.ceil(GRID[3] * len(heads))
    assert kept == 1
    assert signed.faithfulness[3] == pytest.approx(float(shares.kept([frozenset({heads[1]})])[0]))
    assert absolute.faithfulness[3] == pytest.approx(float(shares.kept([frozenset({heads[0]})])[0]))
    assert signed.faithfulness[-1] == pytest.approx(1.0)
    steps = list(itertools.pairwise(zip(GRID, signed.faithfulness, strict=True)))
    assert signed.area == pytest.approx(sum((b - a) * (f + g) / 2 for (a, f), (b, g) in steps))
    assert signed.distance == pytest.approx(sum((b - a) * (abs(1 - f) + abs(1 - g)) / 2 for (a, f), (b, g) in steps))


def test_matched_circuits_have_as_many_heads_in_each_layer() -> None:
    circuit = frozenset({Head(0, 3), Head(2, 1), Head(2, 7)})
    for other in matched(circuit, 16, 50, 0):
        assert sorted(head.layer for head in other) == [0, 2, 2]
    assert len(set(matched(circuit, 16, 50, 0))) == 50


def test_where_few_circuits_match_all_of_them_are_ranked_among(made: PlantedCircuit, exam: Runner) -> None:
    every = matched(frozenset({Head(1, 0)}), 16, 1_000, 0)
    assert set(every) == {frozenset({Head(1, place)}) for place in range(16)}
    best = min(made.circuit)
    layers = [rank_p(frozenset({Head(best.layer, place)}), exam) for place in range(EACH)]
    assert min(layers) == 1 / EACH
    assert [place for place in range(EACH) if layers[place] <= len(made.circuit) / EACH] == sorted(
        head.head for head in made.circuit
    )


def test_interventions_are_new_each_time_and_hold_true_heads_or_none(made: PlantedCircuit, exam: Runner) -> None:
    found = interventions(made.circuit, exam.heads, 0)
    assert len(set(found)) == len(found) >= 50
    with_truth = np.mean([bool(each & made.circuit) for each in found])
    assert 0.3 < with_truth < 0.7


def test_a_prediction_is_measured_against_what_interventions_do(made: PlantedCircuit, exam: Runner) -> None:
    shares, sets = Shares(exam, "mean"), interventions(made.circuit, exam.heads, 0)
    single = 1 - shares.without([frozenset({head}) for head in sorted(made.circuit)])
    effects = dict(zip(sorted(made.circuit), single.tolist(), strict=True))
    knowing = foresight(CircuitReport({}, made.circuit, effects=effects), shares, sets)
    assert knowing.r > 0.95
    assert knowing.right > 0.9
    assert foresight(CircuitReport({}), shares, sets).r == 0.0


def test_edges_are_graded_as_heads_are() -> None:
    edges = [("tokens", "L0H0"), ("L0H0", "L1H1"), ("L1H1", "logits"), ("tokens", "L1H0")]
    scores = {edges[1]: 0.9, edges[2]: -0.8, edges[3]: 0.1}
    report = CircuitReport({}, edges=scores, wired=frozenset(edges[1:3]))
    found = of_edges(report, frozenset(edges[1:3]), edges)
    assert (found.auroc, found.f1) == (1.0, 1.0)
    assert of_edges(CircuitReport({}), frozenset(edges[1:3]), edges) == Agreement(0.5, 0.5, 0.0)


def test_a_change_that_may_be_chance_is_nothing() -> None:
    """3 standard errors over 32 prompts: t with 31 degrees of freedom lies beyond them on 0.5% of nulls."""
    rng = np.random.default_rng(0)
    nothing = [Change.of(rng.normal(0, 5, 32)).is_nothing for _ in range(4_000)]
    assert 0.99 < np.mean(nothing) < 0.999
    assert not any(Change.of(rng.normal(5, 5, 32)).is_nothing for _ in range(100))
    assert Change.of(np.full(32, 0.4)).is_nothing
    assert not Change.of(np.full(32, 0.6)).is_nothing


def test_what_is_not_paid_for_is_not_run(made: PlantedCircuit, machine: NativeMachine) -> None:
    run = Runner(machine, made.teach.part(0, 10))
    poor = CircuitLaboratory(run, 25)
    poor.ablate([frozenset({Head(0, 0)}), frozenset({Head(1, 0)})], "zero")
    assert poor.spent == 20
    before = run.rows
    with pytest.raises(OverBudget, match="5 of 25 are left"):
        poor.ablate([frozenset({Head(0, 1)})], "zero")
    with pytest.raises(OverBudget):
        poor.attribution()
    assert run.rows == before
