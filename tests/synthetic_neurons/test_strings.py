"""String functions: what the steps do, how they are read, what units fire on, and the texts made for them."""

import json
import subprocess
import sys
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthetic_neurons.passages import Passages
from synthetic_neurons.strings import (
    StringFunctionError,
    StringUnit,
    describe,
    generate,
    inputs,
    parse,
    string_units,
)
from synthetic_neurons.strings.function import MOST_LETTERS_OUT, MOST_STEPS
from synthetic_neurons.strings.ops import ALPHABET, OPS
from synthetic_neurons.strings.texts import PARTS, edited

ARGUMENTS: dict[str, dict[str, Any]] = {
    "shift": {"by": 3},
    "shift_first": {"by": 25},
    "shift_last": {"by": 2},
    "shift_middle": {"by": 4},
    "shift_by_letter": {"place": 2},
    "rotate": {"by": 2},
    "append": {"text": "xy"},
    "prepend": {"text": "xy"},
    "replace": {"old": "a", "new": "o"},
    "drop": {"letters": "aeiou"},
    "double": {"letters": "rn"},
    "substitute": {"key": ALPHABET[::-1]},
}
# What becomes of "garden", worked out by hand.
GARDEN = {
    "reverse": "nedrag",
    "shift": "jdughq",
    "shift_first": "farden",
    "shift_last": "gardep",
    "shift_middle": "garhen",
    "shift_by_letter": "garden",
    "stagger": "gbtgis",
    "swap_ends": "nardeg",
    "rotate": "rdenga",
    "append": "gardenxy",
    "prepend": "xygarden",
    "replace": "gorden",
    "drop": "grdn",
    "double": "garrdenn",
    "sort": "adegnr",
    "substitute": "tziwvm",
    "twice": "gardengarden",
    "mirror": "gardennedrag",
    "every_other": "gre",
    "vowels_last": "grdnae",
    "spell_length": "six",
    "spell_initial": "seven",
}


def step(op: str) -> dict[str, Any]:
    return {"op": op, **ARGUMENTS.get(op, {})}


def one(op: str) -> StringUnit:
    return StringUnit("unit", parse({"steps": [step(op)]}))


def test_the_table_is_whole() -> None:
    assert set(GARDEN) == set(OPS)


@pytest.mark.parametrize("op", OPS)
def test_every_step_does_what_it_says(op: str) -> None:
    function = parse({"steps": [step(op)]})
    assert function("garden") == GARDEN[op]
    assert function("Garden") == GARDEN[op]
    assert parse(json.loads(json.dumps(function.to_json()))) == function
    assert describe(function)


def test_steps_follow_one_another() -> None:
    assert parse({"steps": [step("reverse"), step("shift")]})("abc") == "fed"
    assert parse({"steps": [step("spell_length"), {"op": "shift_by_letter", "place": 3}]})("garden") == "pfu"


@pytest.mark.parametrize("word", ["", "co-op", "it's", "7", "é", "a" * 33, ",", "İ"])
def test_it_is_not_defined_off_its_domain(word: str) -> None:
    assert parse({"steps": [step("reverse")]})(word) is None


def test_nothing_left_and_too_much_left_are_not_defined() -> None:
    assert parse({"steps": [step("drop")]})("aeiou") is None
    doubling = parse({"steps": [step("twice")] * MOST_STEPS})
    assert doubling("a") == "a" * MOST_LETTERS_OUT
    assert doubling("ab") is None


@given(st.text(max_size=80), st.lists(st.sampled_from(sorted(OPS)), min_size=1, max_size=MOST_STEPS))
def test_any_function_on_any_text_is_bounded(word: str, ops: list[str]) -> None:
    made = parse({"steps": [step(op) for op in ops]})(word)
    assert made is None or (made.isascii() and made.isalpha() and len(made) <= MOST_LETTERS_OUT)


