"""A user's own behaviours: what a file may say, and what is told of one that may not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmark.behaviours.from_file import read_behaviours
from benchmark.behaviours.unit import BehaviourError

GOOD: dict[str, Any] = {
    "name": "mine",
    "question": "Does it prefer tea?",
    "x": "tea",
    "y": "coffee",
    "teach": {"templates": ["{} drinks", "I saw {} drink"], "fillers": ["Anna", "Tom"]},
    "exam": {"templates": [["{} had", "{} has"], ["With {} we had", "With {} we have"]], "fillers": ["Eve", "Max"]},
}


def write(folder: Path, value: Any, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else yaml.safe_dump(value), "utf-8")
    return path


def paired(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "teach": {"templates": [["{} ran", "{} runs"], ["Did {}", "Does {}"]], "fillers": ["Anna", "Tom"]}}


def test_yaml_and_json_lines_state_the_same(tmp_path: Path) -> None:
    one = paired(GOOD)
    (unit,) = read_behaviours(write(tmp_path, one))
    two = {**one, "name": "other"}
    lines = "\n".join(json.dumps(each) for each in (one, two)) + "\n"
    first, second = read_behaviours(write(tmp_path, lines, "mine.jsonl"))
    assert unit == first
    assert second.identifier == "other"
    assert unit.tier == "own"
    assert unit.paired
    assert len(unit.teach) == len(unit.exam) == 4


def test_pairs_may_be_written_out(tmp_path: Path) -> None:
    teach = {"pairs": [["a b", "a c"], ["d b", "d c"], ["e b", "e c"]]}
    exam = {"pairs": [["f b", "f c"], ["g b", "g c"], ["h b", "h c"]]}
    (unit,) = read_behaviours(write(tmp_path, {**GOOD, "teach": teach, "exam": exam}))
    assert (unit.teach[0].prompt, unit.teach[0].twin, unit.exam[2].twin) == ("a b", "a c", "h c")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": None}, "x: None is no text"),
        ({"x": True}, "write it in quotes"),
        ({"y": "tea"}, "are to be two words"),
        ({"exam": None}, "exam: it is no mapping"),
        ({"extra": 1}, "unknown field 'extra'"),
        ({"quesion": "?"}, "did you mean 'question'"),
        ({"teach": {"templates": [], "fillers": ["a"]}}, "teach, templates: it is no list"),
        ({"teach": {"templates": ["no slot"], "fillers": ["a", "b", "c"]}}, "has not one slot"),
        ({"teach": {"templates": [["{}", "{}", "{}"]], "fillers": ["a", "b", "c"]}}, "neither a text nor two"),
        ({"teach": {"templates": ["{} x", "{} y"], "fillers": ["Eve", "Tom"]}}, "share the filler 'eve'"),
        ({"teach": {"templates": ["{} x", "{} y"], "fillers": ["Tom", "Tom"]}}, "'Tom x' is given twice"),
        ({"teach": {"pairs": ["a", "b", "c"]}}, "teach has pairs, exam fillers and templates"),
        ({"teach": {}}, "teach has nothing"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(BehaviourError, match=said) as caught:
        read_behaviours(write(tmp_path, {**paired(GOOD), **change}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("a: [", "x.yaml", "is not YAML"),
        ("{", "x.jsonl", "is not JSONL"),
        ("[]", "x.yaml", "at least one behaviour"),
        ("", "x.jsonl", "at least one behaviour"),
        ("just text", "x.yaml", "is no mapping"),
        ("", "x.txt", "is none of"),
    ],
)
def test_a_file_that_states_nothing_is_told(text: str, name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BehaviourError, match=said):
        read_behaviours(write(tmp_path, text, name))
    with pytest.raises(BehaviourError, match="cannot be read"):
        read_behaviours(tmp_path / "missing.yaml")


PAIRS = [["a b", "a c"], ["d b", "d c"], ["e b", "e c"]]
EXAM = {"pairs": [["f b", "f c"], ["g b", "g c"], ["h b", "h c"]]}


@pytest.mark.parametrize(
    ("teach", "said"),
    [
        ({"pairs": [*PAIRS, ["A  b", "a c"]]}, "'A  b' is given twice"),
        ({"pairs": [*PAIRS, ["i b", "I b"]]}, "the twin of 'i b' is the same"),
        ({"pairs": [*PAIRS, ["i b", "i c", "i d"]]}, r"\['i b', 'i c', 'i d'\] holds 3 texts"),
        ({"pairs": PAIRS, "templates": ["{} x"]}, "teach has pairs and templates"),
    ],
)
def test_pairs_that_are_no_evidence_are_refused(teach: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(BehaviourError, match=said) as caught:
        read_behaviours(write(tmp_path, {**GOOD, "teach": teach, "exam": EXAM}))
    assert "\n" not in str(caught.value)


def test_what_is_not_used_is_said(tmp_path: Path) -> None:
    heard = list[str]()
    many = {
        **GOOD,
        "teach": {"templates": ["{} drinks"], "fillers": [f"t{i}" for i in range(12)]},
        "exam": {"templates": ["{} had"], "fillers": [f"e{i}" for i in range(8)]},
    }
    (unit,) = read_behaviours(write(tmp_path, many), heard.append)
    assert (len(unit.teach), len(unit.exam)) == (8, 6)
    assert [line.split(" pairs")[0] for line in heard] == ["mine: 8 of 12 teach", "mine: 6 of 8 exam"]
    heard.clear()
    read_behaviours(write(tmp_path, {**GOOD, "teach": {"pairs": PAIRS}, "exam": EXAM}), heard.append)
    assert not heard


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    value = {name: each for name, each in GOOD.items() if name != "question"}
    with pytest.raises(BehaviourError, match="there is no 'question'"):
        read_behaviours(write(tmp_path, value))
