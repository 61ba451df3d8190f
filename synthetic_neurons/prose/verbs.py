"""What a predicate says of a word, as a verb phrase ("ends in '-ing'"), and such a word as a noun ("a word ending …").

Each phrase has one reading: joined parts carry "both", "either" or "neither", and what is joined within them brackets.
"""

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
from synthetic_neurons.prose.phrases import (
    A_SHAPE,
    BRACKETS,
    MARKS,
    SHAPES,
    SHOWN_WITHIN,
    Mode,
    combined,
    examples,
    joined,
    multiples,
    near,
    of_list,
    one_of,
    one_of_list,
    places,
    quoted,
    tangle,
)

SCALES = {
    "magnitude": ("a number", "numbers", "larger", "small"),
    "intensity": ("an adverb of degree", "adverbs of degree", "stronger", "weak"),
}
_IS_SHAPE = {
    "capitalised": "capitalised",
    "upper": "in capitals throughout",
    "punctuation": "a punctuation mark or symbol",
    "lower": "in lower case",
    "mixed": "in mixed case",
}
ONE, SEVERAL = Mode(), Mode(plural=True)


@singledispatch
def verb(predicate: Predicate, mode: Mode = ONE) -> str:
    """The predicate as a verb phrase about one word or several, or its denial."""
    raise TypeError(f"{type(predicate).__name__} is not a predicate that can be described; build it with `parse`")


@verb.register
def _(predicate: Word, mode: Mode = ONE) -> str:
    if predicate.name is None:
        return one_of(predicate, mode)
    among = of_list(predicate.name) if mode.plural else one_of_list(predicate.name)
    return f"{mode.be} {among} {_shown(predicate)}"


def _shown(predicate: Word) -> str:
    return f"(such as {examples(predicate.words, SHOWN_WITHIN)})"


@verb.register
def _(predicate: Prefix, mode: Mode = ONE) -> str:
    return f"{mode.verb('begin', 'begins')} with '{predicate.text}-'"


@verb.register
def _(predicate: Suffix, mode: Mode = ONE) -> str:
    return f"{mode.verb('end', 'ends')} in '-{predicate.text}'"


@verb.register
def _(predicate: Infix, mode: Mode = ONE) -> str:
    return f"{mode.verb('have', 'has')} '{predicate.text}' between {'their' if mode.plural else 'its'} other letters"


@verb.register
def _(predicate: Similar, mode: Mode = ONE) -> str:
    like = "words like it" if mode.plural else "a word like it"
    weaker = ", less and less," if predicate.graded else ""
    return f"{mode.be} '{predicate.to}' or{weaker} {like} ({near(predicate)})"


@verb.register
def _(predicate: Graded, mode: Mode = ONE) -> str:
    one, several, more, less = SCALES[predicate.scale]
    what = several if mode.plural else one
    if mode.negated:
        return f"{mode.be} {what} (or a {less} one, the {less}er the more)"
    return f"{mode.be} {what} (the {more}, the more)"


@verb.register
def _(predicate: Shape, mode: Mode = ONE) -> str:
    if predicate.shape == "digit":
        return f"{mode.verb('have', 'has')} a digit"
    if predicate.shape == "punctuation" and mode.plural:
        return f"{mode.be} {SHAPES['punctuation']}"
    return f"{mode.be} {_IS_SHAPE[predicate.shape]}"


@verb.register
def _(predicate: Position, mode: Mode = ONE) -> str:
    return f"{mode.be} {places(predicate.first, predicate.last, 'the text')}"


@verb.register
def _(predicate: Place, mode: Mode = ONE) -> str:
    return f"{mode.be} {places(predicate.first, predicate.last, f'its {predicate.part}')}"


@verb.register
def _(predicate: Previous, mode: Mode = ONE) -> str:
    return f"{mode.verb('come', 'comes')} right after {noun(predicate.of)}"


@verb.register
def _(predicate: Within, mode: Mode = ONE) -> str:
    if predicate.k == 1:
        return verb(Previous(predicate.of), mode)
    return f"{mode.verb('come', 'comes')} within {predicate.k} words after {noun(predicate.of)}"


@verb.register
def _(predicate: Count, mode: Mode = ONE) -> str:
    return f"{mode.verb('come', 'comes')} after {amount(predicate)} {nouns(predicate.of)}"


def amount(predicate: Count) -> str:
    """How many words a `Count` node asks for."""
    if predicate.every and predicate.n > 1:
        return f"exactly {multiples(predicate.n)}"
    return "one or more" if predicate.n == 1 else f"at least {predicate.n}"


@verb.register
def _(predicate: Depth, mode: Mode = ONE) -> str:
    pairs = "one pair" if predicate.n == 1 else f"{predicate.n} nested pairs"
    return f"{mode.verb('stand', 'stands')} inside at least {pairs} of {BRACKETS[predicate.mark]}"


