"""What a behaviour needs of a model: prompts read up to a hook, and run on from there with latents changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.behaviours.unit import Pair
from synthetic_neurons.passages import Floats

Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Change:
    """What is added to latents' values.

    Attributes:
        latents: which, k of them.
        amounts: float [rows, position, k]; 0 where nothing changes.
    """

    latents: tuple[int, ...]
    amounts: Floats


class Prompts(Protocol):
    """Prompts of one behaviour, read up to the hook: first all prompts, then all twins.

    Attributes:
        values: float32 [rows, position, latents], 0 where a position does not count.
        counts: bool [rows, position], positions whose latents may be changed.
        whole: float64 [rows], logit of x less that of y after the last token, as the subject is.
        ran: rows that were run through the blocks above the hook, a gradient as two.
    """

    @property
    def values(self) -> Singles:
        """See above."""
        ...

    @property
    def counts(self) -> Bools:
        """See above."""
        ...

    @property
    def whole(self) -> Floats:
        """See above."""
        ...

    @property
    def ran(self) -> int:
        """See above."""
        ...

    def differences(self, changes: Sequence[Change]) -> Floats:
        """float64 [changes, rows]: logit of x less that of y with each change made."""
        ...

    def gradients(self) -> Singles:
        """float32 [rows, position, latents]: slope of each row's difference in each latent's value."""
        ...


class Texts(Protocol):
    """Texts that have nothing to do with a behaviour, read up to the hook; attributes as of `Prompts`.

    Attributes:
        tokens: float64 [rows], next tokens of each.
    """

    @property
    def values(self) -> Singles:
        """See above."""
        ...

    @property
    def counts(self) -> Bools:
        """See above."""
        ...

    @property
    def tokens(self) -> Floats:
        """See above."""
        ...

    def losses(self, change: Change | None) -> Floats:
        """float64 [rows]: the sum of each text's next-token losses, in nats, with a change made."""
        ...


class Machine(Protocol):
    """A subject, with what is planted in it.

    Attributes:
        per_dose: float64 [latents], how much of a latent's value is as long as the stream usually is.
    """

    @property
    def per_dose(self) -> Floats:
        """See above."""
        ...

    def prompts(self, pairs: Sequence[Pair]) -> Prompts:
        """Read the prompts and twins of some pairs."""
        ...

    def texts(self, texts: Sequence[str]) -> Texts:
        """Read some texts."""
        ...
