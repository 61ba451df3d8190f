"""Groups from planted units: the ladder's rungs over generated texts and natural windows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.readers.diet.apart import Shut
from benchmark.readers.diet.division import HELD_OUT_RUNG, nodes, of_held_out_concept
from benchmark.readers.diet.group import Group, Taught, stored
from benchmark.readers.diet.natural import Corpus
from benchmark.readers.diet.phrasing import ABOUT, Wording
from benchmark.units.split import overlapping
from synthetic_neurons.assembly import planted_total
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.ladder.agreement import claimed
from synthetic_neurons.ladder.rungs import Ladder, Rung
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import FULL_LEVEL, PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import (
    Always,
    Graded,
    Infix,
    Never,
    Not,
    Predicate,
    Prefix,
    Shape,
    Similar,
    Suffix,
    Unless,
    Word,
)
from synthetic_neurons.texts.generate import GenerationError, Split, generate

# Natural windows of a group: where the exact report fires, where only another claim does, and any.
FIRING, NEAR, ANY = 5, 3, 3
# Claims that fire on more of all words than this stand in one training group of so many: there are ever the same few.
WIDE, WIDE_IN = 0.4, 6


@dataclass(frozen=True)
class Draw:
    """Which planted units to make groups of.

    Attributes:
        part: see `Group`.
        families: the families.
        count: how many units, the families taking turns.
        seed: of the units.
        texts: generated texts a unit; 0 for natural windows alone.
        split: whose templates and words the generated texts have.
        reports: also teach a rung's whole report as one claim.
    """

    part: str
    families: tuple[str, ...]
    count: int
    seed: int
    texts: int = 0
    split: Split = "teach"
    reports: bool = True


def about(predicate: Predicate) -> str:
    """What a claim speaks of, by the hardest thing in it."""
    found = list(nodes(predicate))
    tests: tuple[tuple[str, Callable[[Predicate], bool]], ...] = (
        ("negation", lambda node: isinstance(node, Not | Unless)),
        ("context", lambda node: not node.lexical),
        ("shape", lambda node: isinstance(node, Shape)),
        ("letters", lambda node: isinstance(node, Prefix | Suffix | Infix)),
        ("degree", lambda node: isinstance(node, Graded)),
        ("likeness", lambda node: isinstance(node, Similar)),
        ("every word", lambda node: isinstance(node, Always | Never)),
        ("concept", lambda node: isinstance(node, Word) and node.name is not None),
    )
    return next((name for name, test in tests if any(map(test, found))), "list")


@dataclass(frozen=True, eq=False)
class _Said:
    """A claim in the making: with several predicates where it is a whole report."""

    text: str
    kind: str
    claims: tuple[PlantedClaim, ...]

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        return tuple(claim.predicate for claim in self.claims)

    def on(self, passages: Passages) -> Floats:
        """float64 [words]: the claim's own value; a level is the report's to say, not the claim's."""
        if len(self.claims) == 1:
            return evaluate(self.claims[0].predicate, passages)
        return claimed(self.claims, passages)


