"""From predicate to plain English: the oracle's prose, keeping every gate."""

from functools import singledispatch

from synthetic_neurons.predicate import (
    Always,
    And,
    Inside,
    Never,
    Not,
    Or,
    Position,
    Predicate,
    Prefix,
    Previous,
    Repeats,
    Scaled,
    Shape,
    Suffix,
    Unless,
    Within,
    Word,
)

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
def _(predicate: Shape) -> str:
    return _SHAPES[predicate.shape]


@_what.register
def _(predicate: And) -> str:
    """The first part that is about the word itself leads; the rest are its gates."""
    parts = list(predicate.of)
    lead = next((part for part in parts if isinstance(part, Word | Prefix | Suffix | Shape | Or | Scaled)), None)
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
    if isinstance(predicate, _COMPOSITE):
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
def _(predicate: Shape, subject: str) -> str:
    return f"{subject} {_IS_SHAPE[predicate.shape]}"


@_when.register
def _(predicate: Position, subject: str) -> str:
    first, last = predicate.first + 1, predicate.last
    if last is None:
        return f"{subject} is at place {first} of the text or later"
    if first == 1:
        return f"{subject} is {'the first' if last == 0 else f'among the first {last + 1} words'} of the text"
    return f"{subject} is at places {first} to {last + 1} of the text"


@_when.register
def _(predicate: Previous, subject: str) -> str:
    return _related(predicate.of, "the previous word" if subject == _THE_WORD else f"the word just before {subject}")


@_when.register
def _(predicate: Within, subject: str) -> str:
    whose = f"the previous {predicate.k} words" if subject == _THE_WORD else f"the {predicate.k} words before {subject}"
    return _related(predicate.of, f"one of {whose}")


@_when.register
def _(predicate: Inside, subject: str) -> str:
    return f"{subject} stands inside {'parentheses' if predicate.mark == 'parentheses' else 'quotation marks'}"


@_when.register
def _(predicate: Repeats, subject: str) -> str:
    return f"{subject} has occurred earlier in the text"


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
