import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from predicate_strategies import Tree, texts, trees
from scipy import stats

from synthetic_neurons.assembly import planted_units
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.ladder.agreement import claimed, firing_f1, pearson
from synthetic_neurons.ladder.rungs import BORROWED, ERRORS, Ladder, Rung, agreement, rungs
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import Always, Predicate, Word, parse
from synthetic_neurons.texts.generate import generate

ALL = planted_units(seed=3, per_family=4)
UNITS = tuple(unit for unit in ALL if unit.claims and unit.hashing is None)
ids = [unit.identifier for unit in UNITS]
TEXTS = Passages.of([text for unit in UNITS for text in generate(unit, "exam", 30, seed=5)])
LADDER = Ladder(UNITS, TEXTS)
FOUND = {unit.identifier: {rung.name: rung for rung in LADDER.rungs(unit)} for unit in UNITS}
BROAD, NARROW = [f"too_broad_{i}" for i in (1, 2, 3)], ["too_narrow_1", "too_narrow_2"]


def test_what_chance_takes_from_a_semi_null_is_taken_from_every_rung() -> None:
    for unit in ALL:
        if unit.hashing is None or not unit.claims:
            continue
        exact = Ladder((unit, *UNITS), TEXTS).rungs(unit)[0]
        attainable = unit.hashing.attainable_r(evaluate(unit.predicate, TEXTS), TEXTS, np.ones(len(TEXTS.words)))
        assert exact.agreement == pytest.approx(attainable, abs=0.12), unit.identifier
        assert exact.agreement is not None
        assert exact.agreement < 0.95


def test_null_units_are_nobody_s_sibling_or_placebo() -> None:
    null = next(unit for unit in ALL if not unit.claims)
    assert {rung.name for rung in Ladder((UNITS[0], null), TEXTS).rungs(UNITS[0])}.isdisjoint(BORROWED)


def _unit(predicate: Predicate, name: str = "drawn") -> PlantedUnit:
    return PlantedUnit(name, "drawn", predicate, (PlantedClaim.of(predicate),), frozenset())


@pytest.mark.parametrize("unit", UNITS, ids=ids)
def test_each_rung_is_what_its_name_says(unit: PlantedUnit) -> None:
    found = FOUND[unit.identifier]
    assert list(found) == [name for name in ERRORS if name in found]
    assert set(ERRORS) - set(found) <= {"missing_concept"}
    said = {name: claimed(rung.claims, TEXTS) for name, rung in found.items()}
    truth = evaluate(unit.predicate, TEXTS)
    for name in ("exact", "paraphrase_1", "paraphrase_2", "paraphrase_3"):
        assert np.allclose(said[name], truth)
    for one, other in zip(["exact", *BROAD], BROAD, strict=False):
        assert (said[other] >= said[one] - 1e-12).all()
    for one, other in zip(["exact", *NARROW], NARROW, strict=False):
        assert (said[other] <= said[one] + 1e-12).all()
    assert (said["constant"] == 1).all()
    assert found["extra_concept"].claims[:-1] == unit.claims
    own = [rung.text for rung in found.values() if rung.name not in BORROWED]
    assert len(set(own)) == len(own)
    for rung in found.values():
        assert rung.error == ERRORS[rung.name]
        assert all(parse(claim.predicate.to_json()) == claim.predicate for claim in rung.claims)


@pytest.mark.parametrize("unit", UNITS, ids=ids)
def test_the_ladder_goes_down_by_computed_agreement(unit: PlantedUnit) -> None:
    found = {name: rung.agreement for name, rung in FOUND[unit.identifier].items()}
    r = {name: value for name, value in found.items() if value is not None}
    assert r.keys() == found.keys()
    assert r["exact"] > 1 - 1e-9
    assert r["constant"] == 0
    assert 1 > r["too_broad_1"] > r["too_broad_2"] > r["too_broad_3"]
    assert 1 > r["too_narrow_1"] >= r["too_narrow_2"] > 0
    assert r["extra_concept"] < 1
    assert r.get("missing_concept", 0.0) < 1
    assert abs(r["placebo"]) < 0.1
    assert r["sibling"] > r["placebo"]


@pytest.mark.parametrize("name", ["too_broad_1", "too_narrow_1", "extra_concept", "missing_concept"])
def test_a_step_costs_a_twentieth_where_one_can(name: str) -> None:
    found = [rungs[name].agreement or 0.0 for rungs in FOUND.values() if name in rungs]
    assert np.mean(np.array(found) <= 0.95) >= 0.9


