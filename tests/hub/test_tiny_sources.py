"""Subjects and units on disk: hooks, stopping, BOS, special tokens, windows, and what cannot be followed exactly."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from tiny_weights import (
    ATTN_OUT,
    HOOK_Z,
    LATENTS,
    LAYERS,
    MLP_IN,
    MLP_NORMALIZED,
    MLP_OUT,
    NEURONS,
    RESID_MID,
    RESID_POST,
    RESID_PRE,
    WIDTH,
    TinySae,
    save_gpt2,
    save_sae,
    save_saes,
)
from tiny_world import TinyWorld, dense, local, random_texts

from benchmark.errors import UserError
from benchmark.subjects.catalog import Directions, FolderSae, Neurons, UnitsError, parse_subject
from benchmark.subjects.embedded import SubjectError
from benchmark.subjects.features import FeatureSource, measured
from benchmark.subjects.loading.hooks import HookError
from benchmark.subjects.loading.saes import load_sae
from benchmark.subjects.loading.subject import boot_subject, subject_hash
from benchmark.subjects.selected.latents import Latents

HOOKS = [RESID_PRE, RESID_MID, RESID_POST, MLP_OUT, ATTN_OUT, HOOK_Z, NEURONS, MLP_NORMALIZED, MLP_IN, "hook_embed"]
STANDARD = "standard-resid-pre"


@pytest.fixture(scope="module")
def tiny_world(tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("sources")
    return TinyWorld(boot_subject(local(save_gpt2(home / "model"))), save_saes(home / "saes"))


@pytest.fixture(scope="module")
def cache(tiny_world: TinyWorld) -> dict[str, Any]:
    """Everything the model does on `IDS`, when it runs to its end."""
    return dict(tiny_world.subject.bridge.run_with_cache(torch.tensor([IDS]))[1].items())


IDS = [256, 40, 41, 99, 3, 200, 17]


@pytest.mark.parametrize("hook", HOOKS)
def test_stopping_at_a_hook_gives_what_a_full_run_gives(
    hook: str, tiny_world: TinyWorld, cache: dict[str, Any]
) -> None:
    found = tiny_world.subject.hidden([IDS, IDS[:3]], hook)
    expected = cache[hook].flatten(2)
    torch.testing.assert_close(found[:1], expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(found[1:, :3], expected[:, :3], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("legacy", "canonical"), [(RESID_PRE, "blocks.1.hook_in"), (MLP_OUT, "blocks.1.mlp.hook_out")])
def test_both_names_of_a_hook_lead_there(legacy: str, canonical: str, tiny_world: TinyWorld) -> None:
    assert torch.equal(tiny_world.subject.hidden([IDS], legacy), tiny_world.subject.hidden([IDS], canonical))


def test_nothing_behind_the_hook_runs(tiny_world: TinyWorld) -> None:
    model, ran = tiny_world.subject.bridge.original_model, []
    parts = {name: part for name, part in model.named_modules() if name in ("lm_head", "transformer.ln_f")}
    parts |= {f"block {i}": block for i, block in enumerate(tiny_world.subject.bridge.blocks)}

    def watch(name: str) -> Callable[..., None]:
        return lambda *_: ran.append(name)

    handles = [part.register_forward_pre_hook(watch(name)) for name, part in parts.items()]
    tiny_world.subject.hidden([IDS], RESID_MID)
    stopped, ran[:] = list(ran), []
    tiny_world.subject.bridge(torch.tensor([IDS]))
    for handle in handles:
        handle.remove()
    assert stopped == ["block 0", "block 1"]
    assert set(ran) == set(parts)
    assert len(parts) == LAYERS + 2


def test_hooks_of_others_stay_and_ours_go(tiny_world: TinyWorld) -> None:
    bridge, seen = tiny_world.subject.bridge, []
    point = bridge.blocks[0].hook_in
    point.add_hook(lambda tensor, hook: seen.append(1))
    tiny_world.subject.hidden([IDS], RESID_POST)
    assert bridge(torch.tensor([IDS])).shape == (1, len(IDS), 257)
    point.remove_hooks()
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        ("blocks.1.hook_resid_pots", "did you mean 'blocks.1.hook_resid_post'"),
        ("blocks.9.hook_resid_post", "did you mean 'blocks."),
        ("?", "mend: name one of"),
        ("blocks.1.hook_mlp_in", "switched off"),
    ],
)
def test_a_hook_that_is_not_there_is_named(hook: str, words: str, tiny_world: TinyWorld) -> None:
    with pytest.raises(HookError, match=words.replace("?", r"\?")):
        tiny_world.subject.hidden([IDS], hook)


def edited(world: TinyWorld, home: Path, **metadata: Any) -> Path:
    """A standard SAE whose cfg.json says something else; `cfg_` fields stand outside of the metadata."""
    folder = save_sae(TinySae(STANDARD, "StandardTrainingSAE", RESID_PRE, "standard"), home)
    cfg = json.loads((folder / "cfg.json").read_text("utf-8"))
    outer = {name.removeprefix("cfg_"): metadata.pop(name) for name in list(metadata) if name.startswith("cfg_")}
    (folder / "cfg.json").write_text(json.dumps(cfg | outer | {"metadata": cfg["metadata"] | metadata}), "utf-8")
    return folder


def source_of(world: TinyWorld, folder: Path) -> FeatureSource:
    return FeatureSource(world.subject, Latents(load_sae(FolderSae(folder)), world.subject), 60)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cfg_normalize_activations": "expected_average_only_in"}, "does not do at run time"),
        ({"cfg_normalize_activations": "covariance_whitening"}, "does not do at run time"),
        ({"hook_name": None}, "at which hook"),
        ({"hook_head_index": 2}, "head 2"),
        ({"model_from_pretrained_kwargs": {"fold_ln": True}}, "fold_ln=True"),
        ({"model_name": "gpt2-small"}, "'gpt2-small', and the subject is"),
        ({"hook_name": NEURONS}, "takes 32 numbers a token, and 'blocks.1.mlp.hook_post' of 'local' gives 128"),
        ({"hook_name": "blocks.1.hook_resid_pro"}, "did you mean 'blocks.1.hook_resid_pre'"),
        ({"cfg_architecture": "nonsense"}, "cannot be read"),
    ],
)
def test_what_cannot_be_followed_exactly_is_refused(
    change: dict[str, Any], words: str, tiny_world: TinyWorld, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=words) as caught:
        source_of(tiny_world, edited(tiny_world, tmp_path, **change))
    assert "\n" not in str(caught.value)


def test_centring_follows_the_saes_word(tiny_world: TinyWorld, tmp_path: Path) -> None:
    """And only where something is written to the residual stream."""
    asked = {"center_writing_weights": True, "fold_ln": False}
    plain = source_of(tiny_world, edited(tiny_world, tmp_path / "plain"))
    centred = source_of(tiny_world, edited(tiny_world, tmp_path / "centred", model_from_pretrained_kwargs=asked))
    after_norm = edited(tiny_world, tmp_path / "norm", model_from_pretrained_kwargs=asked, hook_name=MLP_NORMALIZED)
    hidden = tiny_world.subject.hidden([IDS], RESID_PRE)
    assert centred.facts["centred"] == "True"
    assert source_of(tiny_world, after_norm).facts["centred"] == plain.facts["centred"] == "False"
    expected = plain.measured.encode(hidden - hidden.mean(-1, keepdim=True))
    torch.testing.assert_close(centred.measured.encode(hidden), expected)
    assert not torch.allclose(expected, plain.measured.encode(hidden))


WRITTEN = {
    RESID_PRE: ["blocks.1.hook_in", "blocks.1.ln1.hook_in"],
    RESID_MID: ["blocks.1.ln2.hook_in"],
    RESID_POST: ["blocks.1.hook_out"],
    MLP_OUT: ["blocks.1.mlp.hook_out", "blocks.1.mlp.out.hook_out"],
    ATTN_OUT: ["blocks.1.attn.hook_out", "blocks.1.attn.o.hook_out"],
    "hook_embed": ["embed.hook_out"],
}


@pytest.mark.parametrize("hook", [name for legacy, others in WRITTEN.items() for name in (legacy, *others)])
def test_centring_is_the_same_under_every_name_of_a_hook(hook: str, tiny_world: TinyWorld, tmp_path: Path) -> None:
    asked = {"center_writing_weights": True}
    folder = edited(tiny_world, tmp_path, model_from_pretrained_kwargs=asked, hook_name=hook)
    assert source_of(tiny_world, folder).facts["centred"] == "True"


@pytest.mark.parametrize("hook", [MLP_NORMALIZED, MLP_IN, "blocks.1.ln2.hook_out", "blocks.1.attn.o.hook_in"])
def test_what_is_not_written_to_the_residual_stream_is_not_centred(
    hook: str, tiny_world: TinyWorld, tmp_path: Path
) -> None:
    asked = {"center_writing_weights": True}
    folder = edited(tiny_world, tmp_path, model_from_pretrained_kwargs=asked, hook_name=hook)
    assert source_of(tiny_world, folder).facts["centred"] == "False"


def test_centring_is_what_processing_the_weights_does(tiny_world: TinyWorld) -> None:
    """The processed model, as HookedTransformer has it, against the raw one less its mean."""
    bridge = boot_subject(local(Path(tiny_world.subject.spec.place))).bridge
    bridge.enable_compatibility_mode()
    processed = bridge.run_with_cache(torch.tensor([IDS]))[1]
    for hook in (RESID_PRE, RESID_MID, RESID_POST, MLP_OUT):
        raw = tiny_world.subject.hidden([IDS], hook)
        torch.testing.assert_close(raw - raw.mean(-1, keepdim=True), processed[hook], rtol=2e-4, atol=2e-4)
    for hook in (NEURONS, MLP_NORMALIZED):
        torch.testing.assert_close(tiny_world.subject.hidden([IDS], hook), processed[hook], rtol=2e-4, atol=2e-4)


def test_an_sae_without_bos_gets_none_and_its_first_position_does_not_count(
    tiny_world: TinyWorld, tmp_path: Path
) -> None:
    source = source_of(tiny_world, edited(tiny_world, tmp_path, prepend_bos=False))
    windows = source.whole(["abc", "d"])
    found = source.activations(windows)
    assert source.before == ()
    assert source.facts["prepend_bos"] == "False"
    assert found.kept.tolist() == [False, True, True, False]
    assert set(found.token.tolist()) <= {1, 2}
    hidden = tiny_world.subject.hidden([windows[0].ids], RESID_PRE)
    expected = source.measured.encode(hidden)[0].numpy()
    np.testing.assert_allclose(dense(found, LATENTS)[1:3], expected[1:], rtol=2e-5, atol=2e-5)


def test_an_sae_with_bos_on_a_tokenizer_without_is_refused(tiny_world: TinyWorld, tmp_path: Path) -> None:
    subject = boot_subject(local(Path(tiny_world.subject.spec.place)))
    # The bridge gives every tokenizer a BOS (EOS where there is none of its own); this one has lost it.
    subject.tokenizer.bos_token = None
    wants, wants_none = edited(tiny_world, tmp_path / "with"), edited(tiny_world, tmp_path / "no", prepend_bos=False)
    with pytest.raises(UnitsError, match="trained with BOS before each text, and the tokenizer of 'local' has no BOS"):
        FeatureSource(subject, Latents(load_sae(FolderSae(wants)), subject), 60)
    assert FeatureSource(subject, Latents(load_sae(FolderSae(wants_none)), subject), 60).before == ()


def test_special_tokens_and_untrained_positions_do_not_count(tiny_world: TinyWorld, tmp_path: Path) -> None:
    source = source_of(tiny_world, edited(tiny_world, tmp_path / "all"))
    (window,) = source.whole(["a<|endoftext|>b"])
    assert len(window.ids) == 3
    assert source.activations([window]).kept.tolist() == [True, False, True]
    letter = window.ids[0]
    excluding = source_of(tiny_world, edited(tiny_world, tmp_path / "some", exclude_special_tokens=[letter]))
    assert excluding.activations([window]).kept.tolist() == [False, False, True]
    later = source_of(tiny_world, edited(tiny_world, tmp_path / "later", seqpos_slice=[3]))
    assert later.activations(later.whole(["abcd"])).kept.tolist() == [True, True, False, False]


def test_nothing_at_all_is_harmless(tiny_world: TinyWorld) -> None:
    source = tiny_world.source(STANDARD)
    assert source.whole([]) == []
    assert not len(source.activations([]).kept)
    assert not len(source.activations(source.whole([""])).kept)
    assert source.windows("d", "") == []


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_tokens_joined_are_the_text(tiny_world: TinyWorld, text: str) -> None:
    (window,) = tiny_world.source_of_anything.whole([text])
    assert "".join(window.tokens) == text
    assert len(window.ids) == len(window.ends)


@given(st.lists(st.text(alphabet="abcé ,", min_size=1, max_size=9), max_size=60))
def test_windows_fit_and_stand_in_the_document_in_order(tiny_world: TinyWorld, words: list[str]) -> None:
    text, place = " ".join(words), 0
    for window in tiny_world.source_of_anything.windows("d", text):
        assert len(window.ids) <= 60
        place = text.index(window.text, place) + len(window.text)


def test_neurons_and_directions_are_what_they_say(tiny_world: TinyWorld, cache: dict[str, Any], tmp_path: Path) -> None:
    file, draw = tmp_path / "some.safetensors", torch.Generator().manual_seed(0)
    vectors = {name: torch.randn(WIDTH, generator=draw) for name in ("up", "down")}
    save_file(vectors, file)
    neurons = measured(Neurons(1), tiny_world.subject, [127, 5])
    directions = measured(Directions(file, RESID_POST), tiny_world.subject)
    assert (neurons.units, directions.units) == (("n127", "n5"), ("d:down", "d:up"))
    mine = neurons.encode(tiny_world.subject.hidden([IDS], neurons.hook))
    torch.testing.assert_close(mine, cache[NEURONS][..., [127, 5]], rtol=1e-5, atol=1e-5)
    along = directions.encode(tiny_world.subject.hidden([IDS], directions.hook))
    expected = torch.stack([cache[RESID_POST] @ vectors["down"], cache[RESID_POST] @ vectors["up"]], dim=-1)
    torch.testing.assert_close(along, expected, rtol=1e-4, atol=1e-4)
    source = FeatureSource(tiny_world.subject, neurons, 60)
    assert source.activations(source.whole(random_texts(5, seed=0))).value.min() < 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda world, home: measured(Neurons(7), world.subject), "blocks 0 to 2"),
        (lambda world, home: measured(Neurons(1), world.subject, [128]), "from 0 to 127"),
        (lambda world, home: world.latents(STANDARD, [48]), "from 0 to 47"),
        (lambda world, home: world.latents(STANDARD, [3, 3]), "once each"),
        (lambda world, home: world.latents(STANDARD, []), "at least one"),
        (lambda world, home: load_sae(FolderSae(home)), "lacks cfg.json"),
        (lambda world, home: FeatureSource(world.subject, world.latents(STANDARD), 64), "at most 63"),
    ],
)
def test_what_is_not_there_is_one_line(
    make: Callable[[TinyWorld, Path], Any], words: str, tiny_world: TinyWorld, tmp_path: Path
) -> None:
    with pytest.raises(UnitsError, match=words):
        make(tiny_world, tmp_path)


def test_a_file_of_directions_is_looked_at(tiny_world: TinyWorld, tmp_path: Path) -> None:
    file = tmp_path / "some.safetensors"
    save_file({"up": torch.zeros(WIDTH), "down": torch.zeros(WIDTH)}, file)
    with pytest.raises(UnitsError, match="no direction 'upp': did you mean 'up'"):
        measured(Directions(file, RESID_POST), tiny_world.subject, names=["upp"])
    with pytest.raises(UnitsError, match="takes 32 numbers"):
        measured(Directions(file, NEURONS), tiny_world.subject)
    save_file({"up": torch.zeros(WIDTH), "down": torch.zeros(2)}, file)
    with pytest.raises(UnitsError, match="all of one width"):
        measured(Directions(file, RESID_POST), tiny_world.subject)
    file.write_bytes(b"not at all")
    with pytest.raises(UnitsError, match="no safetensors file"):
        measured(Directions(file, RESID_POST), tiny_world.subject)


def test_a_damaged_sae_on_disk_is_one_line(tiny_world: TinyWorld, tmp_path: Path) -> None:
    folder = edited(tiny_world, tmp_path)
    weights = folder / "sae_weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(UnitsError, match="cannot be read"):
        load_sae(FolderSae(folder))


READ_AT_BOOT = ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


def test_every_file_that_a_boot_reads_is_in_the_subjects_identity(tiny_world: TinyWorld, tmp_path: Path) -> None:
    model = shutil.copytree(tiny_world.subject.spec.place, tmp_path / "model")
    for name in ("special_tokens_map.json", "vocab.json", "merges.txt", "README.md"):
        (model / name).write_text("{}", "utf-8")
    spec = local(model)
    first = subject_hash(spec, model)
    for name in (*READ_AT_BOOT, "special_tokens_map.json", "vocab.json", "merges.txt"):
        whole = (model / name).read_bytes()
        (model / name).write_bytes(whole + b" ")
        assert subject_hash(spec, model) != first, name
        (model / name).write_bytes(whole)
    (model / "README.md").write_text("another", "utf-8")
    assert subject_hash(spec, model) == first


def test_cuda_that_is_not_there_is_one_line(tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SubjectError, match="device=auto"):
        boot_subject(parse_subject(f"local:{tiny_world.subject.spec.place}", device="cuda"))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_near(dtype: str, tiny_world: TinyWorld) -> None:
    half = boot_subject(parse_subject(f"local:{tiny_world.subject.spec.place}@viva-tests/tiny-gpt2", dtype=dtype))
    found = half.hidden([IDS], RESID_POST)
    assert found.dtype == getattr(torch, dtype)
    expected = tiny_world.subject.hidden([IDS], RESID_POST)
    off = (found.float() - expected).norm() / expected.norm()
    assert 0 < off < 0.03
    source = FeatureSource(half, Latents(load_sae(FolderSae(tiny_world.saes / STANDARD)), half), 60)
    assert source.activations(source.whole(["abc"])).value.dtype == np.float32
    assert source.facts["dtype"] == dtype
