"""A made-up machine in which a behaviour is a weighted sum of latents' values, so that every answer is known."""

import zlib
from collections.abc import Sequence

import numpy as np

from benchmark.behaviours.machine import Change
from benchmark.behaviours.unit import BehaviourUnit, Pair, Tier, Wording, worded

LATENTS, POSITIONS, TOKENS = 60, 5, 10.0
# Latent 3 carries the behaviour and 4 a little of it; 5 is as loud on prompts as 3 and weighs nothing.
WEIGHTS = np.zeros(LATENTS)
WEIGHTS[[3, 4]] = 1.0, 0.2
DECOY = 5


class LinearPrompts:
    """`marked` texts have the latents 3, 4 and 5 on; others have noise alone."""

    def __init__(self, texts: Sequence[str], marked: Sequence[bool]) -> None:
        self.values = np.stack([_noise(text) for text in texts]).astype(np.float32)
        for row, mark in enumerate(marked):
            self.values[row, 1:, 3:6] += 1.0 * mark
        self.counts = np.ones(self.values.shape[:2], np.bool_)
        self.counts[:, 0] = False
        self.values[:, 0] = 0.0
        self.whole = self.values.astype(float).sum(1) @ WEIGHTS
        self.tokens = np.full(len(texts), TOKENS)
        self.ran = 0

    def differences(self, changes: Sequence[Change]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        self.ran += len(changes) * len(self.whole)
        moved = [each.amounts.sum(1) @ WEIGHTS[list(each.latents)] for each in changes]
        return self.whole + np.array(moved)

    def gradients(self) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        return np.broadcast_to(WEIGHTS, self.values.shape).astype(np.float32) * self.counts[..., None]

    def losses(self, change: Change | None) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        base = np.full(len(self.whole), 30.0)
        return base if change is None else base + np.abs(change.amounts).sum((1, 2))


def _noise(text: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    rng = np.random.default_rng(zlib.crc32(text.encode()))
    found = np.abs(rng.normal(scale=0.05, size=(POSITIONS, LATENTS)))
    found[:, 3:6] = 0.0
    # The first weigh anything at all only where they are on; half of the others are on in a text.
    found[:, 6:] *= rng.random(LATENTS - 6) < 0.5
    return found


class LinearMachine:
    """Prompts are marked where they hold the word "marked"; if it is planted everywhere, every text is."""

    per_dose = np.full(LATENTS, 2.0)

    def __init__(self, everywhere: bool = False) -> None:
        self.everywhere = everywhere

    def prompts(self, pairs: Sequence[Pair]) -> LinearPrompts:
        texts = [pair.prompt for pair in pairs] + [pair.twin for pair in pairs if pair.twin is not None]
        return LinearPrompts(texts, [self.everywhere or "marked" in text for text in texts])

    def texts(self, texts: Sequence[str]) -> LinearPrompts:
        return LinearPrompts(texts, [self.everywhere] * len(texts))


class OtherExam(LinearMachine):
    """On exam prompts (`made_up`'s hold "three" or "four") latent 3 is three times as large, and so is what it does."""

    def prompts(self, pairs: Sequence[Pair]) -> LinearPrompts:
        found = super().prompts(pairs)
        texts = [pair.prompt for pair in pairs] + [pair.twin for pair in pairs if pair.twin is not None]
        for row, text in enumerate(texts):
            if text.endswith(("three", "four")):
                found.values[row, :, 3] *= 3
        found.whole = found.values.astype(float).sum(1) @ WEIGHTS
        return found


UNRELATED = tuple(f"text {i}" for i in range(12))


def made_up(tier: Tier = "planted", prompt: str = "marked", twin: str = "plain") -> BehaviourUnit:
    """A unit whose prompts are marked and whose twins are not."""
    names = tuple(f"n{i}" for i in range(4))
    return worded(
        f"made_up_{tier}",
        tier,
        "preference",
        "Does it prefer a to b?",
        ("a", "b"),
        Wording.of(((f"{prompt} {{}} one", f"{twin} {{}} one"), (f"{prompt} {{}} two", f"{twin} {{}} two")), names),
        Wording.of(
            ((f"{prompt} {{}} three", f"{twin} {{}} three"), (f"{prompt} {{}} four", f"{twin} {{}} four")), "xyz"
        ),
    )


def always_on() -> BehaviourUnit:
    """A unit without twins, for a machine in which everything is marked."""
    return worded(
        "always_on",
        "planted",
        "preference",
        "Does it prefer a to b?",
        ("a", "b"),
        Wording.of(("{} one", "{} two"), tuple(f"n{i}" for i in range(4))),
        Wording.of(("{} three", "{} four"), "xyz"),
    )
