"""The student that learns nothing: its gain is exactly 0, or the exam leaks."""

from benchmark.students.deterministic import Deterministic


class NoOp(Deterministic):
    """Hears, answers as before, and notes nothing."""

    name = "no_op"
