"""A circuit's grade as flat numbers, for a score."""

from benchmark.circuits.grading import STATED, CircuitGrade
from benchmark.circuits.report import CircuitReport

# 3 sigma, one-sided (METHOD.md section 4).
SIGMA_3 = 0.00135


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
