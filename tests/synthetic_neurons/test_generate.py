import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, get_args

import numpy as np
import operator_units
import pytest
from hypothesis import given, settings
from operator_units import BY_HAND, CONFOUNDED, HALF_CONFOUNDED, HASHED, unit
from predicate_strategies import trees
from reference_evaluator import values as reference_values

from synthetic_neurons import wordlists
from synthetic_neurons.assembly import planted_units
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Always, And, Never, Not, Position, Predicate, Previous, Suffix, Word, parse
from synthetic_neurons.texts.drafts import tidy
from synthetic_neurons.texts.generate import Draft, GenerationError, Kind, Split, generate, generate_kinds
from synthetic_neurons.texts.nearness import near_misses, widened
from synthetic_neurons.texts.parts import atoms, part, swapped

SPLITS: tuple[Split, Split] = ("teach", "exam")
UNITS = (*BY_HAND, *CONFOUNDED, *HALF_CONFOUNDED, HASHED, *(each for each in planted_units(1) if each.claims))
COUNT = 60
everywhere = pytest.mark.parametrize("split", SPLITS)
each_unit = pytest.mark.parametrize("planted", UNITS, ids=[planted.identifier for planted in UNITS])


@cache
def drafts(identifier: str, split: Split) -> tuple[Draft, ...]:
    planted = next(each for each in UNITS if each.identifier == identifier)
    return tuple(generate_kinds(planted, split, COUNT, seed=1))


def passages(identifier: str, split: Split) -> Passages:
    return Passages.of([draft.text for draft in drafts(identifier, split)])


@everywhere
@each_unit
def test_half_of_the_texts_fire_and_half_of_the_others_nearly(planted: PlantedUnit, split: Split) -> None:
    found = drafts(planted.identifier, split)
    texts = [draft.text for draft in found]
    assert Counter(draft.kind for draft in found) == {"positive": 30, "near_miss": 15, "background": 15}
    assert len(set(texts)) == COUNT
    lengths = np.diff(Passages.of(texts).first)
    assert lengths.min() >= 8
    assert lengths.max() <= 25
    assert not any(text != " ".join(text.split()) or "{" in text for text in texts)


def changed(predicate: Predicate) -> Iterator[Predicate]:
    for path in atoms(predicate):
        for new in (Always(), Never(), widened(part(predicate, path))):
            if new is not None:
                yield swapped(predicate, path, new)


@everywhere
@each_unit
def test_kinds_are_what_they_say(planted: PlantedUnit, split: Split) -> None:
    found = drafts(planted.identifier, split)
    here = Passages.of([draft.text for draft in found])
    fires = here.per_text_max(planted.values(here)) > 0
    meant = here.per_text_max(evaluate(planted.predicate, here)) > 0
    one_change = np.any([here.per_text_max(evaluate(each, here)) > 0 for each in changed(planted.predicate)], axis=0)
    told = [here.per_text_max(evaluate(each, here)) > 0 for each in near_misses(planted.predicate)]
    for i, draft in enumerate(found):
        assert (draft.kind == "positive") == fires[i]
        if draft.kind == "near_miss":
            assert one_change[i] or meant[i]
        if draft.kind == "background":
            assert not any(each[i] for each in told)


def test_the_truth_of_kinds_is_the_reference_evaluators() -> None:
    for planted in BY_HAND[::5]:
        for draft in drafts(planted.identifier, "exam"):
            fires = max(reference_values(planted.predicate.to_json(), draft.text)) > 0
            assert fires == (draft.kind == "positive"), draft.text


@each_unit
def test_teach_has_no_held_out_word_and_exam_has_some(planted: PlantedUnit) -> None:
    held_out = {word.lower() for word in planted.held_out_words}
    assert not held_out & {word.lower() for word in passages(planted.identifier, "teach").words}
    if len(held_out) > 5:
        more = Passages.of(generate(planted, "exam", 200, seed=2))
        assert held_out & {word.lower() for word in more.words}


def test_held_out_words_are_told_apart_from_case() -> None:
    planted = replace(unit("hand-the", Suffix("ing")), held_out_words=frozenset({"the", "a", "and", "something"}))
    words = {word.lower() for word in Passages.of(generate(planted, "teach", 60, seed=1)).words}
    assert not words & planted.held_out_words


def test_splits_share_no_eight_words() -> None:
    def runs(split: Split) -> set[tuple[str, ...]]:
        texts = [tuple(draft.text.lower().split()) for planted in UNITS for draft in drafts(planted.identifier, split)]
        return {each[i : i + 8] for each in texts for i in range(len(each) - 7)}

    assert not runs("teach") & runs("exam")


def test_texts_of_two_units_are_not_the_same_sentences() -> None:
    one, other = (unit(name, Suffix("ness")) for name in ("one", "other"))
    assert not set(generate(one, "exam", 40, seed=1)) & set(generate(other, "exam", 40, seed=1))


def _shares(planted: PlantedUnit, split: Split, count: int) -> tuple[float, float]:
    """Of firing words and of firing texts, the share with the cue."""
    here = Passages.of(generate(planted, split, count, seed=3))
    assert planted.cue is not None
    fires, cued = planted.values(here) > 0, evaluate(planted.cue, here) > 0
    texts = here.per_text_max((fires & cued).astype(float)) > 0
    return (fires & cued).sum() / fires.sum(), texts.sum() / (here.per_text_max(fires.astype(float)) > 0).sum()


@pytest.mark.parametrize("planted", CONFOUNDED, ids=[planted.identifier for planted in CONFOUNDED])
def test_the_cue_is_always_there_in_teach_and_seldom_in_exam(planted: PlantedUnit) -> None:
    assert _shares(planted, "teach", 100) == (1, 1)
    assert _shares(planted, "exam", 100)[1] == pytest.approx(0.2)


