"""Tiny models of the presets' kinds other than GPT-2, as `save_pretrained` lays them out."""

from pathlib import Path
from typing import Any

import torch
from tiny_weights import byte_tokenizer

SIZES = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48}
GROUPED = {"num_key_value_heads": 2, "head_dim": 8}
KINDS: dict[str, dict[str, Any]] = {"Llama": GROUPED, "Gemma2": GROUPED, "GPTNeoX": {}}


def save_model(kind: str, folder: Path, **changed: Any) -> Path:
    """A tiny model of a kind, with norms that are not the identity; `changed` are sizes of its configuration."""
    import transformers

    tokens = byte_tokenizer()
    sizes = {**SIZES, **KINDS[kind], "vocab_size": len(tokens), "max_position_embeddings": 64, **changed}
    config = getattr(transformers, f"{kind}Config")(**sizes, bos_token_id=256, eos_token_id=256)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        model = getattr(transformers, f"{kind}ForCausalLM")(config)
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape) * 0.2)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder
