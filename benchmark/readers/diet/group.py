"""A group: claims about the same texts, each with its own truth on every word."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Floats, Passages

Shares = NDArray[np.uint8]
# A claim's value 1 as stored, and what stands where a claim's truth on a word is not known.
FULL, UNKNOWN = 200, 255
PARTS = ("train", "families", "concepts", "phrasings")


def stored(values: Floats) -> Shares:
    """uint8 [words]: values in [0, 1] in steps of 1/200; a value above 0 stays above 0."""
    steps = np.round(values * FULL)
    return np.where(values > 0, np.maximum(steps, 1), steps).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Taught:
    """One claim with its truth.

    Attributes:
        text: the claim, as a reader is given it.
        kind: its rung of the ladder, or how it was made: "hypernym", "gloss", "list", …
        about: what it speaks of: "concept", "list", "affix", "shape", "context", "negation", …
        values: uint8 [words of the group's texts], the claim's own value times 200; 255 where it is not known.
    """

    text: str
    kind: str
    about: str
    values: Shares


@dataclass(frozen=True, eq=False)
class Group:
    """Claims over the same texts. What one claim fires on and another does not is the hard part of each.

    Attributes:
        name: where it comes from, such as "planted/contextual".
        part: one of `PARTS`; "train", or what it is judged on.
        texts: the texts.
        claims: at least one.
    """

    name: str
    part: str
    texts: tuple[str, ...]
    claims: tuple[Taught, ...]

    @cached_property
    def passages(self) -> Passages:
        """The texts as words."""
        return Passages.of(self.texts)

    @cached_property
    def values(self) -> Shares:
        """uint8 [claims, words]."""
        return np.stack([claim.values for claim in self.claims])

    @cached_property
    def fires(self) -> NDArray[np.bool_]:
        """Bool [claims, words]: where a claim is known to hold."""
        found: NDArray[np.bool_] = (self.values > 0) & (self.values != UNKNOWN)
        return found

    @cached_property
    def hard(self) -> NDArray[np.bool_]:
        """Bool [claims, words]: where a claim is known to be silent and another claim of the group fires.

        A claim that fires on half of all words makes no word hard.
        """
        narrow = self.fires[self.fires.mean(axis=1) < 0.5]
        some = narrow.any(axis=0) if len(narrow) else np.zeros(self.values.shape[1], dtype=bool)
        found: NDArray[np.bool_] = (self.values == 0) & some
        return found

    def checked(self) -> "Group":
        """Itself, if every claim has a value on every word.

        Raises:
            ValueError: otherwise; the maker of the group is at fault.
        """
        words = len(self.passages.words)
        if self.part not in PARTS or not self.claims or any(len(each.values) != words for each in self.claims):
            raise ValueError(f"group {self.name!r} of part {self.part!r} has claims without a value on each of {words}")
        return self


def content_hash(groups: Sequence[Group]) -> str:
    """SHA-256 over everything that training sees, in order."""
    digest = hashlib.sha256()
    for group in groups:
        heads = [[claim.text, claim.kind, claim.about] for claim in group.claims]
        raw = json.dumps([group.name, group.part, group.texts, heads], ensure_ascii=True).encode()
        digest.update(len(raw).to_bytes(8, "big") + raw + group.values.tobytes())
    return digest.hexdigest()
