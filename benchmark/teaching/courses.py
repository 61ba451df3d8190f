"""Courses: what is taught about each unit of a suite, by its teacher and by the arms beside it."""

import math
from collections.abc import Sequence

import numpy as np

from benchmark.exam.cross_examination import STRANGER_LIMIT
from benchmark.exam.grading import weighted_items_r
from benchmark.exam.items import Items
from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import OPEN_SLICE, Budget, Laboratory
from benchmark.readers.lookup import LookupReader
from benchmark.runtime.supplies import truth_report
from benchmark.runtime.workshop import Workshop
from benchmark.statistics.weighted import rows_r
from benchmark.students.course import Course
from benchmark.students.material import Material, misaligned
from benchmark.suites import SuiteError
from benchmark.units.split import overlapping
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats

GUARDRAILS = "classic"


async def course(shop: Workshop, unit: Unit, explainer: str, flipped: bool) -> tuple[Course, Laboratory]:
    """The course of one unit, and the laboratory that its teacher has left.

    Args:
        shop: of the suite.
        unit: a planted, found, randomised or null one.
        explainer: who explains the unit, and then teaches it; one without a model.
        flipped: whether form B is the pre-test.
    """
    laboratory = shop.laboratory(unit, Budget())
    report = await shop.explainer(explainer, unit, GUARDRAILS, laboratory).explain(laboratory, Journal())
    return course_of(shop, unit, report, laboratory, flipped), laboratory


def course_of(shop: Workshop, unit: Unit, report: Report, laboratory: Laboratory, flipped: bool) -> Course:
    """The course of one unit, from its teacher's report.

    Args:
        shop: of the suite.
        unit: which.
        report: an abstention has nothing to tell.
        laboratory: in which the student's texts are measured.
        flipped: whether form B is the pre-test.
    """
    other = matched_stranger(shop, unit)
    return Course.of(
        unit.identifier,
        report,
        shop.suite.exemplars(unit),
        (report_of(shop, other), shop.suite.exemplars(other)),
        truth_report(unit),
        shop.suite.items(unit, "own"),
        flipped,
        laboratory.measure,
        shop.suite.items(unit, OPEN_SLICE),
        lambda text: any(overlapping([text], shop.suite.forbidden)),
    )


def agreement(made: Course) -> dict[str, float]:
    """Arm to how far its lesson's claims agree with the unit: r of their words on the unit's own items.

    A misaligned lesson must agree less than the placebo's (METHOD.md section 7).
    """
    lessons: dict[str, Material | None] = {
        "live": made.material,
        "placebo": made.placebo,
        "misaligned": misaligned(made.material),
        "oracle": made.oracle,
    }
    return {arm: _agrees(lesson.claims, made.items) for arm, lesson in lessons.items() if lesson is not None}


def _agrees(claims: Sequence[Claim], items: Items) -> float:
    if not claims:
        return 0.0
    return weighted_items_r(items, LookupReader().read(Report(claims[0].text, tuple(claims)), items.passages))


def report_of(shop: Workshop, unit: Unit) -> Report:
    """A unit's right report: the truth's, else the words of greatest activation."""
    return truth_report(unit) or shop.top_tokens(unit)


def matched_stranger(shop: Workshop, unit: Unit) -> Unit:
    """The unit of another family, of the same kind, whose firing rate is nearest and that has nothing to do with it.

    Raises:
        SuiteError: there is none.
    """
    pool = shop.suite.pool(unit.pool)
    own, rate = pool.rows[unit.identifier], _log_rate(pool.firing_rate(unit.identifier))
    tier = "found" if unit.pool == "natural" else "planted"
    peers = [each for each in shop.suite.units if each.tier == tier and each.family != unit.family]
    peers.sort(key=lambda each: abs(_log_rate(pool.firing_rate(each.identifier)) - rate))
    for other in peers:
        levels: Floats | None = shop.examiner.readers["executable"].read(report_of(shop, other), pool.passages)
        assert levels is not None
        truths = _truth_r(shop, unit, other)
        if other.identifier != unit.identifier and max(rows_r(own, levels, pool.word_weight), truths) < STRANGER_LIMIT:
            return other
    raise SuiteError(f"{shop.suite.name} has no unit that is unrelated to {unit.identifier}; mend: another suite")


def _truth_r(shop: Workshop, unit: Unit, other: Unit) -> float:
    pool = shop.suite.pool(unit.pool)
    rows = pool.rows[other.identifier]
    mean = rows.total / np.maximum(rows.count, 1)
    return rows_r(pool.rows[unit.identifier], mean, pool.word_weight)


def _log_rate(rate: float) -> float:
    return math.log(max(rate, 1e-6))
