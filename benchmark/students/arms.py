"""Arms of the teaching experiment: what a student is given, and the gain over a placebo (METHOD.md section 7)."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar
from benchmark.students.lesson import Lesson, take_notes

Arm = Literal["none", "placebo", "lesson"]
ARMS: tuple[Arm, ...] = get_args(Arm)
EXAMPLES = 6


def choose_examples(exemplars: Sequence[Exemplar]) -> tuple[Exemplar, ...]:
    """Six firing windows, spread over the range of peaks, and the first six silent ones; fewer where there are fewer.

    Raises:
        ValueError: without a firing window there is nothing to learn from.
    """
    firing = sorted((each for each in exemplars if each.stratum == "firing"), key=lambda each: -each.peak)
    silent = [each for each in exemplars if each.stratum == "silent"]
    if not firing:
        raise ValueError("a lesson needs firing windows and the unit's exemplars have none; draw more teach windows")
    ranks = np.unique(np.linspace(0, len(firing) - 1, EXAMPLES).round().astype(int))
    return (*(firing[rank] for rank in ranks), *silent[:EXAMPLES])


def lessons(report: Report, placebo_report: Report, exemplars: Sequence[Exemplar]) -> dict[Arm, Lesson]:
    """One lesson an arm; all arms see the same labelled examples of the unit.

    Args:
        report: on the unit.
        placebo_report: on another unit.
        exemplars: the unit's teach windows.

    Returns:
        "none": the examples alone; "placebo": with notes from the other unit's report; "lesson": with the unit's own.
    """
    examples = choose_examples(exemplars)
    notes: dict[Arm, str] = {"none": "", "placebo": take_notes(placebo_report), "lesson": take_notes(report)}
    return {arm: Lesson(examples, notes[arm]) for arm in ARMS}


def comprehension_gain(student_score_lesson: float, student_score_placebo: float) -> float:
    """G = S(lesson) - S(placebo), in units of the score (weighted r).

    Both students saw the same examples of the unit. Were they shown in the lesson alone, what they teach by
    themselves would be credited to the explanation; were there no notes in the other arm, so would whatever any
    fluent page of notes does (length, style, generic expectations).
    """
    return student_score_lesson - student_score_placebo
