import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.assembly import SuiteError, planted_units
from synthetic_neurons.english import describe
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families import FAMILIES
from synthetic_neurons.generate import Split, generate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import parse

UNITS = planted_units(seed=3, per_family=8)
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


def test_suite_is_deterministic_and_all_units_differ() -> None:
    assert planted_units(3, 8) == UNITS
    assert planted_units(4, 2) != planted_units(3, 2)
    assert len(planted_units(5)) == 24
    assert len(set(ids)) == len({unit.predicate for unit in UNITS}) == 8 * len(FAMILIES)
    assert {unit.family for unit in UNITS} == set(FAMILIES)


def test_suite_refuses_more_than_there_is() -> None:
    with pytest.raises(SuiteError, match="'concrete' has no"):
        planted_units(1, 60)
    with pytest.raises(SuiteError, match="give 1 or more"):
        planted_units(1, 0)


@pytest.mark.parametrize("unit", UNITS, ids=ids)
def test_unit(unit: PlantedUnit) -> None:
    assert parse(unit.predicate.to_json()) == unit.predicate
    teach, exam = (generate(unit, split, 40, seed=11) for split in SPLITS)
    assert teach == generate(unit, "teach", 40, seed=11)
    assert teach != generate(unit, "teach", 40, seed=12)
    for texts in (teach, exam):
        passages = Passages.of(texts)
        truth = evaluate(unit.predicate, passages)
        assert predicted(unit.claims, passages).tolist() == (10 * truth).tolist()
        assert (passages.per_text_max(truth) > 0).sum() == 20
        assert len(set(texts)) == 40
        lengths = np.diff(passages.first)
        assert lengths.min() >= 8
        assert lengths.max() <= 25
    held_out = {word.lower() for word in unit.held_out_words}
    assert not held_out & {word.lower() for word in Passages.of(teach).words}
    assert held_out & {word.lower() for word in Passages.of(generate(unit, "exam", 200, seed=11)).words}


@pytest.mark.parametrize("unit", UNITS, ids=ids)
def test_claims_follow_the_family(unit: PlantedUnit) -> None:
    assert all(claim.text == describe(claim.predicate) for claim in unit.claims)
    if unit.family == "polysemantic":
        assert 2 <= len(unit.claims) <= 4
        assert len({claim.level for claim in unit.claims}) == len(unit.claims)
        assert max(claim.level for claim in unit.claims) == 10
    else:
        assert [claim.level for claim in unit.claims] == [10]
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
        assert 0.02 < (evaluate(unit.predicate, passages) > 0).mean() < 0.12, unit.identifier


def test_core_imports_with_runtimes_blocked() -> None:
    blocked = ["torch", "inspect_ai", "hydra", "wandb", "transformer_lens", "sae_lens", "transformers", "benchmark"]
    program = (
        f"import sys\nfor name in {blocked!r}: sys.modules[name] = None\n"
        "import synthetic_neurons.ladder, synthetic_neurons.suite, synthetic_neurons.generate\n"
        "print(len(synthetic_neurons.suite.planted_units(1)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "24"
