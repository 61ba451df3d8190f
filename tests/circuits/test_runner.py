"""The hooked model is the model written out, and an intervention is what it says."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.circuits.forward import forward
from benchmark.circuits.hooks import InterventionError, hooked
from benchmark.circuits.nodes import Head, NodeError
from benchmark.circuits.planted import EACH, LAYERS, PlantedCircuit, plant
from benchmark.circuits.runner import Runner
from benchmark.subjects.native import NativeMachine


@pytest.fixture(scope="module")
def made() -> PlantedCircuit:
    return plant("two_hop", 3)


@pytest.fixture
def run(made: PlantedCircuit) -> Runner:
    return Runner(NativeMachine(made.weights, LAYERS, EACH), made.exam)


def test_the_hooked_model_is_the_one_written_out(made: PlantedCircuit, run: Runner) -> None:
    expected = forward(made.weights, made.exam.prompts)
    torch.testing.assert_close(run.machine.logits(made.exam.prompts).detach(), expected, atol=1e-3, rtol=1e-4)


def test_a_head_ablated_to_nothing_is_a_model_without_it(made: PlantedCircuit, run: Runner) -> None:
    sets = [frozenset({head}) for head in run.heads] + [frozenset(run.heads[3:17])]
    for some, found in zip(sets, run.differences(sets, "zero"), strict=True):
        left = {place: own for place, own in made.weights.heads.items() if place not in some}
        expected = made.exam.difference(forward(replace(made.weights, heads=left), made.exam.prompts))[0]
        assert found == pytest.approx(expected.numpy(), abs=2e-3)


def test_all_heads_of_the_twin_give_the_twin(run: Runner) -> None:
    """Only the tokens' direct path stays the prompt's own, and it says nothing here."""
    (found,) = run.differences([frozenset(run.heads)], "resample")
    assert found == pytest.approx(run.twin, abs=2e-3)


def test_nothing_ablated_is_the_whole_model_and_costs_nothing(run: Runner) -> None:
    before = run.rows
    assert run.differences([frozenset()], "mean")[0] == pytest.approx(run.whole)
    assert run.rows == before


def test_sets_that_run_together_are_those_that_run_alone(run: Runner) -> None:
    rng = np.random.default_rng(0)
    sets = [frozenset(run.heads[i] for i in rng.choice(48, 5, replace=False)) for _ in range(9)]
    together = run.differences(sets, "mean")
    for row, some in zip(together, sets, strict=True):
        assert row == pytest.approx(run.differences([some], "mean")[0], abs=1e-4)


def test_a_gradient_is_the_slope_of_a_small_change(made: PlantedCircuit, run: Runner) -> None:
    """Finite differences on one head's output, through a model that is written out nowhere else."""
    head = max(made.circuit)
    gradient = run.gradients()[0][head.layer][:, :, head.head]
    step = 1e-2 * torch.randn(gradient.shape, generator=torch.Generator().manual_seed(0))
    instead = run.z[head.layer].clone()
    instead[:, :, head.head] += step
    run.corrupted_z[head.layer] = instead
    (found,) = run.differences([frozenset({head})], "resample")
    assert (found - run.whole).mean() == pytest.approx(float((gradient * step).sum()) / len(made.exam), rel=0.05)


def test_a_hook_that_is_never_called_is_an_error(run: Runner) -> None:
    with pytest.raises(InterventionError, match="once"), hooked(run.machine.point, {("z", 0): lambda z, hook: z}):
        pass


def test_a_name_of_a_head_there_and_back() -> None:
    assert Head.parse(str(Head(3, 11))) == Head(3, 11)
    with pytest.raises(NodeError, match="L2H5"):
        Head.parse("3.11")
