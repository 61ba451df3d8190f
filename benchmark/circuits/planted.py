"""Planted circuits: a core hidden among heads that look like it, in a model whose every other head is known to be none.

Each head of the core is split into several that attend alike and whose outputs add up to its own, so that there are
enough other circuits of the same size in the same layers to be told from. Around them stand
- *imitators*: beside a head of the circuit; they attend exactly as it does, and write where nobody reads;
- a *dormant path*: a head that would do what the circuit's last one does, and rests on the first token unless another
  head, which waits for a token that no prompt holds, wakes it (cf. Makelov et al. 2023, arXiv 2311.17030: a path that
  is connected and carries nothing); a third keeps it silent whatever is ablated below it;
- *noise*: heads that write a little of anything everywhere.

The stream is turned by a random rotation, so that no direction says what it is for.
"""

import itertools
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.forward import forward, residual
from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.kinds.kind import BOS, Core, Edge
from benchmark.circuits.nodes import Head, heads
from benchmark.circuits.weights import HeadWeights, Weights, turn_of

Role = Literal["circuit", "imitator", "dormant", "noise"]
LAYERS, EACH, IMITATORS = 3, 20, 2
# Heads into which each head of a core is split, by how many the core has: few enough that a random circuit as large
# keeps less than a fifth of the behaviour, and enough that more than 1,000 others match it.
PARTS = {1: 3, 2: 3, 3: 2}
# Directions beside the core's: always one; one on the first token; what wakes the dormant head; its token; and waste.
CONSTANT, FIRST, AWAKE, TRIGGER, WASTE, WASTED = 0, 1, 2, 3, 4, 12
BESIDE = WASTE + WASTED
# Scores of a head that rests stand this far above any other.
REST = 200.0
NOISE = 0.02
# Noise is halved, at most so often, until this share of prompts is answered rightly.
HALVINGS, ANSWERED = 8, 0.98
PROMPTS = 96
# Prompts drawn for each one that is kept of two: brackets repeat themselves.
DRAWN = 20


@dataclass(frozen=True, eq=False)
class PlantedCircuit:
    """A model whose circuit is known.

    Attributes:
        kind, seed: which.
        told: what it does.
        trained: whether its core was trained.
        weights: the whole model's.
        roles: of every head.
        does: what each head of the circuit does.
        edges: of the circuit, by heads' names, `tokens` and `logits`.
        core: what it was made from.
        places: of the parts of each of the core's heads.
        teach, exam: prompts of which the first are shown and the others are not.
    """

    kind: str
    seed: int
    told: str
    trained: bool
    weights: Weights
    roles: Mapping[Head, Role]
    does: Mapping[Head, str]
    edges: frozenset[Edge]
    core: Core
    places: Mapping[Head, tuple[Head, ...]]
    teach: Behaviour
    exam: Behaviour

    @property
    def circuit(self) -> frozenset[Head]:
        """The heads that are the truth."""
        return frozenset(head for head, role in self.roles.items() if role == "circuit")

    def hollow(self) -> Weights:
        """The weights with a circuit that writes nothing: a model of decoys, which does not behave."""
        silent = {head: replace(own, o=torch.zeros_like(own.o)) for head, own in self.weights.heads.items()}
        return replace(
            self.weights,
            heads={head: silent[head] if head in self.circuit else own for head, own in self.weights.heads.items()},
        )


def plant(kind: str, seed: int) -> PlantedCircuit:
    """The planted circuit of a kind and a seed."""
    made = KINDS[kind]
    core = made.core(seed)
    generator = torch.Generator().manual_seed(1_000 * zlib.crc32(kind.encode()) + seed)
    places = _places(core, generator)
    weights, roles = _Planting(_beside(core.weights), core, places, generator).whole()
    teach, exam = split(made.behaviour, 7_919 + seed)
    weights = quiet(weights, roles, teach)
    return PlantedCircuit(
        kind,
        seed,
        made.told,
        made.trained,
        weights.turned(turn_of(weights.width, generator)),
        roles,
        {place: told for head, told in core.roles.items() for place in places[head]},
        spread(core.edges, places),
        core,
        places,
        teach,
        exam,
    )


