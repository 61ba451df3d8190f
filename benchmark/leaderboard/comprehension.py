"""A teaching study's `teaching.json` as a board carries it (METHOD.md section 7); one that is not whole is refused."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from benchmark.errors import UserError
from benchmark.leaderboard.schema import schema
from benchmark.printable import harmless

# Of `benchmark.teaching.findings`, which imports the whole laboratory; a test holds the two equal.
STUDY_SCHEMA = 2
FILE = "teaching.json"
SHOWN = ("planted", "found")
_MEND = f"give the {FILE} that `python -m benchmark.teaching` or `viva teach` writes"
_FACTS = ("suite", "suite_hash", "teacher", "lesson_words", "units", "outside")
_LEARNED = ("student", "capacity", "tier", "arms", "curve", "normalised")
_EFFECT = ("name", "first", "second", "difference", "p", "verdict")
_ADAPTED = ("regret", "over_random", "skill", "forecasts", "selective", "mistakes", "personalised")
_PASSED = ("passed", "not asked")


class TeachingFileError(UserError):
    """A file is no teaching study, or none of the board's suite."""


@dataclass(frozen=True)
class Comprehension:
    """What students learned.

    Attributes:
        told: as in leaderboard.json; it keeps the schema's `comprehension`.
        figure: arms and learning curves as SVG without a script; empty where they cannot be drawn.
    """

    told: Mapping[str, Any]
    figure: str = ""


def read_teaching(path: Path, suite: str, suite_hash: str) -> Comprehension:
    """A study from its file.

    Args:
        path: a teaching.json, or the folder that holds it.
        suite: the board's, by name.
        suite_hash: the board's.

    Raises:
        TeachingFileError: there is no such file, it is no study of the schema that is read here, or of another suite.
    """
    path = path / FILE if path.is_dir() else path
    study = _study(path)
    if study.get("suite_hash") != suite_hash:
        theirs, of = str(study.get("suite"))[:60], str(study.get("suite_hash"))[:12]
        raise TeachingFileError(
            f"teaching study {path} is of suite {theirs!r} ({of!r}), and the logs of {suite!r} ({suite_hash[:12]!r}); "
            "give a study of the logs' suite, which `python -m benchmark.teaching SUITE` makes"
        )
    told = _told(study, path)
    from benchmark.leaderboard.comprehension_figure import drawn

    return Comprehension(told, drawn(told))


def _study(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise TeachingFileError(f"no teaching study at {path}; {_MEND}")
    try:
        value = _parsed(path)
    except (ValueError, RecursionError):
        raise TeachingFileError(f"teaching study {path} is no JSON; {_MEND}") from None
    if not isinstance(value, dict) or not {"students", "suite_hash"} <= value.keys():
        raise TeachingFileError(f"{path} is no teaching study; {_MEND}")
    if (stated := value.get("schema", "none")) != STUDY_SCHEMA:
        raise TeachingFileError(
            f"teaching study {path} has schema {str(stated)[:20]!r}, and {STUDY_SCHEMA} is read here; "
            "hold the study again with `python -m benchmark.teaching`, or rebuild it with `viva teaching LOGS`"
        )
    return value


def _parsed(path: Path) -> Any:
    """JSON whose numbers are finite and whose text can be written again, without lone surrogates."""
    text = path.read_text("utf-8")
    value = json.loads(text, parse_float=_finite, parse_int=_whole, parse_constant=_finite)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no number")
    return value


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


def _told(study: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """What the board shows of a study, in the form of the published schema."""
    try:
        gates = {each["student"]: each["gates"] for each in study["gates"]}
        adapted = {(each["student"], each["tier"]): each for each in study["adapted"]}
        told = {name: study[name] for name in _FACTS} | {
            "students": [
                _student(each, adapted[each["student"], each["tier"]], gates.get(each["student"], ()))
                for each in study["students"]
                if each["tier"] in SHOWN
            ]
        }
    except (KeyError, TypeError, AttributeError) as error:
        wrong = harmless(str(error))[:100]
        raise TeachingFileError(f"{path} is no whole teaching study: something lacks {wrong}; {_MEND}") from None
    _check(told, path)
    return told


def _student(learned: Mapping[str, Any], adapted: Mapping[str, Any], gates: Any) -> dict[str, Any]:
    verdicts = [(gate["name"], gate["passed"]) for gate in gates]
    unmet = [(name, passed) for name, passed in verdicts if passed not in _PASSED]
    return {
        **{name: learned[name] for name in _LEARNED},
        **{name: adapted[name] for name in _ADAPTED},
        "effects": [{name: effect[name] for name in _EFFECT} for effect in learned["effects"]],
        # By the gates themselves, so that a row never says validated beside a gate that fails.
        "validated": bool(verdicts) and not unmet,
        "failed": [name for name, passed in unmet if passed == "failed"],
        "open": [name for name, passed in unmet if passed != "failed"],
    }


def _check(told: dict[str, Any], path: Path) -> None:
    """Raise unless it keeps the board's schema, so that every rendering may rely on it."""
    whole = schema()
    mine = {"$ref": "#/$defs/comprehension", "$defs": whole["$defs"]}
    found = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(mine).iter_errors(told))
    if found is not None:
        wrong = harmless(f"{found.json_path}: {found.message}".replace("\n", " "))[:200]
        raise TeachingFileError(f"{path} is no whole teaching study: {wrong}; {_MEND}")
