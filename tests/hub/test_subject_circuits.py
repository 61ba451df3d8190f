"""Heads, MLPs and latents ablated in tiny models of several kinds, against whole forward passes of the same models."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hub_world import MODEL, World
from tiny_models import save_model
from tiny_weights import LAYERS, WIDTH, save_gpt2, save_saes
from tiny_world import TinyWorld, local

from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.layered import LayeredRunner
from benchmark.circuits.nodes import Head, Latent, Mlp, Node
from benchmark.circuits.runner import ABLATIONS, Ablation, InterventionError
from benchmark.subjects import bridge_machine
from benchmark.subjects.bridge_machine import BridgeMachine, MachineError
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.rewriting import Rewriter

HEADS, ROWS, LENGTH = 4, 3, 7
SAME = 5e-5
SETS: list[frozenset[Node]] = [
    frozenset(),
    frozenset({Head(0, 1)}),
    frozenset({Head(1, 0), Head(1, 3), Head(2, 2)}),
    frozenset({Mlp(1)}),
    frozenset({Head(0, 0), Mlp(0), Mlp(2), Head(2, 1)}),
    frozenset(Head(layer, head) for layer in range(LAYERS) for head in range(HEADS)),
    frozenset(Head(layer, head) for layer in range(LAYERS) for head in range(HEADS)) - {Head(1, 2)},
]


@pytest.fixture(scope="module", params=["GPT2", "Llama", "GPTNeoX"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("circuits")
    folder = save_gpt2(home / "model") if request.param == "GPT2" else save_model(request.param, home / "model")
    return TinyWorld(boot_subject(local(folder)), save_saes(home / "saes"))


@pytest.fixture(scope="module")
def machine(world: TinyWorld) -> BridgeMachine:
    return BridgeMachine(world.subject)


@pytest.fixture(scope="module")
def behaviour() -> Behaviour:
    draw = torch.Generator().manual_seed(0)
    prompts = torch.randint(0, 200, (ROWS, LENGTH), generator=draw)
    twins = prompts.clone()
    twins[:, 2] = torch.randint(0, 200, (ROWS,), generator=draw)
    return Behaviour(prompts, twins, torch.tensor([1, 2, 3]), torch.tensor([4, 5, 6]))


@pytest.fixture
def run(machine: BridgeMachine, behaviour: Behaviour) -> LayeredRunner:
    return LayeredRunner(machine, behaviour)


def whole(machine: BridgeMachine, tokens: torch.Tensor, hooks: dict[str, Callable[..., Any]]) -> torch.Tensor:
    """Logits of the model's own forward pass with some hooks in it."""
    points = [(machine.bridge.hook_dict[name], hook) for name, hook in hooks.items()]
    for point, hook in points:
        point.add_hook(hook, level=77)
    try:
        with torch.no_grad():
            found: torch.Tensor = machine.bridge(tokens, return_type="logits", use_cache=False)
    finally:
        for point, _ in points:
            point.remove_hooks(level=77)
    return found


def written(machine: BridgeMachine, tokens: torch.Tensor) -> dict[str, torch.Tensor]:
    """What heads and MLPs write in the model's own forward pass."""
    found: dict[str, torch.Tensor] = {}
    names = [f"blocks.{layer}.{name}" for layer in range(LAYERS) for name in ("attn.hook_z", "hook_mlp_out")]

    def keep(name: str) -> Callable[..., None]:
        return lambda tensor, hook: found.__setitem__(name, tensor.clone())

    whole(machine, tokens, {name: keep(name) for name in names})
    return found


def by_hand(machine: BridgeMachine, behaviour: Behaviour, some: frozenset[Node], how: Ablation) -> np.ndarray[Any, Any]:
    """Logit differences, each part replaced by a hook in one whole forward pass."""
    own, twin = written(machine, behaviour.prompts), written(machine, behaviour.corrupted)

    def put(name: str, place: Any) -> Callable[..., torch.Tensor]:
        def replace(tensor: torch.Tensor, hook: Any) -> torch.Tensor:
            after = tensor.clone()
            instead = {"zero": 0 * own[name], "mean": own[name].mean((0, 1)).expand_as(tensor), "resample": twin[name]}
            after[place] = instead[how][place]
            return after

        return replace

    hooks: dict[str, list[Callable[..., torch.Tensor]]] = {}
    for node in some:
        name = f"blocks.{node.layer}." + ("attn.hook_z" if isinstance(node, Head) else "hook_mlp_out")
        place = (slice(None), slice(None), node.head) if isinstance(node, Head) else slice(None)
        hooks.setdefault(name, []).append(put(name, place))

    def all_of(members: list[Callable[..., torch.Tensor]]) -> Callable[..., torch.Tensor]:
        def together(tensor: torch.Tensor, hook: Any) -> torch.Tensor:
            for each in members:
                tensor = each(tensor, hook)
            return tensor

        return together

    logits = whole(machine, behaviour.prompts, {name: all_of(members) for name, members in hooks.items()})
    found: np.ndarray[Any, Any] = behaviour.difference(logits)[0].numpy()
    return found


