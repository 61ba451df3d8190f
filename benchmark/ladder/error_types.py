"""Does each kind of rung get its own type of error? `python -m benchmark.ladder.error_types SUITE --out results`."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmark.errors import USAGE_ERROR
from benchmark.exam.error_types import KINDS, Diagnosis, Kind, Truth, diagnose
from benchmark.ladder.scores import planted_units
from benchmark.leaderboard.markdown import escape
from benchmark.suites import Suite, SuiteError, load
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families.confounded import cue_named
from synthetic_neurons.ladder.rungs import Ladder, Rung
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import And, Predicate

# Made here and not by the ladder: the reports of one who took a confounded unit's cue for its cause.
CUE_RUNGS = ("cue", "cue_and_concept")
# What a rung ought to be told to be.
WANTED: dict[str, Kind] = {
    "none": "right",
    "wording": "right",
    "over-broad": "too_broad",
    "over-narrow": "too_narrow",
    "missing concept": "missing",
    "extra concept": "spurious",
    "sibling": "wrong",
    "unrelated": "wrong",
    # Fires on all the truth's words, and on all others: the end of over-broad.
    "vacuous": "too_broad",
    "confound": "wrong_reason",
}
NOTE = (
    "Every planted unit's ladder, and on confounded units the reports of one who took the cue for the cause, each with "
    "the type of error that its predicates are given on the suite's planted pool. Rows are what the rung was made to "
    "be; the type that it ought to get is in the second column."
)


WHY_OTHERS = (
    'The ladder names a rung by the step that made it, the type by where it fires. A branch of "or" left out is a '
    'narrower step and a missing part at once, and a condition of "and" left out makes a report broader: such rungs '
    "get the type of what they do. A sibling is the nearest unit's report, which may share words with this one."
)


@dataclass(frozen=True)
class Case:
    """One rung of one unit with its diagnosis.

    Attributes:
        unit, family: whose ladder.
        parts: how many parts the unit's truth has on the pool.
        rung, error: the rung's name and what it was made to be.
        kind: the type of error that it got.
        precision, recall: of its firing, at base rate.
        agreement: its r with the unit's values; None for the cue's reports, which are no rungs of the ladder.
    """

    unit: str
    family: str
    parts: int
    rung: str
    error: str
    kind: str
    precision: float
    recall: float
    agreement: float | None


def cases(suite: Suite) -> list[Case]:
    """Every rung of every planted unit of a suite, and the cue's reports on confounded units."""
    pool, units = suite.pool("planted"), planted_units(suite)
    threshold = float(suite.manifest["readers"]["executable"]["threshold"])
    ladder = Ladder(units, pool.passages, pool.word_weight)
    return [case for unit in units for case in _cases(unit, ladder, pool.passages, pool.word_weight, threshold)]


def _cases(unit: PlantedUnit, ladder: Ladder, passages: Passages, weight: Floats, threshold: float) -> Iterable[Case]:
    cue = cue_named(unit.identifier)
    truth = Truth.of(unit.predicate, passages, weight, cue)
    parts = max(1, len(truth.parts))
    for rung in (*ladder.rungs(unit), *cue_rungs(unit.predicate, cue)):
        found = diagnosed(rung, truth, passages, threshold)
        measured = (found.kind, found.precision, found.recall, rung.agreement)
        yield Case(unit.identifier, unit.family, parts, rung.name, rung.error, *measured)


def diagnosed(rung: Rung, truth: Truth, passages: Passages, threshold: float) -> Diagnosis:
    """The diagnosis of one rung's claims, which fire from the executable reader's threshold on."""
    return diagnose([claim.level * evaluate(claim.predicate, passages) >= threshold for claim in rung.claims], truth)


def cue_rungs(concept: Predicate, cue: Predicate | None) -> list[Rung]:
    """The cue alone, and the concept where the cue is; none for a unit without a cue."""
    made = () if cue is None else (cue, And((concept, cue)))
    claims = [(PlantedClaim.of(each),) for each in made]
    return [Rung(name, "confound", own[0].text, own) for name, own in zip(CUE_RUNGS, claims, strict=False)]


def confusion(found: Sequence[Case]) -> dict[str, dict[str, int]]:
    """Kind of rung to type of error to how many."""
    counts = Counter((case.error, case.kind) for case in found)
    errors = [error for error in WANTED if any(case.error == error for case in found)]
    return {error: {kind: counts[error, kind] for kind in KINDS if counts[error, kind]} for error in errors}


def markdown(found: Sequence[Case], title: str) -> str:
    """The confusion table, and every rung that did not get the type it was made to have."""
    table = confusion(found)
    head = ("rung made to be", "ought to be", "rungs", *(kind.replace("_", " ") for kind in KINDS))
    rows = [
        (error, WANTED[error].replace("_", " "), str(sum(kinds.values())), *(str(kinds.get(kind, 0)) for kind in KINDS))
        for error, kinds in table.items()
    ]
    others = [case for case in found if case.kind != WANTED[case.error]]
    listed = [
        (escape(c.unit), c.rung, c.kind.replace("_", " "), f"{c.precision:.2f}", f"{c.recall:.2f}") for c in others
    ]
    parts = [f"# {escape(title)}", NOTE, _table(head, rows), "## Rungs with another type", WHY_OTHERS]
    return "\n\n".join([*parts, _table(("unit", "rung", "type", "precision", "recall"), listed)]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows))


def publish(suite: Suite, folder: Path) -> list[Path]:
    """Write `error_types.json` and `error_types.md` of one suite; JSON first."""
    found = cases(suite)
    right = sum(case.kind == WANTED[case.error] for case in found)
    value = {
        "suite": suite.name,
        "suite_hash": suite.hash,
        "wanted": WANTED,
        "confusion": confusion(found),
        "as_wanted": {"share": round(right / len(found), 6), "n": len(found)},
        "cases": [{k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(case).items()} for case in found],
    }
    texts = {
        "error_types.json": json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "error_types.md": markdown(found, f"Types of error on {suite.name}'s ladder"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def main() -> None:
    """Read the command line, measure, and name the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.ladder.error_types", description=__doc__)
    parser.add_argument("suite", nargs="?", default="embedded-2", help="a suite that ships, or a folder")
    parser.add_argument("--out", type=Path, default=Path("results"), help="files go to OUT/<suite>/")
    chosen = parser.parse_args()
    try:
        suite = load(chosen.suite)
    except SuiteError as error:
        sys.stderr.write(f"error types: {error}\n")
        sys.exit(USAGE_ERROR)
    for path in publish(suite, chosen.out / suite.name):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
