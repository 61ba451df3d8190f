"""Cores that are trained, in seconds: as many heads as the task needs, so that every one of them is the circuit."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.forward import forward
from benchmark.circuits.kinds import prompts
from benchmark.circuits.kinds.kind import LOGITS, TOKENS, Core
from benchmark.circuits.kinds.prompts import LENGTH, LETTERS
from benchmark.circuits.nodes import Head
from benchmark.circuits.weights import HeadWeights, Weights
from benchmark.errors import UserError

VOCABULARY = LETTERS + 2
WIDTH, INNER = 48, 16
BATCH, CHECKED = 128, 512
# A core is ready when it is right on this share of fresh prompts, and given up after so many steps.
READY, MOST_STEPS, LOOK_EVERY = 0.995, 6_000, 100
RATE, DECAY = 3e-3, 0.01
# Far from the seeds that prompts to teach and to examine with are drawn from.
FIRST_BATCH = 10**8
_PARTS = ("q", "k", "v", "o")


class TrainingError(UserError):
    """A core did not learn its task; another seed may."""


def train(behaviour: Callable[[int, int], Behaviour], layers: int, seed: int) -> Weights:
    """One head a layer, trained on fresh prompts until it answers rightly.

    Args:
        behaviour: so many prompts of a seed.
        layers: how many.
        seed: of the first weights and of the prompts.

    Raises:
        TrainingError: it does not learn.
    """
    generator = torch.Generator().manual_seed(seed)
    found = _first(layers, generator)
    parameters = [found.embed, found.position, found.unembed, *_parts(found.heads)]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=DECAY, betas=(0.9, 0.98))
    test = behaviour(CHECKED, 1_000_003 + seed)
    for step in range(MOST_STEPS):
        batch = behaviour(BATCH, FIRST_BATCH + seed * MOST_STEPS + step)
        loss = functional.cross_entropy(forward(found, batch.prompts)[:, -1], batch.answer)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        if step % LOOK_EVERY == LOOK_EVERY - 1 and _ready(found, test):
            return _settled(found)
    share = f"{READY:.1%} of its prompts after {MOST_STEPS} steps"
    raise TrainingError(f"a core of seed {seed} is not right on {share}; choose another seed")


def _first(layers: int, generator: torch.Generator) -> Weights:
    def drawn(*shape: int, spread: float) -> Tensor:
        return (spread * torch.randn(*shape, generator=generator)).requires_grad_()

    heads = {
        Head(layer, 0): HeadWeights(
            drawn(WIDTH, INNER, spread=WIDTH**-0.5),
            drawn(WIDTH, INNER, spread=WIDTH**-0.5),
            drawn(WIDTH, INNER, spread=WIDTH**-0.5),
            drawn(INNER, WIDTH, spread=INNER**-0.5),
        )
        for layer in range(layers)
    }
    sizes = ((VOCABULARY, WIDTH), (LENGTH, WIDTH), (WIDTH, VOCABULARY))
    embed, position, unembed = (drawn(*size, spread=0.3) for size in sizes)
    return Weights(embed, position, heads, unembed)


def _parts(heads: Mapping[Head, HeadWeights]) -> list[Tensor]:
    return [getattr(head, name) for head in heads.values() for name in _PARTS]


@torch.no_grad()
def _ready(found: Weights, test: Behaviour) -> bool:
    return test.accuracy(forward(found, test.prompts)) >= READY


def _settled(found: Weights) -> Weights:
    heads = {
        place: HeadWeights(*(getattr(head, name).detach() for name in _PARTS)) for place, head in found.heads.items()
    }
    return Weights(found.embed.detach(), found.position.detach(), heads, found.unembed.detach())


def induction(seed: int) -> Core:
    """Two heads: one carries each letter one place on, the other looks for where the last letter was carried to."""
    before, looks = Head(0, 0), Head(1, 0)
    edges = {(TOKENS, str(before)), (TOKENS, str(looks)), (str(before), str(looks)), (str(looks), LOGITS)}
    told = {before: "previous token", looks: "induction"}
    return Core(train(prompts.induction, 2, seed), told, frozenset(edges))


def first_token(seed: int) -> Core:
    """One head, which looks at the first letter."""
    return _alone(prompts.first_token, seed, "first token")


def copy_suppression(seed: int) -> Core:
    """One head, which looks for the member of the pair that has been seen and speaks for the other."""
    return _alone(prompts.copy_suppression, seed, "suppresses what was seen")


def _alone(behaviour: Callable[[int, int], Behaviour], seed: int, told: str) -> Core:
    head = Head(0, 0)
    edges = frozenset({(TOKENS, str(head)), (str(head), LOGITS)})
    return Core(train(behaviour, 1, seed), {head: told}, edges)
