"""`device=auto`: where there is an accelerator it is used all along.

No GPU is here. What can be tested is who is handed which device, and, on torch's `meta` device, that what we compute
with an activation is computed where it lies: an operation on `meta` and CPU together is an error. The forward pass
itself is transformers', which does not run on `meta`, and no kernel of a GPU runs.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tiny_weights import WIDTH, save_gpt2, save_saes
from tiny_world import local

from benchmark.harvest import command
from benchmark.subjects import features
from benchmark.subjects.catalog import Directions, FolderSae, Neurons, UnitsSpec, parse_subject
from benchmark.subjects.embedded import SubjectError
from benchmark.subjects.embeddings import MiniLM
from benchmark.subjects.features import FeatureSource, measured
from benchmark.subjects.loading import subject as loading
from benchmark.subjects.loading.subject import Subject, boot_subject, resolve_device
from benchmark.subjects.selected import latents
from benchmark.subjects.selected.measured import Triples
from benchmark.subjects.selected.promoted import logits

META = "meta"
ROWS = [[5, 6, 7], [8], [9, 10]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("devices")
    save_gpt2(home / "model")
    save_saes(home / "saes")
    save_file({"a": torch.ones(WIDTH), "b": torch.zeros(WIDTH)}, home / "d.safetensors")
    return home


@pytest.fixture
def accelerated(home: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """A subject that says that it is on `meta`, and has its activations and its SAEs there, as on a GPU."""
    load = features.load_sae

    def hidden(subject: Subject, rows: Any, hook: str) -> Any:
        ids = subject.padded(rows)
        assert ids.device.type == META
        return torch.empty(*ids.shape, 4 * WIDTH if "mlp" in hook else WIDTH, device=ids.device)

    def load_there(spec: Any, device: str, dtype: str) -> Any:
        loaded = load(spec, "cpu", dtype)
        loaded.sae.to(device)
        return loaded

    monkeypatch.setattr(Subject, "hidden", hidden)
    monkeypatch.setattr(features, "load_sae", load_there)
    return replace(boot_subject(local(home / "model")), device=META)


def test_auto_takes_an_accelerator_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert (resolve_device("auto"), resolve_device("cpu")) == ("cpu", "cpu")
    with pytest.raises(SubjectError, match="no CUDA device is to be seen"):
        resolve_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert (resolve_device("auto"), resolve_device("cuda"), resolve_device("cpu")) == ("cuda", "cuda", "cpu")


def test_a_boot_puts_the_model_on_the_device_that_auto_means(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    boot = loading._boot

    def booted(spec: Any, folder: Path, device: str, commit: str) -> Any:
        asked.append(device)
        return boot(spec, folder, "cpu", commit)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(loading, "_boot", booted)
    found = boot_subject(local(home / "model"))
    assert parse_subject("embedded").device == "auto"
    assert (asked, found.device, found.facts["device"]) == (["cuda"], "cuda", "cuda")


@pytest.mark.parametrize("columns", [None, [7, 3, 20]])
@pytest.mark.parametrize("name", ["topk-resid-post", "gated-resid-mid", "jumprelu-attn-out", "standard-hook-z"])
def test_latents_are_computed_on_the_subjects_device(
    name: str, columns: list[int] | None, accelerated: Subject, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to where the numbers themselves are needed, which `meta` has none of."""
    monkeypatch.setattr(latents, "all_finite", lambda values, what: None)
    found = stopped(FolderSae(home / "saes" / name), accelerated, columns, monkeypatch)
    assert found.device.type == META


