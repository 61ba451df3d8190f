"""Interventions on latents, and what they change.

An ablation puts nothing, its mean over prompts and twins, or what it is in the twin, in a latent's place (zero, mean
and resample ablation). The last changes the prompt alone: were the twin given the prompt's value as well, what is
removed would be counted twice. Steering adds a latent's direction wherever a position counts; a dose of 1 is as long
as the stream usually is. A transplant puts the prompt's values into its twin (activation patching).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.behaviours.machine import Bools, Change, Prompts, Texts
from synthetic_neurons.passages import Floats

Ablation = Literal["zero", "mean", "resample"]
ABLATIONS: tuple[Ablation, ...] = ("zero", "mean", "resample")


@dataclass(frozen=True)
class Ablate:
    """Latents taken out."""

    latents: frozenset[int]
    how: Ablation = "zero"


@dataclass(frozen=True)
class Steer:
    """A latent's direction added."""

    latent: int
    dose: float


def ablated(read: Prompts | Texts, latents: frozenset[int], how: Ablation, paired: bool) -> Change:
    """The change that ablates some latents.

    Args:
        read: the prompts.
        latents: which.
        how: what stands in their place.
        paired: whether the second half of the rows are the twins of the first; the donor of a prompt without a twin is
            the next prompt.
    """
    members = tuple(sorted(latents))
    own = read.values[..., list(members)].astype(np.float64)
    instead: Floats = np.zeros_like(own)
    if how == "mean":
        instead = instead + own[read.counts].mean(0)
    elif how == "resample":
        rows = len(own)
        instead = aligned(own, read.counts, np.roll(np.arange(rows), rows // 2 if paired else 1))
        if paired:
            instead[rows // 2 :] = own[rows // 2 :]
    return Change(members, np.where(read.counts[..., None], instead - own, 0.0))


def steered(read: Prompts | Texts, latent: int, amount: float) -> Change:
    """The change that adds an amount to a latent's value wherever a position counts."""
    return Change((latent,), np.where(read.counts, amount, 0.0)[..., None])


def transplanted(read: Prompts, latents: frozenset[int]) -> Change:
    """The change that gives every twin the values that latents have in its prompt; prompts stay."""
    members = tuple(sorted(latents))
    own = read.values[..., list(members)].astype(np.float64)
    half = len(own) // 2
    moved = aligned(own, read.counts, np.roll(np.arange(len(own)), half)) - own
    moved[:half] = 0.0
    return Change(members, np.where(read.counts[..., None], moved, 0.0))


def aligned(values: Floats, counts: Bools, donors: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> Floats:
    """Each row's donor's values, counted from the last position; a donor that is shorter gives its first value on.

    Args:
        values: float [rows, position, k].
        counts: bool [rows, position], without gaps that matter: the last one that counts is a row's end.
        donors: int [rows].
    """
    ends = counts.shape[1] - 1 - counts[:, ::-1].argmax(1)
    firsts = counts.argmax(1)
    place = np.arange(counts.shape[1])[None] - ends[:, None] + ends[donors][:, None]
    place = np.clip(place, firsts[donors][:, None], ends[donors][:, None])
    found: Floats = values[donors[:, None], place]
    return found