def quiet(weights: Weights, roles: Mapping[Head, Role], teach: Behaviour) -> Weights:
    """The weights with noise halved until it spoils no answer: how loud a core's stream is differs between seeds.

    Args:
        weights: with noise.
        roles: of every head.
        teach: prompts that have to be answered rightly, but for one in fifty.

    Raises:
        RuntimeError: they are not, however quiet the noise.
    """
    for _ in range(HALVINGS):
        if teach.accuracy(forward(weights, teach.prompts)) >= ANSWERED:
            return weights
        softer = {h: replace(own, o=own.o / 2) if roles[h] == "noise" else own for h, own in weights.heads.items()}
        weights = replace(weights, heads=softer)
    raise RuntimeError(f"the model is not right on {ANSWERED:.0%} of its prompts, however quiet the noise")


def split(draw: Callable[[int, int], Behaviour], seed: int) -> tuple[Behaviour, Behaviour]:
    """Prompts to teach and to examine with: no prompt, and no twin, is there twice.

    Args:
        draw: so many prompts of a seed.
        seed: of the draw.

    Raises:
        RuntimeError: a kind has too few prompts.
    """
    drawn, seen, kept = draw(DRAWN * PROMPTS, seed), set[tuple[int, ...]](), list[int]()
    for row in range(len(drawn)):
        if len(texts := drawn.texts(row)) == 2 and not texts & seen:
            seen |= texts
            kept.append(row)
    if len(kept) < 2 * PROMPTS:
        raise RuntimeError(f"{len(kept)} different prompts of {len(drawn)} drawn; {2 * PROMPTS} are needed")
    return drawn.at(kept[:PROMPTS]), drawn.at(kept[PROMPTS : 2 * PROMPTS])


def _places(core: Core, generator: torch.Generator) -> dict[Head, tuple[Head, ...]]:
    """Places for the parts of each of the core's heads: layers drawn in their order, heads at random."""
    layers = sorted({head.layer for head in core.roles})
    # Not all in the first layer: what wakes the dormant head stands below the circuit's last one.
    least = 1 if len(layers) == 1 else 0
    drawn = sorted((least + torch.randperm(LAYERS - least, generator=generator)[: len(layers)]).tolist())
    parts = PARTS[len(core.roles)]
    return {
        head: tuple(Head(layer, place) for place in sorted(torch.randperm(EACH, generator=generator)[:parts].tolist()))
        for head, layer in zip(sorted(core.roles), drawn, strict=True)
    }


def spread(edges: frozenset[Edge], places: Mapping[Head, tuple[Head, ...]]) -> frozenset[Edge]:
    """A core's edges between all parts of the heads that they join."""
    parts = {str(head): [str(place) for place in found] for head, found in places.items()}
    ends = ((parts.get(one, [one]), parts.get(other, [other])) for one, other in edges)
    return frozenset(pair for one, other in ends for pair in itertools.product(one, other))


def split_head(head: HeadWeights, parts: int, generator: torch.Generator) -> list[HeadWeights]:
    """Heads that attend alike and whose outputs add up to the head's, each with a share of what it carries."""
    inner = head.v.shape[1]
    if inner < parts:
        return [replace(head, o=head.o / parts)] * parts
    turn = turn_of(inner, generator)
    shares = torch.arange(inner) * parts // inner
    kept = [torch.diag((shares == part).float()) for part in range(parts)]
    return [replace(head, v=head.v @ turn @ each, o=each @ turn.T @ head.o) for each in kept]


def _beside(core: Weights) -> Weights:
    """The core with directions beside its own: one that is always on, one of the first token, one of the trigger."""
    width = core.width
    wide = core.padded(width + BESIDE)
    embed = wide.embed.clone()
    embed[:, width + CONSTANT] = 1.0
    embed[BOS, width + FIRST] = 1.0
    embed[-1, width + TRIGGER] = 1.0
    return replace(wide, embed=embed)


