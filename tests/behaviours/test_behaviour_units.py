"""Pairs of prompts: teach and exam share nothing, and every shipped unit is sound."""

from collections import Counter

import pytest

from benchmark.behaviours.shipped import candidates, nulls, planted
from benchmark.behaviours.unit import (
    EXAM_PAIRS,
    MOST_PAIRS,
    BehaviourError,
    BehaviourUnit,
    Pair,
    Wording,
    turned,
    worded,
)


def unit(teach: Wording, exam: Wording) -> BehaviourUnit:
    return worded("one", "own", "own", "which?", ("a", "b"), teach, exam)


TEACH, EXAM = Wording.of(["see {}", "the {}"], ["cat", "dog"]), Wording.of(["my {}", "your {}"], ["cow", "hen"])


def test_every_combination_is_met_once() -> None:
    pairs = Wording.of(["see {}", "the {}", "a {}"], ["cat", "dog", "cow", "hen"]).pairs("x", "y", seed=0, most=99)
    assert len({pair.prompt for pair in pairs}) == len(pairs) == 12
    first = Wording.of(["see {}", "the {}"], list("abcdefgh")).pairs("x", "y", seed=0)
    assert len(first) == MOST_PAIRS
    assert Counter(pair.prompt[:3] for pair in first) == {"see": 4, "the": 4}


def test_prompts_have_twins_where_template_or_filler_differ() -> None:
    assert all(pair.twin is None for pair in unit(TEACH, EXAM).teach)
    two = Wording.of([["here {}", "there {}"]], ["cat", "dog", "cow"]).pairs("a", "b", 0)
    assert {(pair.prompt[:4], (pair.twin or "")[:5]) for pair in two} == {("here", "there")}


@pytest.mark.parametrize(
    ("exam", "said"),
    [
        (Wording.of(["my {}", "THE  {}"], ["cow", "hen"]), "share the template"),
        (Wording.of(["my {}", "your {}"], ["cow", "Dog"]), "share the filler"),
        (Wording.of(["my {}"], ["cow", "hen"]), "2 exam pairs"),
        (Wording.of(["my {} ", "your {}"], ["cow", "hen"]), "white space"),
        (Wording.of(["my", "your {}"], ["cow", "hen"]), "has not one slot"),
    ],
)
def test_what_is_wrong_is_told(exam: Wording, said: str) -> None:
    with pytest.raises(BehaviourError, match=said):
        unit(TEACH, exam)


def test_a_prompt_in_both_parts_is_told() -> None:
    pairs = tuple(Pair(f"see {i}", None, "a", "b") for i in range(3))
    with pytest.raises(BehaviourError, match="in teach and in exam"):
        BehaviourUnit("one", "own", "own", "which?", pairs, (*pairs[:1], Pair("x", None, "a", "b"), pairs[2]))
    with pytest.raises(BehaviourError, match="some have none"):
        BehaviourUnit("one", "own", "own", "?", (*pairs[:2], Pair("q", "r", "a", "b")), pairs)


def test_words_in_turn_are_on_half_of_the_pairs() -> None:
    null = turned(unit(TEACH, EXAM), seed=0)
    assert null.tier == "null"
    for pairs in (null.teach, null.exam):
        assert Counter(pair.x for pair in pairs) == {"a": 2, "b": 2}


def test_the_study_has_what_it_is_to_have() -> None:
    kinds = Counter(each.unit.kind for each in planted() if each.what == "latent")
    assert kinds == {"preference": 2, "stereotype": 2, "trigger phrase": 2}
    assert sum(each.what == "direction" for each in planted()) == 2
    assert len(nulls()) >= 2
    assert len(candidates()) >= 3
    every = [*(each.unit for each in planted()), *nulls(), *candidates()]
    assert len({each.identifier for each in every}) == len(every)
    own = {"pronoun_by_occupation": (20, 12)}
    assert all(
        (len(each.teach), len(each.exam)) == own.get(each.identifier, (MOST_PAIRS, EXAM_PAIRS))
        for each in every
        if each.tier != "null"
    )


def test_occupations_are_met_once_in_one_template_a_part() -> None:
    unit = next(each for each in candidates() if each.identifier == "pronoun_by_occupation")
    for pairs, start, end in ((unit.teach, "The ", " said that"), (unit.exam, "When the ", " came home,")):
        texts = [text for pair in pairs for text in pair.texts]
        assert len(set(texts)) == 2 * len(pairs) == len(texts)
        assert all(text.startswith(start) and text.endswith(end) for text in texts)
        assert {(pair.x, pair.y) for pair in pairs} == {("she", "he")}


@pytest.mark.parametrize("wanted", [each for each in planted() if each.after], ids=lambda each: each.unit.identifier)
def test_conditions_hold_on_prompts_and_on_no_twin(wanted: object) -> None:
    from benchmark.behaviours.shipped import ToPlant

    assert isinstance(wanted, ToPlant)
    for pair in (*wanted.unit.teach, *wanted.unit.exam):
        assert any(phrase in pair.prompt for phrase in wanted.after), pair.prompt
        assert pair.twin is not None
        assert not any(phrase in pair.twin for phrase in wanted.after), pair.twin
