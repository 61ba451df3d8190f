"""What the doctor knows of the catalog's hub subjects besides the catalog: where a size is from, and an SAE for each.

Sizes are of weights, the part that counts; no network is asked for them.
"""

from dataclasses import dataclass

from benchmark.subjects.catalog import PRESETS, SubjectSpec


@dataclass(frozen=True)
class Known:
    """What is known of one subject.

    Attributes:
        source: where the catalog's size is from.
        sae: an SAELens release for it.
        sae_size: bytes of one of that release's SAEs.
        sae_source: where that is from.
        also: other names of its repository, under which the hub's client may have filed it.
    """

    source: str
    sae: str
    sae_size: int
    sae_source: str
    also: tuple[str, ...] = ()


def _coder(width: int, latents: int, each: int) -> int:
    """Bytes of an encoder and a decoder."""
    return 2 * width * latents * each


KNOWN = {
    "gpt2_small": Known(
        "model.safetensors, 548,105,171 bytes in float32",
        "gpt2-small-res-jb",
        _coder(768, 24_576, 4),
        "24,576 latents in float32",
        also=("gpt2",),
    ),
    "gemma_2_2b": Known(
        "2,614 M parameters, published in float32",
        "gemma-scope-2b-pt-res-canonical",
        _coder(2_304, 16_384, 4),
        "16,384 latents in float32",
    ),
    "pythia_70m": Known(
        "model.safetensors, 166,029,852 bytes in float16",
        "pythia-70m-deduped-res-sm",
        _coder(512, 32_768, 4),
        "32,768 latents in float32",
    ),
    "llama_3_1_8b": Known(
        "8,030 M parameters, published in bfloat16",
        "llama_scope_lxr_8x",
        _coder(4_096, 32_768, 2),
        "32,768 latents in bfloat16",
    ),
}
HUB_SUBJECTS: tuple[SubjectSpec, ...] = tuple(spec for spec in PRESETS if spec.kind == "hub")