def test_agreement_is_the_weighted_correlation_with_the_truth() -> None:
    unit, rung = UNITS[0], FOUND[UNITS[0].identifier]["too_broad_1"]
    weights = np.random.default_rng(1).integers(0, 4, len(TEXTS.words)).astype(float)
    copies = np.repeat(np.arange(len(weights)), weights.astype(int))
    said, truth = claimed(rung.claims, TEXTS), evaluate(unit.predicate, TEXTS)
    assert agreement(rung, unit, TEXTS) == pytest.approx(stats.pearsonr(said, truth)[0])
    assert agreement(rung, unit, TEXTS, weights) == pytest.approx(stats.pearsonr(said[copies], truth[copies])[0])
    assert rungs(unit, UNITS, TEXTS, weights)[4].agreement == pytest.approx(agreement(rung, unit, TEXTS, weights))
    assert rung.agreement == pytest.approx(agreement(rung, unit, TEXTS))


def test_agreement_of_constants_is_zero() -> None:
    ones, ramp, none = np.full(4, 0.1), np.arange(4.0), np.zeros(4)
    assert pearson(ones, ramp) == pearson(ramp, ones) == pearson(none, none) == pearson(ramp, ramp, none) == 0.0
    assert pearson(ramp, ramp, np.array([1.0, 0, 0, 0])) == 0.0
    assert pearson(ramp, -ramp) == pytest.approx(-1)
    assert firing_f1(none, none) == 0
    assert firing_f1(ramp, ones) == pytest.approx(2 * 3 / (3 + 4))


def test_levels_count_as_tenths() -> None:
    claims = (PlantedClaim.of(Word(("rain",)), 10.0), PlantedClaim.of(Word(("rain", "snow")), 3.0))
    assert claimed(claims, Passages.of(["rain or snow"])).tolist() == [1.0, 0.0, 0.3]


def test_a_unit_of_one_concept_has_no_missing_concept() -> None:
    assert all("missing_concept" in FOUND[unit.identifier] for unit in UNITS if unit.family == "polysemantic")
    assert "missing_concept" not in {rung.name for rung in rungs(_unit(Word(("rain", "snow"))), UNITS, TEXTS)}


def test_a_missing_concept_is_no_repetition_of_a_broad_rung() -> None:
    for found in FOUND.values():
        if (missing := found.get("missing_concept")) is not None:
            assert all(missing.claims != found[name].claims for name in BROAD)


def test_the_sibling_is_the_nearest_unit_and_the_placebo_a_stranger() -> None:
    unit = UNITS[0]
    r = {
        other.claims: pearson(evaluate(other.predicate, TEXTS), evaluate(unit.predicate, TEXTS)) for other in UNITS[1:]
    }
    found = FOUND[unit.identifier]
    assert found["sibling"].claims == max(r, key=lambda claims: r[claims])
    assert abs(r[found["placebo"].claims]) <= min(map(abs, r.values())) + 0.01
    assert [rung.name for rung in rungs(unit) if rung.name in BORROWED] == []


def test_placebos_differ() -> None:
    assert len({FOUND[unit.identifier]["placebo"].claims for unit in UNITS}) > len(UNITS) / 3


def test_without_texts_the_ladder_stands_without_agreement() -> None:
    made = rungs(UNITS[0], UNITS)
    assert {rung.name for rung in made} == set(FOUND[UNITS[0].identifier])
    assert all(rung.agreement is None and rung.f1 is None for rung in made)


@settings(max_examples=40)
@given(trees, texts)
def test_any_predicate_has_a_ladder(tree: Tree, lines: list[str]) -> None:
    unit, passages = _unit(parse(tree)), Passages.of(lines)
    for made in (rungs(unit, UNITS[:3]), rungs(unit, UNITS[:3], passages)):
        names = [rung.name for rung in made]
        assert names == [name for name in ERRORS if name in names]
        assert {"exact", "paraphrase_1", "paraphrase_2", "paraphrase_3", "extra_concept", "sibling"} <= set(names)
        assert all(parse(claim.predicate.to_json()) == claim.predicate for rung in made for claim in rung.claims)
        for rung in made:
            if rung.name.startswith("too_narrow"):
                assert (claimed(rung.claims, passages) <= evaluate(unit.predicate, passages) + 1e-12).all()


def test_the_same_unit_gives_the_same_ladder_whatever_it_is_called() -> None:
    unit = UNITS[5]
    renamed = replace(unit, identifier="another", family="odd")
    assert rungs(unit, UNITS, TEXTS)[:-3] == rungs(renamed, UNITS, TEXTS)[:-3]


def test_what_fires_everywhere_has_no_constant_rung() -> None:
    assert "constant" not in [rung.name for rung in rungs(_unit(Always()), UNITS, TEXTS)]
    assert Rung.of("constant", (PlantedClaim.of(Always()),)).text == "Fires on every word."


def test_the_ladder_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "import hashlib\n"
        "from synthetic_neurons.ladder.rungs import rungs\n"
        "from synthetic_neurons.assembly import planted_units\n"
        "units = [unit for unit in planted_units(3, 2) if unit.claims]\n"
        "print(hashlib.sha256(repr([rungs(unit, units) for unit in units]).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale},
        ).stdout
        for seed, locale in (("0", "C"), ("7", "C.UTF-8"))
    }
    assert len(found) == 1
