"""Groups from WordNet's nouns: hypernyms, siblings, glosses and word lists, over windows of its open shares.

A synset's words are those of its hyponyms, as far down as it goes, and its own. A word fires where one of its senses
is the first that WordNet lists for it; where only a later sense is, nothing is taught about it, since a window does not
say which is meant (the senses' order: wndb(5WN), index files).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmark.readers.diet.apart import Shut
from benchmark.readers.diet.breadth import shares
from benchmark.readers.diet.division import held_out_noun_files, held_out_words
from benchmark.readers.diet.group import Group, Taught
from benchmark.readers.diet.natural import Corpus
from benchmark.readers.diet.phrasing import Wording
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families.concepts import some
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Word

# Words of a synset that windows know: fewer teach nothing, more are no longer a concept.
WORDS = (4, 400)
SHORTEST_GLOSS, LONGEST_GLOSS = 12, 120
# Windows with words that claims name, with any of the synset, with a sibling's, and any.
FIRING, SIBLING, ANY = 6, 4, 2
TRIED = 8
EXAMPLES = 5
SPELT = 8
_BELOW = ("~", "~i")


@dataclass(frozen=True)
class Synset:
    """One meaning of nouns.

    Attributes:
        offset: its place in `data.noun`, its name here.
        file: the lexicographers' file it is from.
        lemmas: its words; several words joined by "_".
        gloss: its definition without examples.
        above, below: offsets of hypernyms and hyponyms.
    """

    offset: str
    file: int
    lemmas: tuple[str, ...]
    gloss: str
    above: tuple[str, ...]
    below: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its first word, for prose."""
        return self.lemmas[0].replace("_", " ")


def _synset(line: str) -> Synset:
    head, gloss = line.split("|", 1)
    fields = head.split()
    count = int(fields[3], 16)
    lemmas = tuple(fields[4 + 2 * i] for i in range(count))
    pointers = fields[5 + 2 * count :]
    marked = [(pointers[i], pointers[i + 1]) for i in range(0, 4 * int(fields[4 + 2 * count]), 4)]
    above = tuple(offset for mark, offset in marked if mark in ("@", "@i"))
    below = tuple(offset for mark, offset in marked if mark in _BELOW)
    return Synset(fields[0], int(fields[1]), lemmas, gloss.split(';  "')[0].split('; "')[0].strip(), above, below)


