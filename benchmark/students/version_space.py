"""The Bayesian student: a posterior over hypotheses of the predicate language, with lapses and forgetting.

Its state is known exactly, so what a teacher believes of it can be held against the truth. With mass on a wrong concept
it is the biased student, who has to be rid of a false belief that it does not voice.
"""

import re

import numpy as np

from benchmark.explainers.report import MAX_LEVEL
from benchmark.students.deterministic import Deterministic, Silence
from benchmark.students.library import Library
from benchmark.students.moves import Move, Reply
from benchmark.students.student import Candidate, Capacity, cut_notes
from synthetic_neurons.passages import Floats, Passages

# Hypotheses in the notes.
MOST_NOTED = 5
# How far it trusts a claim that it can find in its language.
TRUST = 0.9
_LINE = re.compile(r"(?P<share>[01]\.\d\d) (?P<text>.+)")


class Believes:
    """A candidate that weighs the hypotheses of its notes.

    Args:
        library: what their texts mean.
        numbers: hypotheses.
        shares: float64 [hypotheses], how far each is believed.
    """

    def __init__(self, library: Library, numbers: list[int], shares: Floats) -> None:
        self._library, self._numbers, self._shares = library, numbers, shares

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10: the belief's mean."""
        return np.clip(self._shares @ self._library.levels(self._numbers, passages), 0.0, MAX_LEVEL)


class VersionSpace(Deterministic):
    """Believes what fits what it was shown.

    Args:
        library: the hypotheses.
        lapse: the chance that a label is taken the wrong way, 0 to 0.5.
        forgetting: the share of its evidence that it loses with every move, 0 to 1.
        wrong: the number of a hypothesis that it begins with.
        mass: the prior mass on that one.
        name: on the board.
    """

    capacity: Capacity = "shared-language"

    def __init__(
        self,
        library: Library,
        lapse: float = 0.05,
        forgetting: float = 0.0,
        wrong: int | None = None,
        mass: float = 0.9,
        name: str = "version_space",
    ) -> None:
        super().__init__()
        self.name, self._library, self._lapse, self._kept = name, library, lapse, 1.0 - forgetting
        prior = np.full(len(library), 1.0 / len(library))
        if wrong is not None:
            prior *= 1.0 - mass
            prior[wrong] += mass
        self._prior, self._wrong = np.log(prior), wrong
        self._evidence = np.zeros(len(library))

    @property
    def belief(self) -> Floats:
        """float64 [hypotheses]: the posterior."""
        log = self._prior + self._evidence
        raised = np.exp(log - log.max())
        share: Floats = raised / raised.sum()
        return share

    @property
    def misconception(self) -> float | None:
        """The posterior of the false belief that it began with."""
        return None if self._wrong is None else float(self.belief[self._wrong])

    async def hear(self, move: Move) -> Reply:
        """Forget a little, then weigh the move."""
        reply = await super().hear(move)
        # A new array, so that forks may share the old one.
        self._evidence = self._kept * self._evidence
        for claim in move.claims:
            if (place := self._library.place.get(claim.text)) is not None:
                self._evidence += np.log((1 - TRUST) / len(self._library))
                self._evidence[place] += np.log(TRUST) - np.log((1 - TRUST) / len(self._library))
        self._library.read([window.text for window in move.shown])
        for window in move.shown:
            agree = self._library.fires(window.text) == (window.values > 0)
            self._evidence += agree.sum(axis=1) * np.log(1 - self._lapse) + (~agree).sum(axis=1) * np.log(self._lapse)
        return reply

    async def notes(self) -> str:
        """The likeliest hypotheses, each with how far it is believed."""
        belief = self.belief
        best = np.argsort(-belief, kind="stable")[:MOST_NOTED]
        lines = [f"{belief[each]:.2f} {self._library.claims[each].text}" for each in best if belief[each] >= 0.01]
        return cut_notes("\n".join(lines))

    def candidate(self, notes: str) -> Candidate:
        """It looks the hypotheses up in its language; a line that was cut is lost."""
        found = [match for line in notes.splitlines() if (match := _LINE.fullmatch(line))]
        known = [each for each in found if each["text"] in self._library.place]
        if not known:
            return Silence()
        numbers = [self._library.place[each["text"]] for each in known]
        return Believes(self._library, numbers, np.array([float(each["share"]) for each in known]))
