"""The executable reader: runs a report's predicates. Exact, free, deterministic."""

import numpy as np

from benchmark.explainers.report import Report
from benchmark.readers.reader import claims_to_read
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages


class ExecutableReader:
    """Reads claims that carry predicates; each word gets the level of the strongest claim that holds there.

    Args:
        threshold: the level from which it says "fires".
    """

    name = "executable"

    def __init__(self, threshold: float = 0.5) -> None:
        self.threshold = threshold

    def read(self, report: Report, passages: Passages) -> Floats | None:
        """float64 [words], levels 0 to 10; None unless every claim has a predicate.

        Raises:
            ValueError: for an abstention.
        """
        levels = np.zeros(len(passages.words))
        for claim in claims_to_read(report, self.name):
            if claim.predicate is None:
                return None
            levels = np.maximum(levels, claim.level * evaluate(claim.predicate, passages))
        return levels
