"""Guardrail: no report before a few rounds of observation, hypothesis and experiment that could have told something."""

from benchmark.explainers.explainer import Journal
from benchmark.guardrails.guardrail import APPROVED, Objection, Submission, Verdict
from benchmark.guardrails.options import CountOrNone
from benchmark.laboratory import Laboratory


class MinRounds:
    """Objects to any submission before enough rounds are done, and enough of them were telling; free of charge.

    Rounds alone can be sat out. A telling one changed the best hypothesis, or put it to a test that it could have
    failed (`Submission.telling`).

    Args:
        rounds: the least number of rounds.
        telling: how many of them must have changed something or survived a real test.
    """

    name: str = "min_rounds"
    cost: int = 0

    def __init__(self, rounds: CountOrNone = 3, telling: CountOrNone = 2) -> None:
        self._rounds, self._telling = rounds, telling

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Approve from round `rounds` on, where `telling` of the rounds told something."""
        done, told = submission.round, submission.telling
        figures = f"round {done} of at least {self._rounds}, {told} of at least {self._telling} telling"
        journal.note("observation", figures, guardrail=self.name, cost=0, rounds=done, telling=told)
        if done >= self._rounds and told >= self._telling:
            return APPROVED
        return Verdict(Objection(f"{figures}: run more experiments that could refute the report", retry=True))
