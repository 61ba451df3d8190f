"""Measuring a suite's units on an explainer's own texts: one booted subject a home, shared by all explainers."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmark.clock import Clock
from benchmark.laboratory import computed
from benchmark.subjects.catalog import UnitsError
from benchmark.suites import Suite, SuiteError
from benchmark.suites.fields import Field, as_shipped
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages

Measure = Callable[[Sequence[str]], Any]
HIGHEST = 10.0


class Measuring:
    """What measures the units of one suite; subjects are booted at the first need and shared from then on.

    Args:
        suite: a frozen suite.
    """

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._measurers: dict[str, Any] = {}
        # What a latent does on a text, and what its measuring took: the arms of one method ask about the same texts.
        self._known: dict[tuple[str, str], tuple[Floats, float]] = {}
        self._probes: Any = None
        self._prober: Any = None

    def of(self, unit: Unit, clock: Clock) -> Measure:
        """`measure` for one unit: texts to per-word values on the 0–10 scale, awaited.

        Planted and null units are computed, found, randomised and probed ones ask their subject. What comes back is
        rounded as a suite ships it: a text has the value that it has among the exemplars, and the texts of others in
        the same forward pass, which decide the last bits, decide nothing else.
        """
        tier = self._home(unit)
        if tier is not None:
            return self._measured(unit, tier, clock)
        return self._probed(unit, clock) if unit.tier == "probed" else computed(lambda texts: _levels(unit, texts))

    def _home(self, unit: Unit) -> str | None:
        """The tier whose home the unit lives in, if it is a latent; dead and always-on latents are found ones."""
        if unit.tier in ("found", "randomised"):
            return unit.tier
        return "found" if "latent" in unit.truth else None

    def _measured(self, unit: Unit, tier: str, clock: Clock) -> Measure:
        async def measure(texts: Sequence[str]) -> list[Floats]:
            asked = list(dict.fromkeys(texts))
            await self._learn(unit, tier, [text for text in asked if (unit.identifier, text) not in self._known], clock)
            # A text that is known costs what it took, so that no explainer's spend depends on who asked first.
            clock.charge(sum(self._known[unit.identifier, text][1] for text in asked))
            return [_told(as_shipped(self._known[unit.identifier, text][0], unit), unit) for text in texts]

        return measure

    async def _learn(self, unit: Unit, tier: str, texts: Sequence[str], clock: Clock) -> None:
        """Measure a latent on texts that are not known yet."""
        measurer, names = self.measurer(tier)
        if not texts:
            return
        spent: list[float] = []
        # Standing in line is no spend of the unit; its share of the pass is.
        with clock.waiting():
            offset = float(unit.truth.get("offset", 0.0))
            values = await measurer.measure(texts, names[int(unit.truth["latent"])], offset, spent.append)
        for text, each in zip(texts, values, strict=True):
            self._known[unit.identifier, text] = each, sum(spent) / len(texts)

    def _probed(self, unit: Unit, clock: Clock) -> Measure:
        name = str(unit.truth["direction"])

        async def measure(texts: Sequence[str]) -> list[Floats]:
            with clock.waiting():
                found = await self._probing(texts, clock)
            return [_scaled(as_shipped(values.words(name)[words], unit), unit) for values, words in found]

        return measure

    def _probing(self, texts: Sequence[str], clock: Clock) -> Any:
        """Awaitable: each text's probe values, with its words among those of the texts it was read with."""
        if self._prober is None:
            from benchmark.subjects.batching import Batcher

            self._prober = Batcher(self._read_probes)
        return self._prober(texts, clock.charge)

    def _read_probes(self, texts: list[str]) -> list[tuple[Any, slice]]:
        found = self.probes().values(texts)
        return [(found, slice(a, b)) for a, b in pairwise(found.passages.first.tolist())]

    def measurer(self, tier: str) -> tuple[Any, dict[int, str]]:
        """The `Measurer` of a tier's units, and their names in it.

        Raises:
            SuiteError: the subject or SAE is not the one that the suite was frozen with, or not there.
        """
        if tier not in self._measurers:
            from benchmark.subjects.measuring import Measurer

            try:
                dwelling = self._dwelling(tier)
            except UnitsError as error:
                others = ",".join(dict.fromkeys(unit.tier for unit in self.suite.units if unit.tier != tier))
                raise SuiteError(
                    f"{tier} units of {self.suite.name}: {error}, or leave them out: tiers={others}"
                ) from None
            numbers = sorted({int(unit.truth["latent"]) for unit in self.suite.units if self._home(unit) == tier})
            source = dwelling.source(numbers)
            self._measurers[tier] = Measurer(source), dict(zip(numbers, source.units, strict=True))
        found: tuple[Any, dict[int, str]] = self._measurers[tier]
        return found

    def _dwelling(self, tier: str) -> Any:
        from benchmark.suites.homes import Dwelling, Home

        if (stated := self.suite.sources.get(tier)) is not None:
            dwelling = Dwelling(Home(stated["subject"], stated["sae"]))
            dwelling.assert_same(stated["facts"], self.suite.name)
            return dwelling
        # A suite that names no home was frozen from the shipped SAE, and states the hash of its weights alone.
        from benchmark.subjects.catalog import shipped_sae
        from benchmark.subjects.loading.checksums import sha256

        weights = shipped_sae() / "sae_weights.safetensors"
        if (here := sha256(weights)) != (there := str(self.suite.manifest["sae_sha256"])):
            raise SuiteError(
                f"{self.suite.name} was frozen with the SAE {there[:12]}, and {weights} is {here[:12]}; "
                "mend: git checkout -- that file, or viva freeze"
            )
        return Dwelling(Home())

    def probes(self) -> Any:
        """The probed directions and their reader.

        Raises:
            SuiteError: they are not the ones that the suite was frozen with.
        """
        if self._probes is None:
            from benchmark.suites.probed import Probes

            self._probes = Probes()
            here, stated = self._probes.directions.sha256, str(self.suite.manifest["probes_sha256"])
            if here != stated:
                raise SuiteError(
                    f"{self.suite.name} was frozen with the probed directions {stated[:12]}, and those that ship are "
                    f"{here[:12]}; mend: git checkout -- benchmark/suites/probes, or viva freeze"
                )
        return self._probes


def _levels(unit: Unit, texts: Sequence[str]) -> list[Floats]:
    """A computed unit's levels."""
    passages = Passages.of(texts)
    levels = _scaled(Field("measured", passages).words(unit), unit)
    return [levels[a:b] for a, b in zip(passages.first[:-1], passages.first[1:], strict=True)]


def _told(values: Floats, unit: Unit) -> Floats:
    """A latent's levels; of a trivial one on or off, as among its exemplars."""
    if unit.tier != "trivial":
        return _scaled(values, unit)
    on: Floats = np.where(values > 0, HIGHEST, 0.0)
    return on


def _scaled(values: Floats, unit: Unit) -> Floats:
    scaled: Floats = np.clip(HIGHEST * values / unit.scale, 0, HIGHEST)
    return scaled
