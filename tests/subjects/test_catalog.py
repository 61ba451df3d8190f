"""What `subject=` and `sae=` may say; what they may not is one line with the mend."""

from pathlib import Path

import pytest

from benchmark.subjects.catalog import (
    PRESETS,
    Directions,
    FolderSae,
    HubSae,
    Neurons,
    UnitsError,
    parse_sae,
    parse_subject,
    shipped_sae,
)
from benchmark.subjects.embedded import SubjectError
from benchmark.subjects.loading.saes import load_sae


def test_presets_are_found_by_name_and_take_a_revision() -> None:
    names = {"embedded", "randomised", "gpt2_small", "gemma_2_2b", "pythia_70m", "llama_3_1_8b"}
    assert {spec.name for spec in PRESETS} == names
    assert all(parse_subject(name).name == name for name in names)
    spec = parse_subject("gpt2_small@abc", dtype="bfloat16", device="cpu")
    assert (spec.place, spec.revision, spec.dtype, spec.device) == ("openai-community/gpt2", "abc", "bfloat16", "cpu")
    assert {spec.name for spec in PRESETS if spec.gated} == {"gemma_2_2b", "llama_3_1_8b"}


def test_a_hub_id_that_has_a_preset_is_the_preset() -> None:
    assert parse_subject("hub:google/gemma-2-2b") == parse_subject("gemma_2_2b")
    assert parse_subject("hub:a/b@c").revision == "c"


def test_a_folder_may_be_told_what_it_holds(tmp_path: Path) -> None:
    folder = tmp_path / "odd@name"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    assert parse_subject(f"local:{folder}").aliases == ("odd@name",)
    assert parse_subject(f"local:{folder}@gpt2-small").aliases == ("gpt2-small",)
    assert parse_subject(f"local:{folder}@gpt2-small").place == str(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gpt2_smal", ["did you mean 'gpt2_small'", "local:<folder>"]),
        ("zzz", ["choose from embedded"]),
        ("embedded@main", ["no revisions"]),
        ("local:/nowhere", ["/nowhere", "config.json"]),
        ("hub:a/b/c", ["no hub id"]),
        ("hub:", ["no hub id"]),
    ],
)
def test_a_wrong_subject_is_one_line(text: str, words: list[str]) -> None:
    with pytest.raises(SubjectError) as caught:
        parse_subject(text)
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in words)


def test_a_wrong_dtype_or_device_is_one_line() -> None:
    with pytest.raises(SubjectError, match="did you mean 'bfloat16'"):
        parse_subject("embedded", dtype="bfloat")
    with pytest.raises(SubjectError, match="choose from auto, cpu, cuda"):
        parse_subject("embedded", device="tpu")


def test_saes_are_found_by_release_repository_and_folder(tmp_path: Path) -> None:
    jb = "gpt2-small-res-jb/blocks.8.hook_resid_pre"
    assert parse_sae(jb) == HubSae("gpt2-small-res-jb", "blocks.8.hook_resid_pre")
    assert parse_sae(f"{jb}@v1") == HubSae("gpt2-small-res-jb", "blocks.8.hook_resid_pre", "v1")
    deep = "gemma-scope-2b-pt-res-canonical/layer_12/width_16k/canonical"
    assert parse_sae(deep) == HubSae("gemma-scope-2b-pt-res-canonical", "layer_12/width_16k/canonical")
    assert parse_sae("me/mine/a/b") == HubSae("me/mine", "a/b")
    assert parse_sae("shipped") == FolderSae(shipped_sae())
    assert parse_sae(str(shipped_sae())) == FolderSae(shipped_sae())
    assert parse_sae("neurons:8") == Neurons(8)
    file = tmp_path / "some.safetensors"
    file.touch()
    assert parse_sae(f"directions:{file}:blocks.1.hook_resid_post") == Directions(file, "blocks.1.hook_resid_post")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gpt2-small-res-jp/blocks.8.hook_resid_pre", ["did you mean 'gpt2-small-res-jb'"]),
        ("gpt2-small-res-jb/blocks.8.hook_resid_prw", ["did you mean 'blocks.8.hook_resid_pre'"]),
        ("gpt2-small-res-jb", ["no SAE ''"]),
        # Its files do not say that the model's weights were centred; the release does.
        ("jbloom/GPT2-Small-SAEs-Reformatted/blocks.8.hook_resid_pre", ["sae=gpt2-small-res-jb/"]),
        ("neurons:x", ["no layer", "neurons:8"]),
        ("neurons:²", ["no layer"]),
        ("directions:a.pt:hook", ["safetensors"]),
        ("directions:a.safetensors:", ["names no file and hook"]),
        ("directions:/nowhere/a.safetensors:hook", ["no file /nowhere/a.safetensors"]),
        ("/nowhere", ["no SAE at /nowhere", "cfg.json"]),
        ("", ["<release>/<id>"]),
    ],
)
def test_a_wrong_sae_is_one_line(text: str, words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnitsError) as caught:
        parse_sae(text)
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in words)


def test_what_would_be_unpickled_is_refused_before_anything_is_fetched() -> None:
    spec = parse_sae("llama-3.1-8b-instruct-andyrdt/resid_post_layer_3_trainer_1")
    assert isinstance(spec, HubSae)
    with pytest.raises(UnitsError, match="'dictionary_learning_1', which unpickles"):
        load_sae(spec)


def test_every_loader_of_saelens_is_judged() -> None:
    """A loader that SAELens adds has to be read before it is trusted."""
    from sae_lens.loading.pretrained_sae_loaders import NAMED_PRETRAINED_SAE_LOADERS

    from benchmark.subjects.loading.saes import SAFE_LOADERS

    pickled = {"connor_rob_hook_z", "dictionary_learning_1", "deepseek_r1", "qwen_scope", "goodfire"}
    assert set(NAMED_PRETRAINED_SAE_LOADERS) - pickled - {"sparsify"} == set(SAFE_LOADERS)
