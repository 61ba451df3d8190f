"""Every report on every unit: the honest explainers', and each lie that can be told about it."""

import asyncio
from dataclasses import dataclass

from benchmark.explainers.explainer import Journal
from benchmark.explainers.oracle import Oracle
from benchmark.explainers.report import Report
from benchmark.explainers.rule_induction import RuleInduction
from benchmark.explainers.top_tokens import TopTokens
from benchmark.honesty.cases import Case
from benchmark.honesty.liars import Liar, honest, lies
from benchmark.honesty.room import Room

ORACLE, WEAK = "oracle", "rule_induction"
HONEST = (ORACLE, WEAK)


@dataclass(frozen=True)
class Told:
    """One report.

    Attributes:
        case: place of its case in the room.
        arm: "oracle", "rule_induction", or the strategy of a lie.
        report: what was handed in.
    """

    case: int
    arm: str
    report: Report


@dataclass(frozen=True)
class Audit:
    """What an auditor has found out about a unit without the report.

    Attributes:
        rivals: hypotheses of a rule search on the teach windows, best first.
        held_out_r: r of that search from one half of the windows to the other; 0 where none was computed.
        words: the report of the words of greatest mean activation.
    """

    rivals: tuple[Report, ...]
    held_out_r: float
    words: Report


def hold(room: Room) -> tuple[list[Told], list[Audit]]:
    """All sessions, unit by unit."""
    told: list[Told] = []
    audits: list[Audit] = []
    for place, case in enumerate(room.cases):
        weak, audit = _searched(room, case)
        oracle = asyncio.run(Oracle(honest(case)).explain(room.laboratory(case), Journal()))
        told += [Told(place, ORACLE, oracle), Told(place, WEAK, weak)]
        for strategy, lie in lies(case).items():
            report = asyncio.run(Liar(strategy, lie).explain(room.laboratory(case), Journal()))
            told.append(Told(place, strategy, report))
        audits.append(audit)
    return told, audits


def _searched(room: Room, case: Case) -> tuple[Report, Audit]:
    """Rule induction's report, and what its search leaves for an auditor."""
    journal = Journal()
    weak = asyncio.run(RuleInduction().explain(room.laboratory(case), journal))
    words = asyncio.run(TopTokens().explain(room.laboratory(case), Journal()))
    rivals = tuple(Report.from_json(each.data["report"]) for each in journal.entries if each.kind == "hypothesis")
    held_out = [float(each.data["held_out_r"]) for each in journal.entries if "held_out_r" in each.data]
    return weak, Audit(rivals, held_out[0] if held_out else 0.0, words)
