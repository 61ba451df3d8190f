"""What lies on the loopback hub when the tests begin."""

from dataclasses import dataclass
from pathlib import Path

from loopback import LoopbackHub

MODEL, SAE_REPOSITORY = "viva-tests/tiny-gpt2", "viva-tests/tiny-saes"


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
