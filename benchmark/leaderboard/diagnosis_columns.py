"""Columns of the diagnoses: a table of their own under each tier and reader that scores reports, or counts claims."""

from collections.abc import Callable

from benchmark.leaderboard import cells
from benchmark.leaderboard.column import Column, mean_of
from benchmark.leaderboard.results import TRIVIAL
from benchmark.leaderboard.row import Diagnoses, Estimate, Row


def _of(field: Callable[[Diagnoses], Estimate | None]) -> Callable[[Row], Estimate | None]:
    return lambda row: field(row.diagnoses) if row.diagnoses else None


_overclaimed = _of(lambda found: found.overclaimed)
_confidence = _of(lambda found: found.confidence)
_excess = _of(lambda found: found.excess_confidence)
_bits = _of(lambda found: found.description_bits)
_atoms = _of(lambda found: found.atoms)


def _right(row: Row) -> float | None:
    counts = row.diagnoses.error_types if row.diagnoses else {}
    return counts.get("right", 0) / sum(counts.values()) if counts else None


def _indistinct(row: Row) -> float | None:
    found = row.diagnoses.collisions if row.diagnoses else None
    return found.indistinct / found.reports if found else None


def _brier(row: Row) -> float | None:
    return row.diagnoses.calibration.brier if row.diagnoses and row.diagnoses.calibration else None


def _risk(row: Row) -> float | None:
    return row.diagnoses.risk_coverage.area if row.diagnoses and row.diagnoses.risk_coverage else None


_ERRORS = Column(
    "errors",
    "types of error",
    "reports on planted units by what is wrong with where their predicates fire: right (nine tenths of what is said "
    "and of what is so), too broad, too narrow, missing (whole parts of the truth), spurious (claims that name nothing "
    "of it), wrong reason (a confounded unit's cue, not its cause), wrong (mostly false and mostly incomplete); a "
    "report without predicates is not diagnosed",
    cells.error_types,
    _right,
)
_CLAIMS = (
    Column(
        "overclaimed",
        "overclaimed",
        "mean over reports of the share of their claims whose own r with the unit is one that more than 4 of the 99 "
        "strangers' reports nearest in firing rate and length reach; reports with predicates alone",
        lambda row: cells.score(_overclaimed(row)) + _denominator(_overclaimed(row)),
        lambda row: mean_of(_overclaimed(row)),
    ),
    Column(
        "confidence",
        "confidence",
        "as reports state it, mean; an explainer whose every report has 0.5 states none",
        lambda row: cells.mean(_confidence(row)) + _denominator(_confidence(row)),
        lambda row: mean_of(_confidence(row)),
    ),
    Column(
        "excess",
        "confidence above r",
        "mean of confidence minus r by this reader, a negative r counting as 0",
        lambda row: cells.score(_excess(row)),
        lambda row: mean_of(_excess(row)),
    ),
    Column(
        "overconfident",
        "overconfident",
        "reports whose confidence lies above their r by this reader",
        cells.overconfident,
        lambda row: row.diagnoses.overconfident if row.diagnoses else None,
    ),
)
_CALIBRATION = (
    Column(
        "brier",
        "Brier score",
        "of confidence as the chance that the report passes the stopping rule on the exam (simulation accuracy above "
        "0.9 and r above the suite's threshold), beside that of a constant that knows how often reports pass; less is "
        "better",
        cells.brier,
        _brier,
    ),
    Column(
        "reliability",
        "reliability",
        "mean confidence, the share that passes and how many reports, by tenths of confidence",
        cells.reliability,
        lambda row: row.diagnoses.calibration.expected_error if row.diagnoses and row.diagnoses.calibration else None,
    ),
    Column(
        "risk",
        "risk by coverage",
        "mean of 1 - r over the most confident share of units, over all shares, abstentions last; beside it the area "
        "of the best order and of none; less is better",
        cells.risk_area,
        _risk,
    ),
)
_COLLISIONS = Column(
    "collisions",
    "indistinct",
    "reports that this reader cannot tell from the same explainer's report on another unit of the pool (predictions "
    "correlate at 0.99 or more), of those that were read, and in how many sets",
    cells.collisions,
    _indistinct,
)
_LENGTH = (
    Column(
        "bits",
        "bits",
        "description length, mean over reports: of each word by how rare it is in dictionary glosses; Pareto: no other "
        "contestant is both shorter and higher in r by this reader",
        cells.bits,
        lambda row: mean_of(_bits(row)),
    ),
    Column(
        "atoms",
        "atoms",
        "leaves of the predicates, each word of a list for itself; mean over reports",
        lambda row: cells.amount(mean_of(_atoms(row))),
        lambda row: mean_of(_atoms(row)),
    ),
)


def _denominator(value: Estimate | None) -> str:
    return f" (n {value.n})" if value else ""


def diagnosis_columns(tier: str) -> tuple[Column, ...]:
    """The columns of one tier: none for trivial units, no type of error without a planted truth, no risk on nulls."""
    if tier == TRIVIAL:
        return ()
    calibrated = () if tier == "null" else _CALIBRATION
    return (*((_ERRORS,) if tier == "planted" else ()), *_CLAIMS, *calibrated, _COLLISIONS, *_LENGTH)
