"""How claims are worded: what introduces them, and what broad, listed and negated claims about a concept look like."""

from collections.abc import Sequence

import numpy as np

from synthetic_neurons.families.concepts import pick
from synthetic_neurons.prose.phrases import joined, quoted

# What a claim speaks of; of several things it is the one that stands first here.
ABOUT = ("negation", "context", "shape", "letters", "degree", "likeness", "concept", "list", "every word")
# {x} is the claim, as a family or a list words it.
TRAINED_OPENINGS = (
    "{x}",
    "{x}",
    "{x}",
    "Fires on {x}.",
    "fires on {x}",
    "The neuron activates on {x}.",
    "This feature responds to {x}",
    "activates for {x}.",
    "the unit detects {x}",
    "Look for {x}.",
)
HELD_OUT_OPENINGS = (
    "Its activation is highest at {x}.",
    "What it marks: {x}",
    "One sees it light up whenever the text has {x}.",
    "latent for {x}",
)
# {d} is a concept in prose, such as "kinds of weather".
TRAINED_BROAD = (
    "words related to {d}",
    "{d}",
    "anything to do with {d}",
    "terms for {d}",
    "words for {d}",
    "mentions of {d}",
    "words about {d}",
)
HELD_OUT_BROAD = ("vocabulary of {d}", "whatever concerns {d}", "references to {d}")
# {w} is a list of words.
TRAINED_LISTS = (
    "the words {q}",
    "only the words {q}",
    "{q}",
    "the words {w}",
    "{w}",
    "any of {q}, and no other word",
    "exactly these words: {w}",
)
HELD_OUT_LISTS = ("one of {q}, nothing else", "tokens such as {w} alone")
# {d} as above, {q} what is left out.
TRAINED_EXCEPT = (
    "{d}, but not {q}",
    "words for {d} except {q}",
    "words related to {d} other than {q}",
    "{d}, never {q}",
)
HELD_OUT_EXCEPT = ("{d} with the exception of {q}",)
TRAINED_NOT = ("words that are not about {d}", "any word except {d}", "everything but words for {d}")
HELD_OUT_NOT = ("all words that have nothing to do with {d}",)


class Wording:
    """Draws the wording of claims from the templates of one side.

    Args:
        held_out: use the templates that training never sees.
        rng: of the draws.
    """

    def __init__(self, rng: np.random.Generator, held_out: bool = False) -> None:
        self.rng, self.held_out = rng, held_out

    def _of(self, trained: Sequence[str], held_out: Sequence[str]) -> str:
        return pick(self.rng, held_out if self.held_out else trained)

    def opened(self, claim: str) -> str:
        """The claim as it is, or with an opening."""
        return self._of(TRAINED_OPENINGS, HELD_OUT_OPENINGS).format(x=claim)

    def broad(self, concept: str) -> str:
        """All words of a concept, without an example."""
        return self._of(TRAINED_BROAD, HELD_OUT_BROAD).format(d=concept)

    def listed(self, words: Sequence[str]) -> str:
        """These words and no others; most lists stand in quotation marks."""
        one = " and " if len(words) == 2 else ", "
        template = self._of(TRAINED_LISTS, HELD_OUT_LISTS)
        said = template.format(q=joined(quoted(words), "and"), w=one.join(words))
        return said.replace("the words", "the word") if len(words) == 1 else said

    def without(self, concept: str, words: Sequence[str]) -> str:
        """A concept without some of its words."""
        return self._of(TRAINED_EXCEPT, HELD_OUT_EXCEPT).format(d=concept, q=joined(quoted(words), "or"))

    def denied(self, concept: str) -> str:
        """All words but those of a concept."""
        return self._of(TRAINED_NOT, HELD_OUT_NOT).format(d=concept)
