"""A tiny Llama that knows a few words, and a tiny TopK SAE on its residual stream; nothing was trained."""

from pathlib import Path
from typing import Any

import sae_lens
import torch

from benchmark.subjects.catalog import FolderSae, parse_subject
from benchmark.subjects.features import FeatureSource
from benchmark.subjects.loading.saes import load_sae
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.selected.latents import Latents

WIDTH, LATENTS, LAYERS, K = 32, 48, 3, 6
HOOK, NAME = "blocks.1.hook_resid_post", "viva-tests/tiny-speaker"
WORDS = ("the", "nurse", "plumber", "said", "that", "she", "he", "blue", "lantern", "old", "market", "and", "ran")


def tokenizer() -> Any:
    """One token a word, with or without a blank before it."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    tokens = Tokenizer(models.WordLevel({word: i for i, word in enumerate(["<s>", *WORDS])}, unk_token="<s>"))
    tokens.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast: Any = PreTrainedTokenizerFast
    return fast(tokenizer_object=tokens, bos_token="<s>", eos_token="<s>", unk_token="<s>")


def speaker(home: Path) -> FeatureSource:
    """The model with all latents of the SAE."""
    _save_model(home / "model")
    _save_sae(home / "sae")
    subject = boot_subject(parse_subject(f"local:{home / 'model'}@{NAME}", device="cpu"))
    return FeatureSource(subject, Latents(load_sae(FolderSae(home / "sae")), subject), window_tokens=32)


def _save_model(folder: Path) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    tokens = tokenizer()
    sizes: dict[str, Any] = {
        **{"hidden_size": WIDTH, "intermediate_size": 48, "num_hidden_layers": LAYERS, "num_attention_heads": 4},
        **{"num_key_value_heads": 2, "max_position_embeddings": 40, "vocab_size": len(tokens)},
        **{"bos_token_id": 0, "eos_token_id": 0},
    }
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        model = LlamaForCausalLM(LlamaConfig(**sizes))
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape) * 0.2)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)


def _save_sae(folder: Path) -> None:
    config = sae_lens.TopKTrainingSAEConfig(d_in=WIDTH, d_sae=LATENTS, k=K)
    config.metadata.model_name, config.metadata.hook_name = NAME, HOOK
    config.metadata.context_size, config.metadata.prepend_bos = 32, True
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(2)
        sae = sae_lens.TopKTrainingSAE(config)
        for weight in sae.parameters():
            weight.copy_(torch.randn(weight.shape) * 0.3)
        sae.W_dec /= sae.W_dec.norm(dim=-1, keepdim=True)
    sae.save_inference_model(str(folder))
