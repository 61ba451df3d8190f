"""The instrument's hard gates (METHOD section 5): a board whose gates fail says so before it shows a score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.leaderboard.results import TRIVIAL
from benchmark.leaderboard.row import ALL, ALPHA, Row

ORACLE_LEAST_R = 0.99
# Of a direction's own agreement with its concept, measured on other windows of the exam part than the suite's pool.
ORACLE_LEAST_PROBED = 0.9
DETERMINISTIC_READERS = ("executable", "embedding", "lookup")
FLOOR_CONTROLS = ("constant", "placebo")


@dataclass(frozen=True)
class Gate:
    """One gate.

    Attributes:
        name: what must hold, in words.
        explainer: whose row is examined.
        model: the model that drives it.
        tier: the tier examined.
        reader: the reader examined.
        value: the computed figure, None where there is none.
        comparison: ">=" or ">", between value and threshold.
        threshold: what the value is compared with.
        passed: None where the gate could not be computed; `reason` then says why.
    """

    name: str
    explainer: str
    model: str
    tier: str
    reader: str
    value: float | None
    comparison: Literal[">=", ">"]
    threshold: float
    passed: bool | None
    reason: str = ""


def gates(rows: Sequence[Row]) -> list[Gate]:
    """All gates over the rows of family "all"."""
    whole = [row for row in rows if row.family == ALL]
    return [*_oracle(whole), *_trivial(whole), *_floors(whole), *_nulls(whole)]


def _oracle(rows: Sequence[Row]) -> list[Gate]:
    """The oracle on planted units, and on probed ones where there are any."""
    name = "the oracle's mean r reaches 0.99 of what chance in the truth leaves"
    found = [_oracle_gate(name, row, ORACLE_LEAST_R) for row in _oracles(rows, "planted")]
    if not found:
        reason = "no oracle by the executable reader on planted units in these results"
        found = [Gate(name, "oracle", "none", "planted", "executable", None, ">=", ORACLE_LEAST_R, None, reason)]
    name = "the oracle's mean r reaches 0.9 of the directions' own agreement with their concepts"
    return [*found, *(_oracle_gate(name, row, ORACLE_LEAST_PROBED) for row in _oracles(rows, "probed"))]


def _oracles(rows: Sequence[Row], tier: str) -> list[Row]:
    return [row for row in rows if (row.explainer, row.tier, row.reader) == ("oracle", tier, "executable")]


def _oracle_gate(name: str, row: Row, share: float) -> Gate:
    value, least = row.r.mean if row.r else None, share * row.attainable_r
    passed = None if value is None else value >= least
    reason = "" if value is not None else "declares none"
    return Gate(name, row.explainer, row.model, row.tier, row.reader, value, ">=", least, passed, reason)


def _trivial(rows: Sequence[Row]) -> list[Gate]:
    """The oracle describes every dead and always-on unit rightly, where there are any."""
    found = []
    for row in _oracles(rows, TRIVIAL):
        right = row.trivial.right / row.trivial.n if row.trivial else None
        name = "the oracle is right on all trivial units"
        found.append(Gate(name, row.explainer, row.model, TRIVIAL, row.reader, right, ">=", 1.0, right == 1.0))
    return found


def _floors(rows: Sequence[Row]) -> list[Gate]:
    tiers = sorted({(row.tier, row.reader) for row in rows if row.tier not in ("null", TRIVIAL)})
    found = []
    for control in FLOOR_CONTROLS:
        name = f"the {control} is not significant"
        for tier, reader in tiers:
            if reader not in DETERMINISTIC_READERS:
                continue
            cell = [row for row in rows if (row.explainer, row.tier, row.reader) == (control, tier, reader)]
            if not cell:
                found.append(_missing(name, control, tier, reader))
            found += [_above_alpha(name, row, row.p) for row in cell]
    return found


def _missing(name: str, control: str, tier: str, reader: str) -> Gate:
    return Gate(name, control, "none", tier, reader, None, ">", ALPHA, None, "not in these results")


def _nulls(rows: Sequence[Row]) -> list[Gate]:
    nulls = [row for row in rows if row.tier == "null" and row.status != "declares none"]
    if not nulls:
        name = "no explainer is significant with the null units as units"
        return [Gate(name, "every explainer", "", "null", "", None, ">", ALPHA, None, "no null units in these results")]
    return [_above_alpha("not significant with the null units as units", row, row.p_nulls_as_units) for row in nulls]


def _above_alpha(name: str, row: Row, p: float | None) -> Gate:

    def gate(passed: bool | None, reason: str = "") -> Gate:
        return Gate(name, row.explainer, row.model, row.tier, row.reader, p, ">", ALPHA, passed, reason)

    if p is None:
        return gate(None, row.status)
    silent = row.abstained + sum(row.failures.values()) == row.n_units
    # A constant prediction has r = 0 by rule: whatever strangers there are, it could not have been significant.
    idle = silent or row.abstained + sum(row.failures.values()) + row.constant == row.n_units
    if p > ALPHA and not row.p_resolvable and not idle:
        return gate(None, "not resolvable: too few reports, or fewer than 19 strangers for one of them")
    return gate(p > ALPHA, "no claim was made" if silent else "every prediction is constant" if idle else "")
