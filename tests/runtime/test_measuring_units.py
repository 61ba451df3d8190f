"""What `measure` gives back for each tier: rounded as a suite ships it, scaled, and asked of the unit's own home."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.clock import Clock
from benchmark.runtime.measuring import Measuring
from benchmark.subjects.catalog import OWN_SAES
from benchmark.suites import Suite, SuiteError, load
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages

FOUND = Unit("found-0003", "found", "rare", {"latent": 3}, scale=2.0)


class OneValue:
    """Gives every word the same value, and keeps what it was asked."""

    def __init__(self, value: float) -> None:
        self.value, self.asked = value, list[tuple[list[str], str, float]]()

    async def measure(self, texts: Sequence[str], unit: str, offset: float, bill: Any) -> list[Floats]:
        self.asked.append((list(texts), unit, offset))
        bill(2.5)
        return [np.full(len(text.split()), self.value) for text in texts]


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load("embedded-1")


def measuring(suite: Suite, value: float) -> tuple[Measuring, OneValue]:
    made, fake = Measuring(suite), OneValue(value)
    made._measurers["found"] = made._measurers["randomised"] = fake, {3: "n3"}
    return made, fake


@pytest.mark.parametrize(("value", "level"), [(1.23456, 6.175), (0.0001, 0.005), (0.0, 0.0), (7.0, 10.0)])
def test_latents_are_rounded_as_they_ship_and_scaled(suite: Suite, value: float, level: float) -> None:
    made, fake = measuring(suite, value)
    (levels,) = asyncio.run(made.of(FOUND, Clock())(["one two"]))
    assert levels.tolist() == pytest.approx([level, level])
    assert fake.asked == [(["one two"], "n3", 0.0)]


def test_a_wait_is_no_spend_and_a_share_of_the_pass_is(suite: Suite) -> None:
    ticks = iter(range(0, 1000, 10))
    clock = Clock(lambda: float(next(ticks)))
    made, _ = measuring(suite, 1.0)
    asyncio.run(made.of(FOUND, clock)(["one"]))
    # Ten seconds before, ten in line, ten after; and 2.5 of work.
    assert clock.seconds == 22.5


@pytest.mark.parametrize("level", [0.0, 10.0])
def test_a_trivial_latent_is_on_or_off_as_among_its_exemplars(suite: Suite, level: float) -> None:
    made, _ = measuring(suite, level / 30)
    unit = replace(FOUND, tier="trivial", scale=1.0)
    assert asyncio.run(made.of(unit, Clock())(["one"]))[0].tolist() == [level]


def test_an_offset_and_another_tier_go_to_their_home(suite: Suite) -> None:
    made, fake = measuring(suite, 1.0)
    unit = replace(FOUND, tier="randomised", truth={"latent": 3, "offset": -0.25})
    asyncio.run(made.of(unit, Clock())(["one"]))
    assert fake.asked == [(["one"], "n3", -0.25)]


def test_a_dead_latent_is_asked_of_its_home_and_a_made_up_dead_unit_is_computed(suite: Suite) -> None:
    made, fake = measuring(suite, 0.0)
    dead = next(unit for unit in load("embedded-2").units if unit.tier == "trivial")
    assert asyncio.run(made.of(dead, Clock())(["one two"]))[0].tolist() == [0.0, 0.0]
    assert not fake.asked
    asyncio.run(made.of(replace(dead, truth={**dead.truth, "latent": 3}), Clock())(["one two"]))
    assert len(fake.asked) == 1


class Probes:
    """Two probed units' values on any texts, word by word; counts its readings."""

    def __init__(self) -> None:
        self.readings = 0

    def values(self, texts: Sequence[str]) -> Any:
        self.readings += 1
        passages = Passages.of(texts)
        lengths = np.array([float(len(word)) for word in passages.words])
        return SimpleNamespace(passages=passages, words=lambda name: lengths if name == "length" else -lengths)


def test_probed_units_share_a_reading_and_get_their_own_words(suite: Suite) -> None:
    made = Measuring(suite)
    made._probes = probes = Probes()
    unit = Unit("probed-a", "probed", "word", {"direction": "length"}, scale=10.0)
    other = replace(unit, truth={"direction": "other"})

    def ask(each: Unit, *texts: str) -> Any:
        return made.of(each, Clock())(list(texts))

    async def both() -> Any:
        return await asyncio.gather(ask(unit, "a bcd", "ef"), ask(other, "ghij"), ask(unit, "klm"))

    first, second, third = asyncio.run(both())
    assert [levels.tolist() for levels in first] == [[1.0, 3.0], [2.0]]
    assert [levels.tolist() for levels in second] == [[0.0]]
    assert [levels.tolist() for levels in third] == [[3.0]]
    assert probes.readings == 1


def test_a_known_text_is_not_measured_again_and_costs_as_much(suite: Suite) -> None:
    """The agentic and the guardrailed arm ask about the same texts; whoever comes second pays the same."""
    made, fake = measuring(suite, 1.5)
    spent = []
    for texts in (["one two", "three"], ["three", "four five", "three"], ["one two", "three"]):
        clock = Clock(lambda: 0.0)
        levels = asyncio.run(made.of(FOUND, clock)(texts))
        assert [len(each) for each in levels] == [len(text.split()) for text in texts]
        spent.append(clock.seconds)
    assert [texts for texts, _, _ in fake.asked] == [["one two", "three"], ["four five"]]
    assert spent == [2.5, 1.25 + 2.5, 2.5]
    other = replace(FOUND, identifier="found-other")
    asyncio.run(made.of(other, Clock())(["three"]))
    assert fake.asked[-1][0] == ["three"], "another unit does something else on the same text"


def test_an_sae_that_no_wheel_has_is_named_with_both_mends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OWN_SAES, "shipped_randomised", "nowhere")
    told = (
        r"^randomised units of embedded-2: sae=shipped_randomised: there is no SAE at .*; mend: work in a clone of the "
        r"repository, which holds it, or leave them out: tiers=planted,found,null,trivial$"
    )
    with pytest.raises(SuiteError, match=told):
        Measuring(load("embedded-2")).measurer("randomised")
