"""The Inspect solver that runs one explainer on one unit and leaves a readable sample."""

import json
import traceback
from typing import Any

from inspect_ai.model import ChatMessageAssistant, ChatMessageTool, ChatMessageUser, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import span, store

from benchmark.explainers.explainer import Ask, Entry, Journal, NoReport
from benchmark.explainers.report import Report
from benchmark.laboratory import Budget, BudgetExceeded, Laboratory
from benchmark.runtime.workshop import workshop

STORE = "viva"
# How each kind of journal entry reads in the viewer: the laboratory answers as a tool, guardrails object as a user.
_SPEAKER = {
    "observation": "tool",
    "result": "tool",
    "practice": "tool",
    "objection": "user",
    "verdict": "user",
}


def _ask(laboratory: Laboratory, state: TaskState, journal: Journal) -> Ask:
    async def ask(prompt: str) -> str:
        question = ChatMessageUser(content=prompt)
        # How long and how warm an answer is, the task's configuration says.
        output = await get_model().generate([question])
        laboratory.spend.tokens += output.usage.total_tokens if output.usage else 0
        state.messages += [question, output.message]
        if laboratory.spend.tokens > laboratory.budget.tokens:
            raise BudgetExceeded(f"tokens: {laboratory.budget.tokens} allowed")
        return output.completion

    return ask


def _guardrail_counts(journal: Journal) -> dict[str, dict[str, int]]:
    """Per guardrail, how often it was asked and how often it objected."""
    counts: dict[str, dict[str, int]] = {}
    for entry in journal.entries:
        if (name := entry.data.get("guardrail")) is not None and entry.kind in ("objection", "verdict"):
            count = counts.setdefault(str(name), {"asked": 0, "objections": 0})
            count["asked"] += 1
            count["objections"] += entry.kind == "objection"
    return counts


def _message(entry: Entry) -> Any:
    text = f"**{entry.kind}** — {entry.text}"
    speaker = _SPEAKER.get(entry.kind, "assistant")
    if speaker == "tool":
        return ChatMessageTool(content=text, function="laboratory")
    return ChatMessageUser(content=text) if speaker == "user" else ChatMessageAssistant(content=text)


async def _outcome(explain: Any, laboratory: Laboratory, journal: Journal, ask: Ask | None) -> dict[str, Any]:
    """Run the explainer; whatever it does costs this unit only (METHOD.md section 2)."""
    try:
        report: Report = await explain(laboratory, journal, ask)
        return {"outcome": "abstained" if report.abstained else "report", "report": report.to_json()}
    except NoReport as failure:
        return {"outcome": failure.kind, "reason": str(failure)}
    except BudgetExceeded as failure:
        return {"outcome": "limit", "reason": str(failure)}
    except Exception as failure:
        # An explainer is somebody else's code: its bug is a result, kept with its traceback, never dropped.
        return {
            "outcome": "crash",
            "reason": f"{type(failure).__name__}: {failure}",
            "traceback": traceback.format_exc(),
        }


@solver
def explain(explainer: str, guardrails: str, suite: str, budget: dict[str, Any]) -> Solver:
    """Run `explainer` on the sample's unit within `budget`.

    Args:
        explainer: a name, `package.module:factory` or `file.py:factory`.
        guardrails: "all", "none", "without_NAME" or a comma list; only guardrailed explainers meet them.
        suite: a frozen suite.
        budget: fields of `benchmark.laboratory.Budget`.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        shop = workshop(suite)
        unit = shop.suite.unit(str(state.sample_id))
        laboratory, journal = shop.laboratory(unit, Budget(**budget)), Journal()
        async with span("explain"):
            made = shop.explainer(explainer, unit, guardrails)
            ask = _ask(laboratory, state, journal) if made.needs_model else None
            result = await _outcome(made.explain, laboratory, journal, ask)
        spend = laboratory.spend
        result |= {
            "declares_predicates": made.declares_predicates,
            "tokens": spend.tokens,
            "unit_queries": spend.unit_queries,
            "rounds": spend.rounds,
            "refused_texts": spend.refused,
            "seconds": round(spend.seconds, 3),
            "guardrails": _guardrail_counts(journal),
        }
        store().set(STORE, result)
        state.messages += [_message(entry) for entry in journal.entries]
        final = result.get("report") or {"outcome": result["outcome"], "reason": result.get("reason")}
        state.output.completion = json.dumps(final, ensure_ascii=False, indent=1)
        state.messages.append(ChatMessageAssistant(content=_closing(result)))
        return state

    return solve


def _closing(result: dict[str, Any]) -> str:
    if "report" not in result:
        return f"**no report** ({result['outcome']}): {result.get('reason', '')}"
    report = result["report"]
    if report["abstained"]:
        return f"**abstains** — {report['text']}"
    claims = "\n".join(f"- level {claim['level']:.1f}: {claim['text']}" for claim in report["claims"])
    return f"**report** — {report['text']}\n\n{claims}"
