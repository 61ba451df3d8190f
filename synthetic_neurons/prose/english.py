"""From predicate to plain English: the oracle's prose, keeping every gate."""

from functools import singledispatch

from synthetic_neurons.predicate import (
    Always,
    And,
    Count,
    Graded,
    Induction,
    Infix,
    Never,
    Not,
    Or,
    Predicate,
    Prefix,
    Previous,
    Scaled,
    Shape,
    Similar,
    Suffix,
    Unless,
    Within,
    Word,
)
from synthetic_neurons.prose.phrases import (
    Mode,
    combined,
    examples,
    joined,
    multiples,
    near,
    of_list,
    quoted,
    tangle,
    word_or_mark,
)
from synthetic_neurons.prose.verbs import ONE, SEVERAL, nouns, verb

LEXICAL = (Word, Prefix, Suffix, Infix, Similar, Graded, Shape)
_JOINED = (And, Or, Not, Unless, Scaled)
_SCALES = {
    "magnitude": "numbers, the larger the stronger (a tenth of full strength for each digit, full from a billion on)",
    "intensity": "adverbs of degree, the stronger the more (from 'barely' at a tenth to 'utterly' at full strength)",
}


def describe(predicate: Predicate) -> str:
    """What the predicate responds to, in one phrase of plain English, every part of it named.

    A word list with a name shows eight of its words and says how many more there are; one without a name shows all of
    them, since they are all there is to know.

    >>> describe(And((Suffix("ing"), Previous(Word(("the",))))))
    "words ending in '-ing', only where the previous word is 'the'"
    """
    return _what(predicate)


def about_the_word(predicate: Predicate) -> bool:
    """Whether the predicate looks at the word alone, whatever its context."""
    if isinstance(predicate, _JOINED):
        return all(map(about_the_word, predicate.children))
    return isinstance(predicate, LEXICAL)


def weakened(predicate: Predicate) -> tuple[Predicate, tuple[Predicate, ...], float] | None:
    """The concept, the gates and the factor of "full strength behind the gates, a factor of it elsewhere"; or None."""
    if isinstance(predicate, Or) and len(predicate.of) == 2:
        strong, weak = predicate.of
        if isinstance(strong, And) and isinstance(weak, Scaled) and strong.of[0] == weak.of and len(strong.of) > 1:
            return weak.of, strong.of[1:], weak.factor
    return None


@singledispatch
def _what(predicate: Predicate) -> str:
    """The words that the predicate is about, as a noun phrase."""
    return f"any word that {verb(predicate)}"


@_what.register(Prefix)
@_what.register(Suffix)
@_what.register(Infix)
@_what.register(Shape)
def _(predicate: Predicate) -> str:
    return nouns(predicate)


@_what.register
def _(predicate: Word) -> str:
    if predicate.name is not None:
        return f"{of_list(predicate.name)} (such as {examples(predicate.words)})"
    plural = "s" if len(predicate.words) > 1 else ""
    return f"the {word_or_mark(predicate.words)}{plural} {joined(quoted(predicate.words), 'and')}"


@_what.register
def _(predicate: Similar) -> str:
    less = ", less and less," if predicate.graded else ""
    return f"the word '{predicate.to}' and{less} words like it ({near(predicate)})"


@_what.register
def _(predicate: Graded) -> str:
    return _SCALES[predicate.scale]


@_what.register
def _(predicate: Induction) -> str:
    return "words that complete a pair already seen in the text (such as the last B of … A B … A B)"


@_what.register
def _(predicate: Always) -> str:
    return "every word"


@_what.register
def _(predicate: Never) -> str:
    return "no word at all"


@_what.register
def _(predicate: Not) -> str:
    if isinstance(predicate.of, Word) and predicate.of.name is None:
        return f"any word other than {joined(quoted(predicate.of.words), 'and')}"
    return f"any word that {verb(predicate)}"


@_what.register
def _(predicate: And) -> str:
    """The first part that is about the word itself leads; the rest are its gates."""
    lead = next((part for part in predicate.of if about_the_word(part) and not isinstance(part, Not)), None)
    if lead is None:
        return f"any word that {verb(predicate)}"
    gates = [part for part in predicate.of if part is not lead]
    described = _led(lead)
    own = [part for part in gates if about_the_word(part) and _takes_relative(lead)]
    if own:
        described += f" that {verb(And(tuple(own)), SEVERAL)}"
    rest = [f"only where {clause(part)}" for part in gates if not any(part is each for each in own)]
    return ", and ".join([", ".join([described, *rest[:1]]), *rest[1:]])


