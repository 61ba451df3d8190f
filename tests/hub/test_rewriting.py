"""A latent's value replaced in a tiny GPT-2 and a tiny Llama, against the same done by hand in a whole forward pass."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_weights import LAYERS, WIDTH, byte_tokenizer, save_gpt2, save_saes
from tiny_world import TinyWorld, local, random_texts

from benchmark.subjects import rewriting
from benchmark.subjects.catalog import UnitsError
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.rewriting import Cached, InterventionError, Rewriter, assert_changed, changed
from synthetic_neurons.passages import Floats

COLUMNS = [3, 5, 7]
RESIDUAL = ("topk-resid-post", "standard-resid-pre")
# Nats a text: float32 sums of a handful of losses of about five nats each.
SAME = 2e-5


def save_llama(folder: Path) -> Path:
    """A tiny Llama with grouped heads; its blocks hand on bare tensors, and its positions are rotations."""
    from transformers import LlamaConfig, LlamaForCausalLM

    tokens = byte_tokenizer()
    sizes: dict[str, Any] = {
        "hidden_size": WIDTH,
        "intermediate_size": 4 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 64,
        "vocab_size": len(tokens),
    }
    ends = {"bos_token_id": tokens.bos_token_id, "eos_token_id": tokens.eos_token_id}
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        model = LlamaForCausalLM(LlamaConfig(**sizes, **ends))
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape) * 0.2)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("rewriting")
    model = (save_gpt2 if request.param == "gpt2" else save_llama)(home / "model")
    return TinyWorld(boot_subject(local(model)), save_saes(home / "saes"))


@pytest.fixture(scope="module", params=RESIDUAL)
def rewriter(request: pytest.FixtureRequest, world: TinyWorld) -> Rewriter:
    return Rewriter(world.source(request.param, COLUMNS))


@pytest.fixture(scope="module")
def cached(rewriter: Rewriter) -> Cached:
    """Twenty texts of different lengths: more than one batch, and padding in each."""
    return rewriter.read([each.ids for each in rewriter.source.whole(random_texts(20, 1))])


def by_hand(rewriter: Rewriter, cached: Cached, unit: int, change: Floats) -> Floats:
    """The whole model run on each text alone, with a hook of one's own at the SAE's."""
    bridge, hook = rewriter.source.subject.bridge, rewriter.source.measured.hook
    row = rewriter.source.measured.sae.W_dec.detach()[COLUMNS[unit]]  # type: ignore[attr-defined]
    found = []
    for ids, length, delta in zip(cached.ids, cached.lengths, change, strict=True):
        tokens = ids[None, : int(length)]
        added = torch.tensor(delta[: int(length)], dtype=torch.float32)[None, :, None] * row

        def add(stream: Any, hook: Any, added: Any = added) -> Any:
            return stream + added

        with torch.no_grad():
            logits = bridge.run_with_hooks(tokens, return_type="logits", fwd_hooks=[(hook, add)])
        log_p = logits[0, :-1].double().log_softmax(-1)
        found.append(-float(log_p.gather(-1, tokens[0, 1:, None]).sum()))
    return np.array(found)


def fires(cached: Cached, unit: int) -> Floats:
    values: Floats = cached.values[..., unit]
    assert (values > 0).sum() >= 5
    return values


def test_true_values_give_the_subject_s_own_loss(rewriter: Rewriter, cached: Cached) -> None:
    nothing = np.zeros(cached.values.shape[:2])
    np.testing.assert_allclose(rewriter.loss(cached, 0, nothing), rewriter.own_loss(cached), atol=SAME)
    np.testing.assert_allclose(rewriter.own_loss(cached), by_hand(rewriter, cached, 0, nothing), atol=SAME)


@pytest.mark.parametrize("unit", range(len(COLUMNS)))
def test_a_change_does_what_it_does_in_the_whole_model(rewriter: Rewriter, cached: Cached, unit: int) -> None:
    rng = np.random.default_rng(unit)
    drawn = np.where(cached.counts.numpy(), rng.gamma(1, 2, cached.values.shape[:2]), 0.0)
    for change in (-cached.values[..., unit], drawn - cached.values[..., unit]):
        found = rewriter.loss(cached, unit, change)
        np.testing.assert_allclose(found, by_hand(rewriter, cached, unit, change), atol=SAME)
        assert np.abs(found - rewriter.own_loss(cached))[(change != 0).any(1)].max() > 100 * SAME


def test_values_are_the_source_s_and_none_where_a_position_does_not_count(rewriter: Rewriter, cached: Cached) -> None:
    source = rewriter.source
    windows = source.whole(random_texts(20, 1))
    found = source.activations(windows)
    dense = np.zeros((len(found.kept), len(COLUMNS)))
    dense[found.token, found.unit] = found.value
    laid = np.stack([cached.laid_out(dense[:, unit], len(source.before)) for unit in range(len(COLUMNS))], axis=-1)
    np.testing.assert_allclose(cached.values, laid, atol=1e-5)
    assert (cached.values[~cached.counts.numpy()] == 0).all()
    assert not cached.counts.numpy()[:, 0].any(), "the first position is BOS's"
    fires(cached, 0)


def test_some_texts_are_run_as_they_are_among_all(rewriter: Rewriter, cached: Cached) -> None:
    change = -cached.values[..., 0]
    chosen = np.arange(len(cached)) % 3 == 1
    alone = rewriter.loss(cached.some(chosen), 0, change[chosen])
    np.testing.assert_allclose(alone, rewriter.loss(cached, 0, change)[chosen], atol=SAME)
    assert len(rewriter.loss(cached.some(np.zeros(len(cached), bool)), 0, change[:0])) == 0


def test_the_subject_is_as_it_was_afterwards(rewriter: Rewriter, cached: Cached) -> None:
    before = rewriter.own_loss(cached)
    with (
        pytest.raises(RuntimeError),
        rewriting._resumed(rewriter.source.subject.bridge, rewriter.block, cached.residual, rewriter._wraps),
    ):
        raise RuntimeError("what runs within may fail")
    np.testing.assert_array_equal(rewriter.own_loss(cached), before)
    np.testing.assert_array_equal(
        rewriter.read([each.ids for each in rewriter.source.whole(random_texts(20, 1))]).residual, cached.residual
    )


def test_a_change_where_none_may_be_is_refused(rewriter: Rewriter, cached: Cached) -> None:
    change = np.zeros(cached.values.shape[:2])
    change[0, 0] = 1
    with pytest.raises(InterventionError, match="does not count"):
        rewriter.loss(cached, 0, change)


def test_a_stream_that_is_not_handed_on_is_noticed(
    rewriter: Rewriter, cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the wrong stream, or none, reaches the blocks above the hook."""
    hand_on = rewriting._hand_on
    monkeypatch.setattr(
        rewriting, "_hand_on", lambda instead, wrap, *given, **named: hand_on(None, wrap, *given, **named)
    )
    with pytest.raises(InterventionError, match="not as it was"):
        rewriter.loss(cached, 0, -cached.values[..., 0])


def test_assertions_on_the_stream() -> None:
    stream, direction = torch.randn(4, 6, generator=torch.Generator().manual_seed(0)), torch.arange(1.0, 7)
    delta = torch.tensor([0.0, 1.5, 0.0, -2.0])
    wanted = delta[:, None] * direction
    after = changed(stream, delta, direction)
    torch.testing.assert_close(after, stream + wanted)
    assert torch.equal(after[delta == 0], stream[delta == 0])
    for wrong, match in (
        (stream, "did not change by"),
        (stream + 2 * wanted, "did not change by"),
        (stream - wanted, "did not change by"),
        (stream + wanted + 1e-3, "where the latent's value did not"),
    ):
        with pytest.raises(InterventionError, match=match):
            assert_changed(stream, wrong, delta, wanted)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("topk-neurons", "does not lie between two blocks"),
        ("gated-resid-mid", "does not lie between two blocks"),
        ("standard-layer-norm", "normalize_activations=layer_norm"),
        ("temporal-resid-post", "whose decoder is linear"),
    ],
)
def test_what_cannot_be_replaced_is_refused(world: TinyWorld, name: str, message: str) -> None:
    with pytest.raises(UnitsError, match=message):
        Rewriter(world.source(name, COLUMNS))
