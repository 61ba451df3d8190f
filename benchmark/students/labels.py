"""The embedding learner: a logistic regression on all words that it was shown. It hears no claim and forgets nothing.

Taught with many labels it is a ceiling of what examples alone can give; it does not work from notes.
"""

import numpy as np

from benchmark.explainers.report import MAX_LEVEL
from benchmark.laboratory import Exemplar
from benchmark.readers.encoder import ViewCache
from benchmark.students.deterministic import Deterministic, Silence
from benchmark.students.moves import Move, Reply
from benchmark.students.student import Candidate, Capacity
from synthetic_neurons.passages import Floats, Passages


class Regression:
    """A candidate with a fitted regression.

    Args:
        weights: float64 [width]; `bias` beside them.
        cache: embeds the exam's words.
    """

    def __init__(self, weights: Floats, bias: float, cache: ViewCache) -> None:
        self._weights, self._bias, self._cache = weights, bias, cache

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10: ten times the probability."""
        score = self._cache.views(passages).context @ self._weights + self._bias
        levels: Floats = MAX_LEVEL / (1.0 + np.exp(-np.clip(score, -30.0, 30.0)))
        return levels


class Labels(Deterministic):
    """Keeps every labelled window.

    Args:
        cache: embeds words in their windows.
        most: windows that it keeps, the last ones; None keeps them all.
    """

    name = "labels"
    capacity: Capacity = "unbounded-memory ceiling"

    def __init__(self, cache: ViewCache, most: int | None = None) -> None:
        super().__init__()
        self._cache, self._most = cache, most
        self._windows: tuple[Exemplar, ...] = ()

    async def hear(self, move: Move) -> Reply:
        """Keep what is shown; a tuple is never changed, so forks may share it."""
        reply = await super().hear(move)
        known = {each.text for each in self._windows}
        self._windows += tuple(each for each in move.shown if each.text not in known)
        if self._most is not None:
            self._windows = self._windows[-self._most :]
        return reply

    def candidate(self, notes: str) -> Candidate:
        """A regression on what it was shown; silence without both labels."""
        from sklearn.linear_model import LogisticRegression

        if not self._windows:
            return Silence()
        passages = Passages.of([each.text for each in self._windows])
        fires = np.concatenate([each.values for each in self._windows]) > 0
        if fires.all() or not fires.any():
            return Silence()
        fitted = LogisticRegression(class_weight="balanced", max_iter=1000)
        fitted.fit(self._cache.views(passages).context, fires)
        return Regression(fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]), self._cache)
