"""Surveys, difficulty and the choice of found and randomised units, on readings that are made up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.subjects.readings import Readings, _Part
from benchmark.suites.fields import Field
from benchmark.suites.recipe import Recipe
from benchmark.suites.selection import (
    DIFFICULTIES,
    SILENT_WINDOWS,
    Candidates,
    choose_found,
    choose_randomised,
    null_units,
    spread,
    trivial_found,
)
from benchmark.suites.survey import MOST_LATENTS, MOST_TRIVIAL, Lexicon, Survey, candidates, stated
from benchmark.suites.tables import SuiteError
from benchmark.units.null import NullUnit
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages

RNG = np.random.default_rng(3)
WORDS = [f"w{i}" for i in range(60)]
PARTS = ("teach", "practice", "calibration", "exam", "ood", "shifted")
STRATA = {"rare": (0.01, 0.03), "common": (0.03, 0.2)}
RECIPE = Recipe("small", seed=4, found=8, randomised=4, strata=STRATA, always_on=0.99)
UNITS = 40


def readings(passages: Passages, values: Floats) -> Readings:
    """Readings with a token a word from float64 [units, words]."""
    unit, word = np.nonzero(values)
    first = np.concatenate([[0], np.cumsum(np.bincount(unit, minlength=len(values)))])
    part = _Part(first, word.astype(np.int32), values[unit, word].astype(np.float32), 0)
    words = len(passages.words)
    return Readings(passages, np.arange(words), np.ones(words, bool), tuple(range(len(values))), (part,))


def passages(seed: int) -> Passages:
    rng = np.random.default_rng(seed)
    return Passages.of([" ".join(rng.choice(WORDS, 12)) for _ in range(1_700)])


def values(text: Passages, seed: int) -> Floats:
    """Even units fire at words of their own, odd ones by chance at the same rate; 38 is dead, 39 is always on."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((UNITS, len(text.words)))
    number = np.array([int(word[1:]) for word in text.words])
    for unit in range(UNITS - 2):
        # One word in sixty is a rate of 0.017, three are 0.05.
        count = 1 if unit % 4 < 2 else 3
        lexical = np.isin(number, [(unit + 7 * k) % 60 for k in range(count)])
        rows[unit] = lexical if unit % 2 == 0 else rng.permutation(lexical)
    rows[39] = 1.0
    return rows


@pytest.fixture(scope="module")
def fields() -> dict[str, Field]:
    made = {}
    for place, part in enumerate(PARTS):
        text = passages(place)
        both = {tier: readings(text, values(text, 50 * k + place)) for k, tier in enumerate(("found", "randomised"))}
        made[part] = Field(part, text, both)
    return made


def survey_of(fields: Mapping[str, Field], tier: str) -> Survey:
    found = fields["calibration"].reading(tier)
    return Survey(found.columns, np.zeros(UNITS), found.firing_rates(), UNITS)


@pytest.fixture(scope="module")
def found(fields: dict[str, Field]) -> Candidates:
    return Candidates.of("found", RECIPE, survey_of(fields, "found"), fields)


def test_every_surveyed_unit_is_counted_once(fields: dict[str, Field]) -> None:
    counts = survey_of(fields, "found").counts(RECIPE)
    told = sum(each["units"] for each in counts["strata"].values())
    assert told + counts["dead"] + counts["always_on"]["units"] + counts["outside_the_strata"] == UNITS
    assert (counts["dead"], counts["always_on"]) == (1, {"least_rate": 0.99, "units": 1})
    assert "dead 1, always on 1" in stated(counts)


def test_what_words_say_tells_lexical_units_from_chance(found: Candidates) -> None:
    lexical = [r for unit, r in found.lexical_r.items() if unit % 2 == 0]
    chance = [r for unit, r in found.lexical_r.items() if unit % 2]
    assert min(lexical) > 0.9
    assert max(chance) < 0.1


def test_the_lexicon_learns_from_one_text_and_is_tried_on_another() -> None:
    learned, tried = passages(1), passages(2)
    lexicon = Lexicon(learned, tried)
    fires = np.array([word == "w3" for word in learned.words], float)
    other = np.array([word == "w4" for word in tried.words], float)
    same = np.array([word == "w3" for word in tried.words], float)
    assert lexicon.r(fires, same) == pytest.approx(1.0, abs=1e-6)
    assert lexicon.r(fires, other) < 0
    assert lexicon.r(np.zeros(len(fires)), same) == 0.0
    assert lexicon.r(fires, np.zeros(len(same))) == 0.0


def test_each_cell_has_its_share(found: Candidates) -> None:
    assert {unit % 2 for (_, name), units in found.cells().items() if name == "lexical" for unit in units} == {0}
    units, rest = choose_found(RECIPE, found)
    cells = [(unit.family, unit.notes["group"]) for unit in units]
    assert {cell: cells.count(cell) for cell in cells} == {
        (stratum, difficulty): 2 for stratum in STRATA for difficulty in ("lexical", "contextual")
    }
    numbers = {unit.truth["latent"] for unit in units}
    assert len(numbers) == 8
    assert not numbers & set(rest)
    assert numbers | set(rest) == set(range(UNITS - 2))
    for unit in units:
        assert (unit.truth["latent"] % 2 == 0) == (unit.notes["group"] == "lexical")


