"""Names of the parts that a circuit is made of."""

import re
from dataclasses import dataclass

from benchmark.errors import UserError

_NAME = re.compile(r"L(\d+)H(\d+)")
_MLP = re.compile(r"L(\d+)MLP")
_LATENT = re.compile(r"L(\d+)S(\d+)")


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


def parse_node(name: str) -> Node:
    """The part of a name.

    Raises:
        NodeError: it is none.
    """
    if found := _MLP.fullmatch(name.strip()):
        return Mlp(int(found[1]))
    if found := _LATENT.fullmatch(name.strip()):
        return Latent(int(found[1]), int(found[2]))
    try:
        return Head.parse(name)
    except NodeError:
        raise NodeError(
            f"{name!r} is no part of a model; write L2H5 for a head, L2MLP for an MLP, L12S123 for a latent"
        ) from None


def heads(layers: int, each: int) -> tuple[Head, ...]:
    """Every head of a model, layer by layer."""
    return tuple(Head(layer, head) for layer in range(layers) for head in range(each))
