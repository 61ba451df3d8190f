"""The teaching study's figure, drawn anew from figures that were checked; nothing of a file's own SVG is taken over."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from benchmark.statistics.bootstrap import Interval

# What encloses the figure on the page.
AROUND = ".taught"


def drawn(told: Mapping[str, Any]) -> str:
    """Arms and learning curves as SVG; empty where a student met no live lesson, or lessons had another length.

    Args:
        told: keeps the schema's `comprehension`.
    """
    # They import the whole laboratory, which a board without a study does not need.
    from benchmark.figure_style import STYLE
    from benchmark.students.teaching import LESSON_WORDS
    from benchmark.teaching.figure import FLAT, figure

    students: Sequence[Mapping[str, Any]] = told["students"]
    shown = [each for each in students if each["student"] not in FLAT]
    if not shown or told["lesson_words"] != LESSON_WORDS or any("live" not in each["arms"] for each in shown):
        return ""
    svg = figure([_learned(each) for each in shown], f"Teaching: {told['suite']}, taught by {told['teacher']}")
    return svg.replace(STYLE, _within(STYLE))


def _learned(student: Mapping[str, Any]) -> Any:
    """A student as the figure takes it; what it does not draw stays None."""
    from benchmark.teaching.effects import Learned

    blank = dict.fromkeys(each.name for each in fields(Learned))
    known = {name: student[name] for name in ("student", "capacity", "tier")}
    arms = {arm: Interval(**found) for arm, found in student["arms"].items()}
    return Learned(**{**blank, **known, "arms": arms, "curve": tuple(map(tuple, student["curve"]))})


def _within(style: str) -> str:
    """The same rules for what lies inside `AROUND` alone: an inline SVG's style otherwise holds for the whole page."""
    return re.sub(r"(?<![\w-])(svg|text|\.[a-z]+)(?=\{)", rf"{AROUND} \1", style)
