"""Searches that another arm of the same run has made: the same answer, charged what it took.

The three arms of rule induction begin from the same exemplars, and two of them go on alike until a guardrail objects.
"""

import time
from collections.abc import Callable

from benchmark.explainers.rule_search import Hypothesis, Search, search
from benchmark.explainers.word_data import Data

# Searches of a large suite's arms; a hypothesis is a few predicates.
MOST_KEPT = 20_000
_known: dict[bytes, tuple[tuple[Hypothesis, ...], float]] = {}


def shared_search(charge: Callable[[float], None]) -> Search:
    """`search`, done once for the same data.

    Args:
        charge: is told the seconds that an answer took when it was found, so that no explainer's spend depends on who
            asked first.
    """

    def searching(data: Data) -> list[Hypothesis]:
        if (known := _known.get(data.digest)) is not None:
            charge(known[1])
            return list(known[0])
        began = time.perf_counter()
        found = search(data)
        if len(_known) >= MOST_KEPT:
            del _known[next(iter(_known))]
        _known[data.digest] = tuple(found), time.perf_counter() - began
        return found

    return searching