@verb.register
def _(predicate: Inside, mode: Mode = ONE) -> str:
    return f"{mode.verb('stand', 'stands')} inside {MARKS[predicate.mark]}"


@verb.register
def _(predicate: Repeats, mode: Mode = ONE) -> str:
    if mode.negated:
        return f"{'have' if mode.plural else 'has'} not occurred earlier in the text"
    return f"{'have' if mode.plural else 'has'} occurred earlier in the text"


@verb.register
def _(predicate: Induction, mode: Mode = ONE) -> str:
    return f"{mode.verb('complete', 'completes')} a pair already seen in the text (as the last B of … A B … A B)"


@verb.register
def _(predicate: Not, mode: Mode = ONE) -> str:
    return verb(predicate.of, mode.opposite)


@verb.register
def _(predicate: And, mode: Mode = ONE) -> str:
    return combined([(verb(part, mode), tangle(part)) for part in predicate.of], "or" if mode.negated else "and")


@verb.register
def _(predicate: Or, mode: Mode = ONE) -> str:
    denied = mode.negated and not any(isinstance(part, Not) for part in predicate.of)
    said = Mode(mode.plural) if denied else mode
    word = "nor" if denied else "and" if mode.negated else "or"
    return (
        combined([(verb(part, said), tangle(part)) for part in predicate.of], word)
        if len(predicate.of) > 1
        else verb(predicate.of[0], mode)
    )


@verb.register
def _(predicate: Unless, mode: Mode = ONE) -> str:
    if mode.negated:
        return verb(Or((Not(predicate.of), predicate.exception)), Mode(mode.plural))
    return f"{_closed(predicate.of, mode)} unless {mode.they} {_closed(predicate.exception, mode)}"


def _closed(predicate: Predicate, mode: Mode) -> str:
    return f"[{verb(predicate, mode)}]" if tangle(predicate) > 1 else verb(predicate, mode)


@verb.register
def _(predicate: Scaled, mode: Mode = ONE) -> str:
    said = verb(predicate.of, mode)
    if predicate.of.children:
        said = f"[{said}]"
    if mode.negated:
        return f"{said} (what does loses only {predicate.factor:.4g} of its strength)"
    return f"{said} (at {predicate.factor:.4g} of full strength)"


@verb.register
def _(predicate: Always, mode: Mode = ONE) -> str:
    if mode.plural:
        return "are no words at all" if mode.negated else "are any words"
    return "is no word at all" if mode.negated else "is any word"


@verb.register
def _(predicate: Never, mode: Mode = ONE) -> str:
    return verb(Always(), mode.opposite)


def noun(predicate: Predicate) -> str:
    """One word of which the predicate holds: "'the'", "a word ending in '-ing' that is capitalised"."""
    if isinstance(predicate, And) and len(predicate.of) == 2 and isinstance(predicate.of[0], Prefix | Suffix | Shape):
        lead, rest = predicate.of
        return f"{noun(lead)} that {verb(rest)}"
    if isinstance(predicate, Word):
        return _a_listed(predicate)
    if isinstance(predicate, Prefix | Suffix | Infix):
        return f"a word {_AFFIXES[type(predicate)].format(predicate.text)}"
    if isinstance(predicate, Shape):
        return A_SHAPE[predicate.shape]
    if isinstance(predicate, Similar | Graded):
        return verb(predicate).removeprefix("is ")
    if isinstance(predicate, Always | Never):
        return verb(predicate).removeprefix("is ")
    return f"a word that {verb(predicate)}"


def _a_listed(predicate: Word) -> str:
    if predicate.name is not None:
        return verb(predicate).removeprefix("is ")
    words = quoted(predicate.words)
    return words[0] if len(words) == 1 else f"one of {joined(words, 'and')}"


def nouns(predicate: Predicate) -> str:
    """Several words of which the predicate holds: "capitalised words", "words that come right after 'the'"."""
    if isinstance(predicate, Word):
        if predicate.name is None:
            return f"occurrences of {joined(quoted(predicate.words), 'and')}"
        return f"{of_list(predicate.name)} {_shown(predicate)}"
    if isinstance(predicate, Prefix | Suffix | Infix):
        return f"words {_AFFIXES[type(predicate)].format(predicate.text)}"
    if isinstance(predicate, Shape):
        return SHAPES[predicate.shape]
    if isinstance(predicate, Graded):
        return SCALES[predicate.scale][1]
    if isinstance(predicate, Similar):
        return f"occurrences of '{predicate.to}' or words like it ({near(predicate)})"
    if isinstance(predicate, Always | Never):
        return f"words of {'any' if isinstance(predicate, Always) else 'no'} kind"
    return f"words that {verb(predicate, SEVERAL)}"


_AFFIXES: dict[type[Predicate], str] = {
    Prefix: "beginning with '{}-'",
    Suffix: "ending in '-{}'",
    Infix: "with '{}' between other letters",
}
