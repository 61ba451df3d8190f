"""Behaviours of a user's own, from YAML or from JSON lines."""

import json
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from benchmark.behaviours.unit import EXAM_PAIRS, MOST_PAIRS, BehaviourError, BehaviourUnit, Pair, Wording, worded

FIELDS = ("name", "question", "x", "y", "teach", "exam")
PARTS = ("templates", "fillers", "pairs")
FORMATS = (".yaml", ".yml", ".json", ".jsonl")


def read_behaviours(path: Path, say: Callable[[str], None] = lambda line: None) -> list[BehaviourUnit]:
    """The behaviours that a file states: one or a list in YAML, one a line in JSON lines.

    Args:
        path: the file.
        say: told of pairs that are not used.

    Raises:
        BehaviourError: what is wrong, where, and the mend.
    """
    if path.suffix not in FORMATS:
        raise BehaviourError(f"{path} is none of {', '.join(FORMATS)}; mend: write the behaviour in YAML")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BehaviourError(f"{path} cannot be read ({type(error).__name__}); mend: give a text file") from None
    values = _values(path, text)
    units = [_unit(value, f"{path.name}, behaviour {place}", say) for place, value in enumerate(values, 1)]
    names = [unit.identifier for unit in units]
    if not units or len(set(names)) < len(names):
        raise BehaviourError(
            f"{path.name} names {names}; mend: state at least one behaviour, each by a name of its own"
        )
    return units


def _values(path: Path, text: str) -> list[Any]:
    try:
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        found = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        line = " ".join(str(error).split())[:160]
        raise BehaviourError(f"{path.name} is not {path.suffix.removeprefix('.').upper()}: {line}") from None
    return found if isinstance(found, list) else [found]


def _unit(value: Any, where: str, say: Callable[[str], None]) -> BehaviourUnit:
    fields = _mapping(value, where, FIELDS)
    missing = [name for name in FIELDS if name not in fields]
    if missing:
        raise BehaviourError(f"{where}: there is no {missing[0]!r}; mend: give {', '.join(FIELDS)}")
    name, question, x, y = (_text(fields[each], f"{where}, {each}") for each in FIELDS[:4])
    parts = [_mapping(fields[each], f"{where}, {each}", PARTS) for each in ("teach", "exam")]
    if set(parts[0]) != set(parts[1]) or set(parts[0]) not in ({"pairs"}, set(PARTS[:2])):
        raise BehaviourError(
            f"{where}: teach has {_and(parts[0])}, exam {_and(parts[1])}; mend: give both parts pairs alone, or both "
            "templates and fillers"
        )
    if "pairs" in parts[0]:
        teach, exam = (_pairs(part["pairs"], x, y, where) for part in parts)
        return BehaviourUnit(name, "own", "own", question, teach, exam)
    teach_words, exam_words = (
        Wording.of(*(_list(part[each], f"{where}, {side}, {each}") for each in PARTS[:2]))
        for side, part in zip(("teach", "exam"), parts, strict=True)
    )
    for side, words, most in (("teach", teach_words, MOST_PAIRS), ("exam", exam_words, EXAM_PAIRS)):
        made = len(words.templates) * len(words.fillers)
        if made > most:
            say(f"{name}: {most} of {made} {side} pairs are used; to use all, write them out as pairs")
    return worded(name, "own", "own", question, (x, y), teach_words, exam_words)


def _and(names: Mapping[str, Any]) -> str:
    return " and ".join(sorted(names)) or "nothing"


def _mapping(value: Any, where: str, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BehaviourError(f"{where}: it is no mapping; mend: give {', '.join(known)}")
    for name in value:
        if name not in known:
            close = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"mend: choose from {', '.join(known)}"
            raise BehaviourError(f"{where}: unknown field {str(name)!r}; {hint}")
    return value


def _text(value: Any, where: str) -> str:
    # YAML reads an unquoted yes or no as a truth value.
    if not isinstance(value, str) or not value.strip():
        raise BehaviourError(f"{where}: {value!r} is no text; mend: write it in quotes")
    return value.strip()


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str | list) for each in value):
        raise BehaviourError(f"{where}: it is no list of texts; mend: give at least one, in quotes")
    return value


def _pairs(value: Any, x: str, y: str, where: str) -> tuple[Pair, ...]:
    found = []
    for each in _list(value, f"{where}, pairs"):
        if isinstance(each, list) and len(each) != 2:
            raise BehaviourError(
                f"{where}, pairs: {each!r} holds {len(each)} texts; mend: give [prompt, twin], or one prompt"
            )
        prompt, twin = (each, None) if isinstance(each, str) else (each[0], each[1])
        found.append(Pair(_text(prompt, f"{where}, pairs"), None if twin is None else _text(twin, where), x, y))
    return tuple(found)