class Planting:
    """Makes groups of planted units.

    Args:
        corpus: natural windows.
        stage: the corpus' staged windows as words.
        forbidden: hashes of eight-word runs that no generated text may have.
        shut: the units that no training claim may be alike to.
    """

    def __init__(self, corpus: Corpus, stage: Passages, forbidden: frozenset[int], shut: Shut) -> None:
        self.corpus, self.stage, self.forbidden, self.shut = corpus, stage, forbidden, shut
        self.left_out = {"held-out concept": 0, "alike to a suite's unit": 0, "text overlaps an exam": 0}

    def groups(self, draw: Draw) -> Iterator[Group]:
        """The groups of a draw; a unit that leaves no claim or no text gives none."""
        units = planted_total(draw.seed, draw.count, draw.families, apart=False)
        ladder = Ladder(units)
        for number, unit in enumerate(units):
            rng = np.random.default_rng([draw.seed, number])
            made = self._group(draw, unit, ladder.rungs(unit), number, rng)
            if made is not None:
                yield made

    def _group(
        self, draw: Draw, unit: PlantedUnit, rungs: Sequence[Rung], number: int, rng: np.random.Generator
    ) -> Group | None:
        wording = Wording(rng, held_out=draw.part == "phrasings")
        kept, staged = self._kept(draw.part, list(_said(rungs, draw, wording)), number % WIDE_IN == 0)
        if not any(0 < values.mean() < WIDE for values in staged):
            return None
        texts = tuple(dict.fromkeys((*self._generated(unit, draw), *self._natural(staged, rng))))
        passages = Passages.of(texts)
        taught = tuple(
            Taught(each.text, each.kind, about(_hardest(each.predicates)), stored(each.on(passages))) for each in kept
        )
        return Group(f"planted/{unit.family}", draw.part, texts, taught).checked()

    def _kept(self, part: str, said: list[_Said], wide: bool) -> tuple[list[_Said], list[Floats]]:
        """The claims that this part may hold, and their values on the stage; with `wide` those that fire widely too."""
        kept, staged = [], []
        for each in said:
            values = each.on(self.stage)
            if (wide or part != "train" or values.mean() < WIDE) and self._belongs(part, each, values):
                kept.append(each)
                staged.append(values)
        return kept, staged

    def _belongs(self, part: str, said: _Said, values: Floats) -> bool:
        strange = any(map(of_held_out_concept, said.predicates))
        if part == "families":
            return True
        if part == "concepts":
            return strange
        if strange:
            self.left_out["held-out concept"] += 1
            return False
        if part == "train" and not all(self.shut.admits(each, values) for each in said.predicates):
            self.left_out["alike to a suite's unit"] += 1
            return False
        return True

    def _generated(self, unit: PlantedUnit, draw: Draw) -> list[str]:
        """Texts made from the unit's predicate, none of which an exam shares eight words with."""
        if not draw.texts:
            return []
        try:
            texts = generate(unit, draw.split, draw.texts, draw.seed)
        except GenerationError:
            return []
        kept = [text for text, bad in zip(texts, overlapping(texts, self.forbidden), strict=True) if not bad]
        self.left_out["text overlaps an exam"] += len(texts) - len(kept)
        return kept

    def _natural(self, staged: Sequence[Floats], rng: np.random.Generator) -> list[str]:
        """Windows where the first claim fires, where only another does, and any."""
        fires = [self.stage.per_text_max(values) > 0 for values in staged]
        narrow = [each for each, values in zip(fires, staged, strict=True) if 0 < values.mean() < WIDE]
        own, other = narrow[0], np.any(narrow, axis=0) & ~narrow[0]
        places = [rng.permutation(np.flatnonzero(each))[:count] for each, count in ((own, FIRING), (other, NEAR))]
        return [self.stage.texts[i] for i in np.concatenate(places).astype(int)] + self.corpus.any(ANY, rng)


def _hardest(predicates: Sequence[Predicate]) -> Predicate:
    return min(predicates, key=lambda each: ABOUT.index(about(each)))


def _said(rungs: Sequence[Rung], draw: Draw, wording: Wording) -> Iterator[_Said]:
    """Every different claim of the rungs; of the kind of the first rung that makes it."""
    seen: set[str] = set()
    for rung in rungs:
        if not _worded_here(rung.name, draw.part):
            continue
        whole = [_Said(rung.text, f"report of {rung.name}", rung.claims)] if _is_whole(rung, draw) else []
        singles = [_Said(claim.text, rung.name, (claim,)) for claim in rung.claims]
        for each in (*singles, *whole):
            if each.text not in seen:
                seen.add(each.text)
                bare = each.kind.startswith("report") or rung.name == HELD_OUT_RUNG
                yield each if bare else _Said(wording.opened(each.text), each.kind, each.claims)


def _worded_here(rung: str, part: str) -> bool:
    """Training never sees one register; where phrasings are judged it is there, and so are the held-out openings."""
    return rung != HELD_OUT_RUNG or part in ("families", "phrasings")


def _is_whole(rung: Rung, draw: Draw) -> bool:
    """Whole reports are taught of several claims at one level, which is how reports without claims read."""
    return draw.reports and len(rung.claims) > 1 and all(claim.level == FULL_LEVEL for claim in rung.claims)
