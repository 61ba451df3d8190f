"""The loop: observe, hypothesise, experiment, refine, until practice and guardrails pass or the budget ends."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from benchmark.explainers.experiments import Prediction
from benchmark.explainers.explainer import EntryKind, Journal
from benchmark.explainers.mind import Evidence, Idea, Mind, Outcome, key
from benchmark.explainers.report import Report
from benchmark.explainers.rule_mind import RuleMind
from benchmark.explainers.rule_search import Hypothesis
from benchmark.explainers.word_data import teach_exemplars
from benchmark.guardrails.guardrail import Guardrail, Objection, Submission, Verdict
from benchmark.laboratory import PRACTICE_ITEMS, BudgetExceeded, ExamOverlap, Laboratory, PracticeGrade
from synthetic_neurons.predicate import Always, Never

TRIALS_A_ROUND = 12
LEAST_PRACTICE_R = 0.1
LEAST_HELD_OUT_R = 0.15
# Practice has few items: where held-out exemplars find no rule, the best of several practice grades must clear more.
DOUBTED_PRACTICE_R = 0.3
LATE_ROUNDS = 4
# Rounds without any rule that practice bears out, after which the agent abstains and saves the subject's time.
GIVE_UP_ROUNDS = 5


def is_trivial(hypotheses: Sequence[Hypothesis]) -> bool:
    """Whether the unit is dead or always on: there is a right description, and nothing to correlate."""
    return len(hypotheses) == 1 and isinstance(hypotheses[0].claims[0][0], Always | Never)


class Loop:
    """One agent's session with one unit.

    Args:
        laboratory: the unit.
        journal: receives every observation, hypothesis, experiment (with predictions, before it is measured), result.
        guardrails: asked in this order at every submission; the first objection sends the report back.
        stop_r: besides the laboratory's pass, the r on P0 above which the agent is content (METHOD.md section 3).
        mind: proposes hypotheses and experiments; rule induction's if None.
    """

    def __init__(
        self,
        laboratory: Laboratory,
        journal: Journal,
        guardrails: Sequence[Guardrail] = (),
        stop_r: float = 0.7,
        mind: Mind | None = None,
    ) -> None:
        self._laboratory, self._journal = laboratory, journal
        self._mind: Mind = mind or RuleMind(laboratory.charge_seconds)
        self._guardrails, self._stop_r = tuple(guardrails), stop_r
        self._practised: dict[str, tuple[Report, PracticeGrade]] = {}
        self._evidence = Evidence(teach_exemplars(laboratory), practised=self._practised)
        self._ideas: Sequence[Idea] = ()
        self._refused = self._evidence.refused
        self._looks: dict[str, int] = defaultdict(int)
        self._reserve = sum(guardrail.cost for guardrail in self._guardrails)
        self._round, self._telling = 0, 0
        self._held_out_r: float | None = None
        self._outcome: Report | None = None
        self._vetoed_by: str | None = None

    async def run(self) -> Report:
        """The report, or an abstention.

        A budget that ends is not a failure: without guardrails the best report so far is handed in. With them only what
        every one of them approved is.

        Raises:
            BudgetExceeded: it ended before there was any hypothesis.
        """
        try:
            await self._think()
            if self._mind.trivial(self._ideas) and not self._guardrails:
                return self._ideas[0].report
            self._held_out_r = self._mind.held_out_r(self._evidence)
            while self._outcome is None:
                await self._one_round()
        except BudgetExceeded as error:
            if not self._ideas:
                raise
            self._journal.note("observation", f"the budget has ended: {error}")
            await self._submit_at_the_end()
        return self._outcome or self._last_word()

    async def _submit_at_the_end(self) -> None:
        """A model's tokens may end before its queries: guardrails that can still be paid decide about what there is."""
        if not self._guardrails or self._outcome is not None or self._candidate() is None:
            return
        try:
            await self._submit()
        except BudgetExceeded as error:
            self._journal.note("observation", f"no guardrail could be paid: {error}")

    async def _one_round(self) -> None:
        self._laboratory.begin_round()
        self._round += 1
        self._note_hypotheses()
        if self._round == 1:
            self._practise()
        if self._guardrails or not self._content():
            await self._experiment_and_refine()
        if self._content() or self._is_last() or (self._guardrails and self._is_late()):
            await self._submit()
        elif self._round >= GIVE_UP_ROUNDS and all(self._hopeless(grade) for _, grade in self._practised.values()):
            self._outcome = self._last_word()

    async def _think(self) -> None:
        """Hypotheses anew, from all that was seen."""
        own = list(self._evidence.measured.values())
        windows = [*self._evidence.exemplars, *own]
        firing = sum(each.peak > 0 for each in windows)
        text = f"{len(windows)} windows, {firing} of them firing, {len(own)} of them my own"
        self._journal.note("observation", text, windows=len(windows), firing=firing, own=len(own))
        self._ideas = await self._mind.ideas(self._evidence)

    def _note_hypotheses(self) -> None:
        for rank, each in enumerate(self._ideas):
            text = f"{'best' if rank == 0 else f'rival {rank}'}: {each.report.text}"
            self._journal.note("hypothesis", text, rank=rank, score=each.score, report=each.report.to_json())

    def _affordable(self, queries: int) -> bool:
        return self._laboratory.queries_left - queries >= self._reserve

    def _is_last(self) -> bool:
        return self._round >= self._laboratory.budget.rounds or not self._affordable(PRACTICE_ITEMS + 1)

    def _is_late(self) -> bool:
        """Whether what is not content must be submitted now, to leave rounds for objections."""
        return self._candidate() is not None and self._round > self._laboratory.budget.rounds - LATE_ROUNDS

    async def _experiment_and_refine(self) -> None:
        """One turn; it is telling if it changed the best hypothesis, or if that survived a test it could have failed.

        A budget that ends in mid-thought leaves what is measured, for practice and the last word.
        """
        before = key(self._ideas[0].report) if self._ideas else None
        outcomes = await self._experiment()
        await self._think()
        after = key(self._ideas[0].report) if self._ideas else None
        self._telling += before != after or any(each.real and not each.failed for each in outcomes)
        self._practise()

    async def _experiment(self) -> list[Outcome]:
        limit = min(TRIALS_A_ROUND, self._laboratory.queries_left - self._reserve - PRACTICE_ITEMS)
        if not self._ideas or limit < 1:
            return []
        picked = await self._mind.experiments(self._ideas, self._evidence, limit)
        self._foretell(picked)
        outcomes = await self._measure(picked) if picked else []
        self._evidence.outcomes += outcomes
        return outcomes

    def _foretell(self, picked: Sequence[Prediction]) -> None:
        """Predictions go into the journal before anything is measured."""
        for each in picked:
            text = f"{each.trial.change}: the best says {each.top:.1f}, its rival {each.runner_up:.1f}"
            self._journal.note("experiment", text, **each.note())

    async def _measure(self, picked: Sequence[Prediction]) -> list[Outcome]:
        try:
            found = await self._laboratory.measure([each.trial.text for each in picked])
        except ExamOverlap as error:
            self._journal.note("observation", f"the laboratory refused the experiments: {error}")
            return []
        for each, exemplar in zip(picked, found, strict=True):
            nearer = "the best" if abs(exemplar.peak - each.top) <= abs(exemplar.peak - each.runner_up) else "its rival"
            text = f"{each.trial.change}: {exemplar.peak:.1f}, nearer to {nearer}"
            self._journal.note("result", text, **each.note(), peak=exemplar.peak)
            self._evidence.measured[exemplar.text] = exemplar
        return [Outcome(each, exemplar) for each, exemplar in zip(picked, found, strict=True)]

    def _practise(self) -> None:
        """Grade the best hypothesis that has no grade yet on P0."""
        new = (each.report for each in self._ideas if key(each.report) not in self._practised)
        report = next(new, None)
        if report is None or not self._affordable(PRACTICE_ITEMS):
            return
        grade = self._laboratory.practise(report, "P0")
        self._practised[key(report)] = (report, grade)
        text = f"P0: r {grade.r:.2f}, simulation accuracy {grade.simulation_accuracy:.2f}: {report.text}"
        note = {"slice": "P0", "r": grade.r, "accuracy": grade.simulation_accuracy, "passed": grade.passed}
        self._journal.note("practice", text, **note, report=report.to_json())

    def _best(self) -> tuple[Report, PracticeGrade] | None:
        """The best report by P0 among those that no guardrail has refused."""
        pairs = [pair for name, pair in self._practised.items() if name not in self._refused]
        return max(pairs, key=lambda pair: (pair[1].r, pair[1].simulation_accuracy), default=None)

    def _content(self) -> bool:
        if self._mind.trivial(self._ideas):
            return self._candidate() is not None
        best = self._best()
        return best is not None and best[1].passed and best[1].r > self._stop_r

    def _hopeless(self, grade: PracticeGrade) -> bool:
        unseen = self._held_out_r is not None and self._held_out_r < LEAST_HELD_OUT_R
        doubted = unseen and grade.r < DOUBTED_PRACTICE_R
        return grade.r < LEAST_PRACTICE_R or doubted

    def _candidate(self) -> Report | None:
        """What may be handed in: the best report that no guardrail refused, unless practice calls it hopeless.

        A unit that is dead or always on leaves nothing to practise: its one description is the candidate.
        """
        if self._mind.trivial(self._ideas):
            report = self._ideas[0].report
            return None if key(report) in self._refused else report
        best = self._best()
        if best is None or self._hopeless(best[1]):
            return None
        return replace(best[0], confidence=min(1.0, max(0.0, best[1].r)))

    async def _submit(self) -> None:
        report = self._candidate()
        if report is None:
            # Not in an early round: later experiments may still find a rule.
            self._outcome = self._last_word() if self._is_last() else None
            return
        self._journal.note("submission", report.text, report=report.to_json(), round=self._round)
        measured = len(self._evidence.measured)
        for guardrail in self._guardrails:
            if (objection := await self._objection(guardrail, report)) is not None:
                self._take(objection, guardrail, report)
                if self._outcome is None and len(self._evidence.measured) > measured:
                    await self._think()
                return
        self._outcome = report

    async def _objection(self, guardrail: Guardrail, report: Report) -> Objection | None:
        self._looks[guardrail.name] += 1
        rivals = tuple(each.report for each in self._ideas if key(each.report) != key(report))
        ordinal, known = self._looks[guardrail.name], frozenset(self._evidence.measured)
        submission = Submission(report, rivals, self._round, ordinal, self._mind.read, known, self._telling)
        before = self._laboratory.spend.unit_queries
        verdict = await guardrail.check(submission, self._laboratory, self._journal)
        # Whatever a guardrail measured was paid for by this agent, and is its data from now on.
        self._evidence.measured.update({each.text: each for each in verdict.measured})
        self._note_verdict(guardrail, verdict, self._laboratory.spend.unit_queries - before)
        if verdict.objection is not None:
            self._evidence.objections.append((guardrail.name, verdict.objection))
        return verdict.objection

    def _note_verdict(self, guardrail: Guardrail, verdict: Verdict, queries: int) -> None:
        kind: EntryKind = "verdict" if verdict.approved else "objection"
        text = "approved" if verdict.objection is None else verdict.objection.text
        evidence = [each.text for each in verdict.objection.counterexamples] if verdict.objection else []
        note = {"guardrail": guardrail.name, "approved": verdict.approved, "counterexamples": evidence}
        note["queries"] = queries
        self._journal.note(kind, f"{guardrail.name}: {text}", **note)

    def _take(self, objection: Objection, guardrail: Guardrail, report: Report) -> None:
        self._vetoed_by = guardrail.name
        if not objection.retry:
            self._refused.add(key(report))
        if objection.final:
            self._outcome = self._vetoed(objection.text)

    def _vetoed(self, reason: str) -> Report:
        text = f"ended by the veto of {self._vetoed_by}: {reason}"
        self._journal.note("observation", text, ended_by_veto=self._vetoed_by)
        return Report.abstain(text)

    def _last_word(self) -> Report:
        """What is left when the session ends: with guardrails nothing, since what all approve is handed in at once."""
        report = self._candidate()
        if self._guardrails and self._vetoed_by is not None:
            return self._vetoed("no report was approved by every guardrail")
        if report is None or self._guardrails:
            return Report.abstain("no rule that I found predicts this unit on held-out text")
        return report
