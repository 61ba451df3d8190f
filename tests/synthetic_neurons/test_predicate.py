import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from predicate_strategies import Tree, loose_trees, trees

from synthetic_neurons.predicate import (
    MAX_COUNT,
    MAX_DEPTH,
    MAX_NEIGHBOURS,
    MAX_NESTING,
    MAX_NODES,
    MAX_PLACE,
    MAX_REACH,
    OPS,
    VERSION,
    PredicateError,
    parse,
)
from synthetic_neurons.tables import neighbours

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


FIELDS: dict[str, tuple[str, ...]] = {
    each["if"]["properties"]["op"]["const"]: tuple(name for name in each["then"]["properties"] if name != "op")
    for each in SCHEMA["$defs"]["predicate"]["allOf"]
}


def test_schema_names_every_op_and_version() -> None:
    assert set(FIELDS) == set(OPS) == set(SCHEMA["$defs"]["predicate"]["properties"]["op"]["enum"])
    assert SCHEMA["$id"].rpartition(":")[2] == str(VERSION)


def _beyond_the_schema(tree: Any) -> bool:
    """Whether a tree breaks one of the rules that a schema cannot say: two fields compared, a word looked up."""
    if isinstance(tree, list):
        return any(map(_beyond_the_schema, tree))
    if not isinstance(tree, dict):
        return False
    first, last = tree.get("from"), tree.get("to")
    if tree.get("op") == "similar" and str(last).lower() not in neighbours().nearest:
        return True
    if isinstance(first, int | float) and isinstance(last, int | float) and last < first:
        return True
    return any(map(_beyond_the_schema, tree.values()))


def _parsed(tree: Tree) -> Any:
    try:
        return parse(tree)
    except PredicateError as error:
        message = str(error)
    assert message.startswith("$")
    assert "\n" not in message
    return None


@settings(max_examples=400)
@given(loose_trees(FIELDS))
def test_schema_and_parse_agree_on_what_a_model_might_send(tree: Tree) -> None:
    predicate = _parsed(tree)
    assert (predicate is not None) == (VALIDATOR.is_valid(tree) and not _beyond_the_schema(tree))
    if predicate is not None:
        written = json.loads(json.dumps(predicate.to_json()))
        assert VALIDATOR.is_valid(written)
        assert parse(written) == predicate
        assert parse(written).to_json() == written


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_any_json_in_any_field_is_read_or_refused_in_one_line(op: str, data: st.DataObject) -> None:
    _parsed({"op": op, **{name: data.draw(_json) for name in FIELDS[op]}})


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
    ({"op": "inductoin"}, "$.op: unknown op 'inductoin'; did you mean 'induction'?"),
    ({"op": "count", "n": 65, "of": NEVER}, "$.n: give a whole number, 1 to 64, not 65"),
    ({"op": "count", "n": 1.5, "of": NEVER}, "$.n: give a whole number, 1 to 64, not 1.5"),
    ({"op": "count", "n": 2, "every": 1, "of": NEVER}, "$.every: give true or false, not 1"),
    ({"op": "not", "of": {"op": "count", "n": 2}}, "$.of.of: 'count' needs 'of'; add it"),
    ({"op": "depth", "n": 0}, "$.n: give a whole number, 1 to 16"),
    ({"op": "depth", "n": 1, "mark": "quotes"}, "$.mark: unknown mark 'quotes'; use one of parentheses, brackets"),
    ({"op": "place", "in": "sentance", "from": 0}, "$.in: unknown in 'sentance'; did you mean 'sentence'?"),
    ({"op": "place", "in": "clause", "from": 0, "to": 1001}, "$.to: give a whole number, 0 to 1000"),
    ({"op": "position", "from": 2**53}, "$.from: give a whole number, 0 or more (below 2^53)"),
    ({"op": "position", "from": 10**4000}, "$.from: give a whole number, 0 or more (below 2^53), not a number of more"),
    ({"op": "graded", "scale": "size"}, "$.scale: unknown scale 'size'; use one of magnitude, intensity"),
    (
        {"op": "similar", "to": "rainn", "nearest": 3},
        "$.to: no neighbours are known of 'rainn'; the nearest known word",
    ),
    ({"op": "similar", "to": "x" * 10**6, "nearest": 3}, "$.to: give at most 200 characters, not 1000000"),
    ({"op": "similar", "to": "rain", "nearest": 13}, "$.nearest: give a whole number, 1 to 12"),
    ({"op": "infix", "text": "a b"}, "$.text: give part of one word"),
    *[({"op": op, "text": "ab\n"}, "$.text: give part of one word") for op in ("prefix", "suffix", "infix")],
    ({"op": "word", "words": ["ab\n"]}, "$.words[0]: give one word"),
]


