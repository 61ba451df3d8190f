"""What lies on the loopback hub when the tests begin, and the texts that its clients are asked about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from loopback import LoopbackHub

MODEL, SAE_REPOSITORY = "viva-tests/tiny-gpt2", "viva-tests/tiny-saes"
TEXTS = ["A hub on loopback, é.", "another text", "x"]


@dataclass(frozen=True)
class World:
    """A hub, and the folders that its repositories were made from.

    Attributes:
        hub: serving.
        model: the tiny GPT-2 that is MODEL's `main`.
        older: the one that was `main` before it.
        older_commit: that one's hash.
        saes: one folder an SAE.
        client_home: the client's cache.
    """

    hub: LoopbackHub
    model: Path
    older: Path
    older_commit: str
    saes: Path
    client_home: Path


def latents(found: dict[str, Any]) -> Any:
    """What a client's `source` sent of TEXTS, as float32 [tokens, units]; a token is a byte."""
    assert "error" not in found, found
    tokens = sum(len(text.encode()) for text in TEXTS)
    values = np.zeros((tokens, len(found["units"])), np.float32)
    values[found["token"], found["unit"]] = found["value"]
    return values
