"""Functions of one's own through Inspect: a bug costs the one unit it happens on, and the examples run as they are."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSample
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model

from benchmark.runtime import solver
from benchmark.runtime.workshop import workshop

ROOT = Path(__file__).resolve().parents[2]
SUITE = "embedded-1"
BUDGET: dict[str, Any] = {"unit_queries": 600, "rounds": 4, "tokens": 9000, "seconds": 120.0}
MINE = """
import anyio
met = []

def raises(laboratory):
    met.append(1)
    if len(met) == 2:
        raise KeyError("a bug")
    return "fine"

def nonsense(laboratory):
    return {"text": "rivers"}

async def endless(laboratory):
    await anyio.sleep_forever()

def spins(laboratory):
    while True:
        pass

async def greedy(laboratory):
    while True:
        await laboratory.measure(["a river"] * 100)

def silent(laboratory): ...

def empty(laboratory):
    return " "
"""


def units(count: int) -> list[str]:
    found = [unit.identifier for unit in workshop(SUITE).suite.units if unit.family == "concrete"][:count]
    assert len(found) == count
    return found


def sessions(spec: str, folder: Path, count: int = 1, model: Model | str = "none", **budget: Any) -> list[EvalSample]:
    samples = [Sample(id=name, input="Explain the unit.") for name in units(count)]
    task = Task(dataset=samples, solver=solver.explain(spec, "all", SUITE, BUDGET | budget))
    log = inspect_eval(task, model=model, log_dir=str(folder), display="none", max_samples=1)[0]
    assert log.status == "success"
    assert log.samples
    assert not any(sample.error for sample in log.samples)
    return log.samples


def results(spec: str, folder: Path, count: int = 1, **budget: Any) -> list[dict[str, Any]]:
    (folder / "mine.py").write_text(MINE, "utf-8")
    found = sessions(f"{folder / 'mine.py'}@{spec}", folder, count, **budget)
    return [sample.store[solver.STORE] for sample in found]


def test_a_crash_costs_its_own_unit_alone(tmp_path: Path) -> None:
    first, second, third = results("raises", tmp_path, 3)
    assert first["outcome"] == third["outcome"] == "report"
    assert (second["outcome"], second["reason"]) == ("crash", "KeyError: 'a bug'")
    assert "mine.py" in second["traceback"]


@pytest.mark.parametrize(
    ("name", "outcome", "reason"),
    [
        ("nonsense", "crash", "TypeError: nonsense returned 'dict'; return a Report, a text, or None to abstain"),
        ("greedy", "limit", "unit queries: 100 wanted, 600 allowed, 600 used"),
        ("empty", "no_report", "empty returned an empty text; return None to abstain"),
    ],
)
def test_other_failures_are_counted_by_kind(tmp_path: Path, name: str, outcome: str, reason: str) -> None:
    (found,) = results(name, tmp_path)
    assert (found["outcome"], found["reason"]) == (outcome, reason)


def test_nothing_returned_is_an_abstention(tmp_path: Path) -> None:
    (found,) = results("silent", tmp_path)
    assert (found["outcome"], found["report"]["text"]) == ("abstained", "it gave no explanation")


@pytest.mark.parametrize("name", ["endless", "spins"])
def test_what_never_returns_ends_with_its_seconds(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "GRACE_SECONDS", 0.2)
    first, second = results(name, tmp_path, 2, seconds=0.2)
    assert first["outcome"] == second["outcome"] == "limit"
    assert first["seconds"] < 5


def test_the_template_runs_as_it_is(tmp_path: Path) -> None:
    for sample in sessions(f"{ROOT / 'examples/template.py'}@mine", tmp_path, 3):
        found = sample.store[solver.STORE]
        assert found["outcome"] in ("report", "abstained")
        assert found["unit_queries"] == 2
        kinds = [line["kind"] for line in sample.store[solver.JOURNAL]]
        assert {"hypothesis", "result"} <= set(kinds)


def answering(*texts: str) -> Model:
    outputs = [ModelOutput.from_content("mockllm/model", text) for text in texts]
    for output in outputs:
        output.usage = ModelUsage(input_tokens=50, output_tokens=5, total_tokens=55)
    return get_model("mockllm/model", custom_outputs=outputs, memoize=False)


def test_the_asking_example_tries_its_answer_and_asks_again(tmp_path: Path) -> None:
    sentences = "\n\n".join(["1. nobody ever saw them in <there>, I think"] * 3 + ["zzz zzz"] * 4)
    model = answering("words of rivers", sentences, "```json\n{}\n```", "words of <b>banks</b>")
    (sample,) = sessions(f"{ROOT / 'examples/ask_twice.py'}@ask_twice", tmp_path, 1, model)
    found = sample.store[solver.STORE]
    assert (found["outcome"], found["calls"], found["unit_queries"]) == ("report", 4, 5)
    assert found["report"]["text"] == "words of <b>banks</b>"
    assert found["repairs"] == {"wrong_shape": 1}
    questions = [message.text for message in sample.messages if message.role == "user"]
    assert any("It is silent on:\n<text>1. nobody ever saw them in &lt;there&gt;,</text>" in each for each in questions)


def test_the_asking_example_keeps_an_answer_that_holds(tmp_path: Path) -> None:
    spec = f"{ROOT / 'examples/ask_twice.py'}@ask_twice"
    unit = workshop(SUITE).suite.unit(units(1)[0])
    (word, *_) = (
        word
        for each in workshop(SUITE).suite.exemplars(unit)
        if each.stratum == "firing"
        for word, value in zip(each.words, each.values, strict=True)
        if value > 0
    )
    (sample,) = sessions(spec, tmp_path, 1, answering("the word", f"{word}\n{word}\nnothing here"))
    found = sample.store[solver.STORE]
    assert (found["outcome"], found["calls"], found["report"]["text"]) == ("report", 2, "the word")
