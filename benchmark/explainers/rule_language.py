"""What rule induction's search can say at all, so that the board can tell which units lie outside of it.

The search (`atoms`, `rule_search`) joins atoms by "and" and "unless" and sums up to four such claims with levels: any
Boolean combination of atoms, that is, once written as a sum of conjunctions. How long a rule may grow, which reaches
are tried and how many claims pay are limits of the search, not of the language; a unit is outside only where an
operator or a nesting is.
"""

from benchmark.explainers.atoms import SEARCHED_MARKS
from benchmark.explainers.rule_search import MOST_BANDS
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
    Similar,
    Suffix,
    Unless,
    Within,
    Word,
)
from synthetic_neurons.tables import TENTHS, neighbours

_BOOLEAN = (And, Or, Not, Unless, Scaled)


def outside_rule_language(predicate: Predicate) -> bool:
    """Whether no report of rule induction, however long, can have this predicate's values on all texts."""
    if isinstance(predicate, _BOOLEAN):
        return any(map(outside_rule_language, predicate.children))
    if isinstance(predicate, Previous):
        return not _says(predicate.of, (Prefix, Suffix, Shape), _BOOLEAN)
    if isinstance(predicate, Within):
        # The greatest value among earlier words passes through "or", but not through "and".
        return not _says(predicate.of, (Shape,), (Or, Scaled))
    if isinstance(predicate, Inside):
        return predicate.mark not in SEARCHED_MARKS
    plain = (Prefix, Suffix, Shape, Position, Repeats, Always, Never)
    return not (isinstance(predicate, plain) or _is_list(predicate))


def _says(predicate: Predicate, leaves: tuple[type[Predicate], ...], joints: tuple[type[Predicate], ...]) -> bool:
    """Whether the tree has nothing but these joints, these leaves, and lists of words."""
    if isinstance(predicate, joints):
        return all(_says(child, leaves, joints) for child in predicate.children)
    return isinstance(predicate, leaves) or _is_list(predicate)


def _is_list(predicate: Predicate) -> bool:
    """Words written out; likeness in degrees only while a claim's bands are enough for its levels."""
    if isinstance(predicate, Similar) and predicate.graded:
        return len({TENTHS, *neighbours().steps[: predicate.nearest]}) <= MOST_BANDS
    return isinstance(predicate, Word | Similar)
