"""The shipped suites: what METHOD.md section 1 promises, read off the files that ship."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from benchmark.exam.cross_examination import quantise
from benchmark.exam.grading import is_right
from benchmark.examiner import Examiner
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import PracticeError
from benchmark.readers.executable import ExecutableReader
from benchmark.runtime.supplies import truth_report
from benchmark.runtime.workshop import Workshop
from benchmark.statistics.weighted import rows_r
from benchmark.subjects.probe_directions import Directions, shipped_probes
from benchmark.suites import Suite, SuiteError, load
from benchmark.suites.homes import Home
from benchmark.suites.planting import RESERVE, planted
from benchmark.suites.recipe import PLANTED, RECIPES, recipe_for
from benchmark.suites.suite import PRACTICE
from benchmark.units.split import assert_disjoint
from benchmark.units.unit import Unit
from synthetic_neurons.assembly import planted_total
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Or, Suffix, Word

REPORT = Report("short words", (Claim("short words", Or((Word(("of", "the")), Suffix("s")))),))


# The found units of the SAE of another seed.
SECOND = recipe_for("embedded-2", 2, home=Home("embedded", "shipped_seed_1"))
RECIPE_OF = {**RECIPES, SECOND.name: SECOND}


@pytest.fixture(scope="module", params=["embedded-2", "embedded-2-reference", SECOND.name])
def suite(request: pytest.FixtureRequest) -> Suite:
    return load(request.param)


@pytest.fixture(scope="module")
def small() -> Suite:
    """For what is the same with any suite."""
    return load("embedded-2")


def scored(suite: Suite) -> list[Unit]:
    """All units but dead and always-on ones, which fire nowhere or everywhere."""
    return [unit for unit in suite.units if unit.tier != "trivial"]


def test_the_first_suite_still_loads_as_it_was_frozen() -> None:
    first = load("embedded-1")
    assert first.hash.startswith("f843dbf63010")
    assert len({unit.family for unit in first.units if unit.tier == "planted"}) == 6


def test_the_suite_s_planted_units_are_what_its_seed_gives(suite: Suite) -> None:
    made = _made(suite)
    for unit in suite.units:
        if unit.tier == "planted":
            assert unit == planted(made[unit.identifier])


@cache
def _made(suite: Suite) -> dict[str, PlantedUnit]:
    recipe = RECIPE_OF[suite.name]
    return {
        f"planted-{unit.identifier}": unit for unit in planted_total(recipe.seed, RESERVE * recipe.planted, PLANTED)
    }


def test_units_by_tier_and_family(suite: Suite) -> None:
    recipe, tiers = RECIPE_OF[suite.name], Counter(unit.tier for unit in suite.units)
    assert (tiers["planted"], tiers["found"], tiers["null"]) == (recipe.planted, recipe.found, recipe.nulls)
    assert tiers["randomised"] == (recipe.randomised if recipe.randomised_home else 0)
    assert tiers["probed"] == (len(Directions.load(shipped_probes()).identifiers) if recipe.probed else 0)
    families = {unit.family for unit in suite.units if unit.tier == "planted"}
    assert families == set(PLANTED)
    groups = Counter(unit.notes["group"] for unit in suite.units if unit.tier == "planted")
    assert min(groups["inside"], groups["outside"]) >= 8
    assert {unit.family for unit in suite.units if unit.tier == "found"} == {"rare", "low", "middle", "common"}


def test_dead_and_always_on_units_stand_apart(suite: Suite) -> None:
    dead, always, *latents = (unit for unit in suite.units if unit.tier == "trivial")
    pool = suite.pool("trivial")
    assert pool.passages.texts == suite.pool("planted").passages.texts
    assert list(pool.rows) == [dead.identifier, always.identifier, *(unit.identifier for unit in latents)]
    assert not {dead.identifier, always.identifier} & suite.pool("planted").rows.keys()
    assert (pool.rows[dead.identifier].total == 0).all()
    assert (pool.rows[always.identifier].total == pool.rows[always.identifier].count).all()
    assert {exemplar.peak for exemplar in suite.exemplars(dead)} == {0.0}
    assert {level for exemplar in suite.exemplars(always) for level in exemplar.values} == {10.0}
    own = [truth_report(unit) for unit in suite.units if unit.tier == "planted"]
    levels = [ExecutableReader().read(report, pool.passages) for report in own if report is not None]
    threshold = suite.manifest["readers"]["executable"]["threshold"]
    said = [each for each in levels if each is not None]
    right = [is_right(pool.rows[dead.identifier], each, pool.word_weight, threshold) for each in said]
    assert right == [False] * RECIPE_OF[suite.name].planted, "a report on something rare is no report on a dead unit"
    grade = Examiner(suite).practice(dead).grade(REPORT, "P1")
    assert (grade.r, grade.p, grade.passed) == (0.0, 1.0, False)


def test_no_text_of_teach_or_practice_is_in_the_exam(suite: Suite) -> None:
    sides: dict[str, list[str]] = {"teach": [], "practice": [], "exam": []}
    for which, window in zip(suite._items["set"], suite._items["window"], strict=True):
        side = "teach" if which == "teach" else "practice" if which.startswith("P") else "exam"
        sides[side].append(suite._windows["text"][window])
    sides["exam"] += [suite._windows["text"][window] for window in suite._pools["window"]]
    assert_disjoint({side: sorted(set(texts)) for side, texts in sides.items()})


def test_practice_slices_are_disjoint_and_full(suite: Suite) -> None:
    for unit in scored(suite):
        seen: set[int] = set()
        for name in PRACTICE:
            windows, strata, _ = suite.item_windows(unit, name)
            assert seen.isdisjoint(windows)
            seen |= set(map(int, windows))
            assert [strata.count(s) for s in ("firing", "near_miss", "silent")] == [20, 20, 20], unit.identifier


def test_item_weights_restore_the_base_rate_of_windows(suite: Suite) -> None:
    """Per stratum the weights add up to its share of the windows; firing windows are as rare as in the pool."""
    ratios: dict[str, list[float]] = {"own": [], "P0": [], "P0 planted": []}
    for unit in scored(suite):
        share = _firing_share(suite, unit)
        for name in ("own", "P0"):
            _, strata, weight = suite.item_windows(unit, name)
            totals = {s: sum(w for w, t in zip(weight, strata, strict=True) if t == s) for s in set(strata)}
            assert sum(totals.values()) == pytest.approx(1)
            assert totals["silent"] > totals["near_miss"]
            ratios[f"{name} planted" if (name, unit.tier) == ("P0", "planted") else name].append(
                totals["firing"] / share
            )
    # The pool's share is an estimate; own items come of the population it was drawn from, P0 of one much like it.
    assert max(np.abs(np.log(ratios["own"] + ratios["P0"]))) < np.log(1.5)
    # Generated texts are another part of planted practice than of the exam: only the middle unit is held to it.
    assert abs(np.log(np.median(ratios["P0 planted"]))) < np.log(2)


def _firing_share(suite: Suite, unit: Unit) -> float:
    """The share of the population's windows in which a unit fires, as its pool estimates it."""
    pool = suite.pool(unit.pool)
    fires = pool.passages.per_text_max(pool.rows[unit.identifier].total) > 0
    return float(pool.weight @ fires / pool.weight.sum())


