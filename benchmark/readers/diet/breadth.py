"""Groups about breadth: a concept without an example, some of its words and no others, all but some, none of them."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmark.readers.diet.apart import Shut
from benchmark.readers.diet.division import held_out_lists, held_out_words
from benchmark.readers.diet.group import FULL, UNKNOWN, Group, Shares, Taught
from benchmark.readers.diet.natural import Corpus
from benchmark.readers.diet.phrasing import Wording
from synthetic_neurons import lexicons
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families.concepts import some
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Word
from synthetic_neurons.tables import frequencies, neighbours
from synthetic_neurons.wordlists import markers

# Windows with words that lists name, with any of the concept, and any.
NAMED, FIRING, ANY = 3, 6, 3
# Words of a narrow list, and of what a concept is told without.
FEWEST, MOST = 1, 8
NEAR = 6
# Words in lists that share nothing are drawn from the commonest so many.
COMMON = 6_000


def concepts(held_out: bool) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Lexicons and open lists of markers of one side: name to description and words."""
    found = {
        f"lexicon/{name}": (lexicons.load(name).description, lexicons.load(name).words) for name in lexicons.names()
    }
    found |= {f"markers/{name}": (m.description, m.words) for name, m in markers().items() if not m.closed}
    return {name: each for name, each in found.items() if (name in held_out_lists()) == held_out}


def shares(
    passages: Passages, firing: Sequence[str], unknown: Sequence[str] = (), rest: int = 0, known: int = FULL
) -> Shares:
    """uint8 [words]: `known` on firing words, 255 on words of which one cannot say, `rest` elsewhere; case aside."""
    table = {word.lower(): UNKNOWN for word in unknown} | {word.lower(): known for word in firing}
    types = np.array([table.get(word.lower(), rest) for word in passages.vocabulary], dtype=np.uint8)
    return types[passages.type_of] if len(types) else np.zeros(0, dtype=np.uint8)


def kin(words: Sequence[str]) -> tuple[str, ...]:
    """Neighbours of a concept's words that are not among them: whether the concept takes them in cannot be said."""
    near = {other for word in words for other in neighbours().nearest.get(word, ())[:NEAR]}
    return tuple(sorted(near.difference(words)))


def breadth_groups(corpus: Corpus, part: str, rounds: int, seed: int, shut: Shut | None = None) -> Iterator[Group]:
    """Each concept of the part's side so many times, with other words and wordings each time.

    Args:
        corpus: natural windows.
        part: "train", "concepts" (held-out ones) or "phrasings" (held-out templates).
        rounds: groups a concept.
        seed: of the draws.
        shut: leaves out lists that are a suite's unit; None to leave out nothing.
    """
    for at, (name, (description, words)) in enumerate(sorted(concepts(part == "concepts").items())):
        for turn in range(rounds):
            rng = np.random.default_rng([seed, at, turn])
            if shut is None or _is_open(shut, words):
                yield _of_concept(name, description, words, part, corpus, rng)


def _is_open(shut: Shut, words: tuple[str, ...]) -> bool:
    return shut.admits(Word(words), evaluate(Word(words), shut.stage))


def _of_concept(
    name: str, description: str, words: tuple[str, ...], part: str, corpus: Corpus, rng: np.random.Generator
) -> Group:
    known = [word for word in words if corpus.knows(word)] or list(words)
    some_words = some(rng, known, min(len(known), int(rng.integers(FEWEST, MOST + 1))))
    left_out = some(rng, known, min(max(1, len(known) // 2), int(rng.integers(1, 4))))
    named = (*corpus.holding(some_words, NAMED, rng), *corpus.holding(left_out, NAMED, rng))
    texts = tuple(dict.fromkeys((*named, *corpus.holding(known, FIRING, rng), *corpus.any(ANY, rng))))
    said, near, passages = Wording(rng, part == "phrasings"), kin(words), Passages.of(texts)
    kept = [word for word in words if word not in left_out]
    claims = (
        Taught(said.broad(description), "broad", "concept", shares(passages, words, near)),
        Taught(said.broad(description), "broad", "concept", shares(passages, words, near)),
        Taught(said.listed(some_words), "listed", "list", shares(passages, some_words)),
        Taught(said.listed(left_out), "listed", "list", shares(passages, left_out)),
        Taught(said.without(description, left_out), "all but", "negation", shares(passages, kept, near)),
        Taught(said.denied(description), "none of", "negation", shares(passages, words, near, FULL, 0)),
    )
    return Group(f"breadth/{name}", part, texts, claims).checked()


def list_groups(corpus: Corpus, part: str, count: int, seed: int) -> Iterator[Group]:
    """Lists of words that share nothing, as a table of top tokens reads: to be taken at their word.

    Args:
        corpus: natural windows.
        part: "train" or "phrasings".
        count: groups.
        seed: of the draws.
    """
    shut = held_out_words()
    words = [word for word in list(frequencies())[:COMMON] if word not in shut and corpus.knows(word)]
    for number in range(count if words else 0):
        rng = np.random.default_rng([seed, number])
        drawn = some(rng, words, 12)
        rng.shuffle(drawn)
        yield _of_list(drawn, part, corpus, rng)


def _of_list(drawn: list[str], part: str, corpus: Corpus, rng: np.random.Generator) -> Group:
    near = [other for word in drawn for other in neighbours().nearest.get(word, ())[:2]]
    texts = tuple(dict.fromkeys((*corpus.holding(drawn, FIRING, rng), *corpus.holding(near, ANY, rng))))
    said, passages, cut = Wording(rng, part == "phrasings"), Passages.of(texts), int(rng.integers(1, 7))
    parts = (drawn[:1], drawn[:cut], drawn[cut:], drawn)
    claims = tuple(Taught(said.listed(words), "listed", "list", shares(passages, words)) for words in parts)
    return Group("words", part, texts, claims).checked()
