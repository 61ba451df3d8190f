"""Predictions on SmolLM2's circuits: each holds on figures made for it, fails on others, and none is forgotten."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmark.circuits.found.expected import BEFORE, SEED, SUBJECT, outcomes
from benchmark.circuits.found.methods import METHODS

ROOT = Path(__file__).resolve().parents[2]
SECTION = "## For circuits found in SmolLM2, on other prompts"


def behaviour(name: str) -> dict[str, Any]:
    """Figures on which every prediction holds."""
    induction = name == "induction"
    kept = {"zero": 0.3, "mean": 0.8 if induction else 0.1, "resample": 0.9}
    p = {"zero": 0.2, "mean": 0.001 if induction else 0.7, "resample": 0.001}
    found: dict[str, Any] = {
        "common": list(BEFORE[name]),
        "common_exam": {how: {"sufficiency": share, "necessity": 0.9} for how, share in kept.items()},
        "common_ranks": {how: {"p": value} for how, value in p.items()},
        "methods": {each: {"ranks": {"resample": {"p": 0.001}}} for each in METHODS},
        "prefix_matching": {BEFORE[name][0]: 0.9},
        "previous_token": {BEFORE[name][1]: 0.9},
        "mlps": {how: {"circuit_without_mlps": 0.1} for how in kept},
        "nulls": {"nulls": 5, "abstained": {each: 5 * (each != "attention_score") for each in METHODS}},
    }
    one, five = {"pearson": 0.6, "spearman": 0.95, "times_faster": 40}, {"pearson": 0.95}
    return found | {"attribution_against_patching": {"attribution": one, "integrated_gradients": five}}


@pytest.fixture
def made() -> dict[str, Any]:
    return {
        "behaviours": {name: behaviour(name) for name in BEFORE},
        "provenance": {"subject": {"subject": SUBJECT}},
        "seed": SEED,
    }


# A place in the figures, what is put there, and which prediction that breaks.
BROKEN: list[tuple[str, Any, int]] = [
    ("induction.common_exam.resample.sufficiency", 0.79, 1),
    ("induction.common_exam.mean.necessity", 0.8, 1),
    ("induction.common_ranks.mean.p", 0.002, 2),
    ("induction.common_ranks.zero.p", 0.04, 2),
    ("ioi.common_exam.resample.sufficiency", 0.5, 3),
    ("ioi.common_exam.zero.sufficiency", 0.5, 3),
    ("ioi.common_ranks.resample.p", 0.02, 4),
    ("ioi.common_ranks.mean.p", 0.01, 4),
    ("induction.common", list(BEFORE["induction"][:14]), 5),
    ("ioi.common", ["L17H4"], 6),
    ("induction.methods.patching.ranks.resample.p", 0.02, 7),
    ("induction.prefix_matching.L10H4", 0.2, 8),
    ("induction.attribution_against_patching.attribution.times_faster", 19, 9),
    ("induction.attribution_against_patching.integrated_gradients.pearson", 0.8, 9),
    ("ioi.mlps.resample.circuit_without_mlps", 0.3, 10),
    ("ioi.nulls.abstained.attention_score", 1, 11),
    ("ioi.nulls.abstained.patching", 3, 11),
]


@pytest.mark.parametrize(("place", "value", "number"), BROKEN, ids=lambda value: str(value)[:40])
def test_each_prediction_fails_on_what_it_does_not_foresee(
    made: dict[str, Any], place: str, value: Any, number: int
) -> None:
    assert all(each.held for each in outcomes(made))
    broken = copy.deepcopy(made)
    *path, last = place.split(".")
    inner: Any = broken["behaviours"]
    for key in path:
        inner = inner[key]
    inner[last] = value
    # A common circuit that lost its heads of prefix matching fails that line too.
    assert number in [at for at, each in enumerate(outcomes(broken)) if not each.held]


def test_a_method_without_a_rank_does_not_rank(made: dict[str, Any]) -> None:
    made["behaviours"]["induction"]["methods"]["attribution"]["ranks"] = {}
    assert [at for at, each in enumerate(outcomes(made)) if not each.held] == [7]


def test_nothing_is_judged_of_another_study(made: dict[str, Any]) -> None:
    assert outcomes(made | {"seed": SEED + 1}) == []
    assert outcomes(made | {"provenance": {"subject": {"subject": "gpt2_small"}}}) == []
    made["behaviours"]["agreement"] = made["behaviours"].pop("ioi")
    (only,) = outcomes(made)
    assert not only.held
    assert "agreement" in only.seen


def test_every_line_that_was_written_down_is_judged(made: dict[str, Any]) -> None:
    text = (ROOT / "results/predictions.md").read_text("utf-8").split(SECTION)[1].split("\n## ")[0]
    lines = [line for line in re.findall(r"^\| (.+?) \|", text, re.MULTILINE) if line != "what we expect"]
    # One line is of both behaviours, and judged of each.
    assert len(outcomes(made)) == len(lines) + 1


def test_what_is_published_is_what_the_figures_say() -> None:
    document = json.loads((ROOT / "results/circuits/found.json").read_text("utf-8"))
    assert document["outcomes"] == [vars(each) for each in outcomes(document)]
    assert document["outcomes"]
