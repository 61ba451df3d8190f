"""Tiny random models and SAEs, in the layouts that real ones have on disk and on a hub.

Nothing here was trained: a route is tested by whether it brings the same weights to the same activations.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sae_lens
import torch

LAYERS, WIDTH, HEADS, LATENTS = 3, 32, 4, 48
LAYER = 1
BOS = "<|endoftext|>"

RESID_PRE, RESID_MID, RESID_POST = (f"blocks.{LAYER}.hook_resid_{where}" for where in ("pre", "mid", "post"))
MLP_OUT, ATTN_OUT = f"blocks.{LAYER}.hook_mlp_out", f"blocks.{LAYER}.hook_attn_out"
HOOK_Z, NEURONS = f"blocks.{LAYER}.attn.hook_z", f"blocks.{LAYER}.mlp.hook_post"
MLP_NORMALIZED, MLP_IN = f"blocks.{LAYER}.ln2.hook_normalized", f"blocks.{LAYER}.mlp.hook_in"


@dataclass(frozen=True)
class TinySae:
    """One SAE to be made.

    Attributes:
        name: its folder, which is its `sae_id` on the hub.
        kind: stem of SAELens' class: `<kind>SAE` or `<kind>`, and `<kind>Config`.
        hook: where it reads.
        saved: the architecture its cfg.json names; training classes are saved as what they become.
        hook_out: where a transcoder's output belongs.
        d_in: width at its hook.
        options: further fields of its configuration.
    """

    name: str
    kind: str
    hook: str
    saved: str
    hook_out: str | None = None
    d_in: int = WIDTH
    options: dict[str, Any] = field(default_factory=dict)


_CODER = {"d_out": WIDTH, "apply_b_dec_to_input": False}
_TEMPORAL = {"n_heads": 4, "bottleneck_factor": 4, "sae_diff_type": "topk", "kval_topk": 6}

SAES = (
    TinySae("standard-resid-pre", "StandardTrainingSAE", RESID_PRE, "standard"),
    TinySae(
        "standard-layer-norm", "StandardSAE", RESID_POST, "standard", options={"normalize_activations": "layer_norm"}
    ),
    TinySae("standard-hook-z", "StandardSAE", HOOK_Z, "standard", options={"reshape_activations": "hook_z"}),
    TinySae("gated-resid-mid", "GatedTrainingSAE", RESID_MID, "gated"),
    TinySae("topk-resid-post", "TopKTrainingSAE", RESID_POST, "topk", options={"k": 6}),
    TinySae("topk-neurons", "TopKSAE", NEURONS, "topk", d_in=4 * WIDTH, options={"k": 6}),
    TinySae("abstopk-attn-out", "AbsTopKTrainingSAE", ATTN_OUT, "abstopk", options={"k": 6}),
    TinySae("jumprelu-attn-out", "JumpReLUTrainingSAE", ATTN_OUT, "jumprelu"),
    TinySae("batchtopk-mlp-out", "BatchTopKTrainingSAE", MLP_OUT, "jumprelu", options={"k": 6}),
    TinySae(
        "matryoshka-mlp-out",
        "MatryoshkaBatchTopKTrainingSAE",
        MLP_OUT,
        "jumprelu",
        options={"k": 6, "matryoshka_widths": [16, LATENTS]},
    ),
    TinySae(
        "matching-pursuit-resid-post",
        "MatchingPursuitSAE",
        RESID_POST,
        "matching_pursuit",
        options={"max_iterations": 6},
    ),
    TinySae("temporal-resid-post", "TemporalSAE", RESID_POST, "temporal", options=_TEMPORAL),
    TinySae("transcoder", "Transcoder", MLP_NORMALIZED, "transcoder", MLP_OUT, options=_CODER),
    TinySae("skip-transcoder", "SkipTranscoder", MLP_IN, "skip_transcoder", MLP_OUT, options=_CODER),
    TinySae(
        "jumprelu-transcoder", "JumpReLUTranscoder", MLP_NORMALIZED, "jumprelu_transcoder", MLP_OUT, options=_CODER
    ),
    TinySae(
        "jumprelu-skip-transcoder",
        "JumpReLUSkipTranscoder",
        MLP_IN,
        "jumprelu_skip_transcoder",
        MLP_OUT,
        options=_CODER,
    ),
    TinySae("standard-mlp-out", "StandardTrainingSAE", MLP_OUT, "standard"),
    TinySae("gated-resid-post", "GatedTrainingSAE", RESID_POST, "gated"),
    TinySae("jumprelu-resid-post", "JumpReLUTrainingSAE", RESID_POST, "jumprelu"),
    TinySae("jumprelu-hook-z", "JumpReLUSAE", HOOK_Z, "jumprelu", options={"reshape_activations": "hook_z"}),
)


def make_sae(tiny: TinySae, seed: int = 0) -> Any:
    """An SAE of SAELens with weights drawn from a seed of its own; another `seed` gives other weights."""
    config = getattr(sae_lens, f"{tiny.kind}Config")(d_in=tiny.d_in, d_sae=LATENTS, **tiny.options)
    config.metadata.model_name, config.metadata.hook_name = "viva-tests/tiny-gpt2", tiny.hook
    config.metadata.context_size, config.metadata.prepend_bos = 32, True
    if tiny.hook_out:
        config.metadata.hook_name_out = tiny.hook_out
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(zlib.crc32(tiny.name.encode()) + seed)
        sae = getattr(sae_lens, tiny.kind)(config)
        _draw(sae)
    return sae


@torch.no_grad()
def _draw(sae: Any) -> None:
    """Give every weight a value that a loader could lose: fresh SAEs have zeros for biases and thresholds."""
    for name, weight in sae.named_parameters():
        weight.copy_(torch.randn(weight.shape) * 0.3)
        if name in ("threshold", "b_enc"):
            weight.abs_()
    if hasattr(sae, "topk_threshold"):
        sae.topk_threshold.fill_(0.25)
    # Matching pursuit takes unit vectors for granted.
    sae.W_dec /= sae.W_dec.norm(dim=-1, keepdim=True)


def save_sae(tiny: TinySae, home: Path, seed: int = 0) -> Path:
    """Write an SAE with SAELens' own function, as its trainer or its owner would; return its folder."""
    sae, folder = make_sae(tiny, seed), home / tiny.name
    save: Callable[[str], Any] = getattr(sae, "save_inference_model", sae.save_model)
    save(str(folder))
    return folder


