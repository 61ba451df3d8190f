"""An explainer meets a circuit as an Inspect sample: the solver, what a log keeps, and the scores."""

import json
from collections.abc import Mapping
from typing import Any

from inspect_ai._util.error import PrerequisiteError
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import span, store

from benchmark.circuits.agents.explainers import CircuitExplainer, entry
from benchmark.circuits.agents.report_json import from_json, to_json, told
from benchmark.circuits.agents.session import CircuitSession
from benchmark.circuits.laboratory import OverBudget
from benchmark.circuits.report import CircuitReport
from benchmark.clock import Clock
from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.guardrails.counts import guardrail_counts
from benchmark.laboratory import Budget, BudgetExceeded
from benchmark.runtime.asking import Asking, Bill
from benchmark.runtime.circuit_grades import WORST, flat
from benchmark.runtime.circuit_units import NULLS, CircuitUnit
from benchmark.runtime.journal_prose import JOURNAL
from benchmark.runtime.quoting import fenced, one_line
from benchmark.runtime.recorder import Recorder, message
from benchmark.runtime.solver import outcome_of, repairs

STORE = "viva_circuit"
ANSWERED = ("report", "abstained")
FAILED = CircuitReport({}, reason="there is no report")


@solver
def explain_circuit(
    explainer: str, guardrails: str, budget: dict[str, Any], role: str | None = None, seed: int = 0
) -> Solver:
    """Run `explainer` on the sample's behaviour within `budget`.

    Args:
        explainer: a name (`benchmark.circuits.agents.explainers`).
        guardrails: which; only guarded explainers meet them.
        budget: fields of `benchmark.laboratory.Budget`; unit queries are prompts run.
        role: whose model is asked; None asks the evaluation's own.
        seed: of what the explainer draws by lot.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        unit = CircuitUnit(state.metadata["kind"], state.metadata["seed"], state.metadata["tier"])
        recorder, clock = Recorder(state), Clock()
        session = unit.session(Budget(**budget), clock)
        made = entry(explainer).make(unit.supplies(guardrails, seed))
        result = await _meets(made, session, state, recorder, Bill(clock, role))
        store().set(STORE, result)
        store().set(JOURNAL, [line.to_json() for line in recorder.lines])
        final = result.get("report") or {"outcome": result["outcome"], "reason": result.get("reason")}
        state.output.completion = json.dumps(final, ensure_ascii=False, indent=1)
        state.messages.append(message("closing", _closing(result)))
        return state

    return solve


async def _meets(
    made: CircuitExplainer, session: CircuitSession, state: TaskState, recorder: Recorder, bill: Bill
) -> dict[str, Any]:
    """One explainer meets one behaviour: the outcome, and what it cost."""
    journal = Journal(listener=recorder.noted)
    async with span(made.name, type="explainer"):
        recorder.attends(session)
        ask = Asking(session, state, recorder, bill) if made.needs_model else None
        result = await outcome_of(_told(made, session, journal, ask, bill), session.budget.seconds, ask is not None)
        spend = session.spend
        recorder.close()
    cost: dict[str, Any] = {
        "prompts": spend.unit_queries,
        "rounds": spend.rounds,
        "tokens": spend.tokens,
        "calls": spend.calls,
    }
    cost |= {"generated": spend.generated, "seconds": round(spend.seconds, 3), "dollars": bill.dollars}
    counts = guardrail_counts(journal, result["outcome"])
    return result | cost | {"repairs": repairs(journal), "guardrails": counts}


async def _told(
    made: CircuitExplainer, session: CircuitSession, journal: Journal, ask: Ask | None, bill: Bill
) -> dict[str, Any]:
    if ask is not None:
        _has_model(bill, made.name)
    try:
        report = await made.explain(session, journal, ask)
    except OverBudget as error:
        raise BudgetExceeded(str(error)) from error
    return {"outcome": "abstained" if report.abstained else "report", "report": to_json(report)}


def _closing(result: Mapping[str, Any]) -> str:
    """The end of a sample: the report, an abstention, or why there is neither."""
    if "report" not in result:
        return f"**no report** ({result['outcome']})\n\n" + fenced([one_line(str(result.get("reason", "")))])
    report = from_json(result["report"])
    title = "abstains" if report.abstained else "report"
    return f"**{title}**\n\n" + fenced([one_line(told(report))])


def _has_model(bill: Bill, name: str) -> None:
    """See that there is a model to ask; without one in its role Inspect would take the evaluation's own in silence.

    Raises:
        NoReport: there is none.
    """
    try:
        lacking = str(bill.model).startswith("none")
    except PrerequisiteError:
        lacking = True
    if lacking:
        mend = "--model <provider>/<model>, or -T role=NAME --model-role NAME=<provider>/<model>"
        raise NoReport("no_report", f"explainer {name!r} asks a model and there is none: {mend}")


def _report(result: Mapping[str, Any]) -> CircuitReport:
    return from_json(result["report"]) if result.get("report") else FAILED


@scorer(metrics={"*": [mean()]}, name="circuit")
def circuit() -> Scorer:
    """A planted circuit's grade; an abstention names nothing, a failure has the worst of all (METHOD.md section 2)."""

    async def score(state: TaskState, target: Target) -> Score | None:
        if state.metadata["tier"] in NULLS:
            return None
        result: dict[str, Any] = store().get(STORE)
        unit = CircuitUnit(state.metadata["kind"], state.metadata["seed"], state.metadata["tier"])
        report = _report(result)
        answered = result["outcome"] in ANSWERED
        grade = flat(report, unit.examiner().grade(report)) if answered else dict(WORST)
        store().set(STORE, result | {"grade": grade})
        return Score(
            value=grade,
            answer=one_line(told(report)),
            explanation=f"{result['outcome']}; planted: {', '.join(map(str, sorted(unit.examiner().planted.circuit)))}",
            metadata={"outcome": result["outcome"], "unit": unit.identifier},
        )

    return score


@scorer(metrics={"*": [mean()]}, name="null")
def null() -> Scorer:
    """A null behaviour: an abstention rejects it rightly, a circuit is a false claim, a failure neither."""

    async def score(state: TaskState, target: Target) -> Score | None:
        if state.metadata["tier"] not in NULLS:
            return None
        result: dict[str, Any] = store().get(STORE)
        outcome = result["outcome"]
        value = {"rejected": float(outcome == "abstained"), "false_claim": float(outcome == "report")}
        value |= {"failed": float(outcome not in ANSWERED)}
        store().set(STORE, result | {"grade": value})
        return Score(value=value, answer=one_line(told(_report(result))), explanation=str(outcome))

    return score
