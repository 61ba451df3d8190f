"""The joint between a subject and the harvest: windows of text in, sparse activations out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Window:
    """One stretch of text, tokenised.

    Attributes:
        text: the stretch.
        document: identifier of its document.
        ids: the subject's tokens, without special tokens.
        ends: character end of each token; token i is `text[ends[i - 1]:ends[i]]` (the first starts at 0), so that
            `"".join(tokens)` is the text.
    """

    text: str
    document: str
    ids: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def tokens(self) -> list[str]:
        """The text of each token; joined they are the text."""
        return [self.text[a:b] for a, b in pairwise((0, *self.ends))]


@dataclass(frozen=True, eq=False)
class Activations:
    """Activations of a batch of windows, sparse.

    Attributes:
        kept: bool [tokens of the batch, windows one after the other], False where the position does not count: special
            tokens, and the first position where the SAE was trained without BOS before it.
        token: int64 [n], place in the batch's tokens, ascending.
        unit: int32 [n], column among the selected units.
        value: float32 [n], never 0; may be negative (AbsTopK, neurons, directions).
    """

    kept: Bools
    token: Ints
    unit: NDArray[np.int32]
    value: NDArray[np.float32]


class Source(Protocol):
    """A subject and the units selected in it.

    Attributes:
        units: names of the selected units, such as "17" for a latent, "n17" for a neuron, "d:name" for a direction.
        facts: what a manifest compares: subject, subject_sha256, units, sae_sha256, hook, dtype, device, prepend_bos,
            versions.
    """

    @property
    def units(self) -> tuple[str, ...]:
        """As above."""
        ...

    @property
    def facts(self) -> Mapping[str, str]:
        """As above."""
        ...

    def windows(self, document: str, text: str) -> list[Window]:
        """Cut a document at word ends into windows of a fixed greatest number of tokens."""
        ...

    def activations(self, windows: Sequence[Window]) -> Activations:
        """One forward pass, stopped at the hook."""
        ...


@runtime_checkable
class Closing(Protocol):
    """A source that can let go of its subject."""

    def close(self) -> None:
        """Give the memory back; nothing is asked of this source any more."""
        ...


@runtime_checkable
class Bare(Protocol):
    """A source that can run its forward pass alone: the limit of any harvest."""

    def forward(self, windows: Sequence[Window]) -> None:
        """The same forward pass up to the hook, with the same padding and dtype, and nothing after it."""
        ...
