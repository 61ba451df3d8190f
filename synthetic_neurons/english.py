"""From predicate to plain English: the oracle's prose, keeping every gate."""

from functools import singledispatch

from synthetic_neurons.predicate import (
    Always,
    And,
    Count,
    Depth,
    Graded,
    Induction,
    Infix,
    Inside,
    Never,
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
from synthetic_neurons.tables import neighbours

SHOWN = 8
_THE_WORD = "the word"
_COMPOSITE = (And, Or, Not, Unless, Scaled)
_SHAPES = {
    "capitalised": "capitalised words",
    "upper": "words in capitals throughout",
    "digit": "words with a digit",
    "punctuation": "punctuation marks and symbols",
    "lower": "words in lower case",
    "mixed": "words in mixed case",
}
_SCALES = {
    "magnitude": "numbers, the larger the stronger (a tenth of full strength for each digit, full from a billion on)",
    "intensity": "adverbs of degree, the stronger the more (from 'barely' at a tenth to 'utterly' at full strength)",
}
_ON_SCALE = {
    "magnitude": "is a number (which counts for more the larger it is)",
    "intensity": "is an adverb of degree (which counts for more the stronger it is)",
}
_BRACKETS = {"parentheses": "parentheses", "brackets": "square brackets", None: "brackets, round or square"}
_MARKS = {"parentheses": "parentheses", "brackets": "square brackets", "quotes": "quotation marks"}
_LEXICAL = (Word, Prefix, Suffix, Infix, Similar, Graded, Shape)
_IS_SHAPE = {
    "capitalised": "is capitalised",
    "upper": "is in capitals throughout",
    "digit": "has a digit",
    "punctuation": "is a punctuation mark or symbol",
    "lower": "is in lower case",
    "mixed": "is in mixed case",
}


def describe(predicate: Predicate) -> str:
    """What the predicate responds to, in one phrase of plain English, every part of it named.

    A word list with a name shows eight of its words; one without a name shows all of them.

    >>> describe(And((Suffix("ing"), Previous(Word(("the",))))))
    "words ending in '-ing', only where the previous word is 'the'"
    """
    return _what(predicate)


def _examples(predicate: Word) -> str:
    more = ", …" if len(predicate.words) > SHOWN else ""
    return f"{predicate.name} (such as {', '.join(predicate.words[:SHOWN])}{more})"


def _listed(predicate: Word) -> str:
    return ", ".join(f"'{word}'" for word in predicate.words)


@singledispatch
def _what(predicate: Predicate) -> str:
    """The words that the predicate is about, as a noun phrase in the plural."""
    return f"any words, only where {_when(predicate, _THE_WORD)}"


@_what.register
def _(predicate: Word) -> str:
    if predicate.name is not None:
        return f"words for {_examples(predicate)}"
    return ("the word " if len(predicate.words) == 1 else "the words ") + _listed(predicate)


@_what.register
def _(predicate: Prefix) -> str:
    return f"words beginning with '{predicate.text}-'"


@_what.register
def _(predicate: Suffix) -> str:
    return f"words ending in '-{predicate.text}'"


@_what.register
def _(predicate: Infix) -> str:
    return f"words with '{predicate.text}' inside them"


@_what.register
def _(predicate: Similar) -> str:
    less = ", less and less," if predicate.graded else ""
    return f"the word '{predicate.to}' and{less} words like it ({_near(predicate)})"


def _near(predicate: Similar) -> str:
    return ", ".join(neighbours().nearest[predicate.to.lower()][: predicate.nearest])


@_what.register
def _(predicate: Graded) -> str:
    return _SCALES[predicate.scale]


@_what.register
def _(predicate: Shape) -> str:
    return _SHAPES[predicate.shape]


@_what.register
def _(predicate: And) -> str:
    """The first part that is about the word itself leads; the rest are its gates."""
    parts = list(predicate.of)
    lead = next((part for part in parts if isinstance(part, (*_LEXICAL, Or, Scaled))), None)
    if lead is not None:
        parts.remove(lead)
    gates = [f"only where {_when(part, _THE_WORD)}" for part in parts]
    return ", and ".join([", ".join([_bracketed(lead), *gates[:1]]), *gates[1:]])


def _bracketed(lead: Predicate | None) -> str:
    if lead is None:
        return "any words"
    return f"({_what(lead)})" if isinstance(lead, Or) and len(lead.of) > 1 else _what(lead)


@_what.register
def _(predicate: Or) -> str:
    return "; or ".join(_what(part) for part in predicate.of)


@_what.register
def _(predicate: Unless) -> str:
    return f"{_bracketed(predicate.of)}, except where {_when(predicate.exception, _THE_WORD)}"


@_what.register
def _(predicate: Scaled) -> str:
    return f"{_bracketed(predicate.of)} (at {predicate.factor:.4g} of full strength)"


@_what.register
def _(predicate: Induction) -> str:
    return "words that complete a pair already seen in the text (such as the last B of … A B … A B)"


@_what.register
def _(predicate: Always) -> str:
    return "every word"


@_what.register
def _(predicate: Never) -> str:
    return "no word at all"


@singledispatch
def _when(predicate: Predicate, subject: str) -> str:
    """The predicate as a sentence about `subject`, to follow "only where"."""
    raise TypeError(f"{type(predicate).__name__} is not a predicate that can be described; build it with `parse`")


def _related(predicate: Predicate, subject: str) -> str:
    """A sentence about a word of the context; parts that are joined are said of "that word", to keep their scope."""
    if isinstance(predicate, (*_COMPOSITE, Count)):
        return f"{subject} is a word for which this holds: [{_when(predicate, 'that word')}]"
    return _when(predicate, subject)


@_when.register
def _(predicate: Word, subject: str) -> str:
    if predicate.name is not None:
        return f"{subject} is a word for {_examples(predicate)}"
    return f"{subject} is {'' if len(predicate.words) == 1 else 'one of '}{_listed(predicate)}"


@_when.register
def _(predicate: Prefix, subject: str) -> str:
    return f"{subject} begins with '{predicate.text}-'"


@_when.register
def _(predicate: Suffix, subject: str) -> str:
    return f"{subject} ends in '-{predicate.text}'"


@_when.register
def _(predicate: Infix, subject: str) -> str:
    return f"{subject} has '{predicate.text}' inside it"


@_when.register
def _(predicate: Similar, subject: str) -> str:
    less = ", counting for less and less," if predicate.graded else ""
    return f"{subject} is '{predicate.to}' or{less} a word like it ({_near(predicate)})"


@_when.register
def _(predicate: Graded, subject: str) -> str:
    return f"{subject} {_ON_SCALE[predicate.scale]}"


@_when.register
def _(predicate: Shape, subject: str) -> str:
    return f"{subject} {_IS_SHAPE[predicate.shape]}"


@_when.register
def _(predicate: Position, subject: str) -> str:
    return f"{subject} is {_places(predicate.first + 1, predicate.last, 'the text')}"


@_when.register
def _(predicate: Place, subject: str) -> str:
    if predicate.first > 0 and predicate.first == predicate.last:
        return f"{subject} is at place {predicate.first + 1} of its {predicate.part}"
    return f"{subject} is {_places(predicate.first + 1, predicate.last, f'its {predicate.part}')}"


def _places(first: int, last: int | None, whole: str) -> str:
    """Places as people count them; `last` is the index that the predicate has."""
    if last is None:
        return f"at place {first} of {whole} or later"
    if first == 1:
        return f"{'the first' if last == 0 else f'among the first {last + 1} words'} of {whole}"
    return f"at places {first} to {last + 1} of {whole}"


@_when.register
def _(predicate: Previous, subject: str) -> str:
    return _related(predicate.of, "the previous word" if subject == _THE_WORD else f"the word just before {subject}")


@_when.register
def _(predicate: Within, subject: str) -> str:
    whose = f"the previous {predicate.k} words" if subject == _THE_WORD else f"the {predicate.k} words before {subject}"
    return _related(predicate.of, f"one of {whose}")


@_when.register
def _(predicate: Count, subject: str) -> str:
    n, before = predicate.n, "it" if subject == _THE_WORD else subject
    amount = f"at least {n}"
    if n == 1:
        amount = "one or more"
    elif predicate.every:
        amount = f"exactly {n}, {2 * n}, {3 * n} or another multiple of {n}"
    return f"{amount} of the words before {before} in the text {_are(predicate.of)}"


def _are(of: Predicate) -> str:
    """What is said of several words of the context; how strongly they fire does not matter there."""
    if isinstance(of, Word) and of.name is None:
        return f"are {'' if len(of.words) == 1 else 'among '}{_listed(of)}"
    if isinstance(of, Similar):
        return f"are '{of.to}' or words like it ({_near(of)})"
    if isinstance(of, Graded):
        return f"are {_SCALES[of.scale].partition(',')[0]}"
    return f"are {_what(of)}" if isinstance(of, _LEXICAL) else f"satisfy this: [{_when(of, 'that word')}]"


@_when.register
def _(predicate: Depth, subject: str) -> str:
    pairs = "" if predicate.n == 1 else f"at least {predicate.n} nested pairs of "
    return f"{subject} stands inside {pairs}{_BRACKETS[predicate.mark]}"


@_when.register
def _(predicate: Inside, subject: str) -> str:
    return f"{subject} stands inside {_MARKS[predicate.mark]}"


@_when.register
def _(predicate: Repeats, subject: str) -> str:
    return f"{subject} has occurred earlier in the text"


@_when.register
def _(predicate: Induction, subject: str) -> str:
    return f"{subject} completes a pair already seen in the text (as the last B of … A B … A B)"


@_when.register
def _(predicate: Not, subject: str) -> str:
    return f"it is not so that [{_when(predicate.of, subject)}]"


@_when.register
def _(predicate: And, subject: str) -> str:
    return " and ".join(f"[{_when(part, subject)}]" for part in predicate.of)


@_when.register
def _(predicate: Or, subject: str) -> str:
    return " or ".join(f"[{_when(part, subject)}]" for part in predicate.of)


@_when.register
def _(predicate: Unless, subject: str) -> str:
    return f"[{_when(predicate.of, subject)}], except where [{_when(predicate.exception, subject)}]"


@_when.register
def _(predicate: Scaled, subject: str) -> str:
    return f"[{_when(predicate.of, subject)}] (which counts for {predicate.factor:.4g})"


@_when.register
def _(predicate: Always, subject: str) -> str:
    return f"{subject} is any word"


@_when.register
def _(predicate: Never, subject: str) -> str:
    return f"{subject} is no word at all"
