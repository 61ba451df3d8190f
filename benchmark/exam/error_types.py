"""What is wrong with a report whose truth is known: its type of error, from where it fires and where it ought to.

Only *where* a report fires is judged here, on the pool at base rate; how strongly is r's to judge. Two lines are drawn.
A report is right if nine tenths of what it says are so and it says nine tenths of what is so: the share of the field's
rule for simulation accuracy (METHOD.md section 3). It is wrong if most of what it says is not so and it leaves out most
of what is. Between them the greater shortfall names the error: false firing is the work of claims that name nothing of
the truth ("spurious") or of claims that name it and more ("too broad"); what is left out are whole parts of the truth
("missing") or some of its words ("too narrow").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.cross_examination import STRANGER_LIMIT
from benchmark.statistics.weighted import weighted_r
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import And, Or, Predicate, Scaled, Unless

Kind = Literal["right", "too_broad", "too_narrow", "missing", "spurious", "wrong", "wrong_reason"]
KINDS: tuple[Kind, ...] = ("right", "too_broad", "too_narrow", "missing", "spurious", "wrong_reason", "wrong")
NOT_DIAGNOSED = "not_diagnosed"
NEARLY_ALL, MOST = 0.9, 0.5
# Parts beyond which a truth counts as one whole: each is run over the pool.
MOST_PARTS = 16

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Truth:
    """A planted truth on the words of a pool.

    Attributes:
        fires: bool [words], where the truth is above 0.
        parts: bool [words] each: where one of its parts fires and no other does, or where it fires at all if it has no
            word to itself; empty for a truth of one part.
        cue: bool [words], where a confounded unit's cue is; None where there is none.
        weight: float64 [words], not negative.
    """

    fires: Bools
    parts: tuple[Bools, ...]
    cue: Bools | None
    weight: Floats

    @classmethod
    def of(cls, truth: Predicate, passages: Passages, weight: Floats, cue: Predicate | None = None) -> "Truth":
        """The truth of a predicate; chance that a unit's values pass through is no part of it.

        Args:
            truth: what the unit computes.
            passages: the pool's texts.
            weight: float64 [words], `Pool.word_weight`.
            cue: a confounded unit's cue.
        """
        cued = None if cue is None else evaluate(cue, passages) > 0
        parts = tuple(evaluate(part, passages) > 0 for part in parts_of(truth))
        return cls(evaluate(truth, passages) > 0, _apart(parts, weight), cued, weight)


def _apart(parts: Sequence[Bools], weight: Floats) -> tuple[Bools, ...]:
    seen = [part for part in parts if weight @ part > 0]
    if len(seen) < 2:
        return ()
    alone = [part & (np.sum(seen, axis=0, dtype=np.int64) == 1) for part in seen]
    return tuple(own if weight @ own > 0 else part for own, part in zip(alone, seen, strict=True))


@dataclass(frozen=True)
class ClaimFinding:
    """One claim against the truth, at base rate.

    Attributes:
        precision: share of the words it fires on that the truth fires on; 0 where it never fires.
        recall: share of the truth's words that it fires on.
        r: correlation of its firing with the truth's.
        spurious: it names nothing of the truth: most of what it says is not so, it meets most of no part of the truth,
            and its r is below 0.1, as a stranger's is (METHOD.md section 1).
        names_cue: it depends on a confounded unit's cue: beyond the cue it fires less than a tenth as often as the
            truth does.
    """

    precision: float
    recall: float
    r: float
    spurious: bool
    names_cue: bool


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a report, if anything.

    Attributes:
        kind: one of `KINDS`.
        precision, recall: of the report's firing, as a claim's.
        claims: one finding a claim.
    """

    kind: Kind
    precision: float
    recall: float
    claims: tuple[ClaimFinding, ...]


def parts_of(truth: Predicate) -> tuple[Predicate, ...]:
    """The alternatives that a truth joins by "or", wherever it does; itself where there are none, or too many.

    "And" takes the least value and "or" the greatest, so the alternatives of what "and" joins are all their
    combinations, and the greatest of the parts is the truth. A list of words is one concept, so one part.
    """
    found = _alternatives(truth)
    return found if len(found) <= MOST_PARTS else (truth,)


