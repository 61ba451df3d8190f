"""Studies of loops over circuits: what is missing is worst, what is untrusted is escaped, what is wrong is one line."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loop_world import made

from benchmark.circuit_loops.__main__ import _without_places, main
from benchmark.circuit_loops.detection import Verdict, any_of, shares
from benchmark.circuit_loops.publish import of_loops, publish
from benchmark.circuit_loops.runs import rows, run, summary
from benchmark.circuits.agents.report_json import to_json
from benchmark.circuits.report import CircuitReport
from benchmark.errors import UserError
from benchmark.runtime.circuit_grades import WORST, flat
from benchmark.runtime.circuit_units import PLANTED, CircuitUnit

HOSTILE = "![x](http://evil.example/p.png) | a cell | <script>alert(1)</script>\nnew line"


def row(**more: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("grade", "repairs", "guardrails", "report", "prompts", "rounds", "tokens", "calls"))
    blank |= dict.fromkeys(("generated", "seconds"))
    told = {"explainer": "agentic", "tier": "planted", "unit": "planted-induction-3", "outcome": "crash", "reason": "x"}
    return {**blank, **told, **more}


def test_a_crash_has_the_worst_of_every_figure() -> None:
    (found,) = summary([row()])
    assert found["means"] == WORST
    assert found["means"]["p"] == found["means"]["incompleteness"] == 1.0
    good = dict.fromkeys(WORST, 1.0) | {"p": 0.001, "incompleteness": 0.0}
    (found,) = summary([row(), row(unit="other", outcome="report", grade=good)])
    assert found["means"]["p"] == pytest.approx(0.5005)
    assert found["means"]["incompleteness"] == pytest.approx(0.5)
    assert found["means"]["f1"] == pytest.approx(0.5)
    (found,) = summary([row(tier="hollow")])
    assert found["means"] == {"rejected": 0.0, "false_claim": 0.0, "failed": 1.0}


def test_the_worst_grade_has_every_figure_of_a_grade_and_an_abstention_is_no_worse() -> None:
    examiner = CircuitUnit("induction", 0, PLANTED).examiner()
    nothing = CircuitReport({}, reason="none")
    grade = flat(nothing, examiner.grade(nothing))
    assert set(grade) == set(WORST)
    assert grade["p"] <= WORST["p"]
    assert grade["incompleteness"] <= WORST["incompleteness"] + 1e-6


def test_a_role_in_a_model_s_own_words_is_escaped() -> None:
    head = min(made().circuit)
    report = CircuitReport({head: 1.0}, frozenset({head}), {head: HOSTILE})
    rows = [row(report=to_json(report), outcome="report")]
    text = of_loops("Loops: ![x](http://a.b/c)", "intro", summary(rows), rows)
    assert "![" not in text
    assert re.search(r"(?<!\\)\]\(", text) is None, "no link and no image"
    assert "<script" not in text
    assert "://" not in text
    (line,) = [line for line in text.splitlines() if "alert" in line]
    assert line.replace("\\|", "").count("|") == 5, "four cells"


def verdict(guardrail: str, unit: str, sent_back: bool = False) -> Verdict:
    return Verdict(guardrail, "right", unit, sent_back, None)


def test_any_is_stated_where_all_were_asked_alone() -> None:
    some = [verdict("causal", "a"), verdict("significance", "a", True), verdict("causal", "b")]
    (found,) = any_of(some)
    assert (found.unit, found.sent_back) == ("a", True)
    by_name = {each["guardrail"]: each for each in shares([*some, found])}
    assert (by_name["any"]["n"], by_name["causal"]["n"], by_name["significance"]["n"]) == (1, 2, 1)
    assert shares([replace(some[1], resolvable=False)])[0]["resolvable"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds=-1"], "is no seed"),
        (["--seeds", "-1,2"], "expected one argument"),
        (["--seeds", "9" * 400], "is no seed"),
        (["--guardrails", "--seeds=-1"], "is no seed"),
        (["--units", "planted-induction-9"], "no unit"),
        (["--explainers", "rules_agentik"], "did you mean"),
        (["--rounds", "0"], "--rounds 0"),
        (["--answer", "-3"], "--answer -3"),
        (["--out", "/dev/null/x/rules"], "cannot be written"),
        (["--logs", "/dev/null/logs"], "cannot be written"),
        (["--sedes", "1"], "unrecognized arguments"),
        (["--explainers", "agentic"], "asks a model: give --model"),
        (["--guardrails", "--units", "planted-induction-3"], "--units has no meaning"),
        (["--out", "."], "is a folder"),
    ],
)
def test_an_argument_without_meaning_is_one_line_before_any_work(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    # What is told last of an option counts.
    logs = [] if "--guardrails" in arguments else ["--logs", str(tmp_path / "logs")]
    given = ["--out", str(tmp_path / "out" / "rules"), *logs, *arguments]
    with pytest.raises(UserError, match=message) as caught:
        main(given)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert not list(tmp_path.iterdir())


def test_ctrl_c_ends_in_one_line_with_the_command_that_goes_on(tmp_path: Path) -> None:
    arguments = ["--guardrails", "--seeds", "0", "--out", str(tmp_path / "guardrails")]
    work = subprocess.Popen(
        [sys.executable, "-m", "benchmark.circuit_loops", *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert work.stdout
    work.stdout.readline()  # It is at work.
    time.sleep(0.2)
    work.send_signal(signal.SIGINT)
    _, said = work.communicate(timeout=60)
    assert work.returncode == 130
    last = said.strip().splitlines()[-1]
    assert last.startswith("circuit_loops: stopped")
    assert "python -m benchmark.circuit_loops --guardrails --seeds 0" in last
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


def test_tables_have_their_json_beside_them(tmp_path: Path) -> None:
    publish(tmp_path / "new" / "rules", {"rows": [1]}, "text\n")
    assert json.loads((tmp_path / "new" / "rules.json").read_text("utf-8")) == {"rows": [1]}
    assert (tmp_path / "new" / "rules.md").read_text("utf-8") == "text\n"


UNITS = ["null-first-token-0", "null-copy-suppression-0"]
SETTINGS: dict[str, Any] = {"seeds": "0", "rounds": 2}


def test_logs_of_another_model_are_refused_and_only_units_that_were_asked_for_are_told(tmp_path: Path) -> None:
    (folder,) = run(["rules_agentic"], "none", tmp_path, 64, UNITS, **SETTINGS)
    assert [row["unit"] for row in rows([folder], UNITS[1:])] == UNITS[1:]
    assert sorted(row["unit"] for row in rows([folder], UNITS)) == sorted(UNITS)
    logs = sorted(folder.iterdir())
    run(["rules_agentic"], "none", tmp_path, 64, UNITS, **SETTINGS)
    assert sorted(folder.iterdir()) == logs, "nothing is run twice"
    with pytest.raises(UserError, match="another model"):
        run(["rules_agentic"], "mockllm/model", tmp_path, 64, UNITS, **SETTINGS)
    (folder / "2026-broken.eval").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(UserError, match=r"2026-broken\.eval cannot be read"):
        run(["rules_agentic"], "none", tmp_path, 64, UNITS, **SETTINGS)
    (tmp_path / "ablation").write_text("a file")
    with pytest.raises(UserError, match="is a file"):
        run(["ablation"], "none", tmp_path, 64, UNITS, **SETTINGS)


def test_provenance_says_what_decides_figures_and_not_where_they_lie() -> None:
    given = ["--seeds", "3", "--out", "/a/place", "--logs=/another", "--rounds", "2", "--logs", "/b"]
    assert _without_places(given) == ["--seeds", "3", "--rounds", "2"]