def test_practice_and_own_items_carry_their_weights(suite: Suite) -> None:
    """An independent weighted correlation, per window as it stands in the files, against the laboratory's grade."""
    examiner = Examiner(suite)
    for unit in scored(suite)[::7]:
        windows, _, weight = suite.item_windows(unit, "P0")
        levels, truth, weights = [], [], []
        for window, each in zip(windows, weight, strict=True):
            passages = suite.passages(np.array([window]))
            said = examiner.readers["executable"].read(REPORT, passages)
            assert said is not None
            levels += [round(255 * float(level) / 10) for level in said]
            truth += list(suite.word_values(unit, np.array([window]), passages))
            weights += [float(each)] * len(said)
        covariance = np.cov(levels, truth, aweights=weights)
        expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        assert examiner.practice(unit).grade(REPORT, "P0").r == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("report", [REPORT, Report("short words", (Claim("short words"),))])
@pytest.mark.parametrize("name", ["own", "shifted", "teach", "zzz"])
def test_nothing_but_practice_is_graded_as_practice(small: Suite, name: str, report: Report) -> None:
    examiner = Examiner(small)
    with pytest.raises(PracticeError, match=f"no practice slice '{name}'; choose from {', '.join(PRACTICE)}"):
        examiner.practice(small.units[0]).grade(report, name)


