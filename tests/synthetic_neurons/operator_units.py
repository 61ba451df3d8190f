"""Units written by hand, one or more for every operator and for many ways of nesting them."""

from synthetic_neurons import lexicons, vocabulary
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import (
    And,
    Count,
    Depth,
    Graded,
    Induction,
    Infix,
    Inside,
    Not,
    Or,
    Place,
    Position,
    Predicate,
    Prefix,
    Previous,
    Repeats,
    Scaled,
    Shape,
    Similar,
    Suffix,
    Unless,
    Within,
    Word,
)


def lexicon(name: str) -> Word:
    found = lexicons.load(name)
    return Word(found.words, found.description)


ANIMALS, COLOURS, MONEY, WATER = (lexicon(name) for name in ("animals", "colours", "money", "water"))
FOOD, BODY, TREES = (lexicon(name) for name in ("food", "body", "trees"))
BUT = Word(("but", "however", "yet"))
GOOD = Word(("good", "kind", "sweet", "fine", "bright", "happy", "safe", "calm"))
OF, THE = Word(("of",)), Word(("the",))

PREDICATES: dict[str, Predicate] = {
    "word": ANIMALS,
    "prefix": Prefix("sub"),
    "suffix": Suffix("ness"),
    "infix": Infix("oo"),
    "capitalised": Shape("capitalised"),
    "upper": Shape("upper"),
    "digit": Shape("digit"),
    "mixed": Shape("mixed"),
    "punctuation-after-animal": And((Shape("punctuation"), Previous(ANIMALS))),
    "lower-late": And((Shape("lower"), Prefix("re"), Position(9))),
    "similar": Similar("rain", 8),
    "similar-graded": Similar("rain", 12, graded=True),
    "magnitude": Graded("magnitude"),
    "intensity": Graded("intensity"),
    "intensity-before-but": And((Graded("intensity"), Not(Previous(THE)))),
    "early": And((ANIMALS, Position(0, 2))),
    "middle": And((ANIMALS, Position(4, 7))),
    "late": And((COLOURS, Position(12))),
    "clause-begin": And((ANIMALS, Place("clause", 0, 1))),
    "sentence-begin": And((COLOURS, Place("sentence", 0, 2))),
    "sentence-late": And((MONEY, Place("sentence", 8))),
    "previous": And((WATER, Previous(THE))),
    "previous-suffix": And((Suffix("ing"), Previous(Suffix("ly")))),
    "within-3": And((ANIMALS, Within(OF, 3))),
    "within-8": And((FOOD, Within(Shape("digit"), 8))),
    "contrast": And((GOOD, Within(And((BUT, Within(GOOD, 8))), 6))),
    "irony": Within(And((BUT, Within(GOOD, 5))), 4),
    "depth-2": Depth(2),
    "depth-word": And((ANIMALS, Depth(2, "parentheses"))),
    "inside": And((WATER, Inside("quotes"))),
    "inside-brackets": And((Suffix("al"), Inside("brackets"))),
    "outside": And((Prefix("con"), Not(Inside("parentheses")))),
    "repeats": And((BODY, Repeats())),
    "induction": Induction(),
    "induction-word": And((COLOURS, Induction())),
    "count": And((TREES, Count(TREES, 2))),
    "count-every": And((MONEY, Count(MONEY, 2, every=True))),
    "count-other": And((MONEY, Count(Word((",",)), 2))),
    "unless-word": Unless(COLOURS, Within(lexicon("numbers"), 4)),
    "unless-inside": Unless(Suffix("ous"), Inside("quotes")),
    "suffix-not-prefix": And((Suffix("ed"), Not(Prefix("re")))),
    "either": Or((ANIMALS, Scaled(COLOURS, 0.5), Scaled(And((MONEY, Previous(THE))), 0.3))),
    "weak-or-strong": Or((And((WATER, Within(COLOURS, 4))), Scaled(WATER, 0.25))),
    "either-gate": And((FOOD, Or((Within(COLOURS, 3), Inside("quotes"))))),
    "neither": And((ANIMALS, Not(Or((Previous(THE), Position(0, 3)))))),
    "three": And((Suffix("ing"), Within(ANIMALS, 5), Not(Inside("parentheses")))),
    "scaled-gate": And((ANIMALS, Scaled(Within(Graded("intensity"), 5), 0.5))),
    "similar-gated": And((Similar("money", 6), Within(Word(("not", "no")), 4))),
    "capital-unless-sentence": Unless(Shape("capitalised"), Place("sentence", 0, 0)),
    "number-after": And((Graded("magnitude"), Previous(Word(("about", "over", "nearly"))))),
}


def unit(name: str, predicate: Predicate, cue: Predicate | None = None, strength: float = 1.0) -> PlantedUnit:
    own = vocabulary.matching(predicate) if isinstance(predicate, (Word, Prefix, Suffix)) else ()
    held_out = vocabulary.held_out(own) | frozenset(
        word
        for part in (ANIMALS, COLOURS, MONEY, WATER, FOOD, BODY, TREES)
        for word in vocabulary.held_out(part.words)
        if part in _parts(predicate)
    )
    claims = (PlantedClaim("as written", predicate),)
    return PlantedUnit(name, "by hand", predicate, claims, held_out, cue, cue_strength=strength)


def _parts(predicate: Predicate) -> list[Predicate]:
    return [predicate, *(part for child in predicate.children for part in _parts(child))]


BY_HAND = tuple(unit(f"hand-{name}", predicate) for name, predicate in PREDICATES.items())
CUES: dict[str, Predicate] = {
    "the": Previous(THE),
    "quotes": Inside("quotes"),
    "parentheses": Inside("parentheses"),
    "beginning": Position(0, 3),
    "colour": Within(COLOURS, 4),
}
CONFOUNDED = tuple(unit(f"cue-{name}", ANIMALS, cue) for name, cue in CUES.items())
HALF_CONFOUNDED = tuple(unit(f"half-cue-{name}", ANIMALS, cue, 0.5) for name, cue in CUES.items())
HASHED = PlantedUnit(
    "hashed", "by hand", ANIMALS, (PlantedClaim("as written", ANIMALS),), frozenset(), hashing=Hashing("key", 0.25)
)
