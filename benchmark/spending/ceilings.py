"""Ceilings and spends by explainer: were the ceilings equal, and was any exceeded?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmark.spending.sessions import CURRENCIES, Session

# The laboratory looks at its clock between two steps: seconds alone may be exceeded, by what the last step took.
BETWEEN_STEPS = "seconds"


@dataclass(frozen=True)
class Spent:
    """What one explainer spent of one currency.

    Attributes:
        explainer, model, currency: which.
        ceilings: all that its logs state, one where they are equal; none where they state none.
        units: that it met.
        told: of these, with a spend in the log; what ended without a word has none.
        mean, greatest: over these; None of none.
        exceeded: units with more than their ceiling.
        most_over: by how much at most.
    """

    explainer: str
    model: str
    currency: str
    ceilings: tuple[float, ...]
    units: int
    told: int
    mean: float | None
    greatest: float | None
    exceeded: int
    most_over: float

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


@dataclass(frozen=True)
class Fairness:
    """Whether all explainers had the same.

    Attributes:
        ceilings: currency to the ceiling that all logs state; None where they differ or one states none.
        equal: whether every ceiling is the same for all.
        exceeded: currency to the units, of all explainers, with more than their ceiling.
        kept: whether none was exceeded, seconds apart.
        matched: sessions of compute-matched rivals, which are held to what their loop spent on the same unit.
        beyond_loop: of these, with more than that.
        cached: explainers whose model's answers may have come from a cache.
    """

    ceilings: dict[str, float | None]
    equal: bool
    exceeded: dict[str, int]
    kept: bool
    matched: int = 0
    beyond_loop: int = 0
    cached: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def spent(sessions: Sequence[Session]) -> list[Spent]:
    """One row an explainer and currency, in the order of the sessions."""
    mine: dict[tuple[str, str], list[Session]] = defaultdict(list)
    for each in sessions:
        mine[each.contestant].append(each)
    return [_spent(*name, currency, own) for name, own in mine.items() for currency in CURRENCIES]


def _spent(explainer: str, model: str, currency: str, own: Sequence[Session]) -> Spent:
    stated = tuple(sorted({each.ceilings[currency] for each in own if currency in each.ceilings}))
    amounts = [each.spend[currency] for each in own if currency in each.spend]
    over = [
        more
        for each in own
        if currency in each.spend and currency in each.ceilings
        if (more := each.spend[currency] - each.ceilings[currency]) > 0
    ]
    mean = sum(amounts) / len(amounts) if amounts else None
    greatest = max(amounts, default=None)
    return Spent(
        explainer, model, currency, stated, len(own), len(amounts), mean, greatest, len(over), max(over, default=0.0)
    )


def fairness(sessions: Sequence[Session]) -> Fairness:
    """Equal ceilings and kept ones, over all explainers of the logs."""
    ceilings: dict[str, float | None] = {}
    for currency in CURRENCIES:
        stated = {each.ceilings.get(currency) for each in sessions}
        ceilings[currency] = stated.pop() if len(stated) == 1 else None
    rows = spent(sessions)
    exceeded = {name: sum(each.exceeded for each in rows if each.currency == name) for name in CURRENCIES}
    kept = not any(count for name, count in exceeded.items() if name != BETWEEN_STEPS)
    return Fairness(
        ceilings=ceilings,
        equal=None not in ceilings.values(),
        exceeded=exceeded,
        kept=kept,
        matched=sum(bool(each.allowance) for each in sessions),
        beyond_loop=sum(_beyond(each) for each in sessions),
        cached=tuple(sorted({each.explainer for each in sessions if each.cached})),
    )


def _beyond(each: Session) -> bool:
    """Whether a rival spent more than its loop did on the unit."""
    return any(each.spend.get(name, 0.0) > allowed for name, allowed in each.allowance.items())
