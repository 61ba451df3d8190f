"""The ablation of guardrails: its sixteen arms, what is made of their results, and the files."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hydra import compose, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from made_up_arms import CLASSIC, FALL, SETTINGS, label, made_up_arms, made_up_results

from benchmark.ablation.arms import AblationError, arms_of
from benchmark.ablation.measure import Ablated, ablated
from benchmark.ablation.outcomes import MISCALIBRATION
from benchmark.ablation.publish import from_results
from benchmark.guardrails.registry import CLASSIC as REGISTERED
from benchmark.leaderboard.results import UnitResult, settle
from benchmark.settings import to_settings

FACTS = {"suite": "made-up", "suite_hash": "0" * 64}


@pytest.fixture
def hydra_is_fresh() -> Iterator[None]:
    GlobalHydra.instance().clear()
    with initialize_config_module("conf", version_base="1.3"):
        yield
    GlobalHydra.instance().clear()


@pytest.fixture(scope="module")
def results() -> list[UnitResult]:
    return settle(made_up_results())


@pytest.fixture(scope="module")
def few(results: list[UnitResult]) -> list[UnitResult]:
    """Six units a tier: quicker, and without intervals."""
    return [each for each in results if int(each.unit[-2:]) < 6]


@pytest.fixture(scope="module")
def found(results: list[UnitResult]) -> Ablated:
    return ablated(made_up_arms(), results)


@pytest.fixture(scope="module")
def written(results: list[UnitResult], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ablation")
    from_results([made_up_arms()], results, FACTS, folder)
    return folder


@pytest.mark.usefixtures("hydra_is_fresh")
def test_the_sweep_is_exactly_the_sixteen_subsets() -> None:
    config = compose("config", overrides=["experiment=guardrail_ablation"], return_hydra_config=True)
    assert config.hydra.mode.name == "MULTIRUN"
    ((key, members),) = config.hydra.sweeper.params.items()
    override = OverridesParser.create().parse_override(f"{key}={members}")
    assert override.key_or_group == "guardrails.active"
    # As the sweeper itself reads the members: each is an override of its own.
    found = [_names(each) for each in override.sweep_string_iterator()]
    wanted = {frozenset(each) for size in range(5) for each in combinations(REGISTERED, size)}
    assert {frozenset(each) for each in found} == wanted
    assert len(found) == len(wanted) == 16


def _names(member: str) -> list[str]:
    return [name for name in member.strip("[]").split(",") if name]


@pytest.mark.usefixtures("hydra_is_fresh")
def test_arms_differ_in_nothing_but_guardrails() -> None:
    arms = [
        to_settings(compose("config", overrides=["experiment=guardrail_ablation", f"guardrails.active=[{each}]"]))
        for each in ("", "significance", ",".join(CLASSIC))
    ]
    assert [each.guardrails.active for each in arms] == [[], ["significance"], list(CLASSIC)]
    assert len({repr(replace(each, guardrails=arms[0].guardrails)) for each in arms}) == 1
    assert arms[0].explainers == ["rule_induction_guardrailed"]
    assert arms[0].units.tiers == ["planted", "null"]
    assert arms[0].ablation


@pytest.mark.usefixtures("hydra_is_fresh")
def test_another_explainer_may_be_chosen() -> None:
    chosen = ["experiment=guardrail_ablation", "explainers=[guardrailed]", "model=embedded"]
    found = to_settings(compose("config", overrides=chosen))
    assert (found.explainers, found.model.name, found.ablation) == (["guardrailed"], "embedded", True)


def test_a_missing_arm_is_named_in_one_line() -> None:
    on = {label(s): frozenset(n for n, yes in zip(CLASSIC, s, strict=True) if yes) for s in SETTINGS}
    del on[label((False, True, False, True))]
    with pytest.raises(
        AblationError, match=r"1 of the 16 .* lack: guardrails.active=\[adversarial,significance\]"
    ) as it:
        arms_of("guarded", "none", on)
    assert "\n" not in str(it.value)
    few = {name: active for name, active in on.items() if len(active) in (0, 1)}
    with pytest.raises(AblationError, match=r"11 of the 16 .* and 7 more; mend: "):
        arms_of("guarded", "none", few)
    with pytest.raises(AblationError, match="met one choice of guardrails alone"):
        arms_of("guarded", "none", {"guarded": frozenset(CLASSIC)})


def test_guardrails_that_never_change_are_no_factors() -> None:
    on = {
        "guarded [min_rounds]": frozenset({"min_rounds"}),
        "guarded [both]": frozenset({"min_rounds", "significance"}),
    }
    found = arms_of("guarded", "none", on)
    assert (found.factors, found.always) == (("significance",), ("min_rounds",))
    assert found.of == {"guarded [min_rounds]": (False,), "guarded [both]": (True,)}


def test_an_arm_without_results_is_said(results: list[UnitResult]) -> None:
    some = [each for each in results if each.explainer != label(SETTINGS[5])]
    with pytest.raises(AblationError, match="has no results; mend"):
        ablated(made_up_arms(), some)


def test_known_effects_come_back(found: Ablated) -> None:
    whole = {(each.reader, each.outcome): each.fit for each in found.effects if each.family == "all"}
    r = whole["executable", "r"]
    assert r is not None
    (rounds, _, _, significance) = r.effects[:4]
    assert significance.low is not None
    assert significance.high is not None
    assert significance.low < -FALL < significance.high < 0
    assert rounds.estimate == pytest.approx(0.02, abs=0.01)
    assert [each.decision.verdict for each in (rounds, significance) if each.decision] == ["significant"] * 2
    queries = whole["", "unit_queries"]
    assert queries is not None
    assert [round(each.estimate) for each in queries.effects[:4]] == [90, 12, 57, 57]
    (nulls,) = [each.found for each in found.decisions if each.tier == "null"]
    assert nulls.switches[3].decision.verdict == "significant"
    assert nulls.switches[3].on.yes < nulls.switches[3].off.yes


def test_abstentions_have_no_miscalibration_and_are_counted(few: list[UnitResult]) -> None:
    one = next(each for each in few if each.tier == "planted")
    assert one.r is not None
    assert MISCALIBRATION.value(replace(one, confidence=0.9, r=-0.3)) == pytest.approx(0.81)
    silent = settle([replace(one, outcome="abstained", confidence=None)])
    assert MISCALIBRATION.value(silent[0]) is None
    quiet = settle([each if each.unit != "planted-03" else replace(each, outcome="abstained") for each in few])
    found = ablated(made_up_arms(), quiet)
    (effects,) = [each for each in found.effects if each.outcome == "miscalibration"]
    assert (effects.left_out, effects.fit and effects.fit.units) == (16, 5)
    assert all((row.reports, row.abstained) == (5, 1) for row in found.rows if row.tier == "planted")


def test_families_are_fitted_counted_or_without_intervals(results: list[UnitResult]) -> None:
    moved = [replace(each, family="rare") if each.unit in ("planted-00", "planted-04") else each for each in results]
    found = {each.family: each for each in ablated(made_up_arms(), settle(moved)).effects if each.outcome == "r"}
    assert (found["rare"].fit, found["rare"].units, found["rare"].note) == (None, 2, "2 units; effects from 5 on")
    family = found["confounded"].fit
    assert family is not None
    assert family.units == 5
    assert [len(family.effects), family.effects[3].low] == [4, None]
    assert family.effects[3].estimate == pytest.approx(-FALL, abs=0.03)


def test_a_reader_that_reads_no_predicates_is_left_out(few: list[UnitResult]) -> None:
    text = [replace(each, reader="embedding") for each in few]
    none = {"outcome": "declares_none", "r": None, "simulation_accuracy": None}
    unread = [replace(each, **none) if each.outcome == "graded" else each for each in few]
    found = ablated(made_up_arms(), settle([*unread, *text]))
    assert found.unread == ("executable",)
    assert {each.reader for each in found.effects} == {"embedding", ""}


def test_nulls_without_claims_have_counts(few: list[UnitResult]) -> None:
    quiet = [replace(each, outcome="abstained", r=0.0, p=None) if each.tier == "null" else each for each in few]
    (nulls,) = [each.found for each in ablated(made_up_arms(), quiet).decisions if each.tier == "null"]
    assert (nulls.yes, nulls.scores, nulls.units) == (0, 96, 6)
    assert "all no" in nulls.gee_note
    assert {each.test.p for each in nulls.switches} == {1.0}


def test_every_table_has_its_json(written: Path) -> None:
    told = json.loads((written / "ablation.json").read_text("utf-8"))
    page = (written / "ablation.md").read_text("utf-8")
    assert told["factors"] == list(CLASSIC)
    assert len(told["arms"]) == 2 * 16
    fit = next(each["fit"] for each in told["effects"] if each["outcome"] == "r" and each["family"] == "all")
    assert f"{fit['effects'][3]['estimate']:+.3f}" in page
    assert f"`{fit['formula']}`" in page
    for heading in ("False claims on nulls", "By family", "Confidence against r reached", "The arms"):
        assert f"## {heading}" in page
    (row,) = [line for line in page.splitlines() if line.startswith("| significance | ") and "of 160" in line]
    with_it, without = re.findall(r"(\d+) of 160", row)
    assert int(with_it) < int(without)


def test_seconds_have_no_effects_where_answers_came_from_a_cache(few: list[UnitResult], tmp_path: Path) -> None:
    from_results([replace(made_up_arms(), cached=True)], settle(few), FACTS, tmp_path)
    told = json.loads((tmp_path / "ablation.json").read_text("utf-8"))
    outcomes = {each["outcome"] for each in told["effects"]}
    assert "unit_queries" in outcomes
    assert "seconds" not in outcomes
    assert "seconds are those of whoever asked first" in (tmp_path / "ablation.md").read_text("utf-8")


def test_the_figure_is_drawn_within_its_edges(written: Path) -> None:
    root = ET.fromstring((written / "ablation.svg").read_text("utf-8"))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    circles = [each for each in root.iter() if each.tag.endswith("circle")]
    # r, accuracy, miscalibration, abstentions, false claims, queries and seconds; pairs for three outcomes.
    assert len(circles) == 7 * 4 + 3 * 6
    assert width == 700
    assert all(0 < float(c.attrib["cx"]) < width and 0 < float(c.attrib["cy"]) < height for c in circles)
    assert not [each for each in root.iter() if each.tag.endswith("script")]


def test_several_explainers_have_files_of_their_own(few: list[UnitResult], tmp_path: Path) -> None:
    arms, other = made_up_arms(), replace(made_up_arms(), model="openai/gpt-5")
    second = [replace(each, model=other.model) for each in few]
    files = from_results([arms, other], settle([*few, *second]), FACTS, tmp_path)
    assert [each.name for each in files if each.suffix == ".md"] == [
        "ablation-guarded-none.md",
        "ablation-guarded-openai-gpt-5.md",
    ]
    assert all(each.is_file() for each in files)