@pytest.mark.parametrize(("value", "message"), WRONG)
def test_errors_name_path_and_mend(value: Any, message: str) -> None:
    with pytest.raises(PredicateError) as caught:
        parse(value)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    # A schema cannot compare two fields, and NaN is not JSON.
    if not _beyond_the_schema(value) and "not nan" not in str(caught.value):
        assert not VALIDATOR.is_valid(value)


def _nested(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"op": "never"}
    for _ in range(levels - 1):
        tree = {"op": "not", "of": tree}
    return tree


@pytest.mark.parametrize(
    ("tree", "field", "most"),
    [
        ({"op": "within", "of": NEVER}, "k", MAX_REACH),
        ({"op": "count", "of": NEVER}, "n", MAX_COUNT),
        ({"op": "depth"}, "n", MAX_NESTING),
        ({"op": "place", "in": "clause"}, "from", MAX_PLACE),
        ({"op": "place", "in": "clause", "from": 0}, "to", MAX_PLACE),
        ({"op": "similar", "to": "rain"}, "nearest", MAX_NEIGHBOURS),
        ({"op": "position"}, "from", 2**53 - 1),
    ],
)
def test_bounds_are_those_of_the_schema(tree: Tree, field: str, most: int) -> None:
    least = 0 if field in ("from", "to") else 1
    for value in (least - 1, least, most, most + 1):
        fits = least <= value <= most
        assert VALIDATOR.is_valid({**tree, field: value}) == fits
        assert (_parsed({**tree, field: value}) is not None) == fits


def test_depth_limit() -> None:
    assert parse(_nested(MAX_DEPTH)).depth == MAX_DEPTH
    # A schema that tries every op at every level takes time exponential in the depth.
    assert VALIDATOR.is_valid(_nested(MAX_DEPTH))
    with pytest.raises(PredicateError, match="more than 12 levels"):
        parse(_nested(MAX_DEPTH + 1))


def test_a_tree_of_any_depth_is_refused_without_running_out_of_stack() -> None:
    with pytest.raises(PredicateError, match="more than 12 levels"):
        parse(_nested(50_000))


def test_a_field_of_any_depth_is_refused_without_running_out_of_stack() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    with pytest.raises(PredicateError, match="not a list"):
        parse({"op": "within", "k": deep, "of": NEVER})


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert parse({"op": "within", "k": 3.0, "of": NEVER}).to_json() == {"op": "within", "k": 3, "of": NEVER}


def test_a_word_that_has_no_lower_case_of_one_word_stays() -> None:
    written = parse({"op": "word", "words": ["\u0130"]}).to_json()
    assert parse(written).to_json() == written == {"op": "word", "words": ["\u0130"]}


def test_size_limit() -> None:
    assert parse({"op": "or", "of": [NEVER] * (MAX_NODES - 1)}).size == MAX_NODES
    with pytest.raises(PredicateError, match="more than 200 nodes"):
        parse({"op": "or", "of": [NEVER] * MAX_NODES})


def test_words_are_lowered_and_told_once_and_names_kept() -> None:
    predicate = parse({"op": "word", "words": ["Rain", "rain", "SNOW"], "name": "weather"})
    assert predicate.to_json() == {"op": "word", "words": ["rain", "snow"], "name": "weather"}


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"op": "suffix", "text": "x" * 201}, r"\$\.text"),
        ({"op": "word", "words": ["rain", "x" * 201]}, r"\$\.words\[1\]"),
        ({"op": "word", "words": ["rain"], "name": "x" * 201}, r"\$\.name"),
    ],
)
def test_letters_without_end_are_refused(tree: Any, path: str) -> None:
    with pytest.raises(PredicateError, match=f"{path}: give at most 200 characters, not 201"):
        parse(tree)
    assert not VALIDATOR.is_valid(tree)
