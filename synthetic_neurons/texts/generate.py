"""Texts for planted units, made from their predicates: about half fire, and of the silent ones half are near-misses.

Teach and exam use different templates. Teach texts never use a held-out word of the unit; exam texts use all. Drafts
come from witnesses (`witness`, `drafts`): each is to be on or off because of one chosen atom. What a text really is is
computed: drafts are kept by the unit's own values, and atoms that no text has exercised yet come first.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthetic_neurons.evaluate import Flags, evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Always, And, Not, Or, Predicate
from synthetic_neurons.texts.coverage import Feature, covered, exercised
from synthetic_neurons.texts.drafts import LEAST_WORDS, MOST_WORDS, Press, Split
from synthetic_neurons.texts.nearness import COMMON, near_misses
from synthetic_neurons.texts.neutral import text_share
from synthetic_neurons.texts.parts import Path, atoms
from synthetic_neurons.texts.pool import NoWord, Pool
from synthetic_neurons.texts.witness import Sketch, want

__all__ = ["LEAST_WORDS", "MOST_WORDS", "Draft", "GenerationError", "Kind", "Split", "generate", "generate_kinds"]

Kind = Literal["positive", "near_miss", "background"]
KINDS: tuple[Kind, ...] = ("positive", "near_miss", "background")
# Of firing exam texts of a confounded unit, the share in which the concept comes with its cue.
CUED_IN_EXAM = 0.2
# Batches of drafts: as many for what must be there, fewer for what would be good to have.
_MOST_BATCHES, _GOOD_BATCHES, _HOPELESS = 200, 10, 6
_TRIES = 6
# Of larger trees not every atom can have its turn in bounded time; those of the families have a dozen.
MOST_ATOMS = 64
# For atoms of a branch whose other branches fire on the same words.
_BRANCH_BATCHES, _BRANCH_DRAFTS = 2, 30
# Of the drafts for background, those about any word at all, without a thought of the unit.
_PLAIN = 0.8


class GenerationError(RuntimeError):
    """No such texts can be made for the unit."""


@dataclass(frozen=True)
class Draft:
    """A text and its kind.

    Attributes:
        text: 8 to 25 words.
        kind: "positive": the unit fires on some word; "near_miss": it does not, but with one condition dropped or
            widened (see `nearness.near_misses`), or without its hashed gate, it would; "background": neither.
    """

    text: str
    kind: Kind


@dataclass(frozen=True)
class _Found:
    """A draft with all that choosing needs. `cued`: confounded units' positives alone; whether the cue is there."""

    text: str
    kind: Kind
    cued: bool | None
    features: frozenset[Feature]

    @property
    def slot(self) -> tuple[Kind, bool | None]:
        """What it counts towards."""
        return self.kind, self.cued


def generate(unit: PlantedUnit, split: Split, count: int, seed: int) -> list[str]:
    """`count` different texts of 8 to 25 words; in half of them (rounded up) the unit fires.

    Args:
        unit: any planted unit.
        split: "teach" or "exam".
        count: how many texts.
        seed: the same unit, split, count and seed give the same texts.

    Raises:
        GenerationError: not enough texts were found that fire, or that do not; or see `generate_kinds`.
    """
    found = generate_kinds(unit, split, count, seed)
    fires = sum(draft.kind == "positive" for draft in found)
    if len(found) < count or fires != (count + 1) // 2:
        short = "fire" if fires < (count + 1) // 2 else "stay silent"
        raise GenerationError(
            f"{unit.identifier}: too few texts that {short} in {split}; the nearest is what `generate_kinds` gives,"
            " or mend the unit's predicate"
        )
    return [draft.text for draft in found]


def generate_kinds(unit: PlantedUnit, split: Split, count: int, seed: int) -> list[Draft]:
    """`count` different texts with their kinds, as `generate` gives them; fewer, or others, where there are no such.

    Half are positives (rounded up), and of the rest half near-misses. If one kind cannot be had in this number, others
    take its place: a unit that never fires has only silent texts.

    Raises:
        GenerationError: `count` is negative, or the unit's predicate has more than 64 atoms.
    """
    if count < 0 or len(atoms(unit.predicate)) > MOST_ATOMS:
        raise GenerationError(
            f"{unit.identifier}: give a count of 0 or more (not {count}) and a predicate of at most {MOST_ATOMS} atoms "
            f"(not {len(atoms(unit.predicate))})"
        )
    search = _Search(unit, split, count, seed)
    search.run()
    chosen = search.chosen()
    return [Draft(chosen[i].text, chosen[i].kind) for i in search.rng.permutation(len(chosen))]


