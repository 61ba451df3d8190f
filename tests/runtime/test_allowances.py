"""Compute-matched rivals get what the loop spent on the same unit, read from its logs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalSample, list_eval_logs, read_eval_log

from benchmark.runtime.allowances import AllowanceError, allowance
from benchmark.runtime.workshop import workshop

Call = Callable[..., tuple[int, str, str]]


def samples(folder: Path) -> list[EvalSample]:
    return [sample for info in list_eval_logs(str(folder)) for sample in read_eval_log(info).samples or []]


def spent(sample: EvalSample) -> dict[str, Any]:
    told: dict[str, Any] = sample.store["viva"]
    return told


@pytest.fixture
def planted() -> list[str]:
    units = [unit for unit in workshop("embedded-2").suite.units if unit.family in ("contextual", "morphological")]
    return [unit.identifier for unit in units][:3]


def test_a_rival_spends_no_more_queries_than_the_loop_did(
    call_viva: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planted: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arms = "explainers=[rule_induction_agentic,rule_induction_best_of_n]"
    code, _, said = call_viva("run", arms, f"units.only=[{','.join(planted)}]", "readers=[executable]", "run=pair")
    assert code == 0, said
    logs = tmp_path / "runs" / "pair" / "logs"
    loop = {str(each.id): spent(each) for each in samples(logs / "rule_induction_agentic")}
    rival = {str(each.id): spent(each) for each in samples(logs / "rule_induction_best_of_n")}
    assert set(loop) == set(rival) == set(planted)
    for unit in planted:
        assert rival[unit]["unit_queries"] <= loop[unit]["unit_queries"]
        assert loop[unit]["unit_queries"] - rival[unit]["unit_queries"] < 60 or rival[unit]["unit_queries"] >= 240
        found = allowance(str(logs / "rule_induction_agentic"), unit)
        assert (found.unit_queries, found.tokens) == (loop[unit]["unit_queries"], 0)
    with pytest.raises(AllowanceError, match="has no spend on planted-else"):
        allowance(str(logs / "rule_induction_agentic"), "planted-else")


def test_a_rival_without_its_loop_is_refused_before_any_work(
    call_viva: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, said = call_viva("run", "explainers=[rule_induction_best_of_n]", "run=alone")
    assert code == 2
    assert "gets what rule_induction_agentic spends" in said + out
    assert not (tmp_path / "runs" / "alone" / "logs").exists()
    with pytest.raises(AllowanceError, match="no logs in"):
        allowance(str(tmp_path / "nowhere"), "planted-else")
