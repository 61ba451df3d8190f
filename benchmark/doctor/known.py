"""Subjects and SAEs on the hub that Viva names, with about what they take to download; no network is asked for this."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownSubject:
    """A subject on the hub.

    Attributes:
        name: as `subject=` has it.
        repositories: its repository and the names that lead to it; the hub's client files it under the one asked for.
        size: bytes of its weights, the part that counts.
        source: where the size is from.
        gated: only for accounts that have accepted its licence.
        sae: an SAELens release for it.
        sae_size: bytes of one of that release's SAEs.
        sae_source: where that is from.
    """

    name: str
    repositories: tuple[str, ...]
    size: int
    source: str
    gated: bool
    sae: str
    sae_size: int
    sae_source: str


def _coder(width: int, latents: int, each: int) -> int:
    """Bytes of an encoder and a decoder."""
    return 2 * width * latents * each


SUBJECTS = (
    KnownSubject(
        "gpt2_small",
        ("openai-community/gpt2", "gpt2"),
        548_105_171,
        "model.safetensors, float32",
        False,
        "gpt2-small-res-jb",
        _coder(768, 24_576, 4),
        "24,576 latents in float32",
    ),
    KnownSubject(
        "gemma_2_2b",
        ("google/gemma-2-2b",),
        10_457_367_552,
        "2,614 M parameters, published in float32",
        True,
        "gemma-scope-2b-pt-res-canonical",
        _coder(2_304, 16_384, 4),
        "16,384 latents in float32",
    ),
    KnownSubject(
        "pythia_70m",
        ("EleutherAI/pythia-70m-deduped",),
        166_029_852,
        "model.safetensors, float16",
        False,
        "pythia-70m-deduped-res-sm",
        _coder(512, 32_768, 4),
        "32,768 latents in float32",
    ),
    KnownSubject(
        "llama_3_1_8b",
        ("meta-llama/Llama-3.1-8B",),
        16_060_522_496,
        "the index of its four files, bfloat16",
        True,
        "llama_scope_lxr_8x",
        _coder(4_096, 32_768, 2),
        "32,768 latents in bfloat16",
    ),
)