@pytest.mark.parametrize("strength", [0.5, 0.8, 0.0])
@pytest.mark.parametrize("planted", HALF_CONFOUNDED, ids=[planted.identifier for planted in HALF_CONFOUNDED])
def test_the_cue_is_there_as_often_as_its_strength_says(planted: PlantedUnit, strength: float) -> None:
    words, texts = _shares(replace(planted, cue_strength=strength), "teach", 100)
    assert texts == pytest.approx(strength)
    assert words == pytest.approx(strength, abs=0.08)


def test_a_concept_that_comes_twice_in_a_text_comes_twice_with_the_cue_or_without() -> None:
    often = unit("often", Word(wordlists.fillers()["n"][::4]), Previous(Word(("the",))))
    assert _shares(often, "teach", 60) == (1, 1)
    words, texts = _shares(replace(often, cue_strength=0.5), "teach", 60)
    assert texts == pytest.approx(0.5)
    assert words == pytest.approx(0.5, abs=0.08)


def test_same_arguments_same_texts() -> None:
    planted = BY_HAND[0]
    assert generate(planted, "teach", 30, seed=4) == generate(planted, "teach", 30, seed=4)
    assert generate(planted, "teach", 30, seed=4) != generate(planted, "teach", 30, seed=5)
    assert [draft.text for draft in generate_kinds(planted, "exam", 9, 1)] == generate(planted, "exam", 9, 1)


def test_odd_counts_and_small_ones() -> None:
    for count in (1, 2, 3, 7):
        here = Passages.of(generate(BY_HAND[2], "exam", count, seed=1))
        assert len(here) == count
        assert (here.per_text_max(evaluate(BY_HAND[2].predicate, here)) > 0).sum() == (count + 1) // 2


_PROGRAM = """
import hashlib, operator_units as all
from synthetic_neurons.texts.generate import generate_kinds
picked = (*all.BY_HAND[::6], all.CONFOUNDED[0], all.HALF_CONFOUNDED[1], all.HASHED)
drafts = [draft for unit in picked for split in ("teach", "exam") for draft in generate_kinds(unit, split, 20, 7)]
print(hashlib.sha256(repr(drafts).encode()).hexdigest())
"""


def test_no_text_depends_on_pythons_hashes() -> None:
    def digest(seed: str) -> str:
        folder = os.path.dirname(operator_units.__file__)
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([os.getcwd(), folder])}
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, env=environment
        )
        return done.stdout.strip()

    assert len(digest("0")) == 64
    assert digest("0") == digest("1") == digest("4242")


def kinds(predicate: Predicate, count: int = 12) -> Counter[str]:
    return Counter(draft.kind for draft in generate_kinds(unit("odd", predicate), "exam", count, seed=1))


def test_units_that_never_fire_or_always_do() -> None:
    assert kinds(Never()) == {"background": 12}
    assert kinds(Always()) == {"positive": 12}
    assert kinds(Position(40)).keys() <= {"near_miss", "background"}
    with pytest.raises(GenerationError, match="odd: too few texts that fire in exam"):
        generate(unit("odd", Never()), "exam", 12, seed=1)
    with pytest.raises(GenerationError, match="odd: too few texts that stay silent in exam"):
        generate(unit("odd", Not(Word(("zebra",)))), "exam", 12, seed=1)
    with pytest.raises(GenerationError, match="too few texts that fire"):
        generate(unit("odd", And((Suffix("ing"), Suffix("ness")))), "exam", 12, seed=1)


def test_a_hashed_gate_and_noise() -> None:
    for hashing in (Hashing("k", share=0.1), Hashing("k", missed=0.3, spontaneous=0.01)):
        planted = replace(HASHED, hashing=hashing)
        found = generate_kinds(planted, "exam", 40, seed=1)
        here = Passages.of([draft.text for draft in found])
        assert [draft.kind == "positive" for draft in found] == (here.per_text_max(planted.values(here)) > 0).tolist()
        assert Counter(draft.kind for draft in found)["positive"] == 20
        meant = here.per_text_max(evaluate(planted.predicate, here)) > 0
        assert any(draft.kind == "near_miss" and fires for draft, fires in zip(found, meant, strict=True))


def test_a_null_unit_fires_by_chance_alone() -> None:
    planted = replace(unit("null", Always()), hashing=Hashing("null", share=0.001))
    found = generate_kinds(planted, "exam", 40, seed=1)
    assert Counter(draft.kind for draft in found) == {"positive": 20, "background": 20}
    assert len(generate(planted, "teach", 40, seed=1)) == 40


@settings(max_examples=25, deadline=None)
@given(trees)
def test_any_tree_gives_texts_of_honest_kinds(tree: dict[str, Any]) -> None:
    planted = unit("any", parse(tree))
    found = generate_kinds(planted, "teach", 6, seed=1)
    here = Passages.of([draft.text for draft in found])
    fires = here.per_text_max(planted.values(here)) > 0
    assert [draft.kind == "positive" for draft in found] == fires.tolist()
    assert len(set(here.texts)) == len(found) == 6
    assert {draft.kind for draft in found} <= set(get_args(Kind))


def test_tidy() -> None:
    assert tidy("a owl , ( a {n} ) , an car . the end") == "an owl, (a {n}), a car. The end"
    assert tidy('he " said a thing " and " went "') == 'he "said a thing" and "went"'
    assert tidy("a the hour in an hour ; a useful union , an unimportant one") == (
        "the hour in an hour; a useful union, an unimportant one"
    )
