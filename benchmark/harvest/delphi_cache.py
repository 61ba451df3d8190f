"""Delphi's activation cache on the same work, run as a script by the Python of delphi's own environment.

    python delphi_cache.py MODEL_FOLDER SAE_FOLDER TOKENS.npy DTYPE BATCH OUT_FOLDER

It prints one line of JSON: tokens, seconds and peak memory. Nothing of this benchmark is imported here; a TopK SAE in
SAELens' layout is read from its files, since delphi reads none of them (EleutherAI/delphi#35).

The environment: `pip install --no-deps eai-delphi eai-sparsify faiss-cpu blobfile asyncer orjson lxml pycryptodomex
simple-parsing jaxtyping beartype`, with torch, transformers, safetensors and sentence-transformers as this project has
them. Seen with eai-delphi 0.1.3.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def main(arguments: list[str]) -> None:
    """Cache the latents of contexts [contexts, length], as delphi's `populate_cache` does: run, then save splits."""
    import numpy as np
    import torch
    from delphi.latents import LatentCache
    from transformers import AutoModel

    model_folder, sae_folder, tokens_file, dtype, batch, out = arguments
    tokens = torch.from_numpy(np.load(tokens_file, allow_pickle=False))
    model = AutoModel.from_pretrained(model_folder, dtype=getattr(torch, dtype), local_files_only=True)
    config = json.loads((Path(sae_folder) / "cfg.json").read_text("utf-8"))
    encode, layer = topk_encoder(Path(sae_folder), config, dtype), hooked_layer(config)
    cache = LatentCache(model, {f"layers.{layer}": encode}, batch_size=int(batch))
    start = time.perf_counter()
    cache.run(tokens.numel(), tokens)
    cache.save_splits(n_splits=5, save_dir=Path(out))
    seconds = time.perf_counter() - start
    done = len(tokens) // int(batch) * int(batch) * tokens.shape[1]
    sys.stdout.write(json.dumps({"tokens": done, "seconds": seconds, "peak_memory": peak_memory()}) + "\n")


def hooked_layer(config: Mapping[str, Any]) -> int:
    """The block whose output the SAE reads.

    Raises:
        SystemExit: it reads somewhere else.
    """
    hook = config["metadata"]["hook_name"]
    found = re.fullmatch(r"blocks\.(\d+)\.(hook_out|hook_resid_post)", hook)
    if not found:
        raise SystemExit(
            f"delphi_cache: {hook} is not a block's output; mend: an SAE on the residual stream after a block"
        )
    return int(found[1])


def topk_encoder(folder: Path, config: Mapping[str, Any], dtype: str) -> Callable[[Any], Any]:
    """Dense latents [.., d_sae] of activations in `dtype`, as delphi's own wrapper of TopK SAEs gives them.

    In the subject's dtype, as the harvest beside it has its SAE: neither may have the cheaper work.
    """
    import torch
    from safetensors.torch import load_file

    kind = getattr(torch, dtype)
    weights = {name: tensor.to(kind) for name, tensor in load_file(folder / "sae_weights.safetensors").items()}
    shift = weights["b_dec"] if config["apply_b_dec_to_input"] else 0
    norms = weights["W_dec"].norm(dim=-1) if config.get("rescale_acts_by_decoder_norm") else 1

    def encode(hidden: Any) -> Any:
        before = ((hidden.to(kind) - shift) @ weights["W_enc"] + weights["b_enc"]) * norms
        value, index = before.topk(config["k"], dim=-1)
        return torch.zeros_like(before).scatter_(-1, index, value.relu())

    return encode


def peak_memory() -> int:
    """Bytes, as Linux counts them for this program alone; 0 elsewhere."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text("ascii")) if status.exists() else None
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main(sys.argv[1:])
