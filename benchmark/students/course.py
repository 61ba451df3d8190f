"""A course: all that the arms on one unit are made of (METHOD.md section 7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from benchmark.exam.items import Items
from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar
from benchmark.students.dialogue import Measure
from benchmark.students.exam_room import forms
from benchmark.students.material import Material

TeachingArm = Literal[
    "none", "off_topic", "placebo", "examples", "static", "yoked", "live", "misaligned", "oracle", "trained", "relay"
]
TEACHING_ARMS: tuple[TeachingArm, ...] = get_args(TeachingArm)


@dataclass(frozen=True)
class Course:
    """All that the arms on one unit are made of.

    Attributes:
        unit: its identifier.
        material: of the teacher's own report.
        placebo: of another unit's report, with that unit's windows.
        oracle: of the truth's report; None where nobody knows it.
        items: the unit's own items, from the exam.
        flipped: whether form B is the pre-test; half of the units have it so.
        measure: the unit's activations on a student's texts.
        shut: whether a text quotes the exam.
        windows: all of the unit's teach windows, for the arm "trained".
        practice: items of a practice slice, on which a live teacher's choices are weighed; None weighs none.
    """

    unit: str
    material: Material
    placebo: Material
    oracle: Material | None
    items: Items
    flipped: bool
    measure: Measure | None = None
    practice: Items | None = None
    shut: Callable[[str], bool] = lambda text: False
    windows: tuple[Exemplar, ...] = ()

    @classmethod
    def of(
        cls,
        unit: str,
        report: Report,
        exemplars: Sequence[Exemplar],
        other: tuple[Report, Sequence[Exemplar]],
        truth: Report | None,
        items: Items,
        flipped: bool,
        measure: Measure | None = None,
        practice: Items | None = None,
        shut: Callable[[str], bool] = lambda text: False,
    ) -> "Course":
        """A course from reports and teach windows."""
        oracle = Material.of(truth, exemplars) if truth is not None else None
        own, placebo = Material.of(report, exemplars), Material.of(*other)
        return cls(unit, own, placebo, oracle, items, flipped, measure, practice, shut, tuple(exemplars))

    @property
    def arms(self) -> tuple[TeachingArm, ...]:
        """Those that there can be."""
        return tuple(arm for arm in TEACHING_ARMS if arm != "oracle" or self.oracle is not None)

    @property
    def forms(self) -> tuple[Items, Items]:
        """The pre-test's and the post-test's."""
        both = forms(self.items)
        return (both["B"], both["A"]) if self.flipped else (both["A"], both["B"])
