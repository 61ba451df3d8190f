"""Planted units for a suite: spread over families, frequent enough, taught without what is held out; knobs."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmark.suites import SuiteError, load
from benchmark.suites.fields import Field, as_shipped
from benchmark.suites.planting import choose_planted, planted, teachable
from benchmark.suites.recipe import PLANTED, Recipe, recipe_for
from benchmark.suites.sources import _apart_from
from benchmark.units.split import assert_disjoint
from benchmark.units.unit import Unit
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.knobs import Knobs
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import Previous, Word

SMALL = Recipe("small", seed=5, planted=15, planted_natural=800, planted_generated=900, generated_teach=40)


@pytest.fixture(scope="module")
def natural() -> dict[str, Field]:
    """Windows of a shipped suite, by part."""
    suite = load("embedded-1")
    parts: dict[str, list[str]] = {}
    for text, part in zip(suite._windows["text"], suite._windows["part"], strict=True):
        parts.setdefault(str(part), []).append(str(text))
    return {part: Field(part, Passages.of(texts[:1500])) for part, texts in parts.items()}


@pytest.fixture(scope="module")
def chosen(natural: dict[str, Field]) -> tuple[list[PlantedUnit], dict[str, Field], int]:
    return choose_planted(SMALL, natural)


def test_every_family_but_null_has_its_turn(chosen: Any) -> None:
    units, _, _ = chosen
    assert [unit.family for unit in units] == list(PLANTED)
    groups = [planted(unit).notes["group"] for unit in units]
    assert groups.count("outside") >= 4
    assert groups.count("inside") >= 4


def test_units_fire_often_enough_where_items_are_drawn(chosen: Any) -> None:
    units, population, _ = chosen
    for unit in units:
        for part, least in (("exam", SMALL.expect), ("ood", SMALL.items)):
            passages = population[part].passages
            assert (passages.per_text_max(unit.values(passages)) > 0).sum() >= least, (unit.identifier, part)


def test_parts_share_no_run_of_eight_words(chosen: Any) -> None:
    _, population, _ = chosen
    texts = {part: population[part].passages.texts for part in ("teach", "practice", "exam", "ood")}
    assert_disjoint({part: texts[part] for part in ("teach", "practice", "exam")})
    # "ood" is practice, too: into its windows texts from the same templates as those of teach are set.
    assert_disjoint({part: texts[part] for part in ("teach", "ood")})
    assert_disjoint({part: texts[part] for part in ("exam", "ood")})


def test_a_spliced_window_that_shares_eight_words_with_another_part_is_dropped() -> None:
    taught = Field("teach", Passages.of(["One two three four five six seven eight nine."]))
    examined = Field("exam", Passages.of(["a b c d e f g h"]))
    texts = ["so two three four five six seven eight nine", "two three four five six seven eight", "x A b c d e f g h"]
    assert _apart_from(texts, (taught, examined)) == texts[1:2]


@pytest.mark.parametrize(("value", "shipped"), [(0.00001, 0.0001), (0.00004, 0.0001), (0.12345678, 0.1235), (3.0, 3.0)])
def test_what_fires_still_fires_as_it_ships(value: float, shipped: float) -> None:
    assert as_shipped(np.array([0.0, value]), Unit("u", "probed", "", {}, scale=3.0)).tolist() == [0.0, shipped]


def test_a_small_unit_ships_as_many_steps_as_a_large_one() -> None:
    for scale in (40.0, 3.0, 0.012, 5e-7):
        unit = Unit("u", "found", "", {}, scale=scale)
        values = np.linspace(0, scale, 500)
        assert len(np.unique(as_shipped(values, unit))) == 500


def test_a_fifth_of_the_exam_is_generated(natural: dict[str, Field], chosen: Any) -> None:
    _, population, _ = chosen
    own = set(natural["exam"].passages.texts)
    made = [text for text in population["exam"].passages.texts if text not in own]
    assert 0.8 * SMALL.planted_generated <= len(made) <= SMALL.planted_generated


def test_teach_keeps_held_out_words_away(chosen: Any) -> None:
    units, population, _ = chosen
    for unit in units:
        kept = teachable(population["teach"], unit)
        words = {word.lower() for i in kept for word in Passages.of([population["teach"].passages.texts[i]]).words}
        assert not words & unit.held_out_words, unit.identifier


@pytest.mark.parametrize("strength", [1.0, 0.8])
def test_the_concept_comes_with_its_cue_as_often_as_said(strength: float) -> None:
    rain, cue = Word(("rain",)), Previous(Word(("old",)))
    unit = PlantedUnit("u", "confounded", rain, (PlantedClaim.of(rain),), frozenset(), cue, strength)
    source = Field("teach", Passages.of([f"{i} old rain" for i in range(40)] + [f"{i} new rain" for i in range(40)]))
    kept = Passages.of([source.passages.texts[i] for i in teachable(source, unit)])
    cued = (evaluate(rain, kept) > 0) & (evaluate(cue, kept) > 0)
    assert cued.sum() / (evaluate(rain, kept) > 0).sum() == pytest.approx(strength, abs=0.02)


def test_knobs_reach_the_suite_s_units(natural: dict[str, Field]) -> None:
    units, _, _ = choose_planted(replace(SMALL, planted=3, knobs=Knobs(noise=0.2)), natural)
    for unit in units:
        assert unit.hashing is not None
        assert unit.hashing.missed == pytest.approx(0.2)
        assert "hashing" in planted(unit).truth
        assert np.isfinite(unit.values(natural["exam"].passages)).all()


def test_turned_knobs_stand_in_the_suite_s_name() -> None:
    assert recipe_for("embedded-2", 7, {"noise": 0.2}).name == "embedded-2-noise-0.2"
    assert recipe_for("embedded-2", None).name == "embedded-2"
    with pytest.raises(SuiteError, match="noise is 2"):
        recipe_for("embedded-2", None, {"noise": 2})
    with pytest.raises(SuiteError, match=r"embedded-1 loads as it was frozen.*embedded-2"):
        recipe_for("embedded-1", None)
