"""The teaching task through Inspect: lessons are readable in order, and the exam rests on notes."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog

from benchmark.runtime.lessons import STORE
from benchmark.runtime.workshop import workshop
from benchmark.students.teaching import LESSON_WORDS
from tasks.explanation.explanation import TaskError
from tasks.teaching import teaching

PLANTED = [unit.identifier for unit in workshop("embedded-2").suite.units if unit.family == "concrete"]


def lessons(folder: Path, **arguments: Any) -> EvalLog:
    task = teaching(units=",".join(PLANTED[:2]), **arguments)
    (log,) = inspect_eval(task, model="none", log_dir=str(folder), display="none", max_samples=1)
    assert log.status == "success"
    return log


def test_a_lesson_is_its_messages_with_the_user_model_beside_each_turn(tmp_path: Path) -> None:
    log = lessons(tmp_path, student="keyword")
    assert log.samples is not None
    for sample in log.samples:
        told = sample.store[STORE]
        assert told["words"] == LESSON_WORDS
        moves = [message.text for message in sample.messages if message.role == "user"][1:]
        assert moves[0].startswith("**tell**"), "an explained unit's claim comes first"
        believed = [message.text for message in sample.messages if message.role == "system"]
        assert len(believed) == len([move for move in moves if not move.startswith("**talk**")])
        assert '"understood"' in believed[0]
        assert sample.messages[-1].text.startswith("Notes for the exam")
        assert told["notes"].splitlines()[0] in sample.messages[-1].text
        assert sample.scores is not None
        value = sample.scores["comprehension"].value
        assert isinstance(value, dict)
        assert value["after"] == pytest.approx(told["after"])
        assert told["curve"][-1][1] == pytest.approx(told["after"])
        assert min(told["regret"]) >= 0
        assert value["gain"] > 0.1, "a concrete unit is learned from its words"


def test_the_gain_is_over_a_placebo_lesson_to_the_same_student(tmp_path: Path) -> None:
    log = lessons(tmp_path, student="keyword", arm="placebo")
    assert log.samples is not None
    assert any(sample.store[STORE]["after"] != 0 for sample in log.samples)
    assert all(sample.store[STORE]["gain"] == 0 for sample in log.samples)


def test_who_is_taught_nothing_gains_nothing(tmp_path: Path) -> None:
    log = lessons(tmp_path, student="keyword", arm="none")
    assert log.samples is not None
    assert all(sample.store[STORE]["words"] == 0 for sample in log.samples)
    assert all(sample.store[STORE]["after"] == 0 for sample in log.samples)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"student": "note_taken"}, "no student 'note_taken'; did you mean 'note_taker'?"),
        ({"arm": "lively"}, "no arm 'lively'; did you mean 'live'?"),
        ({"explainer": "agentic"}, "teachers with a model are not there yet"),
        ({"explainer": "rule_inducton"}, "did you mean 'rule_induction'"),
        ({"tiers": "plantd"}, "plantd"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: dict[str, str], said: str) -> None:
    with pytest.raises(TaskError) as error:
        teaching(**arguments)  # type: ignore[arg-type]
    assert said in str(error.value)
    assert "\n" not in str(error.value)
