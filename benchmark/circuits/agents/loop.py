"""The loop over a circuit: plan, experiment, report, until a report is submitted and every guardrail approves of it."""

from collections.abc import Sequence
from dataclasses import replace

from benchmark.circuits.agents.experiments import Experiment
from benchmark.circuits.agents.guardrails.guardrail import CircuitGuardrail, Submission
from benchmark.circuits.agents.held_out import HeldOut
from benchmark.circuits.agents.mind import Evidence, Mind, Objection, key
from benchmark.circuits.agents.report_json import to_json, told
from benchmark.circuits.agents.session import CircuitSession
from benchmark.circuits.laboratory import OverBudget
from benchmark.circuits.report import CircuitReport
from benchmark.explainers.explainer import Journal

# After so many objections the agent abstains: with each the chance grows that a guardrail approves by luck.
MOST_SUBMISSIONS = 3


class CircuitLoop:
    """One agent's session with one behaviour.

    Args:
        seen: the evidence, empty; its desk has the session.
        journal: receives every experiment with what is expected of it before it is run, every finding, every verdict.
        mind: plans and reports.
        guardrails: asked in this order at every submission; the first objection sends the report back.
    """

    def __init__(
        self, seen: Evidence, journal: Journal, mind: Mind, guardrails: Sequence[CircuitGuardrail] = ()
    ) -> None:
        self._seen, self._journal, self._mind, self._guardrails = seen, journal, mind, tuple(guardrails)
        self._session: CircuitSession = seen.desk.session
        self._held_out = HeldOut(self._session)
        self._refused: set[tuple[object, ...]] = set()

    async def run(self) -> CircuitReport:
        """The report, or an abstention.

        Raises:
            NoReport: the mind's answers cannot be read, and nothing can be handed in.
            BudgetExceeded: tokens, calls or seconds ended before there was a report.
            OverBudget: the behaviour cannot be looked at, or a guardrail not be paid: its approval is then not known.
        """
        self._session.reserve = sum(each.cost(self._session) for each in self._guardrails)
        self._journal.note("observation", self._seen.desk.behaviour())
        for number in range(self._session.budget.rounds):
            self._session.begin_round()
            self._seen.rounds_left = self._session.budget.rounds - number - 1
            experiments = await self._mind.plan(self._seen) if self._seen.rounds_left else ()
            if experiments:
                self._experiment(experiments)
            elif (report := await self._submit()) is not None:
                return report
        return self._vetoed(self._seen.objections[-1])

    def _experiment(self, experiments: Sequence[Experiment]) -> None:
        for each in experiments:
            said = "" if each.expected is None else f": expected to lose {each.expected:.2f}"
            self._journal.note("experiment", f"{each}{said}", **each.to_json())
        for each in experiments:
            self._run(each)

    def _run(self, experiment: Experiment) -> None:
        try:
            found = self._seen.desk.run(experiment)
        except OverBudget as error:
            self._seen.notes.append(f"{experiment}: {error}")
            self._journal.note("repair", f"{experiment}: {error}", kind="over_budget")
            return
        self._seen.findings.append(found)
        values = {str(head): value for head, value in found.values.items()}
        self._journal.note(
            "result", f"{experiment}: {found.text}", cost=found.cost, lost=found.lost, values=values, **self._left()
        )

    def _left(self) -> dict[str, int]:
        return {"prompts_left": self._session.prompts_left}

    async def _submit(self) -> CircuitReport | None:
        """What is handed in, if nobody objects."""
        report = await self._mind.report(self._seen)
        self._journal.note("submission", told(report), circuit=to_json(report))
        if report.abstained or not self._guardrails:
            return report
        objection = self._refusal(report) or await self._objection(report)
        if objection is None:
            return report
        self._seen.objections.append(objection)
        self._seen.submitted.append(report)
        self._refused.add(key(report))
        return self._vetoed(objection) if self._ended(objection) else None

    def _ended(self, objection: Objection) -> bool:
        return objection.final or len(self._seen.submitted) >= MOST_SUBMISSIONS

    def _refusal(self, report: CircuitReport) -> Objection | None:
        """A circuit that was sent back is not looked at a second time."""
        if key(report) not in self._refused:
            return None
        last = self._seen.objections[-1]
        objection = replace(last, text=f"handed in again as it was: {last.text}")
        self._note(objection, 0)
        return objection

    async def _objection(self, report: CircuitReport) -> Objection | None:
        submission = Submission(report, self._held_out, len(self._seen.submitted) + 1)
        for guardrail in self._guardrails:
            before = self._session.held_out.spent
            found = guardrail.check(submission)
            spent = self._session.held_out.spent - before
            if found is not None:
                self._note(found, spent)
                return found
            note = submission.notes.get(guardrail.name, "")
            data = {"guardrail": guardrail.name, "approved": True, "queries": spent, "note": note}
            self._journal.note("verdict", f"{guardrail.name}: approved{f' ({note})' if note else ''}", **data)
        return None

    def _note(self, objection: Objection, spent: int) -> None:
        data = {"guardrail": objection.guardrail, "approved": False, "queries": spent}
        data |= {"heads": [str(head) for head in objection.heads]}
        self._journal.note("objection", f"{objection.guardrail}: {objection.text}", **data)

    def _vetoed(self, objection: Objection) -> CircuitReport:
        text = f"ended by the veto of {objection.guardrail}: {objection.text}"
        self._journal.note("observation", text, ended_by_veto=objection.guardrail)
        return CircuitReport({}, reason=text)
