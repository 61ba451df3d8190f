"""Inspect models from settings; a missing key or file is said before any work."""

import os
from pathlib import Path
from typing import Any

from inspect_ai.model import Model, get_model

from benchmark.errors import UserError
from benchmark.subjects.embedded import materialise, materialise_gguf

# Keys of the hosted providers that Inspect itself would ask for only at the first call.
KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GOOGLE_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "grok": "XAI_API_KEY",
    "groq": "GROQ_API_KEY",
    "together": "TOGETHER_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "perplexity": "PERPLEXITY_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
}
EMBEDDED = "embedded"
BATCH = 16


class ModelError(UserError):
    """A model cannot be used; the message names what is missing."""


def check(name: str, path: str | None = None) -> None:
    """Raise `ModelError` if a key or a file is missing, before any work.

    Args:
        name: an Inspect model name, "embedded", "hf/local" or "none".
        path: folder or GGUF file of a local model.
    """
    provider = name.split("/")[0]
    if provider in KEYS and not os.environ.get(KEYS[provider]):
        raise ModelError(f"model {name!r} needs the environment variable {KEYS[provider]}; set it and run again")
    if path is not None and not Path(path).exists():
        raise ModelError(f"model {name!r}: nothing lies at {path}; give path=<a folder or a GGUF file>")


def make(name: str, path: str | None = None, args: dict[str, Any] | None = None) -> Model:
    """The model behind explainers that need one.

    "embedded" is the suite's own subject, SmolLM2-135M-Instruct; it answers greedily, so runs repeat.
    """
    check(name, path)
    if name != EMBEDDED and path is None:
        return get_model(name, **(args or {}))
    folder = materialise(say=print) if path is None else _folder(Path(path))
    label = "SmolLM2-135M-Instruct" if path is None else folder.name
    return get_model(
        f"hf/{label}", model_path=str(folder), device="cpu", do_sample=False, dtype="bfloat16", **(args or {})
    )


def _folder(path: Path) -> Path:
    return materialise_gguf(path, say=print) if path.suffix == ".gguf" else path