class Nouns:
    """WordNet's nouns.

    Args:
        folder: with `data.noun` and `index.noun`.
    """

    def __init__(self, folder: Path) -> None:
        lines = (folder / "data.noun").read_text("utf-8").splitlines()
        self.synsets = {each.offset: each for each in map(_synset, (x for x in lines if x[:2] != "  " and "|" in x))}
        self._index = (folder / "index.noun").read_text("utf-8").splitlines()
        self._under: dict[str, frozenset[str]] = {}

    @cached_property
    def first(self) -> dict[str, str]:
        """Each single word's first sense."""
        rows = (line.split() for line in self._index if not line.startswith(" "))
        return {row[0]: row[-int(row[2])] for row in rows if row[0].isalpha()}

    def under(self, offset: str) -> frozenset[str]:
        """The offset and all below it."""
        if offset not in self._under:
            held, stack = {offset}, [offset]
            while stack:
                fresh = [each for each in self.synsets[stack.pop()].below if each not in held]
                held.update(fresh)
                stack += fresh
            self._under[offset] = frozenset(held)
        return self._under[offset]

    def words(self, offset: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Single words under a synset: those whose first sense is there, and those of a later sense alone."""
        held = self.under(offset)
        every = {lemma.lower() for each in held for lemma in self.synsets[each].lemmas if lemma.isalpha()}
        first = {word for word in every if self.first.get(word) in held}
        return tuple(sorted(first)), tuple(sorted(every - first))

    def siblings(self, offset: str) -> tuple[str, ...]:
        """The other hyponyms of its hypernyms."""
        found = (low for high in self.synsets[offset].above for low in self.synsets[high].below if low != offset)
        return tuple(dict.fromkeys(found))


class Teaching:
    """Makes groups from synsets of one side.

    Args:
        nouns: WordNet.
        corpus: natural windows.
        part: "train", "concepts" (held-out noun files) or "phrasings" (held-out templates).
        shut: leaves out synsets whose words are a suite's unit; None to leave out nothing.
    """

    def __init__(self, nouns: Nouns, corpus: Corpus, part: str, shut: Shut | None = None) -> None:
        self.nouns, self.corpus, self.part, self.shut = nouns, corpus, part, shut

    def groups(self, count: int, seed: int) -> Iterator[Group]:
        """At most `count` groups, from synsets in an order of the seed's."""
        made, offsets = 0, sorted(self.nouns.synsets)
        for number, at in enumerate(np.random.default_rng([seed, 0]).permutation(len(offsets)).tolist()):
            if made == count:
                return
            group = self._group(self.nouns.synsets[offsets[at]], np.random.default_rng([seed, 1, number]))
            if group is not None:
                made += 1
                yield group

    def _on_this_side(self, synset: Synset) -> bool:
        return (synset.file in held_out_noun_files()) == (self.part == "concepts")

    def _group(self, synset: Synset, rng: np.random.Generator) -> Group | None:
        if not self._on_this_side(synset):
            return None
        words, later = self.nouns.words(synset.offset)
        known = [word for word in words if self.corpus.knows(word)]
        if not WORDS[0] <= len(known) <= WORDS[1] or self._is_shut(words):
            return None
        sibling = self._sibling(synset, rng)
        beside = self.nouns.words(sibling.offset) if sibling else ((), ())
        near = [word for word in beside[0] if self.corpus.knows(word)]
        told, told_near = some(rng, known, min(len(known), SPELT)), some(rng, near, min(len(near), SPELT))
        texts = (
            *self.corpus.holding(told, FIRING, rng),
            *self.corpus.holding(known, ANY, rng),
            *self.corpus.holding(told_near, SIBLING, rng),
            *self.corpus.any(ANY, rng),
        )
        passages = Passages.of(tuple(dict.fromkeys(texts)))
        claims = [*self._claims(synset, (words, later), told, passages, rng)]
        claims += self._claims(sibling, beside, told_near, passages, rng) if sibling else ()
        return Group("wordnet", self.part, passages.texts, tuple(claims)).checked()

    def _sibling(self, synset: Synset, rng: np.random.Generator) -> Synset | None:
        """A sibling on this side of which windows know a word; the first of a few drawn."""
        others = [each for each in self.nouns.siblings(synset.offset) if self._on_this_side(self.nouns.synsets[each])]
        for each in some(rng, others, min(len(others), TRIED)):
            if any(map(self.corpus.knows, self.nouns.words(each)[0])):
                return self.nouns.synsets[each]
        return None

    def _is_shut(self, words: tuple[str, ...]) -> bool:
        """A suite's unit, or, in training, about a held-out list of words."""
        if self.part == "train" and 2 * len(held_out_words().intersection(words)) > len(words):
            return True
        predicate = Word(words)
        return self.shut is not None and not self.shut.admits(predicate, evaluate(predicate, self.shut.stage))

    def _claims(
        self,
        synset: Synset,
        words: tuple[tuple[str, ...], tuple[str, ...]],
        told: list[str],
        passages: Passages,
        rng: np.random.Generator,
    ) -> Iterator[Taught]:
        """Kinds of it, with examples, by its gloss; some of its words and no others; all but some."""
        said, (first, later) = Wording(rng, self.part == "phrasings"), words
        whole = shares(passages, first, later)
        name = f"kinds of {synset.name}"
        yield Taught(said.broad(name), "hypernym", "concept", whole)
        if told:
            shown = ", ".join(told[:EXAMPLES])
            yield Taught(said.opened(f"{name} (such as {shown})"), "hypernym with examples", "concept", whole)
            some_words = some(rng, told, int(rng.integers(1, len(told) + 1)))
            yield Taught(said.listed(some_words), "listed", "list", shares(passages, some_words))
        if SHORTEST_GLOSS <= len(synset.gloss) <= LONGEST_GLOSS:
            yield Taught(said.opened(f"{name}: {synset.gloss}"), "gloss", "concept", whole)
            yield Taught(said.opened(f"words for {synset.gloss}"), "gloss alone", "concept", whole)
        if len(told) > 2:
            left_out = some(rng, told, int(rng.integers(1, min(4, len(told)))))
            kept = [word for word in first if word not in left_out]
            yield Taught(said.without(name, left_out), "all but", "negation", shares(passages, kept, later))
