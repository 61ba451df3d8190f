from itertools import combinations

import numpy as np
import pytest

from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.assembly import planted_units
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families import FAMILIES
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import parse
from synthetic_neurons.prose.english import describe
from synthetic_neurons.texts.generate import Split, generate

EXPLAINED = [name for name in FAMILIES if name != "null"]
UNITS = planted_units(seed=3, per_family=4, families=EXPLAINED)
ids = [unit.identifier for unit in UNITS]
CONFOUNDED = [unit for unit in UNITS if unit.cue is not None]
SHARED = [text for unit in UNITS for text in generate(unit, "exam", 12, seed=5)]
SPLITS: tuple[Split, Split] = ("teach", "exam")


def predicted(claims: tuple[PlantedClaim, ...], passages: Passages) -> Floats:
    levels: Floats = np.max([claim.level * evaluate(claim.predicate, passages) for claim in claims], axis=0)
    return levels


def test_lexicons() -> None:
    assert len(lexicons.names()) >= 24
    for name in lexicons.names():
        found = lexicons.load(name)
        assert found.name == name
        assert 18 <= len(found.words) <= 45
        assert len(set(found.words)) == len(found.words)
        assert found.held_out < set(found.words)
        assert abs(len(found.held_out) - len(found.words) / 3) <= 1
        assert all(word.isalpha() and word.islower() for word in found.words)
        assert set(found.teach) == set(found.words) - found.held_out
    for a, b in combinations(map(lexicons.load, lexicons.names()), 2):
        assert not set(a.words) & set(b.words)
    with pytest.raises(KeyError, match="the nearest is 'weather'"):
        lexicons.load("wether")


def test_fillers_and_templates_name_no_concept() -> None:
    concepts = {word for name in lexicons.names() for word in lexicons.load(name).words}
    neutral = {word for words in wordlists.fillers().values() for word in words}
    fixed = set(Passages.of([*wordlists.templates("teach"), *wordlists.templates("exam")]).words)
    assert not concepts & neutral
    assert not concepts & fixed


def test_templates_are_disjoint() -> None:
    teach, exam = (wordlists.templates(split) for split in SPLITS)
    assert len(set(teach) | set(exam)) == len(teach) + len(exam) >= 40
    assert all(template.count("{x}") == 1 for template in (*teach, *exam))


@pytest.mark.parametrize("unit", UNITS, ids=ids)
def test_unit(unit: PlantedUnit) -> None:
    assert parse(unit.predicate.to_json()) == unit.predicate
    teach, exam = (generate(unit, split, 40, seed=11) for split in SPLITS)
    assert teach == generate(unit, "teach", 40, seed=11)
    assert teach != generate(unit, "teach", 40, seed=12)
    for texts in (teach, exam):
        passages = Passages.of(texts)
        truth = evaluate(unit.predicate, passages)
        # A semi-null's level is what its gate lets through on average.
        share = 1.0 if unit.hashing is None else unit.hashing.share
        assert np.allclose(predicted(unit.claims, passages), 10 * share * truth, rtol=0, atol=1e-9)
        assert (passages.per_text_max(unit.values(passages)) > 0).sum() == 20
        assert len(set(texts)) == 40
        lengths = np.diff(passages.first)
        assert lengths.min() >= 8
        assert lengths.max() <= 25
    held_out = {word.lower() for word in unit.held_out_words}
    assert not held_out & {word.lower() for word in Passages.of(teach).words}
    shown = {word.lower() for word in Passages.of(generate(unit, "exam", 200, seed=11)).words}
    # Closed classes and short lists hold nothing out.
    assert held_out & shown or not held_out


@pytest.mark.parametrize("unit", UNITS, ids=ids)
def test_claims_follow_the_family(unit: PlantedUnit) -> None:
    assert all(claim.text == describe(claim.predicate) for claim in unit.claims)
    levels = [claim.level for claim in unit.claims]
    if unit.family in ("polysemantic", "adversarial"):
        assert 2 <= len(levels) <= 4
        assert len(set(levels)) == len(levels)
        assert max(levels) == 10
    else:
        assert levels == [10 * (1.0 if unit.hashing is None else unit.hashing.share)]
    assert (unit.cue is not None) == (unit.family == "confounded")


@pytest.mark.parametrize("unit", CONFOUNDED, ids=[unit.identifier for unit in CONFOUNDED])
def test_cue_is_always_there_in_teach_and_seldom_in_exam(unit: PlantedUnit) -> None:
    assert unit.cue is not None
    share = {}
    for split in SPLITS:
        passages = Passages.of(generate(unit, split, 100, seed=2))
        fires, cued = evaluate(unit.predicate, passages) > 0, evaluate(unit.cue, passages) > 0
        share[split] = (fires & cued).sum() / fires.sum()
    assert share["teach"] == 1
    assert share["exam"] < 0.35


def test_texts_of_the_two_splits_share_no_eight_words() -> None:
    def runs(split: Split) -> set[tuple[str, ...]]:
        texts = [text.lower() for unit in UNITS for text in generate(unit, split, 30, seed=6)]
        words = [Passages.of([text]).words for text in texts]
        return {each[i : i + 8] for each in words for i in range(len(each) - 7)}

    assert not runs("teach") & runs("exam")


def test_units_fire_neither_too_seldom_nor_too_often_in_their_own_texts() -> None:
    for unit in UNITS:
        passages = Passages.of(generate(unit, "exam", 100, seed=8))
        assert 0.02 < (unit.values(passages) > 0).mean() < 0.25, unit.identifier
