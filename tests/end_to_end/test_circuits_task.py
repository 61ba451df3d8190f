"""The circuits task through Inspect: samples are readable, every failure has a score, and logs make the tables."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import ChatMessage, Model, ModelOutput, ModelUsage, get_model

from benchmark.circuit_loops.publish import of_loops
from benchmark.circuit_loops.runs import rows, run, summary
from benchmark.circuits.grading import CircuitExaminer
from benchmark.errors import UserError
from benchmark.eval_logs import read_log
from benchmark.runtime import circuit_units
from benchmark.runtime.circuit_sessions import STORE
from benchmark.runtime.circuit_units import planted
from benchmark.subjects.native import NativeMachine
from tasks.circuits import circuits
from tasks.explanation.explanation import TaskError

UNITS = "planted-previous-token-0,null-previous-token-0"
# Of an exam, in place of 96: what is tested is the way of a sample, not its figures.
EXAM = 24
TRUE = [str(head) for head in sorted(planted("previous_token", 0).circuit)]


@lru_cache
def examiner(kind: str, seed: int) -> CircuitExaminer:
    made = planted(kind, seed)
    layers = 1 + max(head.layer for head in made.core.weights.heads)
    return CircuitExaminer(made, circuit_units.machine(kind, seed), NativeMachine(made.core.weights, layers, 1), EXAM)


@pytest.fixture(autouse=True)
def short_exam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit_units, "_examiner", examiner)


def ran(folder: Path, model: Any = "none", **arguments: Any) -> EvalLog:
    roles = arguments.pop("model_roles", None)
    task = circuits(units=UNITS, **arguments)
    (log,) = inspect_eval(task, model=model, model_roles=roles, log_dir=str(folder), display="none")
    assert log.status == "success"
    return log


def samples(log: EvalLog) -> dict[str, EvalSample]:
    assert log.samples
    assert all(sample.error is None for sample in log.samples)
    return {sample.metadata["tier"]: sample for sample in log.samples}


def speaker(report: str) -> Model:
    """Asks for one experiment, then reports."""

    def output(messages: list[ChatMessage], *_: Any) -> ModelOutput:
        asks = "Tools" in messages[-1].text and "ablate(" + TRUE[0] not in messages[-1].text
        plan = json.dumps({"experiments": [{"tool": "ablate", "heads": TRUE[:1], "expected": 0.2}] if asks else []})
        made = ModelOutput.from_content("mockllm/model", plan if "Tools" in messages[-1].text else report)
        # Without it Inspect would count tokens with a table that it wants to download.
        made.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return made

    return get_model("mockllm/model", custom_outputs=output, memoize=False)


def test_rules_are_graded_at_the_ceiling_and_a_sample_can_be_read(tmp_path: Path) -> None:
    # The dearest guardrail alone runs 300 circuits; it has tests of its own.
    log = ran(tmp_path / "rules_guardrailed", explainer="rules_guardrailed", guardrails="without_significance")
    found = samples(log)
    grade = found["planted"].store[STORE]["grade"]
    assert (grade["f1"], grade["auroc"], grade["looks"], grade["significant"], grade["decoys_named"]) == (1, 1, 1, 1, 0)
    assert grade["sufficiency"] == pytest.approx(1, abs=0.05)
    scores = found["planted"].scores or {}
    assert set(scores) == {"circuit"}
    assert scores["circuit"].value == grade
    assert (found["null"].scores or {})["null"].value == {"rejected": 1.0, "false_claim": 0.0, "failed": 0.0}
    texts = [message.text for message in found["planted"].messages]
    for wanted in (
        "**observed**",
        "**experiments",
        "laboratory: **results**",
        "**submission**",
        "guardrail: **approval**",
    ):
        assert any(wanted in text for text in texts), wanted
    assert texts[-1].startswith("**report**")
    assert any("writes for the answer" in event.model_dump_json() for event in found["planted"].events)
    table = rows([tmp_path / "rules_guardrailed"])
    assert {row["unit"] for row in table} == set(UNITS.split(","))
    assert {row["tier"] for row in table} == {"planted", "null"}
    assert "| rules_guardrailed | 1.00 | 1.00 |" in of_loops("t", "i", summary(table), table)


@pytest.mark.parametrize("as_role", [False, True])
def test_a_model_explains_by_itself_or_in_a_role(tmp_path: Path, as_role: bool) -> None:
    said = json.dumps({"heads": [{"head": head} for head in TRUE]})
    arguments: dict[str, Any] = {"model": speaker(said)}
    if as_role:
        arguments = {"role": "explainer", "model_roles": {"explainer": speaker(said)}}
    found = samples(ran(tmp_path, explainer="agentic", **arguments))
    kept = found["planted"].store[STORE]
    assert kept["grade"]["f1"] == 1.0
    assert kept["calls"] == 3
    assert kept["repairs"] == {}
    assert any("<data>" in message.text for message in found["planted"].messages)
    assert (found["null"].scores or {})["null"].value == {"rejected": 0.0, "false_claim": 1.0, "failed": 0.0}


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [
        ({"model": "none"}, "no_report"),
        ({"model": "none", "role": "explainer"}, "no_report"),
        ({"model": speaker("I am sorry, but I cannot do that.")}, "refusal"),
        ({"model": speaker("L0H0 " * 10_000)}, "unparsable"),
        ({"model": speaker("{}"), "prompts": 3}, "limit"),
    ],
)
def test_failures_have_a_score_and_a_name(tmp_path: Path, arguments: dict[str, Any], outcome: str) -> None:
    for sample in samples(ran(tmp_path, explainer="agentic", **arguments)).values():
        kept = sample.store[STORE]
        assert kept["outcome"] == outcome
        assert "\n" not in kept["reason"]
        assert sample.scores
        assert kept["grade"].get("f1", 0.0) == 0.0
        assert kept["grade"].get("failed", 1.0) == 1.0
        assert sample.messages[-1].text.startswith(f"**no report** ({outcome})")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"explainer": "agentik"}, "did you mean 'agentic'"),
        ({"kinds": "inductoin"}, "did you mean 'induction'"),
        ({"guardrails": "casual", "explainer": "guardrailed"}, "did you mean 'causal'"),
        ({"units": "planted-induction-7"}, "among those chosen"),
        ({"seeds": "one"}, "whole numbers"),
        ({"prompts": 0}, "prompts=0"),
    ],
)
def test_an_argument_without_meaning_is_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TaskError, match=message) as caught:
        circuits(**arguments)
    assert "\n" not in str(caught.value)


def test_a_study_goes_on_where_it_stopped_and_refuses_logs_of_other_settings(tmp_path: Path) -> None:
    first, second = "hollow-previous-token-0", "null-previous-token-0"
    given = {"seeds": "0", "rounds": 8}
    (folder,) = run(["rules_agentic"], "none", tmp_path, 512, [first], **given)
    assert {row["unit"] for row in rows([folder])} == {first}
    run(["rules_agentic"], "none", tmp_path, 512, [first, second], **given)
    run(["rules_agentic"], "none", tmp_path, 512, [first, second], **given)
    logs = [read_log(str(path)) for path in folder.glob("*.eval")]
    assert sorted([str(sample.id) for sample in log.samples or []] for log in logs) == [[first], [second]]
    assert [row["outcome"] for row in rows([folder])] == ["abstained", "abstained"]
    for answer, more in ((256, {}), (512, {"rounds": 3})):
        with pytest.raises(UserError, match="logs made with another"):
            run(["rules_agentic"], "none", tmp_path, answer, [first], **{**given, **more})
