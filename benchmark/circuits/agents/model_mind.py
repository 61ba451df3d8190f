"""The mind of a language model over circuits: it plans experiments and writes the report; the loop does the rest.

What it sees is quoted as data. Only what it asked for, and a first look that all explainers get, comes back to it.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.circuits.agents.experiments import MOST_EXPERIMENTS, TOOLS, Declined, Experiment
from benchmark.circuits.agents.mind import Evidence
from benchmark.circuits.agents.replies import PLAN, REPORT, Planned, Reported, read_plan, read_report
from benchmark.circuits.agents.report_json import told
from benchmark.circuits.report import CircuitReport
from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.quoting import escaped
from benchmark.explainers.replies import Unreadable, asked

PROMPTS = Path(__file__).with_name("prompts")
# Of the evidence that is shown, the newest: findings, what was declined, objections.
FINDINGS_SHOWN, NOTES_SHOWN, OBJECTIONS_SHOWN = 8, 3, 2
# Complaints of one answer that are counted one by one and shown.
MOST_DECLINED = 12


class ModelMind:
    """A language model thinks.

    Args:
        ask: the model.
        journal: hears of answers that could not be read, and of what was declined.
    """

    def __init__(self, ask: Ask, journal: Journal) -> None:
        self._ask, self._journal = ask, journal
        self._plans = True

    async def plan(self, seen: Evidence) -> Sequence[Experiment]:
        """The model's experiments; a model whose plan cannot be read is not asked for another.

        It hands in what it knows then; objections to that are answered by another report.
        """
        if not self._plans:
            return ()
        session = seen.desk.session
        try:
            reply = await self._ask(plan_prompt(seen), PLAN)
            found: Planned = read_plan(reply, session.layers, session.each, session.laboratory.prompts)
        except (Unreadable, NoReport) as error:
            self._plans = False
            self._journal.note("repair", f"no plan of the model's from now on: {error}", kind=f"plan_{error.kind}")
            return ()
        self._decline(found.declined, seen)
        self._plans = bool(found.experiments) or bool(found.declined)
        return found.experiments

    async def report(self, seen: Evidence) -> CircuitReport:
        """The model's report; one that cannot be read is asked for once more.

        Raises:
            NoReport: "refusal" or "unparsable".
        """
        session = seen.desk.session

        def read(reply: str) -> Reported:
            return read_report(reply, session.layers, session.each)

        found = await asked(self._ask, report_prompt(seen), read, self._journal, REPORT)
        self._decline(found.declined, seen)
        return found.report

    def _decline(self, declined: Sequence[Declined], seen: Evidence) -> None:
        for error in declined[:MOST_DECLINED]:
            self._journal.note("repair", str(error), kind=error.kind)
            seen.notes.append(str(error))


def plan_prompt(seen: Evidence) -> str:
    """The question for experiments."""
    session = seen.desk.session
    parts = _parts(seen) | {
        "tools": "\n".join(f"- {each}" for each in TOOLS.values()),
        "prompts": str(session.laboratory.prompts),
        "rounds": str(seen.rounds_left),
        "left": str(max(0, session.prompts_left - session.reserve)),
        "most": str(MOST_EXPERIMENTS),
    }
    return _filled("plan.txt", parts)


def report_prompt(seen: Evidence) -> str:
    """The question for the report."""
    return _filled("report.txt", _parts(seen))


def _parts(seen: Evidence) -> dict[str, str]:
    session = seen.desk.session
    first, last = session.laboratory.heads[0], session.laboratory.heads[-1]
    sizes = {"layers": str(session.layers), "each": str(session.each), "first": str(first), "last": str(last)}
    return sizes | {"seen": "\n".join(map(escaped, _lines(seen)))}


def _lines(seen: Evidence) -> list[str]:
    """What is known, a line each: the first look, findings, what was declined, objections with what they were about."""
    rows = seen.desk.run(Experiment("prompts")).text.splitlines()
    lines = [seen.desk.behaviour(), *rows]
    lines += [f"{each.experiment}: {each.text}" for each in seen.findings[-FINDINGS_SHOWN:]]
    lines += [f"declined: {each}" for each in seen.notes[-NOTES_SHOWN:]]
    pairs = zip(seen.submitted, seen.objections, strict=True)
    for report, objection in [*pairs][-OBJECTIONS_SHOWN:]:
        lines.append(f"you handed in: {told(report)}; sent back by {objection.guardrail}: {objection.text}")
    return lines


def _filled(name: str, parts: Mapping[str, str]) -> str:
    """A prompt with its places filled at once: what is filled in may look like a place."""
    text = (PROMPTS / name).read_text(encoding="utf-8").strip()
    return re.sub("{(" + "|".join(parts) + ")}", lambda place: parts[place[1]], text)
