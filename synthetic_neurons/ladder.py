"""The ladder: explanations of known quality for a planted unit, to examine readers and metrics with.

From the exact one down: three degrees of too broad, one too narrow, another unit's, and one that fires on everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from synthetic_neurons import lexicons
from synthetic_neurons.planted import PlantedClaim, PlantedUnit, report_text
from synthetic_neurons.predicate import Always, And, Or, Predicate, Prefix, Shape, Suffix, Unless, Word

WIDER = 4
LEXICAL = (Word, Prefix, Suffix, Shape)


@dataclass(frozen=True)
class Rung:
    """One explanation of known quality.

    Attributes:
        name: "exact", "too_broad_1" to "too_broad_3", "too_narrow", "neighbour", "constant".
        text: the whole report in prose.
        claims: its claims, each with a predicate.
    """

    name: str
    text: str
    claims: tuple[PlantedClaim, ...]

    @classmethod
    def of(cls, name: str, claims: tuple[PlantedClaim, ...]) -> "Rung":
        """A rung with the prose of its claims."""
        return cls(name, report_text(claims), claims)


def core(predicate: Predicate) -> Predicate:
    """What the predicate says about the word itself: its gates and exceptions dropped."""
    if isinstance(predicate, Unless):
        return core(predicate.of)
    if isinstance(predicate, And):
        lexical = [part for part in predicate.of if isinstance(part, (*LEXICAL, Or))]
        return core(lexical[0]) if lexical else Always()
    if isinstance(predicate, Or) and any(isinstance(part, And) for part in predicate.of):
        return core(predicate.of[0])
    return predicate


def _strangers(unit: PlantedUnit) -> list[Predicate]:
    """Lexicons that share no word with the unit's own, in order of name."""
    own = set(unit.recipe.targets) | set(unit.recipe.gates)
    found = (lexicons.load(name) for name in lexicons.names())
    return [Word(each.words, each.description) for each in found if own.isdisjoint(each.words)]


def _with(claims: tuple[PlantedClaim, ...], extra: Sequence[Predicate]) -> tuple[PlantedClaim, ...]:
    return (*claims, *(PlantedClaim.of(each) for each in extra))


def _broad(unit: PlantedUnit) -> list[Rung]:
    """1: the gate dropped, or one concept too many. 2: four concepts too many. 3: every word in lower case too."""
    strangers = _strangers(unit)
    bare = tuple(_bare(claim) for claim in unit.claims)
    first = bare if bare != unit.claims else _with(unit.claims, strangers[:1])
    degrees = (first, _with(bare, strangers[:WIDER]), _with(bare, [Shape("lower")]))
    return [Rung.of(f"too_broad_{i}", claims) for i, claims in enumerate(degrees, start=1)]


def _bare(claim: PlantedClaim) -> PlantedClaim:
    wider = core(claim.predicate)
    return claim if wider == claim.predicate else PlantedClaim.of(wider, claim.level)


def _narrow(unit: PlantedUnit) -> Rung:
    """Only every third of the unit's words, the commonest first, behind the same gates."""
    third = Word(tuple(word.lower() for word in unit.recipe.targets[::3]))
    return Rung.of("too_narrow", tuple(_narrowed(claim, third) for claim in unit.claims))


def _narrowed(claim: PlantedClaim, third: Word) -> PlantedClaim:
    """The third itself takes the place of the concept where the claim is a bare list, so that prose stays short."""
    if isinstance(claim.predicate, Word):
        kept = tuple(word for word in claim.predicate.words if word in third.words)
        return PlantedClaim.of(Word(kept), claim.level)
    return PlantedClaim.of(And((third, claim.predicate)), claim.level)


def _neighbour(unit: PlantedUnit, others: Sequence[PlantedUnit]) -> PlantedUnit | None:
    """The unit after `unit` in `others`, going round, that shares the fewest words with it."""
    at = next((i for i, other in enumerate(others) if other.predicate == unit.predicate), -1)
    turned = [other for other in (*others[at + 1 :], *others[: at + 1]) if other.predicate != unit.predicate]
    own = set(unit.recipe.targets)
    return min(turned, key=lambda other: len(own & set(other.recipe.targets)), default=None)


def rungs(unit: PlantedUnit, others: Sequence[PlantedUnit]) -> list[Rung]:
    """Explanations of `unit`, the exact one first.

    Args:
        unit: the unit explained.
        others: units to take the neighbour's explanation from (`unit` may be among them); if none has another
            predicate there is no such rung.

    Returns:
        exact, too_broad_1, too_broad_2, too_broad_3, too_narrow, neighbour, constant.
    """
    neighbour = _neighbour(unit, others)
    return [
        Rung.of("exact", unit.claims),
        *_broad(unit),
        _narrow(unit),
        *([Rung.of("neighbour", neighbour.claims)] if neighbour else []),
        Rung.of("constant", (PlantedClaim.of(Always()),)),
    ]


def missing_label(unit: PlantedUnit) -> Rung | None:
    """The oracle's report without its last concept; None for a unit of one concept."""
    return Rung.of("missing_label", unit.claims[:-1]) if len(unit.claims) > 1 else None


def extra_label(unit: PlantedUnit) -> Rung:
    """The oracle's report with one concept that the unit does not have."""
    return Rung.of("extra_label", _with(unit.claims, _strangers(unit)[:1]))