@pytest.mark.parametrize("layer", range(LAYERS))
def test_a_pass_from_any_layer_on_has_the_model_s_own_logits(
    machine: BridgeMachine, run: LayeredRunner, behaviour: Behaviour, layer: int
) -> None:
    expected = whole(machine, behaviour.prompts, {})
    torch.testing.assert_close(machine.logits(behaviour.prompts).detach(), expected)
    torch.testing.assert_close(machine.resume(run.streams[layer], layer).detach(), expected, atol=SAME, rtol=0)


@pytest.mark.parametrize("how", ABLATIONS)
def test_whatever_is_ablated_is_what_a_whole_pass_with_hooks_says(
    machine: BridgeMachine, run: LayeredRunner, behaviour: Behaviour, how: Ablation
) -> None:
    found = run.differences(SETS, how)
    for row, some in zip(found, SETS, strict=True):
        assert row == pytest.approx(by_hand(machine, behaviour, some, how), abs=SAME), some
    assert np.abs(found[1:] - run.whole).max(1).min() > 10 * SAME, "every set does something"


@pytest.mark.parametrize("how", ABLATIONS)
def test_means_may_be_of_other_prompts_than_those_that_are_run(
    machine: BridgeMachine, run: LayeredRunner, behaviour: Behaviour, how: Ablation
) -> None:
    some = LayeredRunner(machine, behaviour.part(1, 2), means=run)
    assert some.differences(SETS, how) == pytest.approx(run.differences(SETS, how)[:, 1:2], abs=SAME)
    own = LayeredRunner(machine, behaviour.part(1, 2)).differences(SETS, how)
    assert np.allclose(own, some.differences(SETS, how), atol=SAME) == (how != "mean")


def test_sets_that_share_beginnings_are_those_that_run_alone(run: LayeredRunner) -> None:
    rng = np.random.default_rng(0)
    sets = [frozenset(run.heads[i] for i in rng.choice(12, 4, replace=False)) for _ in range(20)]
    together = run.kept_alone(sets, "mean")
    before = run.steps
    alone = np.concatenate([run.kept_alone([some], "mean") for some in sets])
    assert together == pytest.approx(alone, abs=SAME)
    again = run.steps
    run.kept_alone(sets, "mean")
    assert run.steps - again < again - before, "shared beginnings are run once"


def test_everything_of_the_twin_is_the_twin_but_for_the_last_token(run: LayeredRunner) -> None:
    """Its last token is the prompt's own, and nothing but heads carries anything there."""
    (found,) = run.differences([frozenset(run.heads)], "resample")
    assert found == pytest.approx(run.twin, abs=SAME)


def test_what_parts_write_directly_adds_up_to_the_logit_difference(
    machine: BridgeMachine, run: LayeredRunner, behaviour: Behaviour
) -> None:
    """With the final norm's scale frozen: heads, MLPs, embeddings and biases."""
    read = run._reading()
    streams = [stream[:, -1] for stream in run.streams]
    heads = torch.stack([machine.direct(layer, z[:, -1], read) for layer, z in enumerate(run.z)])
    attention = []
    for layer, z in enumerate(run.z):
        with torch.no_grad():
            nothing = machine.writer(layer)(torch.zeros_like(z[:, -1]).flatten(1))
            attention.append(machine.writer(layer)(z[:, -1].flatten(1)) - nothing)
    assert heads.sum(-1) == pytest.approx(
        torch.stack([machine.said(each[:, None], read)[:, 0] for each in attention]), abs=SAME
    )
    norm, rows = machine.bridge.ln_final.original_component, torch.arange(ROWS)
    own = machine.said(streams[-1][:, None], read)[:, 0]
    bias = getattr(norm, "bias", None)
    if bias is not None:
        out = machine.bridge.unembed.original_component.weight
        own = own + (out[behaviour.answer] - out[behaviour.wrong]) @ bias
    assert own.detach().numpy() == pytest.approx(run.whole[rows], abs=SAME)
    assert run.direct() == pytest.approx(heads.mean(1).flatten().numpy(), abs=1e-6)


def test_a_gradient_is_the_slope_of_a_small_change(run: LayeredRunner, behaviour: Behaviour) -> None:
    head = Head(1, 2)
    gradient = run.gradients()[0][head.layer][:, :, head.head]
    step = 1e-2 * torch.randn(gradient.shape, generator=torch.Generator().manual_seed(0))
    run._reads[1].z[head.layer] = run.z[head.layer].clone()
    run._reads[1].z[head.layer][:, :, head.head] += step
    (found,) = run.differences([frozenset({head})], "resample")
    assert (found - run.whole).sum() == pytest.approx(float((gradient * step).sum()), rel=0.1)