def _alternatives(truth: Predicate) -> tuple[Predicate, ...]:
    if isinstance(truth, Or):
        return tuple(part for child in truth.of for part in parts_of(child))
    if isinstance(truth, Scaled):
        return tuple(Scaled(part, truth.factor) for part in parts_of(truth.of))
    if isinstance(truth, Unless):
        return tuple(Unless(part, truth.exception) for part in parts_of(truth.of))
    if isinstance(truth, And):
        options = [parts_of(child) for child in truth.of]
        fits = np.prod([len(each) for each in options]) <= MOST_PARTS
        return tuple(And(each) for each in product(*options)) if fits else (truth,)
    return (truth,)


def diagnose(claims: Sequence[Bools], truth: Truth) -> Diagnosis:
    """The type of error of a report.

    Args:
        claims: bool [words] each: where a claim says that the unit fires.
        truth: the unit's, on the same words.

    Returns:
        its kind with what it rests on; a report that never fires is wrong.
    """
    said = _union(claims, truth)
    precision, recall = _share(said & truth.fires, said, truth), _share(said & truth.fires, truth.fires, truth)
    findings = tuple(_finding(claim, truth) for claim in claims)
    return Diagnosis(_kind(claims, findings, truth, precision, recall), precision, recall, findings)


def _kind(
    claims: Sequence[Bools], findings: Sequence[ClaimFinding], truth: Truth, precision: float, recall: float
) -> Kind:
    if min(precision, recall) >= NEARLY_ALL:
        return "right"
    if _names_the_confound(claims, findings, truth):
        return "wrong_reason"
    if max(precision, recall) < MOST:
        return "wrong"
    if precision < recall:
        return "spurious" if _false_firing_is_spurious(claims, findings, truth) else "too_broad"
    return "missing" if _what_is_left_out_is_parts(claims, truth) else "too_narrow"


def _finding(claim: Bools, truth: Truth) -> ClaimFinding:
    precision, recall = _share(claim & truth.fires, claim, truth), _share(claim & truth.fires, truth.fires, truth)
    r = weighted_r(truth.fires.astype(float), claim.astype(float), truth.weight)
    met = max([recall, *(_share(claim & part, part, truth) for part in truth.parts)])
    spurious = precision < MOST and met < MOST and r < STRANGER_LIMIT
    return ClaimFinding(precision, recall, r, spurious, _names_cue(claim, truth))


def _names_cue(claim: Bools, truth: Truth) -> bool:
    if truth.cue is None or not claim.any():
        return False
    beyond, expected = _share(claim & ~truth.cue, claim, truth), _share(truth.fires & ~truth.cue, truth.fires, truth)
    return expected > 0 and beyond < (1 - NEARLY_ALL) * expected


def _names_the_confound(claims: Sequence[Bools], findings: Sequence[ClaimFinding], truth: Truth) -> bool:
    """Whether claims name the confound and the others together do not name the cause."""
    if not any(finding.names_cue for finding in findings):
        return False
    others = _without(claims, [finding.names_cue for finding in findings], truth)
    return _share(others & truth.fires, truth.fires, truth) < MOST


def _false_firing_is_spurious(claims: Sequence[Bools], findings: Sequence[ClaimFinding], truth: Truth) -> bool:
    """Whether most of the false firing is that of spurious claims alone."""
    others = _without(claims, [finding.spurious for finding in findings], truth)
    false = _union(claims, truth) & ~truth.fires
    return _share(false & others, false, truth) < 1 - MOST


def _what_is_left_out_is_parts(claims: Sequence[Bools], truth: Truth) -> bool:
    """Whether most of what is left out are parts of which the report names less than a tenth, while it names others."""
    said = _union(claims, truth)
    left_out = [part for part in truth.parts if _share(part & said, part, truth) < 1 - NEARLY_ALL]
    missed = truth.fires & ~said
    return len(left_out) < len(truth.parts) and _share(missed & _union(left_out, truth), missed, truth) > MOST


def _union(each: Sequence[Bools], truth: Truth) -> Bools:
    return np.logical_or.reduce(each) if len(each) else np.zeros(len(truth.fires), dtype=bool)


def _without(claims: Sequence[Bools], left_out: Sequence[bool], truth: Truth) -> Bools:
    return _union([claim for claim, out in zip(claims, left_out, strict=True) if not out], truth)


def _share(some: Bools, of: Bools, truth: Truth) -> float:
    """The weighted share of `of` that is also `some`; 0 of nothing."""
    whole = float(truth.weight @ of)
    return float(truth.weight @ (some & of)) / whole if whole > 0 else 0.0
