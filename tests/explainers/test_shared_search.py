"""Arms share their searches: the same reports and journals as alone, and the seconds that each would take alone."""

import asyncio
from typing import Any

import pytest
from planted_world import World, underdetermined, words

from benchmark.explainers import shared_search as sharing
from benchmark.explainers.explainer import Journal
from benchmark.explainers.rule_induction import Arm, RuleInduction
from benchmark.explainers.rule_search import search
from benchmark.explainers.shared_search import shared_search
from benchmark.explainers.word_data import Data
from benchmark.laboratory import BudgetExceeded

ARMS: tuple[Arm, ...] = ("single_pass", "agentic", "guardrailed")


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_known", {})


def explain(arm: Arm, world: World) -> tuple[str, list[str]]:
    laboratory, journal = world.laboratory(), Journal()
    guardrails = world.guardrails("all", laboratory) if arm == "guardrailed" else None
    report = asyncio.run(RuleInduction(arm, guardrails).explain(laboratory, journal))
    return repr(report.to_json()), [repr(entry) for entry in journal.entries]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Data]:
    asked: list[Data] = []
    monkeypatch.setattr(sharing, "search", lambda data: asked.append(data) or search(data))
    return asked


@pytest.mark.parametrize("world", [World(words("river", "stone")), underdetermined()], ids=["plain", "gated"])
def test_an_arm_says_the_same_after_others_as_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    alone: dict[str, Any] = {}
    for arm in ARMS:
        monkeypatch.setattr(sharing, "_known", {})
        alone[arm] = explain(arm, world)
    for arm in (*ARMS, *ARMS[::-1]):
        assert explain(arm, world) == alone[arm]


def test_no_search_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(monkeypatch)
    world = underdetermined()
    explain("agentic", world)
    assert asked
    asked.clear()
    explain("agentic", world)
    explain("single_pass", world)
    assert asked == []


def test_what_is_known_is_charged_what_it_took() -> None:
    data = Data.of(underdetermined().exemplars)
    charged: list[float] = []
    first = shared_search(charged.append)(data)
    assert charged == [], "the clock ran while it searched"
    again = shared_search(charged.append)(Data.of(underdetermined().exemplars))
    assert [each.report for each in again] == [each.report for each in first]
    assert len(charged) == 1
    assert charged[0] == sharing._known[data.digest][1] > 0


def test_other_data_are_searched_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, data = counted(monkeypatch), Data.of(underdetermined().exemplars)
    others = [
        Data(data.passages, data.values + 0.5, data.weight, data.unit_weight, data.fold),
        Data(data.passages, data.values, data.weight[::-1].copy(), data.unit_weight, data.fold),
        Data(data.passages, data.values, data.weight, data.unit_weight * 2, data.fold),
        Data(data.passages, data.values, data.weight, data.unit_weight, 1 - data.fold),
        data.part(0),
    ]
    for each in (data, *others):
        shared_search(lambda seconds: None)(each)
    assert len(asked) == 6
    assert len({each.digest for each in (data, *others)}) == 6


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_KEPT", 2)
    data = Data.of(underdetermined().exemplars)
    three = (data, data.part(0), data.part(1))
    for each in three:
        shared_search(lambda seconds: None)(each)
    assert list(sharing._known) == [each.digest for each in three[1:]]


def test_seconds_of_the_laboratory_hold_what_is_charged() -> None:
    laboratory = World(words("river")).laboratory()
    laboratory.charge_seconds(40.0)
    assert 40.0 <= laboratory.spend.seconds < 60.0
    with pytest.raises(ValueError, match="give 0 or more"):
        laboratory.charge_seconds(-1.0)
    laboratory.charge_seconds(100.0)
    with pytest.raises(BudgetExceeded, match="seconds"):
        laboratory.begin_round()