class Coder:
    """The latents of one of the tiny SAEs."""

    layer = 1

    def __init__(self, rewriter: Rewriter) -> None:
        self.directions = rewriter.directions
        self.encode = rewriter.source.measured.encode


@pytest.mark.parametrize("how", ABLATIONS)
def test_a_latent_s_change_is_added_along_its_direction(
    world: TinyWorld, machine: BridgeMachine, behaviour: Behaviour, how: Ablation
) -> None:
    coder = Coder(Rewriter(world.source("topk-resid-post", [3, 5, 7])))
    run = LayeredRunner(machine, behaviour, coder)
    # Which latents are on is the SAE's affair; one of them is.
    values = coder.encode(run.streams[2])
    number = int(values.abs().sum((0, 1)).argmax())
    head, latent = Head(0, 1), Latent(1, number)
    (found,) = run.differences([frozenset({head, latent})], how)

    def move(stream: torch.Tensor, hook: Any) -> torch.Tensor:
        own = coder.encode(stream)[..., number]
        twin = coder.encode(run._reads[1].streams[2])[..., number]
        new = {"zero": 0 * own, "mean": values[..., number].mean().expand_as(own), "resample": twin}[how]
        return stream + (new - own)[..., None] * coder.directions[number]

    instead = run._other(0, how, LENGTH, 1, "z").expand_as(run.z[0])

    def put(z: torch.Tensor, hook: Any) -> torch.Tensor:
        after = z.clone()
        after[:, :, head.head] = instead[:, :, head.head]
        return after

    logits = whole(machine, behaviour.prompts, {"blocks.0.attn.hook_z": put, "blocks.1.hook_out": move})
    assert found == pytest.approx(behaviour.difference(logits)[0].numpy(), abs=SAME)


def test_a_latent_of_no_sae_is_refused(run: LayeredRunner) -> None:
    with pytest.raises(InterventionError, match="L1S3"):
        run.differences([frozenset({Latent(1, 3)})], "zero")


def test_an_ablation_that_changes_nothing_or_does_not_arrive_is_none(
    machine: BridgeMachine, run: LayeredRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run._reads[1].z[1][:] = run._reads[0].z[1]
    with pytest.raises(InterventionError, match="changed nothing"):
        run.differences([frozenset({Head(1, 0)})], "resample")
    elsewhere = machine.writer(2)
    monkeypatch.setattr(machine, "writer", lambda layer: elsewhere)
    with pytest.raises(InterventionError, match="did not reach"):
        run.differences([frozenset({Head(1, 0)})], "zero")
    assert not any(elsewhere._forward_pre_hooks.values())


def test_a_model_whose_blocks_do_not_run_alone_is_refused(world: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BridgeMachine, "read", lambda self, stream: self.bridge.unembed(stream))
    with pytest.raises(MachineError, match="mend"):
        BridgeMachine(world.subject)


def test_the_probe_is_long_enough_to_tell() -> None:
    assert bridge_machine.PROBE > 1
    assert WIDTH % HEADS == 0


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_subject_from_a_hub_goes_the_whole_way(world_on_hub: World, tmp_path: Path) -> None:
    """Machine, behaviours, methods, grades, page and figure: from a configuration, with weights from a hub."""
    sizes = {"does": 4, "teach": 4, "exam": 3, "common": 2, "own": 2, "random": 5, "nulls": 1}
    (tmp_path / "tiny.yaml").write_text(json.dumps({"subject": f"hub:{MODEL}", "seed": 3, "sizes": sizes}))
    environment = os.environ | {
        "HF_ENDPOINT": world_on_hub.hub.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_OFFLINE": "0",
    }
    command = [sys.executable, "-m", "benchmark.circuits.found", "--config", "tiny.yaml", "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out/found.json").read_text("utf-8"))
    assert found["provenance"]["subject"]["subject"] == MODEL
    assert found["provenance"]["subject"]["subject_commit"] == world_on_hub.hub.commit(MODEL)
    own = found["behaviours"]["induction"]
    # Nothing in random weights carries anything: only the method that sees no answers speaks.
    blind = own["methods"]["attention_score"]
    assert len(blind["circuit"]) >= 2
    # A circuit of nearly all heads has fewer others like it.
    assert blind["ranks"]["resample"]["circuits"] <= 5
    assert set(blind["exam"]) == set(ABLATIONS)
    assert "abstains" in (tmp_path / "out/found.md").read_text("utf-8")
    assert (tmp_path / "out/found-induction.svg").read_text("utf-8").startswith("<svg")


@pytest.fixture
def world_on_hub(request: pytest.FixtureRequest) -> Any:
    """The hub of conftest.py, whose fixture has this module's name for another thing."""
    from loopback import LoopbackHub

    home = request.getfixturevalue("tmp_path_factory").mktemp("circuits-hub")
    model = save_gpt2(home / "model")
    with LoopbackHub(home / "served").serve() as hub:
        hub.publish(MODEL, model)
        yield World(hub, model, model, hub.commit(MODEL), home, home / "client")