def _takes_relative(lead: Predicate) -> bool:
    return isinstance(lead, Prefix | Suffix | Infix | Shape) or (isinstance(lead, Word) and lead.name is not None)


def _led(lead: Predicate) -> str:
    """A predicate as the head of a phrase that goes on with its gates."""
    if isinstance(lead, Or) and len(lead.of) > 1:
        return f"words that {verb(lead, SEVERAL)}" if about_the_word(lead) and tangle(lead) == 1 else f"({_what(lead)})"
    return _what(lead)


@_what.register
def _(predicate: Or) -> str:
    if (found := weakened(predicate)) is not None:
        concept, gates, factor = found
        where = clause(gates[0] if len(gates) == 1 else And(gates))
        return f"{_led(concept)}, at full strength only where {where}, and at {factor:.4g} of full strength elsewhere"
    if not any(_heads(part) for part in predicate.of):
        return f"any word that {verb(predicate)}"
    simple = all(_takes_relative(part) for part in predicate.of)
    return (" or " if simple else "; or ").join(_what(part) for part in predicate.of)


def _heads(predicate: Predicate) -> bool:
    """Whether some words are named as such, and not by their context or by what they are not."""
    if isinstance(predicate, Not):
        return False
    return isinstance(predicate, LEXICAL) or any(map(_heads, () if _is_context(predicate) else predicate.children))


def _is_context(predicate: Predicate) -> bool:
    return isinstance(predicate, Previous | Within | Count)


@_what.register
def _(predicate: Unless) -> str:
    exception = predicate.exception
    if isinstance(exception, Word | Prefix | Suffix | Infix | Shape):
        return f"{_led(predicate.of)}, except {_what(exception)}"
    return f"{_led(predicate.of)}, except where {clause(exception)}"


@_what.register
def _(predicate: Scaled) -> str:
    said = _what(predicate.of)
    whole = said if isinstance(predicate.of, LEXICAL) else f"[{said}]"
    return f"{whole} (at {predicate.factor:.4g} of full strength)"


def clause(predicate: Predicate, negated: bool = False) -> str:
    """The predicate as a sentence about "the word", to follow "only where"; or its denial."""
    if isinstance(predicate, Not):
        return clause(predicate.of, not negated)
    if isinstance(predicate, And | Or) and len(predicate.of) == 1:
        return clause(predicate.of[0], negated)
    if isinstance(predicate, And | Or) and not _of_the_word(predicate):
        either = isinstance(predicate, Or) != negated
        return combined([(clause(part, negated), tangle(part)) for part in predicate.of], "or" if either else "and")
    if isinstance(predicate, Unless) and not negated and not _of_the_word(predicate):
        return f"{_closed(predicate.of)} unless {_closed(predicate.exception)}"
    if isinstance(predicate, Previous | Within | Count):
        return _context(predicate, negated)
    return f"the word {verb(predicate, Mode(negated=negated))}"


def _of_the_word(predicate: Predicate) -> bool:
    """Whether all that is said has "the word" as its subject, and none of it a word of the context."""
    if isinstance(predicate, _JOINED):
        return all(map(_of_the_word, predicate.children))
    return not isinstance(predicate, Previous | Within | Count)


def _closed(predicate: Predicate) -> str:
    return f"[{clause(predicate)}]" if tangle(predicate) > 1 else clause(predicate)


def _context(predicate: Previous | Within | Count, negated: bool) -> str:
    """A sentence whose subject is a word of the context."""
    if isinstance(predicate, Count):
        return _counting(predicate, negated)
    if isinstance(predicate, Previous) or predicate.k == 1:
        return _previous(predicate.of, negated)
    return f"{'none' if negated else 'one'} of the previous {predicate.k} words {verb(predicate.of, ONE)}"


def _previous(of: Predicate, negated: bool) -> str:
    """Where there is no previous word nothing holds of it, and its denial does."""
    if isinstance(of, Not) and not negated:
        return f"there is a previous word, and it {verb(of, ONE)}"
    return f"the previous word {verb(of, Mode(negated=negated))}"


def _counting(predicate: Count, negated: bool) -> str:
    """How strongly the counted words fire does not matter there."""
    n, of = predicate.n, predicate.of
    what = f"are {nouns(of)}" if isinstance(of, Graded) else verb(of, SEVERAL)
    if predicate.every and n > 1:
        return f"the count of words before it in the text that {what} is {'not ' if negated else ''}{multiples(n)}"
    amount = {False: "one or more" if n == 1 else f"at least {n}", True: "none" if n == 1 else f"fewer than {n}"}
    return f"{amount[negated]} of the words before it in the text {what}"
