"""The randomised subject: the embedded one with every weight drawn anew, as a control for what an SAE finds anywhere.

Each matrix keeps its shape, mean and standard deviation and nothing else (the re-randomised models, embeddings
included, of Heap et al., "Sparse Autoencoders Can Interpret Randomly Initialized Transformers", 2025). Gains of norms
stay: they are vectors of the size of 1, and without them activations would leave the range that an SAE can be trained
on. Tokenizer and configuration are the embedded subject's.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from benchmark.subjects.embedded import MANIFEST, cache_folder, materialise, write_sound

SEED = 0


def redraw(weights: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    """Normal weights with each matrix's own mean and standard deviation; vectors as they were.

    Args:
        weights: float tensors by name.
        seed: with the same seed, the same weights; matrices are drawn in the order of their names.
    """
    generator = torch.Generator().manual_seed(seed)
    return {
        name: weight
        if weight.dim() < 2
        else weight.mean() + weight.std() * torch.randn(weight.shape, generator=generator)
        for name, weight in sorted(weights.items())
    }


def materialise_randomised(
    seed: int = SEED, cache: Path | None = None, say: Callable[[str], None] = lambda line: None
) -> Path:
    """The folder of the randomised subject, written first if it is missing or damaged.

    Args:
        seed: of its weights.
        cache: where subjects lie; default: `cache_folder()`.
        say: told of a rebuild.
    """
    home = cache or cache_folder()

    def write(folder: Path) -> None:
        source = materialise(cache, say)
        for path in source.iterdir():
            if path.name not in ("model.safetensors", MANIFEST):
                shutil.copy(path, folder / path.name)
        save_file(redraw(load_file(source / "model.safetensors"), seed), folder / "model.safetensors", {"format": "pt"})
        (folder / "randomised.json").write_text(json.dumps({"seed": seed, "torch": torch.__version__}), "utf-8")

    return write_sound(home / f"smollm2-135m-randomised-{seed}", write, say)
