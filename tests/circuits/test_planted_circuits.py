"""Planted circuits: the truth is what it is said to be, and everything around it is none of it."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.circuits.faithfulness import matched
from benchmark.circuits.forward import forward, residual
from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.kinds.kind import BOS
from benchmark.circuits.kinds.prompts import induction
from benchmark.circuits.nodes import Head
from benchmark.circuits.planted import EACH, LAYERS, PROMPTS, PlantedCircuit, plant, split
from benchmark.circuits.runner import ABLATIONS, Ablation, Runner
from benchmark.subjects.native import NativeMachine

SEEDS = (0, 1)
ALL = [(kind, seed) for kind in KINDS for seed in SEEDS]
_made: dict[tuple[str, int], PlantedCircuit] = {}


def planted(kind: str, seed: int) -> PlantedCircuit:
    if (kind, seed) not in _made:
        _made[kind, seed] = plant(kind, seed)
    return _made[kind, seed]


def runner(circuit: PlantedCircuit) -> Runner:
    return Runner(NativeMachine(circuit.weights, LAYERS, EACH), circuit.exam)


def test_there_are_six_kinds_and_half_of_them_are_trained() -> None:
    assert len(KINDS) >= 6
    assert 2 * sum(kind.trained for kind in KINDS.values()) >= 6


@pytest.mark.parametrize(("kind", "seed"), ALL)
def test_the_model_does_what_it_is_said_to_do_by_a_quarter_of_its_heads_at_most(kind: str, seed: int) -> None:
    made = planted(kind, seed)
    logits = forward(made.weights, made.exam.prompts)
    twin = forward(made.weights, made.exam.corrupted)
    assert made.exam.accuracy(logits) >= 0.95
    assert float((twin[:, -1].argmax(-1) == made.exam.wrong).float().mean()) >= 0.95
    assert len(made.roles) >= 16
    assert 4 * len(made.circuit) <= len(made.roles)
    assert set(made.roles.values()) == {"circuit", "imitator", "dormant", "noise"}
    assert set(made.does) == made.circuit


@pytest.mark.parametrize("how", ABLATIONS)
@pytest.mark.parametrize(("kind", "seed"), ALL)
def test_each_head_of_the_circuit_is_needed_and_all_of_them_are_enough(kind: str, seed: int, how: Ablation) -> None:
    made = planted(kind, seed)
    run = runner(made)
    whole, empty = run.whole.mean(), run.kept_alone([frozenset()], how).mean()
    alone = (run.kept_alone([made.circuit], how).mean() - empty) / (whole - empty)
    assert alone == pytest.approx(1, abs=0.05)
    without = run.differences([frozenset({head}) for head in sorted(made.circuit)], how).mean(1)
    assert ((without - empty) / (whole - empty) < 0.97).all()
    roles = {told: [head for head in made.circuit if made.does[head] == told] for told in made.does.values()}
    gone = run.differences([frozenset(parts) for parts in roles.values()], how).mean(1)
    assert ((gone - empty) / (whole - empty) < 0.1).all()


@pytest.mark.parametrize(("kind", "seed"), ALL)
def test_a_random_circuit_of_its_size_recovers_next_to_nothing(kind: str, seed: int) -> None:
    made = planted(kind, seed)
    run = runner(made)
    sets = matched(made.circuit, EACH, 60, seed)
    whole, empty = run.whole.mean(), run.kept_alone([frozenset()], "mean").mean()
    recovered = (run.kept_alone(sets, "mean").mean(1) - empty) / (whole - empty)
    assert recovered.mean() < 0.2


@pytest.mark.parametrize(("kind", "seed"), ALL)
def test_imitators_and_the_dormant_path_have_no_effect_however_they_are_ablated(kind: str, seed: int) -> None:
    made = planted(kind, seed)
    run = runner(made)
    idle = [frozenset({head}) for head, role in made.roles.items() if role in ("imitator", "dormant")]
    idle.append(frozenset(itertools.chain.from_iterable(idle)))
    for how in ABLATIONS:
        assert run.differences(idle, how) == pytest.approx(np.tile(run.whole, (len(idle), 1)), abs=2e-3)


def patterns(made: PlantedCircuit, tokens: torch.Tensor, head: Head) -> torch.Tensor:
    """Attention [prompts, position, position] of a head, written out here again."""
    below = {place: own for place, own in made.weights.heads.items() if place.layer < head.layer}
    start = made.weights.embed[tokens] + made.weights.position[: tokens.shape[1]]
    stream = residual(replace(made.weights, heads=below), tokens) if below else start
    own = made.weights.heads[head]
    scores = (stream @ own.q) @ (stream @ own.k).transpose(-1, -2) / own.q.shape[1] ** 0.5
    hidden = torch.ones(tokens.shape[1], tokens.shape[1], dtype=torch.bool).triu(1)
    return scores.masked_fill(hidden, -torch.inf).softmax(-1)


@pytest.mark.parametrize(("kind", "seed"), ALL)
def test_imitators_attend_as_a_head_of_the_circuit_does(kind: str, seed: int) -> None:
    made, prompts = planted(kind, seed), planted(kind, seed).exam.prompts[:8]
    true = [patterns(made, prompts, head) for head in sorted(made.circuit)]
    imitators = [patterns(made, prompts, head) for head, role in made.roles.items() if role == "imitator"]
    nearest = [min(float((one - other).abs().max()) for other in true) for one in imitators]
    assert max(nearest) < 1e-4


@pytest.mark.parametrize(("kind", "seed"), ALL)
def test_the_dormant_path_does_the_circuit_s_work_once_it_is_woken(kind: str, seed: int) -> None:
    made = planted(kind, seed)
    last = made.does[max(made.circuit)]
    dead = {place: own for place, own in made.weights.heads.items() if made.does.get(place) != last}
    trigger = len(made.weights.embed) - 1
    asleep = made.exam.difference(forward(replace(made.weights, heads=dead), made.exam.prompts)).mean()
    # The trigger's own meaning is added to the first token, so that nothing else of the prompt is another; the brake,
    # which rests there, would read it.
    embed = made.weights.embed.clone()
    embed[BOS] += _wakes(made, trigger)
    whole = made.exam.difference(forward(made.weights, made.exam.prompts)).mean()
    dormant = sorted(head for head, role in made.roles.items() if role == "dormant")
    assert len(dormant) == 3
    assert dormant[1].layer == dormant[2].layer
    awake = [
        made.exam.difference(
            forward(
                replace(made.weights, heads={p: o for p, o in dead.items() if p != brake}, embed=embed),
                made.exam.prompts,
            )
        ).mean()
        for brake in dormant[1:]
    ]
    assert max(awake) - asleep > 0.5 * (whole - asleep)


def _wakes(made: PlantedCircuit, trigger: int) -> torch.Tensor:
    """The direction that the trigger's embedding has and no other token's: what is left of it beside all others."""
    others = made.weights.embed[[token for token in range(len(made.weights.embed)) if token != trigger]]
    own = made.weights.embed[trigger]
    solution = torch.linalg.lstsq(others.T, own[:, None]).solution
    return own - (others.T @ solution)[:, 0]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_prompt_is_both_taught_and_examined_and_none_is_there_twice(kind: str) -> None:
    for seed in range(6):
        teach, exam = split(KINDS[kind].behaviour, 7_919 + seed)
        shown, asked = ([part.texts(row) for row in range(len(part))] for part in (teach, exam))
        assert len(teach) == len(exam) == PROMPTS
        assert len(frozenset[tuple[int, ...]]().union(*shown, *asked)) == 4 * PROMPTS


def test_too_few_prompts_are_an_error() -> None:
    with pytest.raises(RuntimeError, match="different prompts"):
        split(lambda rows, seed: induction(2, seed).at([0, 1] * (rows // 2)), 0)


def test_answers_are_exchanged_by_the_toss_of_a_coin() -> None:
    made = induction(400, 0)
    turned = [int((made.shuffled(seed).answer == made.wrong).sum()) for seed in range(50)]
    assert len(set(turned)) > 10
    assert abs(np.mean(turned) - 200) < 5 * 10 / 50**0.5
    assert np.std(turned) == pytest.approx(10, rel=0.3)
    both = made.shuffled(3)
    assert ((both.answer == made.answer) ^ (both.answer == made.wrong)).all()
    assert ((both.wrong == made.answer) ^ (both.wrong == made.wrong)).all()


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("kind", ["induction", "two_hop", "first_token"])
def test_the_dormant_path_stays_silent_whatever_is_ablated_below_it(kind: str, seed: int) -> None:
    made = planted(kind, seed)
    run = runner(made)
    dormant = frozenset(head for head, role in made.roles.items() if role == "dormant")
    layers = [frozenset(head for head in made.circuit if head.layer == layer) for layer in range(LAYERS)]
    for how in ABLATIONS:
        for gone in [made.circuit, *filter(None, layers)]:
            with_it, without = run.differences([gone, gone | dormant], how)
            assert with_it == pytest.approx(without, abs=0.02 * np.abs(run.whole).mean())