def test_own_items_are_what_they_say(suite: Suite) -> None:
    for unit in suite.units:
        items = suite.items(unit, "own")
        peak = items.passages.per_text_max(items.values)
        for value, stratum in zip(peak, items.strata, strict=True):
            assert (value > 0) == (stratum == "firing")


def test_pool_weights_and_positives(suite: Suite) -> None:
    assert suite.manifest["part_tokens"]["exam"] >= 640_000
    for kind in ("planted", "natural"):
        pool = suite.pool(kind)  # type: ignore[arg-type]
        assert pool.weight.min() >= 1
        assert pool.weight.max() <= 20
        for unit, rows in pool.rows.items():
            firing = pool.passages.per_text_max((rows.total > 0).astype(float))
            assert firing.sum() >= 30, unit


def test_the_weights_restore_the_population(suite: Suite) -> None:
    for kind in ("planted", "natural"):
        facts = suite.manifest["pools"][kind]
        total = suite.pool(kind).weight.sum()  # type: ignore[arg-type]
        assert total == pytest.approx(facts["population_windows"], rel=0.1)


def test_teach_holds_out_a_third_of_every_lexicon(suite: Suite) -> None:
    for unit in suite.units:
        if unit.tier != "planted":
            continue
        source = _made(suite)[unit.identifier]
        shown = {word.lower() for exemplar in suite.exemplars(unit) for word in exemplar.words}
        assert shown.isdisjoint(source.held_out_words)


def test_probed_units_have_concepts_of_their_own_and_their_measured_ceiling() -> None:
    suite = load("embedded-2-reference")
    probed = [unit for unit in suite.units if unit.tier == "probed"]
    assert len({json.dumps(unit.truth["predicate"], sort_keys=True) for unit in probed}) == len(probed) >= 60
    card = {entry["identifier"]: entry for entry in Directions.load(shipped_probes()).card["units"]}
    pool = suite.pool("natural")
    for unit in probed:
        assert suite.attainable_r(unit) == card[unit.identifier]["exam"]["r"]
        report = truth_report(unit)
        assert report is not None
        levels = ExecutableReader().read(report, pool.passages)
        assert levels is not None
        # The pool is another sample of the same exam part, weighted back to it.
        assert rows_r(pool.rows[unit.identifier], levels, pool.word_weight) == pytest.approx(
            suite.attainable_r(unit), abs=0.25
        )
    counts = {float(value) for unit in probed for value in pool.rows[unit.identifier].count}
    assert counts == {0.0, 1.0}, "a word that shares its token with the next one does not count"


def test_the_bank_has_the_stated_composition(suite: Suite) -> None:
    writers = suite.manifest["bank"]["writers"]
    assert writers == Counter(each.writer.split("/")[0] for each in suite.bank.reports)
    different = {json.dumps(each.report.to_json(), sort_keys=True) for each in suite.bank.reports}
    assert len(different) == len(suite.bank.reports) >= 1000
    assert writers["ladder"] >= 400
    assert writers["rule_induction"] >= 300
    assert writers["SmolLM2 single_pass"] >= 200
    assert writers["wordnet"] >= 100


def test_no_stranger_is_related_to_its_unit(suite: Suite) -> None:
    r = np.nan_to_num(suite.bank.r["executable"])
    assert (r[suite.bank.mask] < 0.1).all()
    # The mask does something: the bank does hold reports that fit some unit.
    assert (r >= 0.1).any()


def test_bank_correlations_are_the_readers(suite: Suite) -> None:
    pool, reader = suite.pool("planted"), ExecutableReader()
    for column in range(0, len(suite.bank.reports), 211):
        levels = reader.read(suite.bank.reports[column].report, pool.passages)
        if levels is None:
            assert np.isnan(suite.bank.r["executable"][:, column]).all()
            continue
        unit = suite.units[column % RECIPE_OF[suite.name].planted]
        r = rows_r(pool.rows[unit.identifier], quantise(levels).astype(float), pool.word_weight)
        assert suite.bank.r["executable"][suite.order[unit.identifier], column] == pytest.approx(r, abs=5e-4)


