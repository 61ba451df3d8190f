"""The Inspect solver that runs one explainer on one unit and leaves a readable sample."""

import json
import traceback
from collections import Counter
from collections.abc import Awaitable
from typing import Any

from anyio import move_on_after
from inspect_ai.model import get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import span, store

from benchmark.clock import Clock
from benchmark.explainers.explainer import Ask, Explainer, Journal, NoReport
from benchmark.explainers.registry import EXPLAINERS
from benchmark.explainers.report import Report
from benchmark.guardrails.counts import guardrail_counts
from benchmark.guardrails.registry import Briefing, Options
from benchmark.laboratory import Budget, BudgetExceeded, Laboratory
from benchmark.runtime.allowances import learn, matched
from benchmark.runtime.asking import Asking, Bill
from benchmark.runtime.journal_prose import JOURNAL, closing
from benchmark.runtime.models import label
from benchmark.runtime.recorder import Recorder, message
from benchmark.runtime.workshop import workshop

STORE = "viva"
# In a sample's metadata: the report that the explainer of this name hands in.
RECORDED = "recorded"
# The laboratory itself ends a session that has used its seconds; this ends one that waits and never asks it. A model's
# queue is no spend, so a session that asks one may stay open longer.
GRACE_SECONDS = 10.0
QUEUE_FACTOR = 10.0


async def _explained(explain: Any, laboratory: Laboratory, journal: Journal, ask: Ask | None) -> dict[str, Any]:
    report: Report = await explain(laboratory, journal, ask)
    return {"outcome": "abstained" if report.abstained else "report", "report": report.to_json()}


async def outcome_of(explaining: Awaitable[dict[str, Any]], seconds: float, asks: bool) -> dict[str, Any]:
    """What becomes of a session; whatever it does costs this unit only (METHOD.md section 2).

    Args:
        explaining: the session; ends in its outcome.
        seconds: allowed.
        asks: whether it asks a model.
    """
    try:
        with move_on_after(seconds * (QUEUE_FACTOR if asks else 1.0) + GRACE_SECONDS):
            return await explaining
        return {"outcome": "limit", "reason": f"seconds: {seconds:.0f} allowed"}
    except NoReport as failure:
        return {"outcome": failure.kind, "reason": str(failure)}
    except BudgetExceeded as failure:
        return {"outcome": "limit", "reason": str(failure)}
    except (Exception, SystemExit) as failure:
        # An explainer is somebody else's code: its bug is a result, kept with its traceback, never dropped.
        return {
            "outcome": "crash",
            "reason": f"{type(failure).__name__}: {failure}",
            "traceback": traceback.format_exc(),
        }


@solver
def explain(
    explainer: str,
    guardrails: str,
    suite: str,
    budget: dict[str, Any],
    allowance: str = "",
    guardrail_options: Options | None = None,
    reads: str = "",
    seed: int = 0,
) -> Solver:
    """Run `explainer` on the sample's unit within `budget`.

    Args:
        explainer: a name, `path/to/file.py@function` or `package.module@function`.
        guardrails: "all", "none", "classic", "without_NAME" or a comma list; only guardrailed explainers meet them.
        suite: a frozen suite.
        budget: fields of `benchmark.laboratory.Budget`.
        allowance: folder of the logs of the looped explainer whose spend a compute-matched one gets.
        guardrail_options: guardrail to its options (`benchmark.guardrails.registry.checked_options`).
        reads: comma list of the labels of the models that will read the report.
        seed: of what the explainer draws by lot; a model's own is in the generation's configuration.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        shop = workshop(suite)
        unit = shop.suite.unit(str(state.sample_id))
        await learn(allowance)
        recorder, clock = Recorder(state), Clock()
        ceilings = matched(Budget(**budget), allowance, unit.identifier)
        laboratory = shop.laboratory(unit, ceilings, clock, recorder.measured)
        told = _briefing(explainer, guardrail_options, reads)
        made = shop.explainer(explainer, unit, guardrails, laboratory, _recorded(state), allowance, told, seed)
        result = await session(made, laboratory, state, recorder, Bill(clock))
        if allowance:
            result["allowance"] = {"tokens": ceilings.tokens, "unit_queries": ceilings.unit_queries}
        store().set(STORE, result)
        store().set(JOURNAL, [line.to_json() for line in recorder.lines])
        final = result.get("report") or {"outcome": result["outcome"], "reason": result.get("reason")}
        state.output.completion = json.dumps(final, ensure_ascii=False, indent=1)
        state.messages.append(message("closing", closing(result)))
        return state

    return solve


def _briefing(explainer: str, options: Options | None, reads: str) -> Briefing:
    """What guardrails are told; only explainers of ours meet them."""
    asks = explainer in EXPLAINERS and EXPLAINERS[explainer].needs_model
    readers = tuple(label(each.strip()) for each in reads.split(",") if each.strip())
    return Briefing(options or {}, str(get_model()) if asks else None, readers)


def _recorded(state: TaskState) -> Report | None:
    """What a file says of the sample's unit (`benchmark.recordings`)."""
    stated = state.metadata.get(RECORDED)
    return Report.from_json(stated) if stated else None


async def session(
    made: Explainer, laboratory: Laboratory, state: TaskState, recorder: Recorder, bill: Bill
) -> dict[str, Any]:
    """One explainer meets one unit: the outcome, and what it cost."""
    journal = Journal(listener=recorder.noted)
    async with span(made.name, type="explainer"):
        recorder.opens(laboratory)
        ask = Asking(laboratory, state, recorder, bill) if made.needs_model else None
        explaining = _explained(made.explain, laboratory, journal, ask)
        result = await outcome_of(explaining, laboratory.budget.seconds, ask is not None)
        spend = laboratory.spend
        cost: dict[str, Any] = {"tokens": spend.tokens, "unit_queries": spend.unit_queries, "rounds": spend.rounds}
        cost |= {"calls": spend.calls, "generated": spend.generated}
        cost |= {"refused_texts": spend.refused, "seconds": round(spend.seconds, 3), "dollars": bill.dollars}
        recorder.close()
    counts = guardrail_counts(journal, result["outcome"])
    ended = any(count["ended_by_veto"] for count in counts.values())
    told = {"declares_predicates": made.declares_predicates, "repairs": repairs(journal)}
    return result | cost | told | {"guardrails": counts, "ended_by_veto": ended}


def repairs(journal: Journal) -> dict[str, int]:
    """How many answers of the model had to be asked for again, by what was wrong with them."""
    return dict(Counter(str(entry.data.get("kind", "")) for entry in journal.entries if entry.kind == "repair"))
