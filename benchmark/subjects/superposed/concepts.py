"""The concepts of a world: lexicons as leaves, wider concepts over them, and cues of form that cut across both."""

from collections.abc import Mapping

from benchmark.subjects.superposed.world import WorldConcept
from synthetic_neurons import lexicons
from synthetic_neurons.predicate import Inside, Predicate, Prefix, Previous, Shape, Suffix, Word

# Each wider concept has the words of those below it, and some of its own, so that it also occurs alone.
_WIDER: Mapping[str, tuple[tuple[str, ...], str]] = {
    "living things": (("creatures", "vegetation"), "organism organisms species life alive offspring breed specimen"),
    "creatures": (("animals", "birds", "fish", "insects"), "creature creatures beast beasts prey predator herd vermin"),
    "vegetation": (("plants", "trees", "fruits"), "vegetation flora crop crops shoot shoots meadow undergrowth"),
    "made things": (
        ("buildings", "clothing", "tools", "vehicles"),
        "artefact device devices gadget equipment furniture machine appliance",
    ),
    "nature": (("water", "weather", "metals"), "nature landscape environment wilderness terrain surroundings scenery"),
    "society": (
        ("government", "law", "military", "money", "religion"),
        "society institution institutions organization authority community public",
    ),
    "people": (("kinship", "professions"), "person people someone adult stranger crowd inhabitants"),
    "mind": (("emotions", "speech", "science"), "mind thought idea ideas memory opinion belief knowledge"),
}
_FORMS: Mapping[str, Predicate] = {
    "ending -ing": Suffix("ing"),
    "ending -tion": Suffix("tion"),
    "ending -ness": Suffix("ness"),
    "ending -ly": Suffix("ly"),
    "ending -able": Suffix("able"),
    "beginning un-": Prefix("un"),
    "beginning re-": Prefix("re"),
    "capitalised": Shape("capitalised"),
    "after the": Previous(Word(("the",))),
    "in quotation marks": Inside("quotes"),
}
AFFIXES = ("-ing", "-tion", "-ness", "-ly", "-able", "un-", "re-")


def own_words(name: str) -> tuple[str, ...]:
    """The words of a wider concept that no concept below it has, less those that stand in any lexicon."""
    taken = {word for each in lexicons.names() for word in lexicons.load(each).words}
    return tuple(word for word in _WIDER[name][1].split() if word not in taken)


def wider() -> tuple[str, ...]:
    """Names of the wider concepts."""
    return tuple(_WIDER)


def _words(name: str) -> tuple[str, ...]:
    if name not in _WIDER:
        return lexicons.load(name).words
    return tuple(dict.fromkeys((*own_words(name), *(word for child in _WIDER[name][0] for word in _words(child)))))


def concepts() -> tuple[WorldConcept, ...]:
    """All concepts: wider ones before those below them, then lexicons, then cues of form."""
    parent = {child: name for name, (children, _) in _WIDER.items() for child in children}
    upper = (WorldConcept(name, Word(tuple(sorted(_words(name))), name), parent.get(name)) for name in _WIDER)
    leaves = (
        WorldConcept(name, Word(found.words, found.description), parent.get(name))
        for name in lexicons.names()
        for found in (lexicons.load(name),)
    )
    return (*upper, *leaves, *(WorldConcept(name, predicate) for name, predicate in _FORMS.items()))
