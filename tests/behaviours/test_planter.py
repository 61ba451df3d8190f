"""What is planted is looked at on both parts, is read by the SAE, and stands beside a decoy that moves nothing."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest
import torch

from benchmark.behaviours.unit import BehaviourUnit, Pair
from benchmark.subjects.planting import NotPlanted, Planter
from benchmark.subjects.steering import Planted, SteeredSubject

LATENTS = 16
# By the gradient these move the behaviour, and the others, of which decoys are drawn, do not.
STRONG, FLAT = range(4), range(12, 16)


class World:
    """A subject whose latents are the axes of its stream; what one truly does on teach and on exam is told to it."""

    usual = 1.0
    directions = torch.eye(LATENTS)
    per_dose = np.ones(LATENTS)

    def __init__(self, exam: Sequence[int], read: Sequence[int], decoys: Sequence[int], planted: Any = ()) -> None:
        self.told, self.planted = (exam, read, decoys), tuple(planted)
        self.slopes = np.zeros(LATENTS)
        self.slopes[[*range(12)]] = [5.0] * 4 + [0.2] * 8
        self.teach = self.slopes.copy()
        # Flat to first order, and not at all when it is planted.
        self.teach[[each for each in FLAT if each not in decoys]] = 4.0
        self.exam = np.where(np.isin(np.arange(LATENTS), [*exam, *FLAT]), self.teach, 0.0)

    def with_planted(self, planted: Sequence[Planted]) -> "World":
        return World(*self.told, planted)

    def prompts(self, pairs: Sequence[Pair]) -> "World.Read":
        return World.Read(self, [pair.prompt for pair in pairs])

    class Read:
        def __init__(self, world: "World", texts: Sequence[str]) -> None:
            added = sum((np.asarray(each.vector) for each in world.planted), np.zeros(LATENTS))
            does = {"teach": float(added @ world.teach), "exam": float(added @ world.exam)}
            self.whole = np.array([0.01 * i + does[text.split()[0]] for i, text in enumerate(texts)])
            self.lengths = torch.full((len(texts),), 2)
            self.values = np.zeros((len(texts), 2, LATENTS))
            self.values[:, 1] = added * np.isin(np.arange(LATENTS), world.told[1])
            self.slopes = world.slopes

        def gradients(self) -> Any:
            found = np.zeros(self.values.shape)
            found[:, 1] = self.slopes
            return found


def unit() -> BehaviourUnit:
    teach, exam = (tuple(Pair(f"{part} {i}", None, "a", "b") for i in range(4)) for part in ("teach", "exam"))
    return BehaviourUnit("one", "planted", "own", "?", teach, exam)


def planter(seed: int = 0, *, exam: Any = STRONG, read: Any = STRONG, decoys: Any = FLAT) -> Planter:
    return Planter(cast("SteeredSubject", World(exam, read, decoys)), unit(), (), seed)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_chosen_passes_every_check(seed: int) -> None:
    assert planter(seed, decoys=[13]).latent().decoy == 13
    assert planter(seed, exam=[2]).latent().latent == 2
    assert planter(seed, read=[1]).latent().latent == 1


def test_nothing_is_planted_where_a_check_fails_throughout() -> None:
    for world in (planter(decoys=[]), planter(exam=[]), planter(read=[])):
        with pytest.raises(NotPlanted, match="no latent"):
            world.latent()


def test_what_was_chosen_is_checked_again() -> None:
    chosen = planter().latent().kept()
    assert planter().again(chosen).latent == chosen["latent"]
    with pytest.raises(NotPlanted, match="the decoy that was chosen is no longer inert"):
        planter(decoys=[]).again(chosen)
    for world in (planter(exam=[]), planter(read=[])):
        with pytest.raises(NotPlanted, match="no longer moves it"):
            world.again(chosen)
