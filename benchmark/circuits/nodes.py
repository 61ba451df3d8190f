"""Names of the parts that a circuit is made of."""

import re
from dataclasses import dataclass

from benchmark.errors import UserError

_NAME = re.compile(r"L(\d+)H(\d+)")


class NodeError(UserError):
    """A name is of no part; the message says how one is written."""


@dataclass(frozen=True, order=True)
class Head:
    """One attention head, named like `L2H5`; layers and heads count from 0."""

    layer: int
    head: int

    def __str__(self) -> str:
        return f"L{self.layer}H{self.head}"

    @classmethod
    def parse(cls, name: str) -> "Head":
        """The head of a name.

        Raises:
            NodeError: it is none.
        """
        found = _NAME.fullmatch(name.strip())
        if found is None:
            raise NodeError(f"{name!r} is no head; write L2H5 for head 5 of layer 2, both from 0")
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, order=True)
class Mlp:
    """The MLP of one layer, named like `L2MLP`."""

    layer: int

    def __str__(self) -> str:
        return f"L{self.layer}MLP"


@dataclass(frozen=True, order=True)
class Latent:
    """One latent of an SAE on the stream that leaves a layer, named like `L12S123`."""

    layer: int
    number: int

    def __str__(self) -> str:
        return f"L{self.layer}S{self.number}"


Node = Head | Mlp | Latent


def heads(layers: int, each: int) -> tuple[Head, ...]:
    """Every head of a model, layer by layer."""
    return tuple(Head(layer, head) for layer in range(layers) for head in range(each))
