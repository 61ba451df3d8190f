"""`teaching.json`, `teaching.md` and `teaching.svg`: what every student learned by every arm, with its gates."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark.leaderboard.markdown import escape, table
from benchmark.rounding import rounded_json
from benchmark.statistics.bootstrap import Interval
from benchmark.students.teaching import LESSON_WORDS, TEACHING_ARMS
from benchmark.teaching.effects import EFFECTS, Learned
from benchmark.teaching.figure import figure
from benchmark.teaching.gates import Validated

STEM = "teaching"


def publish(
    found: Sequence[Learned], validated: Sequence[Validated], facts: Mapping[str, Any], folder: Path
) -> list[Path]:
    """Write the three files.

    Args:
        found: by student and tier.
        validated: by student.
        facts: suite, teacher, units by tier, the share of planted units outside the predicate language, seconds.
        folder: made if it is not there.
    """
    value = {
        **facts,
        "lesson_words": LESSON_WORDS,
        "students": [each.to_json() for each in found],
        "gates": [each.to_json() for each in validated],
    }
    texts = {
        f"{STEM}.json": json.dumps(rounded_json(value), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        f"{STEM}.md": markdown(found, validated, facts),
        f"{STEM}.svg": figure(found, f"Teaching: {facts['suite']}, taught by {facts['teacher']}"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def markdown(found: Sequence[Learned], validated: Sequence[Validated], facts: Mapping[str, Any]) -> str:
    """The page."""
    valid = {each.student: each.valid for each in validated}
    parts = [
        f"# Teaching: {escape(str(facts['suite']))}, taught by {escape(str(facts['teacher']))}",
        _opening(facts),
        f"![Arms and learning curves]({STEM}.svg)",
    ]
    for tier in dict.fromkeys(each.tier for each in found):
        own = [each for each in found if each.tier == tier]
        parts += [f"## {tier.capitalize()} units: r after each arm", _arms(own, valid)]
        if tier != "null":
            parts += [f"## {tier.capitalize()} units: what the differences say", _effects(own)]
            parts += [f"## {tier.capitalize()} units: how many a difference of 0.05, and of 0.10, needs", _needs(own)]
    parts += ["## Gates", _gates(validated)]
    return "\n\n".join(parts) + "\n"


def _opening(facts: Mapping[str, Any]) -> str:
    units = ", ".join(f"{count} {tier}" for tier, count in facts["units"].items())
    return (
        f"Suite `{str(facts['suite_hash'])[:12]}`; {units} units; {facts['outside']} of the planted ones lie outside "
        f"rule induction's language. Every lesson but *none* has {LESSON_WORDS} words of the teacher's. Scores are r "
        "at base rate on the half of the unit's own items that the pre-test did not use; students carry at most 200 "
        "words of notes into the exam. Deterministic students are proxies with a known state, not people. *Text-only*: "
        "sits the exam by its notes. *Shared-language*: thinks in the predicate language. *Unbounded-memory ceiling*: "
        "keeps every window. A student with a failed or open gate is *unvalidated*."
    )


def _arms(found: Sequence[Learned], valid: Mapping[str, bool]) -> str:
    arms = [arm for arm in TEACHING_ARMS if any(arm in each.arms for each in found)]
    head = ("student", "exam rests on", "validated", *(arm.replace("_", " ") for arm in arms), "live, delayed")
    body = [
        [
            each.student,
            each.capacity,
            "yes" if valid.get(each.student) else "unvalidated",
            *(_score(each.arms.get(arm)) for arm in arms),
            f"{each.delayed:.2f}",
        ]
        for each in found
    ]
    return table(head, body)


def _effects(found: Sequence[Learned]) -> str:
    head = (
        "student",
        *EFFECTS,
        "normalised gain",
        "gain where the parrot is right",
        "where it is not",
        "teacher's regret",
        "forecasts' skill",
    )
    body = []
    for each in found:
        told = [f"{_score(effect.difference, '+')} {effect.verdict}" for effect in each.effects]
        regret = None if each.regret is None else each.regret.mean
        rest = (each.normalised, each.repeated, each.unrepeated, regret, each.skill)
        body.append([each.student, *told, *("not defined" if value is None else f"{value:.2f}" for value in rest)])
    return table(head, body)


def _needs(found: Sequence[Learned]) -> str:
    """Units for 80% power at 5%, two-sided, by the spread that this study shows."""
    body = [[each.student, *(" / ".join(map(str, effect.needed)) or "–" for effect in each.effects)] for each in found]
    return table(("student", *EFFECTS), body)


def _gates(validated: Sequence[Validated]) -> str:
    head = ("student", *(gate.name for gate in validated[0].gates))
    return table(head, [[each.student, *(f"{gate.passed}: {gate.why}" for gate in each.gates)] for each in validated])


def _score(found: Interval | None, sign: str = "") -> str:
    if found is None:
        return "–"
    bounds = "" if found.low is None or found.high is None else f" [{found.low:.2f}, {found.high:.2f}]"
    return f"{found.mean:{sign}.2f}{bounds}"