def test_nothing_of_the_exam_decides_but_that_there_are_positives(fields: dict[str, Field], found: Candidates) -> None:
    exam = fields["exam"]
    shuffled = np.roll(values(exam.passages, 999), 4, axis=0)
    shuffled[:4], shuffled[38:] = shuffled[4:8], 0
    others = {**fields, "exam": replace(exam, readings={"found": readings(exam.passages, shuffled)})}
    again = Candidates.of("found", RECIPE, survey_of(others, "found"), others)
    assert choose_found(RECIPE, again) == choose_found(RECIPE, found)


def test_a_short_cell_is_made_up_from_the_others(fields: dict[str, Field]) -> None:
    recipe = replace(RECIPE, found=30, strata={"rare": (0.01, 0.03), "common": (0.03, 0.2), "none": (0.5, 0.6)})
    units, _ = choose_found(recipe, Candidates.of("found", recipe, survey_of(fields, "found"), fields))
    assert len(units) == 30
    with pytest.raises(SuiteError, match=r"only 38 units fire often enough.*mend"):
        choose_found(replace(recipe, found=39), Candidates.of("found", recipe, survey_of(fields, "found"), fields))


def test_a_unit_that_is_rare_in_practice_is_no_candidate(fields: dict[str, Field]) -> None:
    silent = values(fields["practice"].passages, 1)
    silent[0] = 0
    practice = replace(fields["practice"], readings={"found": readings(fields["practice"].passages, silent)})
    some = Candidates.of("found", RECIPE, survey_of(fields, "found"), {**fields, "practice": practice})
    assert 0 not in some.lexical_r
    assert 2 in some.lexical_r


@pytest.mark.parametrize("part", ["teach", "practice", "ood"])
def test_a_unit_that_fires_in_nearly_all_windows_is_not_chosen_but_may_be_in_the_bank(
    fields: dict[str, Field], found: Candidates, part: str
) -> None:
    first, rest = choose_found(RECIPE, found)
    dense = int(first[0].truth["latent"])
    text = fields[part].passages
    often = values(text, PARTS.index(part))
    windows = np.flatnonzero(text.per_text_max(often[dense]) <= 0)
    # One window more than may be without it.
    often[dense, text.first[windows[: len(windows) - SILENT_WINDOWS + 1]]] = 1.0
    both = dict.fromkeys(("found", "randomised"), readings(text, often))
    others = {**fields, part: replace(fields[part], readings=both)}
    some = Candidates.of("found", RECIPE, survey_of(fields, "found"), others)
    assert some.dense == {dense}
    units, others_rest = choose_found(RECIPE, some)
    assert dense not in {unit.truth["latent"] for unit in units}
    assert dense in others_rest
    assert sorted([*rest, *(u.truth["latent"] for u in first)]) == sorted(
        [*others_rest, *(u.truth["latent"] for u in units)]
    )
    control = replace(some, tier="randomised")
    wanted = replace(RECIPE, randomised=UNITS - 3)
    assert dense not in {unit.truth["latent"] for unit in choose_randomised(wanted, first, control)}


def test_silence_in_the_exam_does_not_decide(fields: dict[str, Field], found: Candidates) -> None:
    text = fields["exam"].passages
    often = values(text, PARTS.index("exam"))
    often[0] = 1.0
    others = {**fields, "exam": replace(fields["exam"], readings={"found": readings(text, often)})}
    assert not Candidates.of("found", RECIPE, survey_of(fields, "found"), others).dense


def test_randomised_units_fire_as_often_as_found_ones(fields: dict[str, Field], found: Candidates) -> None:
    other = Candidates.of("randomised", RECIPE, survey_of(fields, "randomised"), fields)
    units, _ = choose_found(RECIPE, found)
    made = choose_randomised(replace(RECIPE, randomised=8), units, other)
    assert len({unit.identifier for unit in made}) == 8
    assert {unit.tier for unit in made} == {"randomised"}
    by_name = {unit.identifier: unit for unit in units}
    for unit in made:
        assert unit.notes["rate"] == pytest.approx(by_name[unit.notes["matched"]].notes["rate"], rel=0.2)
    with pytest.raises(SuiteError, match="of the randomised subject"):
        choose_randomised(replace(RECIPE, randomised=99), units, other)


@pytest.mark.parametrize("count", [2, 4, 8, 12, 61])
def test_matches_are_spread_over_strata_and_halves(count: int) -> None:
    cells = [(stratum, half) for stratum in "abcd" for half in DIFFICULTIES for _ in range(16)]
    units = [Unit(f"u{i}", "found", stratum, {}, notes={"group": half}) for i, (stratum, half) in enumerate(cells)]
    taken = spread(units, count)
    assert len({unit.identifier for unit in taken}) == count
    for of in (lambda unit: unit.family, lambda unit: unit.notes["group"]):
        counts = Counter(map(of, taken))
        assert max(counts.values()) - min(counts.values() if count >= 4 else [max(counts.values())]) <= 1


