import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from predicate_strategies import trees

from synthetic_neurons.predicate import MAX_DEPTH, MAX_NODES, OPS, PredicateError, parse

SCHEMA = json.loads(files("synthetic_neurons").joinpath("predicate.schema.json").read_text(encoding="utf-8"))


@given(trees)
def test_round_trip(tree: dict[str, Any]) -> None:
    predicate = parse(tree)
    assert predicate.to_json() == tree
    again = parse(json.loads(json.dumps(predicate.to_json())))
    assert again == predicate
    assert hash(again) == hash(predicate)


@given(trees)
def test_size_and_depth_count_the_ops(tree: dict[str, Any]) -> None:
    predicate = parse(tree)
    assert predicate.size == json.dumps(tree).count('"op"')

    def levels(node: Any) -> int:
        below = [*node.get("of", ())] if isinstance(node.get("of"), list) else [node["of"]] if "of" in node else []
        below += [node["exception"]] if "exception" in node else []
        return 1 + max(map(levels, below), default=0)

    assert predicate.depth == levels(tree)


@settings(max_examples=40)
@given(trees)
def test_schema_accepts_what_parse_accepts(tree: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(tree)
    assert VALIDATOR.is_valid(parse(tree).to_json())


def test_schema_names_every_op() -> None:
    named = {each["properties"]["op"]["const"] for each in SCHEMA["$defs"]["predicate"]["oneOf"]}
    assert named == set(OPS)


VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


NEVER = {"op": "never"}
NAN = float("nan")
WRONG: list[tuple[Any, str]] = [
    (3, "$: give an object"),
    ([], "$: give an object"),
    ({"op": "wrod", "words": ["a"]}, "$.op: unknown op 'wrod'; did you mean 'word'?"),
    ({}, "$.op: unknown op None; use one of word,"),
    ({"op": ["word"]}, "$.op: unknown op"),
    ({"op": "shape", "shape": "capitalized"}, "$.shape: unknown shape 'capitalized'; did you mean 'capitalised'?"),
    ({"op": "inside", "mark": "quote"}, "$.mark: unknown mark 'quote'; did you mean 'quotes'?"),
    ({"op": "and", "of": [NEVER, {"op": "within", "k": 65, "of": NEVER}]}, "$.of[1].k: give a whole number, 1 to 64"),
    ({"op": "within", "k": True, "of": NEVER}, "$.k: give a whole number"),
    ({"op": "within", "of": NEVER}, "$.k: 'within' needs 'k'; add it"),
    ({"op": "position", "from": 3, "to": 2}, "$.to: give a whole number, 3 or more"),
    ({"op": "position", "from": -1}, "$.from: give a whole number, 0 or more"),
    ({"op": "word", "words": []}, "$.words: give a list of 1 to 2000 entries"),
    ({"op": "word", "words": ["a"] * 2001}, "$.words: give a list of 1 to 2000 entries"),
    ({"op": "word", "words": ["a", "hot dog"]}, "$.words[1]: give one word without spaces"),
    ({"op": "word", "words": ["a", 4]}, "$.words[1]: give one word"),
    ({"op": "word", "word": ["a"], "words": ["a"]}, "$.word: 'word' has no 'word'; did you mean 'words'?"),
    ({"op": "always", "of": NEVER}, "$.of: 'always' has no 'of'; remove it"),
    ({"op": "suffix", "text": ""}, "$.text: give a non-empty string"),
    ({"op": "prefix", "text": "a b"}, "$.text: give part of one word"),
    ({"op": "and", "of": []}, "$.of: give a list"),
    ({"op": "not", "of": [NEVER]}, "$.of: give an object"),
    ({"op": "unless", "of": NEVER, "exception": {"op": "scaled", "of": NEVER, "factor": 0}}, "$.exception.factor: "),
    ({"op": "scaled", "of": NEVER, "factor": 1.5}, "$.factor: give a number above 0 and at most 1"),
    ({"op": "scaled", "of": NEVER, "factor": NAN}, "$.factor: give a number"),
]


@pytest.mark.parametrize(("value", "message"), WRONG)
def test_errors_name_path_and_mend(value: Any, message: str) -> None:
    with pytest.raises(PredicateError) as caught:
        parse(value)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    # A schema cannot compare two fields, and NaN is not JSON.
    if value not in ({"op": "position", "from": 3, "to": 2}, {"op": "scaled", "of": NEVER, "factor": NAN}):
        assert not VALIDATOR.is_valid(value)


def _nested(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"op": "never"}
    for _ in range(levels - 1):
        tree = {"op": "not", "of": tree}
    return tree


def test_depth_limit() -> None:
    assert parse(_nested(MAX_DEPTH)).depth == MAX_DEPTH
    with pytest.raises(PredicateError, match="more than 12 levels"):
        parse(_nested(MAX_DEPTH + 1))


def test_a_tree_of_any_depth_is_refused_without_running_out_of_stack() -> None:
    with pytest.raises(PredicateError, match="more than 12 levels"):
        parse(_nested(50_000))


def test_size_limit() -> None:
    assert parse({"op": "or", "of": [NEVER] * (MAX_NODES - 1)}).size == MAX_NODES
    with pytest.raises(PredicateError, match="more than 200 nodes"):
        parse({"op": "or", "of": [NEVER] * MAX_NODES})


def test_words_are_lowered_and_told_once_and_names_kept() -> None:
    predicate = parse({"op": "word", "words": ["Rain", "rain", "SNOW"], "name": "weather"})
    assert predicate.to_json() == {"op": "word", "words": ["rain", "snow"], "name": "weather"}