def test_size(suite: Suite) -> None:
    assert sum(path.stat().st_size for path in suite.folder.iterdir()) < 45_000 * len(suite.units) + 3e6


@pytest.mark.parametrize("name", ["items.parquet", "units.json", "bank.safetensors", "manifest.json"])
def test_damage_is_named(small: Suite, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "suite"
    shutil.copytree(small.folder, copy)
    (copy / name).write_bytes((copy / name).read_bytes()[:100])
    with pytest.raises(SuiteError, match=f"{name}.*mend"):
        Suite(copy)
    (copy / name).unlink()
    with pytest.raises(SuiteError, match=f"{name}.*mend"):
        Suite(copy)


def test_a_changed_suite_is_refused(small: Suite, tmp_path: Path) -> None:
    copy = tmp_path / "suite"
    shutil.copytree(small.folder, copy)
    units = json.loads((copy / "units.json").read_text("utf-8"))
    units[0]["scale"] = 2.0
    (copy / "units.json").write_text(json.dumps(units), "utf-8")
    with pytest.raises(SuiteError, match="does not have the content"):
        Suite(copy)


def test_a_changed_bank_is_refused(small: Suite, tmp_path: Path) -> None:
    copy = tmp_path / "suite"
    shutil.copytree(small.folder, copy)
    arrays = load_file(copy / "bank.safetensors")
    arrays["r/executable"] = arrays["r/executable"] - np.float32(0.5)
    save_file(arrays, copy / "bank.safetensors")
    with pytest.raises(SuiteError, match="null bank"):
        Suite(copy)


@pytest.mark.parametrize("name", ["stop_r", "ceilings", "sae_sha256", "readers"])
def test_a_changed_manifest_is_refused(small: Suite, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "suite"
    shutil.copytree(small.folder, copy)
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    (copy / "manifest.json").write_text(json.dumps({**manifest, name: {"executable": {"threshold": 9.0}}}), "utf-8")
    with pytest.raises(SuiteError, match="does not have the content"):
        Suite(copy)


def test_a_placebo_has_nothing_to_do_with_its_unit(suite: Suite) -> None:
    shop = Workshop(suite)
    # All units of the small suite, and a sixth of the large one's: each report is read on a whole pool.
    for unit in suite.units[:: max(1, len(suite.units) // 90)]:
        pool, report = suite.pool(unit.pool), shop.placebo(unit)
        levels = ExecutableReader().read(report, pool.passages)
        assert levels is not None
        assert rows_r(pool.rows[unit.identifier], levels, pool.word_weight) < 0.1


def test_a_placebo_is_found_where_all_latents_are_of_one_stratum(small: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [replace(unit, family="middle") for unit in small.units if unit.tier == "found"]
    others = [unit for unit in small.units if unit.tier != "found"]
    monkeypatch.setattr(small, "units", tuple(found + others))
    shop = Workshop(small)
    assert shop.placebo(found[0]).has_predicates
    monkeypatch.setattr(small, "units", tuple(found[:1] + others))
    with pytest.raises(SuiteError, match="no other found unit"):
        Workshop(small).placebo(found[0])


def test_another_sae_than_the_suite_s_is_refused(small: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = small.manifest["sources"]["found"]["facts"]
    monkeypatch.setitem(facts, "sae_sha256", "0" * 64)
    with pytest.raises(SuiteError, match=r"frozen with sae_sha256 '0000.*mend"):
        Workshop(small).measuring.measurer("found")


def test_a_suite_that_names_no_home_is_held_to_the_shipped_sae_s_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load("embedded-1")
    assert not first.sources
    assert Workshop(first).measuring.measurer("found")
    monkeypatch.setitem(first.manifest, "sae_sha256", "0" * 64)
    with pytest.raises(SuiteError, match=r"frozen with the SAE 000000000000.*mend"):
        Workshop(first).measuring.measurer("found")


def test_unknown_suites_are_named() -> None:
    with pytest.raises(SuiteError, match="embedded-1"):
        load("embedded-9")
