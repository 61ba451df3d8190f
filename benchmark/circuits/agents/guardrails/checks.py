"""Guardrails that hold a claimed circuit against interventions on held-out prompts."""

from collections import Counter
from math import comb, pi, prod

import numpy as np

from benchmark.circuits.agents.guardrails.guardrail import Submission, quarter
from benchmark.circuits.agents.held_out import HeldOut
from benchmark.circuits.agents.mind import Objection
from benchmark.circuits.agents.session import CircuitSession
from benchmark.circuits.faithfulness import matched
from benchmark.circuits.laboratory import NOTHING
from benchmark.circuits.nodes import Head
from benchmark.circuits.runner import Ablation

# A head whose ablation changes less than this share does nothing.
IDLE = 0.01
DRAWS, AT_A_TIME = 299, 30


class Behaviour:
    """There has to be something to explain: the model prefers right answers, and its heads together are why."""

    name: str = "behaviour"

    def __init__(self, least: float = NOTHING) -> None:
        self._least = least

    def cost(self, session: CircuitSession) -> int:
        """One run."""
        return session.held_out.prompts

    def check(self, submission: Submission) -> Objection | None:
        """Ends the session where nothing is there: no other circuit would do better."""
        if not submission.held_out.preference.clear:
            why = f"the model prefers the right answer on {submission.held_out.preference}, which is chance: abstain"
            return Objection(self.name, why, final=True)
        whole = submission.held_out.range()
        if abs(whole) >= self._least:
            return None
        return Objection(self.name, f"all heads together change {whole:.2f} logits: abstain", final=True)


class Necessity:
    """Without the circuit the behaviour has to be gone."""

    name: str = "necessity"

    def __init__(self, least: float = 0.7) -> None:
        self._least = least

    def cost(self, session: CircuitSession) -> int:
        """Two runs: all heads, and the circuit."""
        return 2 * session.held_out.prompts

    def check(self, submission: Submission) -> Objection | None:
        """Object where ablating the circuit leaves too much."""
        lost = float(submission.held_out.lost([submission.report.circuit])[0])
        if lost >= self._least:
            return None
        return Objection(self.name, f"without these heads only {lost:.2f} of the behaviour is lost: heads are missing")


class Sufficiency:
    """The circuit alone has to keep the behaviour."""

    name: str = "sufficiency"

    def __init__(self, least: float = 0.7) -> None:
        self._least = least

    def cost(self, session: CircuitSession) -> int:
        """Two runs: no head, and the circuit."""
        return 2 * session.held_out.prompts

    def check(self, submission: Submission) -> Objection | None:
        """Object where the circuit keeps too little."""
        kept = float(submission.held_out.kept([submission.report.circuit])[0])
        if kept >= self._least:
            return None
        return Objection(self.name, f"these heads alone keep {kept:.2f} of the behaviour: heads are missing")


class Causal:
    """A head that is named has to do something when it is ablated: attention alone is no evidence.

    Imitators attend as the circuit's heads do and write where nobody reads; a dormant head is connected and at rest.
    """

    name: str = "causal"
    ways: tuple[Ablation, ...] = ("zero", "resample")

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle

    def cost(self, session: CircuitSession) -> int:
        """Each head by itself, in two ways."""
        return len(self.ways) * (1 + quarter(session)) * session.held_out.prompts

    def check(self, submission: Submission) -> Objection | None:
        """Object with the heads whose ablation changes nothing, whichever way they are ablated."""
        members = sorted(submission.report.circuit)
        alone = [frozenset({head}) for head in members]
        lost = np.abs([submission.held_out.lost(alone, how) for how in self.ways]).max(0)
        inert = tuple(head for head, share in zip(members, lost.tolist(), strict=True) if share < self._idle)
        return _idle(self.name, inert, "change nothing when they are ablated by themselves") if inert else None


class Minimality:
    """Every head has to add something to what the others keep."""

    name: str = "minimality"

    def __init__(self, idle: float = IDLE) -> None:
        self._idle = idle

    def cost(self, session: CircuitSession) -> int:
        """The circuit without each of its heads."""
        return (2 + quarter(session)) * session.held_out.prompts

    def check(self, submission: Submission) -> Objection | None:
        """Object with the heads without which the circuit keeps as much."""
        circuit = submission.report.circuit
        members = sorted(circuit)
        together, *without = submission.held_out.kept([circuit, *(circuit - {head} for head in members)])
        idle = tuple(head for head, left in zip(members, without, strict=True) if together - left < self._idle)
        return _idle(self.name, idle, "add nothing to what the others keep") if idle else None


def _idle(name: str, heads: tuple[Head, ...], why: str) -> Objection:
    return Objection(name, f"{', '.join(map(str, heads))} {why}: leave them out", heads)


class Significance:
    """The circuit has to keep more than random ones of its shape; the level shrinks with every submission.

    p = (b + 1) / (n + 1); the k-th submission meets total * 6 / (pi^2 k^2), which sums to `total`. METHOD.md section 6
    has a total of 0.00135; why it is another one here stands in docs/decisions.md.
    """

    name: str = "significance"

    def __init__(self, total: float = 0.05, draws: int = DRAWS) -> None:
        self._total, self._draws = total, draws

    def cost(self, session: CircuitSession) -> int:
        """Every random circuit."""
        return (2 + self._draws) * session.held_out.prompts

    def check(self, submission: Submission) -> Objection | None:
        """Object where too many random circuits keep as much; a tie counts against the report.

        Where so few circuits have this shape that the best rank of all would not do, nothing is run, and it approves
        with a note: what cannot be resolved is no evidence against the report.
        """
        circuit, ordinal = submission.report.circuit, submission.ordinal
        level = self._total * 6 / (pi**2 * ordinal**2)
        if 1 / (1 + (few := self._others(circuit, submission.held_out.each))) > level:
            submission.notes[self.name] = f"not resolvable: {few} others have this shape, p {level:.3g} needed"
            return None
        some = matched(circuit, submission.held_out.each, self._draws + 1, ordinal)
        # One more is drawn than counts, since the circuit itself may be among them.
        others = [other for other in some if other != circuit][: self._draws]
        least = self._least_p(circuit, others, submission.held_out, level)
        if least <= level:
            return None
        said = f"random circuits of this shape keep as much: p at least {least:.3f}, {level:.3f} needed"
        return Objection(self.name, said)

    def _least_p(self, circuit: frozenset[Head], others: list[frozenset[Head]], place: HeldOut, level: float) -> float:
        """p; as far as it is known once it is above the level, since what is still to be drawn cannot lower it."""
        (own,), beaten = place.kept([circuit]), 0
        for start in range(0, len(others), AT_A_TIME):
            kept = place.kept(others[start : start + AT_A_TIME])
            beaten += int((kept >= own - 1e-9).sum())
            if (1 + beaten) / (len(others) + 1) > level:
                break
        return (1 + beaten) / (len(others) + 1)

    def _others(self, circuit: frozenset[Head], each: int) -> int:
        """How many other circuits of this shape are drawn: no more than there are."""
        there = prod(comb(each, count) for count in Counter(head.layer for head in circuit).values())
        return min(self._draws, there - 1)
