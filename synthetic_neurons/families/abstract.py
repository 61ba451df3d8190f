"""Abstract units: contrast with what was expected, irony, hedging, conditions; marked by words that frame other words.

Each rests on a context within a context: not just "after 'but'", but after a 'but' that itself follows something good.
The label of a text is therefore known by construction.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic_neurons.families.concepts import Concept, draw_common_affixes, joined, listed, marker, pick, some
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import And, Not, Or, Place, Predicate, Scaled, Shape, Unless, Within, Word
from synthetic_neurons.wordlists import markers

NAME = "abstract"
REACH = (5, 6, 8, 10)
FAR = (8, 10, 12)
# So many words of a list, where units of the whole list would be too much alike.
SOME = (10, 12, 14)
EARLIER = FAR
WEAK = (0.2, 0.3, 0.4, 0.5)
_FUNCTION = ("determiners", "prepositions", "conjunctions", "auxiliaries", "pronouns")


@dataclass(frozen=True)
class Frame:
    """A context within a context, and the words on which it means most."""

    slug: str
    gate: Predicate
    point: Concept


def _after(name: str, earlier: Predicate, rng: np.random.Generator, reach: tuple[int, ...] = REACH) -> Predicate:
    """Within reach of a marker that itself has `earlier` in its own left context."""
    return Within(And((marker(name).predicate, earlier)), pick(rng, reach))


def _contrast(rng: np.random.Generator) -> Frame:
    """Good, but …: what comes after a contrast with something good, or bad."""
    one, other = ("good", "bad") if rng.random() < 0.5 else ("bad", "good")
    gate = _after("contrast", Within(marker(one).predicate, pick(rng, EARLIER)), rng, FAR)
    return Frame(f"contrast-after-{one}", gate, marker(other))


def _correction(rng: np.random.Generator) -> Frame:
    """Not …, but …: what comes after a contrast with something denied."""
    gate = _after("contrast", Within(marker("negations").predicate, pick(rng, EARLIER)), rng)
    return Frame("correction", gate, marker(pick(rng, ("good", "bad", "quantity", "absolutes"))))


def _comparison(rng: np.random.Generator) -> Frame:
    """More … than …: what something is set against."""
    than = And((Word(("than", "as", "from", "to")), Within(marker("comparatives").predicate, pick(rng, (2, 3, 4, 6)))))
    return Frame("comparison", Within(than, pick(rng, REACH)), marker(pick(rng, ("good", "bad", "quantity", "hedges"))))


def _condition(rng: np.random.Generator) -> Frame:
    """If …, …: what follows from a condition."""
    comma = And((Word((",", ";")), Within(marker("conditions").predicate, pick(rng, EARLIER))))
    return Frame("condition", Within(comma, pick(rng, REACH)), marker(pick(rng, ("auxiliaries", "good", "bad"))))


def _scare_quotes(rng: np.random.Generator) -> Frame:
    """So-called "…": irony in quotation marks that follow words of distance."""
    mark = And((Word(('"',)), Within(marker("distancing").predicate, pick(rng, (3, 4, 5)))))
    return Frame("scare-quotes", Within(mark, pick(rng, FAR)), marker(pick(rng, ("praise", "good"))))


def _exclamation(rng: np.random.Generator) -> Frame:
    """What a splendid …: praise where a clause opens with an exclamation."""
    opener = And((marker("exclamations").predicate, Place("clause", 0, pick(rng, (0, 1, 2)))))
    return Frame("exclamation", Within(opener, pick(rng, REACH)), marker(pick(rng, ("praise", "good", "bad"))))


def _stacked_hedges(rng: np.random.Generator) -> Frame:
    """Perhaps sometimes …: what is hedged twice."""
    gate = _after("hedges", Within(marker("hedges").predicate, pick(rng, EARLIER)), rng)
    return Frame("stacked-hedges", gate, marker(pick(rng, ("hedges", "auxiliaries", "quantity"))))


def _qualified(rng: np.random.Generator) -> Frame:
    """Not all …: what an absolute claims that is denied or hedged."""
    denial = marker(pick(rng, ("negations", "hedges")))
    gate = _after("absolutes", Within(denial.predicate, pick(rng, EARLIER)), rng, FAR)
    return Frame(f"qualified-by-{denial.slug}", gate, marker(pick(rng, ("good", "bad", "quantity"))))


FRAMES: tuple[Callable[[np.random.Generator], Frame], ...] = (
    _contrast,
    _correction,
    _comparison,
    _condition,
    _scare_quotes,
    _exclamation,
    _stacked_hedges,
    _qualified,
)


def _broad(rng: np.random.Generator) -> Concept:
    """Words that come in most contexts: a class and some affixes, or in lower case save a class or two."""
    if rng.random() < 0.4:
        return joined(draw_common_affixes(rng), marker(pick(rng, _FUNCTION)))
    left_out = marker(pick(rng, _FUNCTION)), marker(pick(rng, _FUNCTION))
    words = tuple(dict.fromkeys(word for each in left_out for word in each.predicate.to_json()["words"]))
    slug = "-or-".join(dict.fromkeys(each.slug for each in left_out))
    return Concept(f"no-{slug}", And((Shape("lower"), Not(Word(words)))), 500_000)


def _framed(rng: np.random.Generator, frame: Frame) -> tuple[str, Predicate]:
    """Anything of some breadth in the frame."""
    broad = _broad(rng)
    return broad.slug, And((broad.predicate, frame.gate))


def _pointed(rng: np.random.Generator, frame: Frame) -> tuple[str, Predicate]:
    """The words on which the frame means most at full strength, others in the frame weaker."""
    broad = _broad(rng)
    most, rest = And((frame.point.predicate, frame.gate)), And((broad.predicate, frame.gate))
    return f"{frame.point.slug}-over-{broad.slug}", Or((most, Scaled(rest, pick(rng, WEAK))))


def _stance(rng: np.random.Generator, name: str) -> Concept:
    """Some words of a list of markers; the list itself where it is short."""
    words = markers()[name].words
    return marker(name) if len(words) <= SOME[0] else listed(f"some-{name}", some(rng, words, pick(rng, SOME)))


def _heightened(rng: np.random.Generator, frame: Frame) -> tuple[str, Predicate]:
    """Words of a stance wherever they are, most strongly in the frame."""
    stance = _stance(rng, frame.point.slug)
    most = And((stance.predicate, frame.gate))
    return f"{stance.slug}-most", Or((most, Scaled(stance.predicate, pick(rng, WEAK))))


def _unframed(rng: np.random.Generator, frame: Frame) -> tuple[str, Predicate]:
    """Words of two stances, but not in the frame."""
    other = pick(rng, ("good", "bad", "praise", "hedges", "negations", "absolutes", "comparatives"))
    either = joined(_stance(rng, frame.point.slug), _stance(rng, other))
    return f"{either.slug}-not", Unless(either.predicate, frame.gate)


KINDS = (_framed, _pointed, _framed, _heightened, _pointed, _framed, _unframed)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """A frame, and which words respond in it; both take turns by index."""
    frame = FRAMES[index % len(FRAMES)](rng)
    slug, predicate = KINDS[index % len(KINDS)](rng, frame)
    return single(NAME, index, f"{frame.slug}-{slug}", predicate)


FAMILY = Family(NAME, make, outside=True, description="contrast, irony, hedging: a context within a context")
