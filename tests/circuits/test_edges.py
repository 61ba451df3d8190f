"""Edges patched one by one: against whole heads, against the definition, and against what is planted."""

import numpy as np
import pytest

from benchmark.circuits import edge_explainers
from benchmark.circuits.carried import carried
from benchmark.circuits.copying import copying_score, copying_scores
from benchmark.circuits.edge_explainers import connected
from benchmark.circuits.edge_laboratory import EdgeLaboratory
from benchmark.circuits.edges import EdgeRunner, edges
from benchmark.circuits.kinds.kind import LOGITS, TOKENS
from benchmark.circuits.laboratory import OverBudget
from benchmark.circuits.nodes import Head
from benchmark.circuits.planted import EACH, LAYERS, PlantedCircuit, plant, spread
from benchmark.circuits.runner import Runner
from benchmark.subjects.native import NativeMachine

PLENTY = 10**9


@pytest.fixture(scope="module")
def made() -> PlantedCircuit:
    return plant("two_hop", 5)


@pytest.fixture(scope="module")
def machine(made: PlantedCircuit) -> NativeMachine:
    return NativeMachine(made.weights, LAYERS, EACH)


@pytest.fixture(scope="module")
def runner(made: PlantedCircuit, machine: NativeMachine) -> Runner:
    return Runner(machine, made.teach.part(0, 12))


@pytest.fixture(scope="module")
def edge_runner(runner: Runner) -> EdgeRunner:
    return EdgeRunner(runner)


@pytest.fixture(scope="module")
def truth(made: PlantedCircuit) -> frozenset[tuple[str, str]]:
    core = made.core.weights
    machine = NativeMachine(core, 3, 1)
    return spread(carried(EdgeRunner(Runner(machine, made.teach.part(0, 24))), made.core.edges), made.places)


def test_every_receiver_has_an_edge_from_each_sender_below_it(edge_runner: EdgeRunner) -> None:
    assert edge_runner.edges == edges(edge_runner.runner.heads)
    assert len(set(edge_runner.edges)) == LAYERS * EACH + 3 * EACH**2 + 1 + LAYERS * EACH
    assert all(one == TOKENS or other == LOGITS or one[:2] < other[:2] for one, other in edge_runner.edges)


def test_no_edge_patched_is_the_prompt_and_all_of_them_the_twin(edge_runner: EdgeRunner) -> None:
    run = edge_runner.runner
    none, every = edge_runner.patched([frozenset(), frozenset(edge_runner.edges)])
    assert none == pytest.approx(run.whole, abs=1e-4)
    assert every == pytest.approx(run.twin, abs=1e-4)


def test_a_head_ablated_is_all_its_outgoing_edges_patched(made: PlantedCircuit, edge_runner: EdgeRunner) -> None:
    chosen = [*sorted(made.circuit), Head(0, 0), Head(1, 7)]
    out = [frozenset(edge for edge in edge_runner.edges if edge[0] == str(head)) for head in chosen]
    whole = edge_runner.runner.differences([frozenset({head}) for head in chosen], "resample")
    assert edge_runner.patched(out) == pytest.approx(whole, abs=1e-3)
    assert np.abs(whole - edge_runner.runner.whole).max() > 1.0


def test_two_heads_ablated_are_their_edges_but_for_those_between_them(
    made: PlantedCircuit, edge_runner: EdgeRunner
) -> None:
    """The lower head's edge into the upper one does not matter any more, as the upper one is replaced."""
    low, high = min(made.circuit), max(made.circuit)
    out = frozenset(edge for edge in edge_runner.edges if edge[0] in (str(low), str(high)))
    whole = edge_runner.runner.differences([frozenset({low, high})], "resample")
    assert edge_runner.patched([out, out - {(str(low), str(high))}]) == pytest.approx(np.vstack([whole] * 2), abs=1e-3)


