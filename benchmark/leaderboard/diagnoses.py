"""What a log's report says beside its scores: type of error, claims no better than strangers', confidence, length.

All of it comes from the report in the log and from the suite, so boards are rebuilt from old logs with it. It is the
report's own and the same for every reader.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmark.exam.cross_examination import quantise, report_features
from benchmark.exam.description_length import report_atoms, text_bits
from benchmark.exam.error_types import NOT_DIAGNOSED, Truth, diagnose
from benchmark.exam.overclaiming import no_better_than_strangers
from benchmark.explainers.report import Claim, Report
from benchmark.statistics.headline import nearest_strangers
from benchmark.statistics.weighted import rows_r_matrix
from benchmark.suites import Suite
from benchmark.units.unit import Unit
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families.confounded import cue_named
from synthetic_neurons.passages import Floats
from synthetic_neurons.predicate import parse

READER = "executable"


@dataclass(frozen=True)
class Findings:
    """What is found of one report; None where there is none to have, as in a log without a report.

    Attributes:
        error_type: planted units: a kind of `benchmark.exam.error_types`, or "not_diagnosed" without predicates.
        claims: how many claims with predicates it makes.
        overclaimed: how many of them agree with the unit no better than strangers' reports; None where not resolvable.
        confidence: as it states it, None outside 0 to 1; 0.5 is also what a report has that states none.
        description_bits: of its text, in the code of `benchmark.exam.description_length`.
        atoms: of its predicates.
    """

    error_type: str | None = None
    claims: int | None = None
    overclaimed: int | None = None
    confidence: float | None = None
    description_bits: float | None = None
    atoms: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The fields of a unit's result."""
        return asdict(self)


class Diagnosing:
    """Diagnoses reports on a suite's units.

    Args:
        suite: a frozen suite, whose bank serves as strangers.
    """

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.threshold = float(suite.manifest["readers"][READER]["threshold"])
        self._truths: dict[str, Truth] = {}
        self._known: dict[tuple[str, str], Findings] = {}

    def of(self, unit: Unit, sample: Mapping[str, Any]) -> Findings:
        """What is found of a sample's report.

        Args:
            unit: the suite's.
            sample: as the log has it; abstentions, failures and samples without a report have no findings.
        """
        value = sample.get("report")
        if not value or sample.get("outcome") != "report":
            return Findings()
        key = (unit.identifier, repr(value))
        if key not in self._known:
            self._known[key] = self._found(unit, Report.from_json(value))
        return self._known[key]

    def _found(self, unit: Unit, report: Report) -> Findings:
        said = Findings(
            error_type=NOT_DIAGNOSED if unit.tier == "planted" else None,
            confidence=report.confidence if 0 <= report.confidence <= 1 else None,
            description_bits=text_bits(report.text),
            atoms=report_atoms(report),
        )
        if not report.has_predicates or unit.pool == "trivial":
            return said
        levels = self._levels(unit, report)
        kind = self._kind(unit, levels) if unit.tier == "planted" else None
        found = {"error_type": kind, "claims": len(levels), "overclaimed": self._overclaimed(unit, report, levels)}
        return Findings(**(said.to_json() | found))

    def _levels(self, unit: Unit, report: Report) -> Floats:
        """float64 [claims, words]: each claim read alone, as the executable reader takes it."""
        passages = self.suite.pool(unit.pool).passages
        pairs = [(claim.level, claim.predicate) for claim in report.claims if claim.predicate is not None]
        return np.stack([level * evaluate(predicate, passages) for level, predicate in pairs])

    def _kind(self, unit: Unit, levels: Floats) -> str:
        if unit.identifier not in self._truths:
            pool = self.suite.pool(unit.pool)
            cue = cue_named(unit.identifier) if unit.family == "confounded" else None
            truth = Truth.of(parse(unit.truth["predicate"]), pool.passages, pool.word_weight, cue)
            self._truths[unit.identifier] = truth
        return diagnose(list(levels >= self.threshold), self._truths[unit.identifier]).kind

    def _overclaimed(self, unit: Unit, report: Report, levels: Floats) -> int | None:
        pool = self.suite.pool(unit.pool)
        r = rows_r_matrix([pool.rows[unit.identifier]], levels, pool.word_weight)[0]
        verdicts = [
            no_better_than_strangers(float(own), self._strangers(unit, claim, row))
            for own, claim, row in zip(r, report.claims, levels, strict=True)
        ]
        return None if None in verdicts else sum(map(bool, verdicts))

    def _strangers(self, unit: Unit, claim: Claim, levels: Floats) -> Floats:
        """float64 [at most 99]: r on the unit of the bank's reports nearest to the claim in firing rate and length."""
        weight = self.suite.pool(unit.pool).word_weight
        own = report_features(quantise(levels), weight, self.threshold, claim.text)
        r, allowed, features = self._bank[unit.pool]
        row = self.suite.order[unit.identifier]
        return np.asarray(r[row, nearest_strangers(own, features, allowed[row]).indices], dtype=float)

    @cached_property
    def _bank(self) -> dict[str, tuple[Floats, Any, Floats]]:
        """By pool: r and mask [all units, reports] and features [reports, 2] of the bank, by the executable reader."""
        bank = self.suite.bank
        r = bank.r[READER]
        allowed = bank.mask & ~np.isnan(r)
        return {
            kind: (np.nan_to_num(r), allowed, np.nan_to_num(bank.features[f"{READER}/{kind}"].astype(float)))
            for kind in ("planted", "natural")
        }