def _generator(unit: PlantedUnit, split: Split, seed: int) -> np.random.Generator:
    """Its own stream for each unit and split, so that two units' texts are not the same sentences with other words."""
    key = hashlib.blake2b(f"{unit.identifier}/{split}".encode(), digest_size=8).digest()
    return np.random.default_rng([seed, int.from_bytes(key)])


def _quotas(unit: PlantedUnit, split: Split, count: int) -> dict[tuple[Kind, bool | None], int]:
    """How many texts of each kind; positives of a confounded unit with and without its cue apart."""
    fires, silent = (count + 1) // 2, count // 2
    quotas: dict[tuple[Kind, bool | None], int] = {("positive", None): fires}
    if unit.cue is not None:
        share = unit.cue_strength if split == "teach" else CUED_IN_EXAM
        cued = round(share * fires)
        quotas = {("positive", True): cued, ("positive", False): fires - cued}
    return {**quotas, ("near_miss", None): (silent + 1) // 2, ("background", None): silent // 2}


class _Search:
    """Drafts in batches until there are enough of every kind and every atom is exercised."""

    def __init__(self, unit: PlantedUnit, split: Split, count: int, seed: int) -> None:
        self.unit, self.split, self.count = unit, split, count
        self.rng = _generator(unit, split, seed)
        self.banned = frozenset(word.lower() for word in unit.held_out_words) if split == "teach" else frozenset[str]()
        trees = [unit.predicate, *([unit.cue] if unit.cue is not None else [])]
        self.pool = Pool(trees, self.banned)
        self.press = Press(split, self.pool, self.banned)
        self.quotas = _quotas(unit, split, count)
        self.paths = atoms(unit.predicate) or ((),)
        self.found: dict[str, _Found] = {}
        self.turn = 0

    def run(self) -> None:
        """All batches that are needed, then some for what only a branch by itself can show."""
        self._fill()
        for _ in range(_BRANCH_BATCHES):
            if drafts := [self._of_branch(path) for path in self._missing() if path for _ in range(_BRANCH_DRAFTS)]:
                self._add(drafts)

    def _of_branch(self, path: Path) -> str | None:
        """A draft with an atom on or off in its branch of an "or", whatever the other branches do there.

        Where another branch fires on the same words, more weakly, both cannot be asked to be off.
        """
        tree = self.unit.predicate
        if not isinstance(tree, Or):
            return None
        sketch = Sketch(self.pool, self.rng)
        try:
            want(tree.of[path[0]], sketch, 0, sketch.coin(0.3), path[1:])
            return self.press.text(sketch)
        except NoWord:
            return None

    def _fill(self) -> None:
        """All batches that are needed, and no more than might help."""
        for batch in range(_MOST_BATCHES):
            lacking = self._lacking()
            missing = self._missing() if batch else list(self.paths)
            must = any(each[0] == "positive" for each in lacking) or self._silent() < self.count // 2
            if batch and not lacking and not missing:
                return
            if not must and batch >= _GOOD_BATCHES:
                return
            if must and batch >= _HOPELESS and self._without_hope():
                return
            self._batch(lacking or list(self.quotas), missing)

    def _lacking(self) -> list[tuple[Kind, bool | None]]:
        return [slot for slot, wanted in self.quotas.items() if wanted > self._count(slot)]

    def _count(self, slot: tuple[Kind, bool | None]) -> int:
        return sum(found.slot == slot for found in self.found.values())

    def _silent(self) -> int:
        return sum(found.kind != "positive" for found in self.found.values())

    def _without_hope(self) -> bool:
        """Of some quota that must be met there is not one text yet."""
        fires = [slot for slot, wanted in self.quotas.items() if wanted and slot[0] == "positive"]
        return not self._silent() or any(not self._count(slot) for slot in fires)

    def _missing(self) -> list[Path]:
        """The atoms that the texts found so far do not exercise in every way that they could."""
        seen = set[Feature]().union(*(found.features for found in self.found.values()))
        return [atom.path for atom in covered(self.unit.predicate, seen, self.banned).atoms if not atom.complete]

    def _batch(self, lacking: Sequence[tuple[Kind, bool | None]], missing: Sequence[Path]) -> None:
        """Half the drafts are for atoms in turn, the others for what is lacking."""
        self._add([self._draft(lacking, missing) for _ in range(2 * self.count + 20)])

    def _add(self, drafts: Sequence[str | None]) -> None:
        """Keep what is new of some drafts."""
        fresh = dict.fromkeys(text for text in drafts if text is not None and text not in self.found)
        if fresh:
            self._judge(Passages.of(list(fresh)))

    def _draft(self, lacking: Sequence[tuple[Kind, bool | None]], missing: Sequence[Path]) -> str | None:
        self.turn += 1
        slot = lacking[self.turn % len(lacking)]
        for _ in range(_TRIES):
            sketch = Sketch(self.pool, self.rng)
            paths = missing if missing and sketch.coin() else self.paths
            try:
                self._ask(sketch, slot, paths[int(self.rng.integers(len(paths)))])
                return self.press.text(sketch)
            except NoWord:
                continue
        return None

    def _ask(self, sketch: Sketch, slot: tuple[Kind, bool | None], path: Path) -> None:
        """Half the time what the slot is short of, else the atom on or off whatever comes of it."""
        kind, cued = slot
        if kind == "background" and sketch.coin(_PLAIN):
            sketch.slot(0).add(Always(), 1.0)
            return
        on = kind == "positive" if sketch.coin(0.7) else sketch.coin()
        if cued is None or not on:
            want(self.unit.predicate, sketch, 0, on, path)
        else:
            want(And((self.unit.predicate, _state(self.unit.cue, cued))), sketch, 0, True, (0, *path))

    def _judge(self, passages: Passages) -> None:
        """Keep the texts that keep the split's promises, by what they are."""
        values = self.unit.values(passages) > 0
        fires: Flags = passages.per_text_max(values.astype(np.float64)) > 0
        near = self._near(passages)
        features = exercised(self.unit.predicate, passages)
        cued, mixed = self._cued(passages, values)
        for i in self._kept(passages):
            if fires[i] and mixed[i]:
                continue
            kind: Kind = "positive" if fires[i] else "near_miss" if near[i] else "background"
            state = bool(cued[i]) if fires[i] and self.unit.cue is not None else None
            own = frozenset(feature for feature, hit in features.items() if hit[i])
            self.found[passages.texts[i]] = _Found(passages.texts[i], kind, state, own)

    def _near(self, passages: Passages) -> Flags:
        changed = [*near_misses(self.unit.predicate)]
        # A hashed gate is a condition as well; dropped, it leaves the predicate.
        changed += [self.unit.predicate] if text_share(self.unit.predicate) <= COMMON else []
        near = np.zeros(len(passages), dtype=bool)
        for each in changed:
            near |= passages.per_text_max(evaluate(each, passages)) > 0
        return near

    def _cued(self, passages: Passages, fires: Flags) -> tuple[Flags, Flags]:
        """Bool [texts] each: some firing word comes with the cue; some do and some do not."""
        if self.unit.cue is None:
            none = np.zeros(len(passages), dtype=bool)
            return none, none
        cue = evaluate(self.unit.cue, passages) > 0
        with_it, alone = (passages.per_text_max((fires & each).astype(np.float64)) > 0 for each in (cue, ~cue))
        return with_it, with_it & alone

    def _kept(self, passages: Passages) -> Iterator[int]:
        """Texts of the right length without held-out words."""
        lengths = np.diff(passages.first)
        banned = np.array([word.lower() in self.banned for word in passages.words], dtype=np.float64)
        fits = (lengths >= LEAST_WORDS) & (lengths <= MOST_WORDS) & (passages.per_text_max(banned) == 0)
        yield from np.flatnonzero(fits).tolist()

    def chosen(self) -> list[_Found]:
        """As many texts as asked for: first those that exercise something more, then by quota, then what there is."""
        left, seen = dict(self.quotas), set[Feature]()
        kept: dict[str, _Found] = {}

        def take(found: _Found) -> None:
            left[found.slot] -= 1
            seen.update(found.features)
            kept[found.text] = found

        for found in self.found.values():
            if left.get(found.slot, 0) > 0 and not found.features <= seen:
                take(found)
        for found in self.found.values():
            if left.get(found.slot, 0) > 0 and found.text not in kept:
                take(found)
        return [*kept.values(), *self._spare(kept)]

    def _spare(self, kept: dict[str, _Found]) -> list[_Found]:
        """What stands in for kinds that there are too few of: silent texts for silent ones, then any.

        The cue's shares are promises: positives of a confounded unit stand in for nothing.
        """
        open_to = [found for found in self.found.values() if found.text not in kept and found.cued is None]
        silent = self.count // 2 - sum(found.kind != "positive" for found in kept.values())
        spare = [found for found in open_to if found.kind != "positive"][: max(0, silent)]
        rest = [found for found in open_to if found not in spare]
        return [*spare, *rest[: max(0, self.count - len(kept) - len(spare))]]


def _state(cue: Predicate | None, there: bool) -> Predicate:
    assert cue is not None
    return cue if there else Not(cue)