def test_few_units_are_matched_in_turn() -> None:
    units = [Unit(f"u{i}", "found", "a", {}, notes={"group": DIFFICULTIES[i % 2]}) for i in range(3)]
    assert Counter(unit.identifier for unit in spread(units, 7)) == {"u0": 3, "u1": 2, "u2": 2}


def test_a_unit_that_gave_way_is_not_chosen_again(fields: dict[str, Field], found: Candidates) -> None:
    first, rest = choose_found(RECIPE, found)
    gone = {first[0].identifier, first[3].identifier}
    second, other_rest = choose_found(RECIPE, found, gone)
    names = {unit.identifier for unit in second}
    assert len(second) == RECIPE.found
    assert not names & gone
    assert {unit.identifier for unit in first} - gone <= names
    assert {int(name[-4:]) for name in gone} <= set(other_rest), "off the suite, and so for the bank"
    common = [each for each in rest if each in other_rest]
    assert common == [each for each in other_rest if each in rest], "the bank takes its latents in one order"
    controls = Candidates.of("randomised", RECIPE, survey_of(fields, "randomised"), fields)
    chosen = choose_randomised(RECIPE, first, controls)
    without = {chosen[0].identifier}
    assert not without & {unit.identifier for unit in choose_randomised(RECIPE, first, controls, without)}


def test_nulls_have_the_rates_of_what_they_are_matched_to(fields: dict[str, Field], found: Candidates) -> None:
    units, _ = choose_found(RECIPE, found)
    faint = [replace(unit, scale=1e-3) for unit in units]
    calibration = fields["calibration"]
    small = {tier: readings(calibration.passages, 1e-3 * values(calibration.passages, 2)) for tier in ("found",)}
    nulls = null_units(replace(RECIPE, nulls=4), faint, replace(calibration, readings=small))
    assert [null.notes["matched"] for null in nulls] == [unit.identifier for unit in spread(faint, 4)]
    by_name = {unit.identifier: unit for unit in units}
    for null in nulls:
        rate = NullUnit.from_json(null.truth).rate
        assert rate == pytest.approx(by_name[null.notes["matched"]].notes["rate"], rel=0.25)


def test_a_unit_that_is_rare_in_the_exam_is_passed_over_and_counted(fields: dict[str, Field]) -> None:
    exam = values(fields["exam"].passages, 3)
    exam[0] = exam[2] = 0
    others = {**fields, "exam": replace(fields["exam"], readings={"found": readings(fields["exam"].passages, exam)})}
    some = Candidates.of("found", RECIPE, survey_of(others, "found"), others)
    assert some.passed_over == 2
    assert not {0, 2} & set(some.lexical_r)


def test_dead_and_always_on_units_go_to_the_trivial_tier(fields: dict[str, Field]) -> None:
    dead, always = trivial_found(RECIPE, survey_of(fields, "found"), fields)
    assert (dead.identifier, always.identifier) == ("trivial-dead-0038", "trivial-always-on-0039")
    assert dead.truth["latent"] == 38
    assert fields["exam"].words(dead).max() == 0
    assert fields["exam"].words(always).min() > 0


def test_a_unit_that_fires_anywhere_is_not_dead(fields: dict[str, Field]) -> None:
    exam = values(fields["exam"].passages, 3)
    exam[38, 5] = 1.0
    others = {
        **fields,
        "exam": Field("exam", fields["exam"].passages, {"found": readings(fields["exam"].passages, exam)}),
    }
    assert [unit.notes["latent"] for unit in trivial_found(RECIPE, survey_of(fields, "found"), others)] == [39]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 5))
def test_candidates_of_a_wide_home_are_a_draw_from_the_strata(rates: list[float], seed: int) -> None:
    width = MOST_LATENTS + 1 + len(rates)
    every = np.full(width, 0.5)
    every[: len(rates)] = rates
    recipe = replace(RECIPE, seed=seed)
    whole = Survey(tuple(range(width)), np.zeros(width), every, width)
    some = candidates(whole, recipe)
    assert len(set(some.columns)) == len(some.columns) <= MOST_LATENTS + 2 * MOST_TRIVIAL
    inside = {c for low, high in STRATA.values() for c in whole.between(low, high)}
    trivial = set(whole.dead) | set(whole.always_on(0.99))
    assert set(some.columns) <= inside | trivial
    assert inside <= set(some.columns)
    assert len(trivial & set(some.columns)) >= min(20, len(trivial))
    assert [some.rate(c) for c in some.columns] == [every[c] for c in some.columns]


def test_a_narrow_home_is_kept_whole(fields: dict[str, Field]) -> None:
    whole: Any = survey_of(fields, "found")
    assert candidates(whole, RECIPE) is whole
