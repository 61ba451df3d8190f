"""Three further ways to say what a predicate responds to: the same content, other words and another build.

`describe` names words and adds "only where". The first register here speaks of one word and its conditions ("provided
that it …"), the second of examples and contrasts ("with … just before, and not elsewhere"), the third in the passive.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

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
from synthetic_neurons.prose.english import about_the_word, weakened
from synthetic_neurons.prose.phrases import (
    BRACKETS,
    MARKS,
    Mode,
    combined,
    examples,
    joined,
    multiples,
    near,
    of_list,
    one_of_list,
    places,
    quoted,
    tangle,
    word_or_mark,
)
from synthetic_neurons.prose.verbs import amount, noun, nouns, verb

_LEAVES = (Word, Prefix, Suffix, Infix, Similar, Graded, Shape, Always, Never)


class Register(ABC):
    """One way of speaking. Templates are filled with {x}, the words, and {gate}, their condition."""

    name: str
    only: str
    stop: str
    alone: str
    weaker: str
    two_ways: str
    any_word: str
    every: str
    none: str
    link: str
    sentence: str
    levelled: str
    shapes: ClassVar[dict[str, str]]
    scales: ClassVar[dict[str, str]]
    affixes: ClassVar[dict[type[Predicate], str]]

    @abstractmethod
    def listed(self, predicate: Word) -> str:
        """A word list as a noun phrase."""

    @abstractmethod
    def alike(self, predicate: Similar) -> str:
        """A word and its neighbours as a noun phrase."""

    @abstractmethod
    def gate(self, predicate: Predicate, negated: bool) -> str:
        """Where: a condition, to fill {gate}, for a predicate that joins nothing."""

    def lead(self, predicate: Predicate) -> str:
        """Which words: a noun phrase for a leaf that is about the word alone."""
        if isinstance(predicate, Word):
            return self.listed(predicate)
        if isinstance(predicate, Similar):
            return self.alike(predicate)
        if isinstance(predicate, Prefix | Suffix | Infix):
            return self.affixes[type(predicate)].format(predicate.text)
        if isinstance(predicate, Graded):
            return self.scales[predicate.scale]
        if isinstance(predicate, Shape):
            return self.shapes[predicate.shape]
        return self.every if isinstance(predicate, Always) else self.none

    def say(self, predicate: Predicate) -> str:
        """The predicate in this register.

        >>> OneWord().say(And((Suffix("ing"), Previous(Word(("the",))))))
        "a word with '-ing' at its end, provided that it comes right after 'the'"
        """
        said = self._say(predicate)
        return self.alone.format(x=said) if isinstance(predicate, _LEAVES[:-2]) else said

    def report(self, claims: Sequence[tuple[str, float]]) -> str:
        """Claims, as text and level, as one paragraph; levels are told when they differ."""
        template = self.sentence if len({level for _, level in claims}) == 1 else self.levelled
        return " ".join(template.format(x=text, level=f"{level:g}") for text, level in claims)

    def _say(self, predicate: Predicate) -> str:
        if isinstance(predicate, _LEAVES):
            return self.lead(predicate)
        if isinstance(predicate, And | Or) and len(predicate.of) == 1:
            return self._say(predicate.of[0])
        if (found := weakened(predicate)) is not None:
            concept, gates, factor = found
            return self.two_ways.format(x=self._say(concept), gate=self.condition(And(gates)), factor=f"{factor:.4g}")
        if isinstance(predicate, Or) and len(predicate.of) > 1 and not _only_places(predicate):
            return self.link.join(self._say(part) for part in predicate.of)
        if isinstance(predicate, Scaled):
            return self.weaker.format(x=self._held(predicate.of), factor=f"{predicate.factor:.4g}")
        if isinstance(predicate, Unless):
            return self.stop.format(x=self._held(predicate.of), gate=self.condition(predicate.exception))
        return self._gated(predicate)

    def _gated(self, predicate: Predicate) -> str:
        parts = predicate.of if isinstance(predicate, And) else (predicate,)
        heads = (part for part in parts if about_the_word(part) and not isinstance(part, Not))
        lead = next(heads, None) if isinstance(predicate, And) else None
        gates = tuple(part for part in parts if part is not lead)
        head = self.any_word if lead is None else self._held(lead)
        if not gates:
            return head
        said = self.only.format(x=head, gate=self.condition(And(gates)))
        return said.replace(", but only not ", ", but not ")

    def _held(self, predicate: Predicate) -> str:
        """The head of a phrase that goes on; what is joined stands in brackets."""
        return (
            f"({self._say(predicate)})" if isinstance(predicate, Or) and len(predicate.of) > 1 else self._say(predicate)
        )

    def condition(self, predicate: Predicate, negated: bool = False) -> str:
        """The condition under which a word counts, joined parts and denials resolved."""
        if isinstance(predicate, Not):
            return self.condition(predicate.of, not negated)
        if not isinstance(predicate, And | Or):
            return self.gate(predicate, negated)
        parts = [(self.condition(part, negated), tangle(part)) for part in predicate.of]
        either = isinstance(predicate, Or) != negated
        return combined(parts, "or" if either else "and")


def _only_places(predicate: Or) -> bool:
    return all(
        isinstance(part, (Position, Place, Previous, Within, Count, Depth, Inside, Not)) for part in predicate.of
    )


class OneWord(Register):
    """One word at a time, with the conditions that it has to meet."""

    name = "conditions"
    only = "{x}, provided that {gate}"
    stop = "{x}, unless {gate}"
    alone = "{x}"
    weaker = "{x}, though with {factor} of full strength at most"
    two_ways = "{x}: with full strength if {gate}, with {factor} of it if not"
    any_word = "a word of any sort"
    every = "a word of any sort"
    none = "nothing"
    link = ", or else "
    sentence = "The neuron answers to {x}."
    levelled = "The neuron answers, with strength {level} out of 10, to {x}."
    shapes: ClassVar[dict[str, str]] = {
        "capitalised": "a word with a capital first letter and no other",
        "upper": "a word spelt in capitals from end to end",
        "digit": "a word that contains a digit",
        "punctuation": "a sign without letters or digits",
        "lower": "a word spelt without a single capital",
        "mixed": "a word with a capital where none is expected",
    }
    scales: ClassVar[dict[str, str]] = {
        "magnitude": "a number (small ones weakly, with a tenth for each digit, and billions fully)",
        "intensity": "an adverb of degree ('barely' weakly and 'utterly' fully)",
    }
    affixes: ClassVar[dict[type[Predicate], str]] = {
        Prefix: "a word with '{}-' at its front",
        Suffix: "a word with '-{}' at its end",
        Infix: "a word with '{}' somewhere between its first and its last letter",
    }

    def listed(self, predicate: Word) -> str:
        """See `Register.listed`."""
        words = predicate.words
        if predicate.name is None:
            return joined(quoted(words), "or")
        shown = [*quoted(words[1:5]), "another of its kind"] if len(words) > 5 else quoted(words)
        return f"{one_of_list(predicate.name, 'term')} (be it {joined(shown, 'or')})"

    def alike(self, predicate: Similar) -> str:
        """See `Register.alike`."""
        weaker = "; the more distant the weaker" if predicate.graded else ""
        return f"'{predicate.to}' or one of its closest kin ({near(predicate)}{weaker})"

    def gate(self, predicate: Predicate, negated: bool) -> str:
        """See `Register.gate`."""
        return f"it {verb(predicate, Mode(negated=negated))}"


class Contrast(Register):
    """Examples first, and what is left out."""

    name = "contrasts"
    only = "{x}, but only {gate}"
    stop = "{x}, yet not {gate}"
    alone = "{x}, and no others"
    weaker = "{x}, never beyond {factor} of full strength"
    two_ways = "{x}, most of all {gate}; elsewhere just {factor} as strongly"
    any_word = "any word at all"
    every = "any word at all"
    none = "no word whatever"
    link = "; also "
    sentence = "Look for {x}."
    levelled = "Look for {x} (strength {level} of 10)."
    shapes: ClassVar[dict[str, str]] = {
        "capitalised": "words with a capital at the start alone",
        "upper": "words written entirely in capitals",
        "digit": "words with a figure in them",
        "punctuation": "signs of punctuation and other symbols",
        "lower": "words in small letters",
        "mixed": "words that mix capitals and small letters",
    }
    scales: ClassVar[dict[str, str]] = {
        "magnitude": "numbers in figures or words (big ones more than small ones, up to a billion)",
        "intensity": "adverbs such as 'barely', 'very' and 'utterly' (strong ones more than weak ones)",
    }
    affixes: ClassVar[dict[type[Predicate], str]] = {
        Prefix: "words that start in '{}-'",
        Suffix: "words that finish in '-{}'",
        Infix: "words with '{}' amid other letters",
    }

    def listed(self, predicate: Word) -> str:
        """See `Register.listed`."""
        if predicate.name is None:
            return f"'{predicate.words[0]}'" if len(predicate.words) == 1 else examples(predicate.words, 2000)
        if len(predicate.words) <= 5:
            return f"{joined(quoted(predicate.words), 'and')}, as {of_list(predicate.name)}"
        return f"{', '.join(quoted(predicate.words[:5]))} and {of_list(predicate.name, 'other ')}"

    def alike(self, predicate: Similar) -> str:
        """See `Register.alike`."""
        weaker = " and, ever more weakly," if predicate.graded else " together with"
        return f"'{predicate.to}'{weaker} {near(predicate)}"

    def gate(self, predicate: Predicate, negated: bool) -> str:
        """See `Register.gate`."""
        without = "without" if negated else "with"
        if isinstance(predicate, Previous):
            return f"{without} {noun(predicate.of)} just before"
        if isinstance(predicate, Within):
            return f"{without} {noun(predicate.of)} among the {_words(predicate.k)} before"
        if isinstance(predicate, Count):
            return f"{without} {amount(predicate)} {nouns(predicate.of)} before in the text"
        if isinstance(predicate, Inside):
            return f"{'outside' if negated else 'inside'} {MARKS[predicate.mark]}"
        if isinstance(predicate, Repeats):
            return f"on {'the first' if negated else 'a second or later'} appearance in the text"
        if isinstance(predicate, Position | Place | Depth | Induction):
            return ("not " if negated else "") + _placed(predicate)
        return f"if the word {verb(predicate, Mode(negated=negated))}"


def _words(k: int) -> str:
    return "1 word" if k == 1 else f"{k} words"


def _placed(predicate: Predicate) -> str:
    if isinstance(predicate, Position | Place):
        whole = "the text" if isinstance(predicate, Position) else f"the {predicate.part}"
        found = places(predicate.first, predicate.last, whole)
        return f"as {found}" if found.startswith("the") else found
    if isinstance(predicate, Depth):
        return f"at least {predicate.n} deep in {BRACKETS[predicate.mark]}"
    return "where a pair recurs (B after A once more)"


class Passive(Register):
    """What is done to the neuron, and by what."""

    name = "passive"
    only = "{x} when {gate}"
    stop = "{x} save when {gate}"
    alone = "{x}"
    weaker = "{x}, held down to {factor} of full strength"
    two_ways = "{x}, to the full when {gate} and to {factor} of that otherwise"
    any_word = "any word"
    every = "every single word"
    none = "no word of any kind"
    link = ", as well as by "
    sentence = "Activation is caused by {x}."
    levelled = "Activation of {level} out of 10 is caused by {x}."
    shapes: ClassVar[dict[str, str]] = {
        "capitalised": "initial capitals",
        "upper": "all-capitals spelling",
        "digit": "anything with a digit in it",
        "punctuation": "punctuation and symbols",
        "lower": "lower-case spelling",
        "mixed": "mixed-case spelling",
    }
    scales: ClassVar[dict[str, str]] = {
        "magnitude": "numbers (weighed by their order of magnitude)",
        "intensity": "degree adverbs (weighed by their force)",
    }
    affixes: ClassVar[dict[type[Predicate], str]] = {
        Prefix: "words with the opening letters '{}-'",
        Suffix: "words with the closing letters '-{}'",
        Infix: "words in which '{}' is enclosed by other letters",
    }

    def listed(self, predicate: Word) -> str:
        """See `Register.listed`."""
        if predicate.name is None:
            return f"any use of the {word_or_mark(predicate.words)} {joined(quoted(predicate.words), 'or')}"
        last = examples(predicate.words[-3:], 3)
        if len(predicate.words) == 1:
            return f"{last}, {one_of_list(predicate.name)}"
        return f"any of {len(predicate.words)} {of_list(predicate.name)} ({last} included)"

    def alike(self, predicate: Similar) -> str:
        """See `Register.alike`."""
        nearer = "; the nearer the more" if predicate.graded else ""
        return f"any use of '{predicate.to}' or its neighbours in meaning ({near(predicate)}{nearer})"

    def gate(self, predicate: Predicate, negated: bool) -> str:
        """See `Register.gate`."""
        denied = "not " if negated else ""
        if isinstance(predicate, Previous):
            return f"{denied}directly preceded by {noun(predicate.of)}"
        if isinstance(predicate, Within):
            return f"{denied}preceded, at a distance of {_words(predicate.k)} or less, by {noun(predicate.of)}"
        if isinstance(predicate, Count):
            return f"{denied}preceded in the text by {_number(predicate)} {nouns(predicate.of)}"
        if isinstance(predicate, Inside):
            return f"{denied}enclosed in {MARKS[predicate.mark]}"
        if isinstance(predicate, Depth):
            return f"{denied}enclosed in {BRACKETS[predicate.mark]} at a depth of {predicate.n} or more"
        if isinstance(predicate, Repeats):
            return f"{'not yet' if negated else 'already'} met in the text"
        if isinstance(predicate, Position | Place):
            return f"{denied}found {_placed(predicate)}"
        if isinstance(predicate, Induction):
            return f"{denied}foretold by an earlier pair (A B, then A again)"
        return f"the word {verb(predicate, Mode(negated=negated))}"


def _number(predicate: Count) -> str:
    if predicate.every and predicate.n > 1:
        return multiples(predicate.n)
    return f"{predicate.n} or more"


REGISTERS: tuple[Register, ...] = (OneWord(), Contrast(), Passive())
