"""Guardrail: no report before a few rounds of observation, hypothesis and experiment."""

from benchmark.explainers.explainer import Journal
from benchmark.guardrails.guardrail import APPROVED, Objection, Submission, Verdict
from benchmark.laboratory import Laboratory


class MinRounds:
    """Objects to any submission before `rounds` rounds are done; free of charge.

    Args:
        rounds: the least number of rounds.
    """

    name: str = "min_rounds"
    cost: int = 0

    def __init__(self, rounds: int = 3) -> None:
        self._rounds = rounds

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Approve from round `rounds` on."""
        if submission.round >= self._rounds:
            return APPROVED
        text = f"round {submission.round} of at least {self._rounds}: run more experiments"
        return Verdict(Objection(text, retry=True))
