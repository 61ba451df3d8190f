"""Which reports the sampled reader reads, on which units, beside which strangers; and what that costs, beforehand."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from inspect_ai.model import Model
from inspect_ai.model._model_info import get_model_info

from benchmark.errors import UserError
from benchmark.exam.sampled import (
    LEAST_NULLS,
    LEAST_UNITS,
    PER_STRATUM,
    STRANGERS,
    Sheet,
    draw_sheet,
    draw_strangers,
    draw_units,
    generator,
)
from benchmark.explainers.report import Report
from benchmark.readers.language_model import MODES, NAME, Mode, Question, questions
from benchmark.runtime.batches import is_local
from benchmark.suites import Suite, available
from benchmark.units.unit import Unit

# Of English prose; only the estimate before a run rests on it.
CHARACTERS_A_TOKEN = 4
# The bank's predicted firing rates by a reader that can read every report.
MATCHED_BY = "embedding"


class ReadingError(UserError):
    """The sampled reader cannot read what it was given; the message names the mend."""


@dataclass(frozen=True)
class Cut:
    """How much is read.

    Attributes:
        tier: the units' tier.
        units: how many of them; 12 or more for a p.
        nulls: null units beside them.
        per_stratum: firing, near-miss and silent items a unit, each.
        strangers: strangers' reports read on each unit's items, by simulation.
        modes: what is asked about own reports; simulation is always among them.
        items_per_prompt: above 1, items may tell of one another.
        seed: of all draws.
    """

    tier: str = "found"
    units: int = LEAST_UNITS
    nulls: int = LEAST_NULLS
    per_stratum: int = PER_STRATUM
    strangers: int = STRANGERS
    modes: tuple[Mode, ...] = MODES
    items_per_prompt: int = 1
    seed: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether METHOD.md section 3 lets these numbers carry a p."""
        enough = self.units >= LEAST_UNITS and self.nulls >= LEAST_NULLS
        return enough and self.per_stratum >= PER_STRATUM and self.strangers >= STRANGERS

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `from_json` reads it back."""
        return {**asdict(self), "modes": list(self.modes)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Cut":
        """Read what `to_json` wrote."""
        return cls(**{**value, "modes": tuple(value["modes"])})


# A claim's text and the level to expect where it holds.
Said = tuple[str, float]


@dataclass(frozen=True)
class Handed:
    """What one explainer handed in on one unit: an outcome, and text and claims if it is a report."""

    outcome: str
    text: str = ""
    claims: tuple[Said, ...] = ()

    @classmethod
    def of(cls, report: Report) -> "Handed":
        """A report."""
        return cls("report", report.text, tuple((claim.text, claim.level) for claim in report.claims))


@dataclass(frozen=True)
class Job:
    """One report on one unit: all that is asked about it, in one sample.

    Attributes:
        unit: the unit's identifier.
        text: the report.
        modes: what is asked; a stranger's report is read by simulation alone.
        role: "own" or "stranger".
        claims: for a reader of claims; a language model is shown the text alone.
    """

    unit: str
    text: str
    modes: tuple[Mode, ...]
    role: str = "own"
    claims: tuple[Said, ...] = ()

    @property
    def identifier(self) -> str:
        """Unit and the report's hash: a report that several explainers hand in is read once."""
        return f"{self.unit}/{text_key(self.text, self.claims)}"


def text_key(text: str, claims: Sequence[Said] = ()) -> str:
    """Twelve hex digits of the SHA-256 of what is read of a report."""
    whole = "\0".join((text, *(f"{level!r} {claim}" for claim, level in claims)))
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:12]


Contestants = Mapping[tuple[str, str], Mapping[str, Handed]]