def test_many_sets_at_a_time_are_as_each_by_itself(edge_runner: EdgeRunner) -> None:
    rng = np.random.default_rng(0)
    every = edge_runner.edges
    sets = [frozenset(every[i] for i in rng.choice(len(every), size, replace=False)) for size in (1, 3, 200, 1200)]
    together = edge_runner.patched(sets)
    alone = np.vstack([edge_runner.patched([some]) for some in sets])
    assert together == pytest.approx(alone, abs=1e-4)
    assert np.ptp(together.mean(1)) > 1.0


def test_gradients_of_edges_add_up_to_those_of_heads(edge_runner: EdgeRunner) -> None:
    """To first order, a head's effect is the sum over all that read it."""
    run = edge_runner.runner
    laboratory = EdgeLaboratory(run, PLENTY)
    of_edges, of_heads = laboratory.edge_attribution(5), laboratory.attribution(5)
    for head, effect in of_heads.items():
        total = sum(value for (sender, _), value in of_edges.items() if sender == str(head))
        assert total == pytest.approx(effect, abs=1e-3)


def test_edges_that_carry_nothing_are_known_from_the_core(
    made: PlantedCircuit, truth: frozenset[tuple[str, str]], edge_runner: EdgeRunner
) -> None:
    """Values are the same on prompt and twin, keys are not: one way leads from the tokens to the logits."""
    span = float(edge_runner.runner.whole.mean() - edge_runner.runner.twin.mean())
    kept, left = edge_runner.kept_alone([truth, made.edges - truth]).mean(1)
    assert (kept - edge_runner.runner.twin.mean()) / span > 0.95
    assert (left - edge_runner.runner.twin.mean()) / span < 0.05
    for edge in sorted(truth):
        less = edge_runner.kept_alone([truth - {edge}]).mean()
        assert (kept - less) / span > 0.02, f"{edge} carries nothing"


@pytest.mark.parametrize(
    "explain",
    [edge_explainers.eap(5), edge_explainers.path_patching(), edge_explainers.acdc()],
    ids=("ig", "path", "acdc"),
)
def test_edges_are_found_and_nothing_else(
    explain: edge_explainers.ExplainEdges,
    made: PlantedCircuit,
    runner: Runner,
    truth: frozenset[tuple[str, str]],
) -> None:
    report = explain(EdgeLaboratory(runner, PLENTY))
    assert report.circuit == made.circuit
    assert report.wired == truth


def test_pruning_costs_less_than_patching_each_and_nothing_is_run_that_is_not_paid_for(runner: Runner) -> None:
    pruning = EdgeLaboratory(runner, PLENTY)
    edge_explainers.acdc()(pruning)
    pruned = pruning.spent
    each = EdgeLaboratory(runner, PLENTY)
    edge_explainers.path_patching()(each)
    assert 0 < pruned < 0.5 * each.spent
    poor = EdgeLaboratory(runner, 3 * len(runner.behaviour))
    with pytest.raises(OverBudget):
        edge_explainers.path_patching()(poor)
    # What is added to the logits alone is not run.
    poor.patch([frozenset({edge}) for edge in poor.edges if edge[1] == LOGITS])
    assert poor.spent == 0


def test_an_edge_off_every_way_is_dropped() -> None:
    way = {(TOKENS, "L0H0"), ("L0H0", "L1H0"), ("L1H0", LOGITS)}
    off = {(TOKENS, "L0H1"), ("L0H2", "L1H0"), ("L0H1", "L1H3")}
    assert connected(way | off) == way
    assert connected(off) == frozenset()


def test_weights_alone_cannot_tell_the_dormant_head_from_the_circuit(
    made: PlantedCircuit, machine: NativeMachine, runner: Runner
) -> None:
    scores = copying_scores(machine)
    last = max(made.circuit)
    dormant = max(head for head, role in made.roles.items() if role == "dormant")
    imitators = [head for head, role in made.roles.items() if role == "imitator"]
    parts = sum(scores[head] for head in made.circuit if head.layer == last.layer)
    # The brake has the same weights, but for the sign of what it writes.
    assert abs(scores[dormant]) == pytest.approx(parts, rel=0.2)
    assert max(abs(scores[head]) for head in imitators) < 0.01
    report = copying_score(EdgeLaboratory(runner, 0))
    assert dormant in report.circuit
    assert not report.circuit & set(imitators)