def save_saes(home: Path) -> Path:
    """Write every tiny SAE into a folder of its own: the layout of a hub repository of SAEs."""
    for tiny in SAES:
        save_sae(tiny, home)
    return home


def save_old_sae(tiny: TinySae, folder: Path) -> Path:
    """As `save_sae`, with the flat configuration that SAELens wrote before 6.0 and most published SAEs still have."""
    (save_sae(tiny, folder.parent)).rename(folder)
    old = {
        "model_name": "gpt2-small",
        "hook_point": tiny.hook,
        "hook_point_layer": LAYER,
        "hook_point_head_index": None,
    }
    sizes = {"d_in": tiny.d_in, "d_sae": LATENTS, "dtype": "torch.float32", "device": "cuda", "context_size": 128}
    (folder / "cfg.json").write_text(json.dumps(old | sizes | {"normalize_activations": False}), "utf-8")
    return folder


def save_gpt2(folder: Path, seed: int = 0) -> Path:
    """Write a tiny GPT-2 with a tokenizer of single bytes, as `save_pretrained` lays them out."""
    from transformers import GPT2Config, GPT2LMHeadModel

    tokens = byte_tokenizer()
    sizes: dict[str, Any] = {
        "n_embd": WIDTH,
        "n_layer": LAYERS,
        "n_head": HEADS,
        "n_positions": 64,
        "vocab_size": len(tokens),
    }
    ends = {"bos_token_id": tokens.bos_token_id, "eos_token_id": tokens.eos_token_id}
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        model = GPT2LMHeadModel(GPT2Config(**sizes, **ends))
        for weight in model.parameters():
            # Fresh layer norms are the identity, and would hide one that is left out or folded twice.
            weight.add_(torch.randn(weight.shape) * 0.2)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


def byte_tokenizer() -> Any:
    """A fast tokenizer of GPT-2's kind without merges: one token a byte, and one special token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate([*alphabet, BOS])}, merges=[]))
    tokens.pre_tokenizer, tokens.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    fast: Any = PreTrainedTokenizerFast
    return fast(tokenizer_object=tokens, bos_token=BOS, eos_token=BOS, unk_token=BOS)