@pytest.mark.parametrize(
    ("value", "path", "hint"),
    [
        ([], "$:", "steps"),
        ({"steps": []}, "$.steps:", "1 to 6"),
        ({"steps": [step("reverse")] * 7}, "$.steps:", "1 to 6"),
        ({"steps": ["reverse"]}, "$.steps[0]:", "an object"),
        ({"steps": [{"op": "revers"}]}, "$.steps[0].op:", "'reverse'"),
        ({"steps": [{"op": "reverse", "by": 1}]}, "$.steps[0].by:", "remove it"),
        ({"steps": [step("reverse"), {"op": "shift"}]}, "$.steps[1].by:", "add it"),
        ({"steps": [{"op": "shift", "bye": 3}]}, "$.steps[0].bye:", "'by'"),
        ({"steps": [{"op": "shift", "by": 26}]}, "$.steps[0].by:", "1 to 25"),
        ({"steps": [{"op": "shift", "by": True}]}, "$.steps[0].by:", "1 to 25"),
        ({"steps": [{"op": "shift", "by": 10**5000}]}, "$.steps[0].by:", "1 to 25"),
        ({"steps": [{"op": "append", "text": "Ab"}]}, "$.steps[0].text:", "small letters"),
        ({"steps": [{"op": "append", "text": "ab\n"}]}, "$.steps[0].text:", "small letters"),
        ({"steps": [{"op": "drop", "letters": "aa"}]}, "$.steps[0].letters:", "different"),
        ({"steps": [{"op": "replace", "old": "ab", "new": "a"}]}, "$.steps[0].old:", "one small letter"),
        ({"steps": [{"op": "substitute", "key": "abc"}]}, "$.steps[0].key:", "26"),
    ],
)
def test_errors_name_the_path_and_the_mend(value: Any, path: str, hint: str) -> None:
    with pytest.raises(StringFunctionError) as caught:
        parse(value)
    message = str(caught.value)
    assert message.startswith(path)
    assert hint in message
    assert "\n" not in message
    assert len(message) < 300


def test_a_unit_fires_on_the_function_of_the_word_before() -> None:
    passages = Passages.of(["Stone enots enots", "a enots stone", "river , revir", "", "live EVIL evil live"])
    fires = [passages.words[i] for i in np.flatnonzero(one("reverse").values(passages))]
    assert fires == ["enots", "stone", "EVIL", "live"]


def test_a_pair_across_two_texts_is_no_pair() -> None:
    assert not one("reverse").values(Passages.of(["stone", "enots"])).any()
    assert one("reverse").values(Passages.of([])).shape == (0,)


@given(st.lists(st.text(max_size=30), max_size=4), st.sampled_from(string_units()))
def test_values_are_those_of_a_plain_loop(texts: list[str], unit: StringUnit) -> None:
    texts = [*texts, f"stone {unit.function('stone')} stone"]
    passages = Passages.of(texts)
    plain = [
        float(passages.place[i] > 0 and unit.function(passages.words[i - 1]) == word.lower())
        for i, word in enumerate(passages.words)
    ]
    assert unit.values(passages).tolist() == plain
    assert plain[-2] == 1


def test_there_are_enough_different_functions() -> None:
    units = string_units()
    assert len({unit.identifier for unit in units}) == len(units) >= 20
    assert len({unit.function.shape for unit in units}) >= 3
    assert sum(bool(unit.like) for unit in units) == 5
    words = [word for part in PARTS for word in inputs(part)]
    outputs = {unit.identifier: [unit.function(word) for word in words] for unit in units}
    for one_name, other in combinations(outputs, 2):
        same = sum(a == b for a, b in zip(outputs[one_name], outputs[other], strict=True))
        assert same < len(words) / 2, f"{one_name} and {other} agree on {same} of {len(words)} words"


def test_parts_have_words_of_their_own() -> None:
    found = [set(inputs(part)) for part in PARTS]
    assert min(map(len, found)) > 100
    assert not any(one_part & other for one_part, other in combinations(found, 2))


@pytest.mark.parametrize("unit", string_units(), ids=lambda unit: str(unit.identifier))
def test_texts_are_what_they_are_called(unit: StringUnit) -> None:
    for style in ("sentence", "list"):
        for kind in ("firing", "near_miss", "silent"):
            texts = generate(unit, "exam", kind, 12, 3, style)
            passages = Passages.of(texts)
            fires = passages.per_text_max(unit.values(passages)) > 0
            assert len(set(texts)) == 12
            assert (fires == (kind == "firing")).all()
            assert 8 <= np.diff(passages.first).min() <= np.diff(passages.first).max() <= 25


def test_near_misses_show_true_outputs_after_other_words() -> None:
    unit = string_units()[5]
    outputs = {unit.function(word) for word in inputs("teach")}
    near = Passages.of(generate(unit, "teach", "near_miss", 40, 1))
    shown = [bool(outputs & set(near.words[a:b])) for a, b in zip(near.first[:-1], near.first[1:], strict=True)]
    assert 0.25 < np.mean(shown) < 0.75


def test_an_edit_changes_a_word_by_one_letter_or_two_neighbours() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        made = edited("garden", rng)
        assert made != "garden"
        assert made.isalpha()
        assert len(made) in (5, 6, 7)
        if len(made) == 6:
            assert sum(a != b for a, b in zip(made, "garden", strict=True)) <= 2
    assert all(edited("a", rng) not in ("a", "") for _ in range(50))


def test_the_same_seed_gives_the_same_texts_whatever_the_hash_seed() -> None:
    code = (
        "from synthetic_neurons.strings import *;"
        "print([generate(u, 'teach', k, 5, 2) for u in string_units()[:6] for k in ('firing', 'near_miss', 'silent')])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert "['" in runs[0]