@pytest.mark.parametrize("columns", [None, [1, 0]])
@pytest.mark.parametrize("kind", ["neurons", "directions"])
def test_so_are_units_without_an_sae(
    kind: str, columns: list[int] | None, accelerated: Subject, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = Neurons(1) if kind == "neurons" else Directions(home / "d.safetensors", "blocks.1.hook_resid_post")
    assert stopped(spec, accelerated, columns, monkeypatch).device.type == META


def stopped(spec: UnitsSpec, subject: Subject, columns: list[int] | None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The values that a source was about to look through."""
    seen: list[Any] = []

    def nonzero(values: Any, **_: Any) -> Any:
        seen.append(values)
        raise StopIteration

    units = measured(spec, subject, columns)
    assert {each.device.type for each in tensors_of(units)} == {META}
    monkeypatch.setattr(torch, "nonzero", nonzero)
    source = FeatureSource(subject, units, 60)
    with pytest.raises(StopIteration):
        source.encode(ROWS)
    return seen[0]


def tensors_of(units: Any) -> list[torch.Tensor]:
    own = [value for value in vars(units).values() if isinstance(value, torch.Tensor)]
    return own + (list(units.sae.parameters()) if hasattr(units, "sae") else [])


def test_near_misses_are_embedded_where_the_subject_runs(
    accelerated: Subject, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FeatureSource(accelerated, measured(Neurons(1), accelerated), 32)
    monkeypatch.setattr(features, "feature_source", lambda *_: source)
    (home / "corpus.txt").write_text("a text", "utf-8")
    job = command.job_of({"corpus": str(home / "corpus.txt"), "subject": f"local:{home / 'model'}"}, lambda line: None)
    assert isinstance(job.encoder, MiniLM)
    tokenizer, model = job.encoder._load()
    assert {each.device.type for each in model.parameters()} == {META}
    given: dict[str, str] = {}

    def forward(**inputs: torch.Tensor) -> Any:
        given.update({name: each.device.type for name, each in inputs.items()})
        raise StopIteration

    job.encoder._loaded = tokenizer, forward
    with pytest.raises(StopIteration):
        job.encoder.sentences(["two texts", "to embed"])
    assert given
    assert set(given.values()) == {META}


def test_values_come_back_to_the_cpu(accelerated: Subject, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for what a GPU gives: values that refuse numpy until they are fetched."""
    fetched: list[str] = []

    class Remote:
        def __init__(self, tensor: torch.Tensor) -> None:
            self._tensor = tensor

        def float(self) -> "Remote":
            return self

        def cpu(self) -> torch.Tensor:
            fetched.append("cpu")
            return self._tensor

    units = measured(Neurons(1), accelerated)
    remote = Triples(Remote(torch.tensor([0, 5])), Remote(torch.tensor([1, 2])), Remote(torch.tensor([0.5, 1.5])))
    monkeypatch.setattr(units, "triples", lambda hidden: remote)
    found = FeatureSource(accelerated, units, 60).encode(ROWS)
    assert found.token.tolist() == [0, 5]
    assert found.value.tolist() == [0.5, 1.5]
    assert fetched == ["cpu"] * 3


def test_a_decoder_row_is_met_with_the_unembedding_on_the_cpu(home: Path) -> None:
    """The first thing that is done with it is to bring it there, which `meta` has no numbers for."""
    row = torch.linspace(-1, 1, WIDTH, requires_grad=True)
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        logits(home / "model", row.detach().to(META))
    found = logits(home / "model", row.bfloat16())
    assert (found.dtype, found.device.type, found.requires_grad) == (torch.float32, "cpu", False)
    torch.testing.assert_close(found, logits(home / "model", row.detach().bfloat16().float()))


def test_a_decoder_row_may_lie_elsewhere(home: Path) -> None:
    """A stand-in for a row on a GPU: whatever is done with it there, or with it and another together, is an error."""

    class Elsewhere(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if func is torch.Tensor.detach:
                return args[0]
            assert func is torch.Tensor.to, f"{func} on another device"
            assert torch.device("cpu") in map(torch.device, (each for each in args[1:] if isinstance(each, str)))
            with torch._C.DisableTorchFunctionSubclass():
                return func(args[0].as_subclass(torch.Tensor), *args[1:], **kwargs or {})

    row = torch.linspace(-1, 1, WIDTH)
    torch.testing.assert_close(logits(home / "model", row.as_subclass(Elsewhere)), logits(home / "model", row))
