"""Vectors patched into tiny models of several kinds, against whole passes of the same models by other ways."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tiny_models import save_model
from tiny_weights import LAYERS, save_gpt2, save_saes
from tiny_world import TinyWorld, local

from benchmark.explainers.patchscope import PLACEHOLDER, prompts
from benchmark.runtime.patched import completing
from benchmark.subjects import patching
from benchmark.subjects.catalog import Neurons
from benchmark.subjects.features import FeatureSource
from benchmark.subjects.loading.hooks import find_hook
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.patching import STAND_IN, NoDirection, Patcher, Template, replaced, stream_direction
from benchmark.subjects.rewriting import InterventionError
from benchmark.subjects.selected.linear import MlpNeurons
from benchmark.units.unit import Unit

BETWEEN = ("ab=ab\ncd=cd\n", "=")
WORD = "c"
BLOCKS = range(LAYERS)
# Logits of tiny float32 models, of about 1.
SAME = 2e-5


@pytest.fixture(scope="module", params=["GPT2", "Llama", "Gemma2", "GPTNeoX"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("patching")
    folder = save_gpt2(home / "model") if request.param == "GPT2" else save_model(request.param, home / "model")
    return TinyWorld(boot_subject(local(folder)), save_saes(home / "saes"))


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("patched-gpt2")
    return TinyWorld(boot_subject(local(save_gpt2(home / "model"))), save_saes(home / "saes"))


@pytest.fixture
def patcher(world: TinyWorld) -> Patcher:
    return Patcher(world.subject)


@torch.no_grad()
def plain(patcher: Patcher, ids: tuple[int, ...]) -> Any:
    """Logits [position, vocabulary] of the model as it is."""
    return patcher.subject.bridge(torch.tensor([ids]), return_type="logits")[0]


def with_word(patcher: Patcher) -> tuple[Template, tuple[int, ...]]:
    """The prompt with a stand-in for its placeholder, and its tokens with a word there."""
    template = patcher.template(BETWEEN)
    (place,) = template.places
    (word,) = patcher.subject.tokenizer(WORD, add_special_tokens=False)["input_ids"]
    return template, (*template.ids[:place], word, *template.ids[place + 1 :])


def stream_of(patcher: Patcher, ids: tuple[int, ...], block: int, place: int) -> Any:
    return patcher.subject.hidden([ids], f"blocks.{block}.hook_in")[:, place]


def hooks_of(patcher: Patcher) -> int:
    bridge = patcher.subject.bridge
    points = [find_hook(bridge, f"blocks.{block}.hook_in") for block in BLOCKS]
    blocks = [bridge.blocks[block] for block in BLOCKS]
    return sum(len(each.fwd_hooks) + len(each._forward_hooks) for each in points) + sum(
        len(each._forward_pre_hooks) for each in blocks
    )


def test_a_prompt_has_bos_before_it_and_stand_ins_in_its_places(patcher: Patcher) -> None:
    template = patcher.template(("a", "b", ""))
    tokenizer = patcher.subject.tokenizer
    assert template.ids[0] == patcher.subject.bos
    assert tokenizer.decode(template.ids[1:]) == f"a{STAND_IN}b{STAND_IN}"
    assert template.places == (2, 4)
    with pytest.raises(ValueError, match="has a placeholder"):
        patcher.template(("no place",))


@pytest.mark.parametrize("block", BLOCKS)
def test_a_patch_changes_the_placeholder_and_nothing_before_it(patcher: Patcher, block: int) -> None:
    template = patcher.template(BETWEEN)
    (place,) = template.places
    vectors = torch.randn(2, 32, generator=torch.Generator().manual_seed(block))
    found, before = patcher.logits(template, block, vectors), plain(patcher, template.ids)
    torch.testing.assert_close(found[:, :place], before[None, :place].expand(2, -1, -1), atol=SAME, rtol=0)
    assert ((found - before).abs().amax(-1) > 100 * SAME)[:, place:].all()
    assert (found[0] - found[1]).abs().max() > 100 * SAME, "each row has its own vector"


@pytest.mark.parametrize("block", BLOCKS)
def test_a_word_s_own_stream_in_the_placeholder_is_the_word(patcher: Patcher, block: int) -> None:
    template, ids = with_word(patcher)
    (place,) = template.places
    found, wanted = patcher.logits(template, block, stream_of(patcher, ids, block, place))[0], plain(patcher, ids)
    torch.testing.assert_close(found[place], wanted[place], atol=SAME, rtol=0)
    if block == 0:
        torch.testing.assert_close(found, wanted, atol=SAME, rtol=0)
    else:
        # Later tokens have read the stand-in below the patched block, and so they should.
        assert (found[place + 1 :] - wanted[place + 1 :]).abs().max() > 100 * SAME


@pytest.mark.parametrize("block", BLOCKS)
def test_a_completion_is_the_likeliest_token_after_token(
    patcher: Patcher, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patcher, "_first_line", lambda ids: (tuple(ids), False))
    template = patcher.template(BETWEEN)
    vectors = torch.randn(3, 32, generator=torch.Generator().manual_seed(9))
    for row, found in enumerate(patcher.complete(template, block, vectors, most=5)):
        grown = template
        for token in found:
            # No cache: every token so far, patched anew.
            assert int(patcher.logits(grown, block, vectors[row : row + 1])[0, -1].argmax()) == int(token)
            grown = Template((*grown.ids, int(token)), grown.places)
        assert len(found) == 5


def test_a_word_s_own_stream_is_completed_as_the_word(patcher: Patcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patcher, "_first_line", lambda ids: (tuple(ids), False))
    template, ids = with_word(patcher)
    (found,) = patcher.complete(template, 0, stream_of(patcher, ids, 0, template.places[0]), most=6)
    wanted = ids
    for _ in range(6):
        wanted = (*wanted, int(plain(patcher, wanted)[-1].argmax()))
    assert found == wanted[len(ids) :]


def test_no_hook_is_left_whatever_happens(patcher: Patcher, monkeypatch: pytest.MonkeyPatch) -> None:
    template, vectors = patcher.template(BETWEEN), torch.randn(1, 32)
    before, count = plain(patcher, template.ids), hooks_of(patcher)
    patcher.logits(template, 1, vectors)
    patcher.complete(template, 1, vectors)
    patcher.usual_norm(template, 1)
    monkeypatch.setattr(patcher, "_first_line", lambda ids: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        patcher.complete(template, 1, vectors)
    with pytest.raises(InterventionError, match="not finite"):
        patcher.logits(template, 1, vectors * torch.inf)
    assert hooks_of(patcher) == count
    assert torch.equal(plain(patcher, template.ids), before)


def test_a_patch_that_does_not_arrive_is_no_patch(patcher: Patcher, monkeypatch: pytest.MonkeyPatch) -> None:
    template, vectors = patcher.template(BETWEEN), torch.randn(1, 32)
    monkeypatch.setattr(patching, "_entering", lambda block: f"blocks.{block + 1}.hook_in")
    with pytest.raises(InterventionError, match="reached block 0 0 times of 1"):
        patcher.logits(template, 0, vectors)
    with pytest.raises(InterventionError, match="0 times of 0"), patcher._patched(template, 0, vectors):
        pass


def test_a_stream_changes_at_its_places_and_nowhere_else() -> None:
    stream, vectors = torch.randn(2, 5, 4), torch.randn(2, 4)
    after = replaced(stream, (1, 3), vectors)
    assert torch.equal(after[:, [0, 2, 4]], stream[:, [0, 2, 4]])
    assert torch.equal(after[:, 1], vectors)
    assert torch.equal(after[:, 3], vectors)
    with pytest.raises(InterventionError, match="did not change at every placeholder"):
        replaced(stream, (1, 3), stream[:, 3])


def test_a_direction_is_as_long_as_the_stream_usually_is(patcher: Patcher, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, Any]] = []
    monkeypatch.setattr(patcher, "complete", lambda template, block, vectors: given.append((block, vectors)) or ["x"])
    direction = torch.randn(32) * 17
    patcher.along(direction.numpy())(BETWEEN, 1, (1.0, 3.0))
    patcher.along(direction)(BETWEEN, 99, (1.0,))
    (block, vectors), (last, _) = given
    assert (block, last) == (1, LAYERS - 1), "the last block where there are fewer"
    template = patcher.template(BETWEEN)
    stream = patcher.subject.hidden([template.ids], "blocks.1.hook_in")[0]
    norms = sorted(float(stream[i].norm()) for i in range(1, len(template.ids)) if i not in template.places)
    assert float(vectors[0].norm()) == pytest.approx(norms[(len(norms) - 1) // 2], rel=1e-5)
    torch.testing.assert_close(vectors[1], 3 * vectors[0])
    assert float(torch.cosine_similarity(vectors[0], direction, dim=0)) == pytest.approx(1)


def test_the_usual_length_is_of_neither_the_first_token_nor_a_placeholder(patcher: Patcher) -> None:
    ids = patcher.template(BETWEEN).ids
    norms = patcher.subject.hidden([ids], "blocks.1.hook_in")[0].norm(dim=-1).tolist()
    for kept in range(1, len(ids)):
        others = tuple(place for place in range(1, len(ids)) if place != kept)
        assert patcher.usual_norm(Template(ids, others), 1) == pytest.approx(norms[kept], rel=1e-5)
    assert patcher.usual_norm(Template(ids, tuple(range(1, len(ids)))), 1) == pytest.approx(norms[0], rel=1e-5)


@pytest.mark.parametrize(
    ("text", "line", "ended"),
    [
        (" water, bank\nmore", "water, bank", True),
        ("\n\n water", "water", False),
        ("a<|endoftext|>b\n", "a", True),
        ("", "", False),
    ],
)
def test_a_completion_ends_with_its_first_line(gpt2: TinyWorld, text: str, line: str, ended: bool) -> None:
    ids = gpt2.subject.tokenizer(text, add_special_tokens=False)["input_ids"]
    assert Patcher(gpt2.subject)._first_line(ids) == (line, ended)


def test_a_latent_s_direction_is_its_decoder_row_in_the_stream(gpt2: TinyWorld) -> None:
    for name in ("topk-resid-post", "standard-mlp-out", "transcoder"):
        source = gpt2.source(name, [5, 7])
        assert torch.equal(stream_direction(source, 7), gpt2.latents(name).sae.W_dec[7])  # type: ignore[attr-defined]
    with pytest.raises(NoDirection, match="W_O"):
        stream_direction(gpt2.source("standard-hook-z"), 7)
    with pytest.raises(NoDirection, match="no latent"):
        stream_direction(FeatureSource(gpt2.subject, MlpNeurons(Neurons(1), gpt2.subject), window_tokens=60), 7)
    dead = gpt2.source("topk-resid-post")
    dead.measured.sae.W_dec.data[7] = 0  # type: ignore[attr-defined]
    with pytest.raises(NoDirection, match="is zero"):
        stream_direction(dead, 7)


def test_a_unit_s_direction_is_completed_in_its_own_subject(gpt2: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    sources = {"found": gpt2.source("topk-resid-post", [3, 7]), "randomised": gpt2.source("standard-hook-z", [3, 7])}

    def measurer(tier: str) -> Any:
        asked.append(tier)
        return SimpleNamespace(source=sources[tier]), {}

    directions = SimpleNamespace(vectors=torch.eye(32).numpy(), identifiers=("a", "b"))
    measuring: Any = SimpleNamespace(measurer=measurer, probes=lambda: SimpleNamespace(directions=directions))
    given: list[Any] = []
    monkeypatch.setattr(Patcher, "along", lambda self, direction: given.append(torch.as_tensor(direction)))
    completing(measuring, Unit("u", "found", "", {"latent": 7}))
    completing(measuring, Unit("u", "probed", "", {"direction": "b"}))
    assert completing(measuring, Unit("u", "randomised", "", {"latent": 7})) is None
    assert asked == ["found", "found", "randomised"]
    assert torch.equal(given[0], sources["found"].measured.sae.W_dec[7])  # type: ignore[attr-defined]
    assert torch.equal(given[1], torch.eye(32)[1])
    assert len(given) == 2


def test_the_prompts_can_be_completed_by_any_subject(gpt2: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    patcher = Patcher(gpt2.subject)
    for prompt in prompts().values():
        between = [text[-8:] for text in prompt.split(PLACEHOLDER)]
        assert len(patcher.along(torch.randn(32))(between, 1, (1.0, 2.0))) == 2