class _Planting:
    """Fills the places around a core."""

    def __init__(
        self, wide: Weights, core: Core, places: Mapping[Head, tuple[Head, ...]], generator: torch.Generator
    ) -> None:
        self.wide, self.generator = wide, generator
        self.own, self.inner = wide.width - BESIDE, 1 + core.weights.inner
        self.whole_heads = {places[head][0].layer: self._kept(own) for head, own in core.weights.heads.items()}
        self.quietest = min(float((each.v @ each.o).norm()) for each in self.whole_heads.values())
        self.heads: dict[Head, HeadWeights] = {}
        for head, own in core.weights.heads.items():
            parts = [self._kept(each) for each in split_head(own, len(places[head]), generator)]
            self.heads |= dict(zip(places[head], parts, strict=True))
        self.roles: dict[Head, Role] = dict.fromkeys(self.heads, "circuit")

    def whole(self) -> tuple[Weights, dict[Head, Role]]:
        """The model, and what each of its heads is."""
        for layer, own in self.whole_heads.items():
            for _ in range(IMITATORS):
                self._put(self._imitator(own), "imitator", least=layer, most=layer)
        highest = max(self.whole_heads)
        last = self.whole_heads[highest]
        self._put(self._waker(), "dormant", least=0, most=highest - 1)
        dormant = self._put(last, "dormant", least=highest)
        brake = self._put(last, "dormant", least=dormant.layer, most=dormant.layer)
        for place in heads(LAYERS, EACH):
            if place not in self.heads:
                self.heads[place], self.roles[place] = self._noise(), "noise"
        asleep = self._dormant(last, self._first(dormant.layer))
        # What rests on the first token reads it, and heads below that are ablated change it: the brake, which nothing
        # wakes, takes back whatever a sleeper would say then.
        self.heads[brake] = replace(asleep, o=-asleep.o)
        self.heads[dormant] = self._woken(asleep)
        return replace(self.wide, heads=self.heads), {place: self.roles[place] for place in heads(LAYERS, EACH)}

    def _kept(self, core: HeadWeights) -> HeadWeights:
        """The core's head with this model's width and inner dimensions; its scores stay what they were."""
        factor = (self.inner / core.q.shape[1]) ** 0.5
        wide = core.padded(self.wide.width, self.inner)
        return replace(wide, q=wide.q * factor)

    def _put(self, head: HeadWeights, role: Role, least: int, most: int = LAYERS - 1) -> Head:
        """Give a head a free place at random in some layers."""
        free = [place for place in heads(LAYERS, EACH) if place not in self.heads and least <= place.layer <= most]
        place = free[int(torch.randint(0, len(free), (), generator=self.generator))]
        self.heads[place], self.roles[place] = head, role
        return place

    def _drawn(self, *shape: int, spread: float = 1.0) -> Tensor:
        return spread * torch.randn(*shape, generator=self.generator)

    def _imitator(self, like: HeadWeights) -> HeadWeights:
        write = torch.zeros_like(like.o)
        write[:, self.own + WASTE :] = self._drawn(self.inner, WASTED, spread=self.inner**-0.5)
        return replace(like, o=write)

    def _waker(self) -> HeadWeights:
        """Writes `AWAKE` where the trigger stands above; there is none in any prompt, so that it writes nothing."""
        read, write = torch.zeros(self.wide.width, self.inner), torch.zeros(self.inner, self.wide.width)
        ask, key = torch.zeros_like(read), torch.zeros_like(read)
        ask[self.own + CONSTANT, 0] = REST * self.inner**0.5
        key[self.own + TRIGGER, 0] = 1.0
        read[self.own + TRIGGER, 0], write[0, self.own + AWAKE] = 1.0, 1.0
        return HeadWeights(ask, key, read, write)

    def _first(self, layer: int) -> Tensor:
        """float32 [width]: the stream that enters a layer at the first token, which is the same in every prompt."""
        below = {place: own for place, own in self.heads.items() if place.layer < layer}
        tokens = torch.tensor([[BOS]])
        return residual(replace(self.wide, heads=below), tokens)[0, 0]

    def _dormant(self, like: HeadWeights, first: Tensor) -> HeadWeights:
        """As `like`, but at rest on the first token, of which it reads nothing."""
        last = self.inner - 1
        q, k, v = like.q.clone(), like.k.clone(), like.v.clone()
        q[self.own + CONSTANT, last] = REST * self.inner**0.5
        k[self.own + FIRST, last] = 1.0
        v[self.own + FIRST] -= first @ like.v
        return HeadWeights(q, k, v, like.o)

    def _woken(self, asleep: HeadWeights) -> HeadWeights:
        """A sleeper that what is awake takes off its rest."""
        q = asleep.q.clone()
        q[self.own + AWAKE, self.inner - 1] = -REST * self.inner**0.5
        return replace(asleep, q=q)

    def _noise(self) -> HeadWeights:
        width = self.wide.width
        read = width**-0.5
        q, k, v = (self._drawn(width, self.inner, spread=read) for _ in range(3))
        write = self._drawn(self.inner, width)
        # It knows the core's directions alone, so that imitators stay without any effect and the dormant head at rest.
        for each in (q, k, v, write.T):
            each[self.own :] = 0.0
        # As loud as the core's quietest head is, times a little; it may write where the answer is read.
        loud = min(
            float((each.v @ each.o).norm()) for place, each in self.heads.items() if self.roles[place] == "circuit"
        )
        write *= NOISE * loud / float((v @ write).norm())
        return HeadWeights(self.inner**0.5 * q, k, v, write)