class Design:
    """The reading of one set of reports.

    Args:
        suite: of the reports.
        contestants: (explainer, model) to unit to what was handed in.
        cut: how much is read.
        by_claims: whether claims are read, and not the text alone.

    Raises:
        ReadingError: no explainer met a unit of the tier.
    """

    def __init__(self, suite: Suite, contestants: Contestants, cut: Cut, by_claims: bool = False) -> None:
        self.suite, self.contestants, self.cut = suite, dict(sorted(contestants.items())), cut
        self.by_claims = by_claims
        self.units = [suite.unit(name) for name in (*self._drawn(cut.tier, cut.units), *self._drawn("null", cut.nulls))]
        if not any(unit.tier == cut.tier for unit in self.units):
            tiers = ", ".join(dict.fromkeys(suite.unit(name).tier for name in self._met())) or "none"
            raise ReadingError(
                f"the reports are on units of {tiers}, and none on {cut.tier}: give reading.tier=<one of these>"
            )

    @property
    def suite_word(self) -> str:
        """What loads the suite: its name if it ships, else its folder."""
        return self.suite.name if self.suite.name in available() else str(self.suite.folder)

    def _met(self) -> dict[str, int]:
        names = [name for handed in self.contestants.values() for name in handed]
        return {name: names.count(name) for name in dict.fromkeys(names)}

    def _drawn(self, tier: str, count: int) -> list[str]:
        met = {name: times for name, times in self._met().items() if self.suite.unit(name).tier == tier}
        return draw_units(met, count, self.cut.seed)

    @cached_property
    def strangers(self) -> dict[str, dict[str, Any]]:
        """Unit to {"reports": places in the bank, "largest_distance": in standard deviations}."""
        found = {}
        for unit in self.units:
            drawn = draw_strangers(
                self.suite.bank.mask[self.suite.order[unit.identifier]],
                np.nan_to_num(self.suite.bank.features[f"{MATCHED_BY}/{unit.pool}"].astype(np.float64)),
                [each.report.text for each in self.suite.bank.reports],
                self.suite.pool(unit.pool).firing_rate(unit.identifier),
                self.cut.strangers,
                generator(self.cut.seed, "strangers", unit.identifier),
            )
            found[unit.identifier] = {
                "reports": [int(each) for each in drawn.indices],
                "largest_distance": round(drawn.largest_distance, 4),
            }
        return found

    @cached_property
    def jobs(self) -> list[Job]:
        """Every report to be read, once a unit; own reports before strangers'."""
        jobs: dict[str, Job] = {}
        for unit in self.units:
            mine = [handed[unit.identifier] for handed in self.contestants.values() if unit.identifier in handed]
            own = [each for each in mine if each.outcome == "report"]
            others = [self._stranger(place) for place in self.strangers[unit.identifier]["reports"]]
            made = [Job(unit.identifier, each.text, self.cut.modes, claims=self._claims(each)) for each in own]
            made += [
                Job(unit.identifier, each.text, ("simulation",), "stranger", self._claims(each)) for each in others
            ]
            for job in made:
                jobs.setdefault(job.identifier, job)
        return list(jobs.values())

    def _stranger(self, place: int) -> Handed:
        return Handed.of(self.suite.bank.reports[place].report)

    def _claims(self, handed: Handed) -> tuple[Said, ...]:
        return handed.claims if self.by_claims else ()

    def _key(self, handed: Handed) -> str:
        return text_key(handed.text, self._claims(handed))

    def to_json(self) -> dict[str, Any]:
        """What a board needs to make rows of the answers: who handed in what, and the strangers."""
        return {
            "suite": self.suite.name,
            "suite_hash": self.suite.hash,
            "bank_hash": self.suite.bank_hash,
            "cut": self.cut.to_json(),
            "strangers": {
                name: {
                    "reports": [self._key(self._stranger(place)) for place in drawn["reports"]],
                    "largest_distance": drawn["largest_distance"],
                }
                for name, drawn in self.strangers.items()
            },
            "contestants": [
                {"explainer": name, "model": model, "units": self._handed(handed)}
                for (name, model), handed in self.contestants.items()
            ],
        }

    def _handed(self, handed: Mapping[str, Handed]) -> dict[str, dict[str, str]]:
        read = [unit.identifier for unit in self.units if unit.identifier in handed]
        return {
            name: {
                "outcome": handed[name].outcome,
                "report": self._key(handed[name]) if handed[name].outcome == "report" else "",
            }
            for name in read
        }


def sheet_of(suite: Suite, unit: Unit, cut: Cut) -> Sheet:
    """A unit's items; the same for every report and on every machine."""
    return draw_sheet(suite.items(unit, "own"), unit.identifier, cut.seed, cut.per_stratum)


def asked(suite: Suite, job: Job, cut: Cut) -> list[Question]:
    """Every prompt of one job."""
    sheet = sheet_of(suite, suite.unit(job.unit), cut)
    return [each for mode in job.modes for each in questions(job.text, sheet, mode, cut.items_per_prompt)]


@dataclass(frozen=True)
class Estimate:
    """What a reading will cost at most: answers in the cache cost nothing.

    Attributes:
        prompts: exact.
        tokens_in: of all prompts, at four characters a token.
        tokens_out: every answer at its longest.
        dollars: 0 on one's own machine; None where Inspect knows no price.
    """

    prompts: int
    tokens_in: int
    tokens_out: int
    dollars: float | None

    def __str__(self) -> str:
        price = "price not known" if self.dollars is None else f"at most ${self.dollars:.2f}"
        return (
            f"{self.prompts:,} prompts, about {self.tokens_in:,} tokens in and at most {self.tokens_out:,} out, {price}"
        )


def estimate(design: Design, model: Model | str, max_tokens: int) -> Estimate:
    """The cost of a reading, before any prompt is sent."""
    asked_of = [question for job in design.jobs for question in asked(design.suite, job, design.cut)]
    into = sum(question.characters for question in asked_of) // CHARACTERS_A_TOKEN
    out = max_tokens * len(asked_of)
    return Estimate(len(asked_of), into, out, _price(model, into, out))


def _price(model: Model | str, into: int, out: int) -> float | None:
    if is_local(str(model)):
        return 0.0
    cost = getattr(get_model_info(model), "cost", None)
    return None if cost is None else (into * float(cost.input) + out * float(cost.output)) / 1e6


def said(design: Design, cost: object, reader: str = NAME) -> Sequence[str]:
    """Lines for whoever pays: what is read, and its cost in words."""
    counts = {tier: sum(unit.tier == tier for unit in design.units) for tier in (design.cut.tier, "null")}
    units = f"{counts[design.cut.tier]} {design.cut.tier} and {counts['null']} null units"
    lines = [f"{reader} reader: {units}, {len(design.contestants)} explainers, {len(design.jobs)} reports; {cost}"]
    if not design.cut.is_whole or counts[design.cut.tier] < LEAST_UNITS or counts["null"] < LEAST_NULLS:
        lines.append(
            f"a cut below {LEAST_UNITS} units, {LEAST_NULLS} nulls, {PER_STRATUM} items a stratum or {STRANGERS} "
            "strangers carries no p (METHOD.md section 3)"
        )
    return lines
