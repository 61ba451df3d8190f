"""A circuit's grade as flat numbers, for a score."""

from collections.abc import Mapping
from types import MappingProxyType

from benchmark.circuits.grading import STATED, CircuitGrade
from benchmark.circuits.report import CircuitReport

# 3 sigma, one-sided (METHOD.md section 4).
SIGMA_3 = 0.00135
_BY_WAY = tuple(f"{name}{suffix}" for suffix in ("", "_zero", "_resample") for name in ("sufficiency", "necessity"))
_MORE_IS_BETTER = ("reported", "f1", "auroc", "edges_f1", "looks", "writes", "foresight_r", "foresight_right", *_BY_WAY)
_MORE_IS_BETTER += ("significant", "minimality", "named")
# Of a session that crashed and has no grade: the worst of every figure, never the best. Decoys are counted of what is
# named, which is nothing. An abstention's incompleteness is 1 too.
WORST: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(_MORE_IS_BETTER, 0.0) | {"p": 1.0, "incompleteness": 1.0, "decoys_named": 0.0}
)
# The same on a null.
WORST_ON_NULL: Mapping[str, float] = MappingProxyType({"rejected": 0.0, "false_claim": 0.0, "failed": 1.0})


def flat(report: CircuitReport, grade: CircuitGrade) -> dict[str, float]:
    """The grade's figures by name; what a report that names nothing cannot have is at its chance or its worst.

    Args:
        report: that was graded.
        grade: its grade.
    """
    found = {
        "reported": float(not report.abstained),
        "f1": grade.heads.f1,
        # Of a ranking that is not there: chance.
        "auroc": grade.heads.auroc,
        "edges_f1": 0.0 if grade.edges is None else grade.edges.f1,
        "looks": grade.roles.looks,
        "writes": grade.roles.writes,
        "foresight_r": grade.foresight.r,
        "foresight_right": grade.foresight.right,
        "p": grade.p,
        "significant": float(grade.p < SIGMA_3),
        "named": float(len(report.circuit)),
        "decoys_named": float(grade.named.get("imitator", 0) + grade.named.get("dormant", 0)),
    }
    stated = grade.faithfulness[STATED]
    found |= {"minimality": stated.minimality, "incompleteness": stated.incompleteness}
    for how, each in grade.faithfulness.items():
        suffix = "" if how == STATED else f"_{how}"
        found |= {f"sufficiency{suffix}": each.sufficiency, f"necessity{suffix}": each.necessity}
    return found
