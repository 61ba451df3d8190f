"""The study of one subject, written as `found.json`, `found.md` and figures."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from benchmark.circuits.found import drawing, page
from benchmark.circuits.found.expected import outcomes
from benchmark.circuits.found.study import Sizes, Study
from benchmark.circuits.runner import ABLATIONS
from benchmark.errors import UserError
from benchmark.folders import writable
from benchmark.provenance import commit, sources_hash, versions
from benchmark.subjects.bridge_machine import BridgeMachine
from benchmark.subjects.catalog import parse_subject
from benchmark.subjects.loading.subject import boot_subject

SCHEMA = 1
# What parts that are kept depend on; pages are written anew.
DECIDING = (
    *(f"benchmark/circuits/found/{name}.py" for name in ("behaviours", "comparing", "methods", "study", "validation")),
    *(f"benchmark/circuits/{name}.py" for name in ("behaviour", "explainers", "faithfulness", "forward", "hooks")),
    *(f"benchmark/circuits/{name}.py" for name in ("laboratory", "layered", "nodes", "report", "runner")),
    "benchmark/subjects/bridge_machine.py",
)


class ConfigError(UserError):
    """A study's configuration cannot be read; the message says what is in the way."""


@dataclass(frozen=True)
class Config:
    """What is studied.

    Attributes:
        subject: as `subject=` has it.
        seed: of all prompts.
        sizes: how much is run.
    """

    subject: str
    seed: int = 0
    sizes: Sizes = field(default_factory=Sizes)


def read_config(name: str) -> Config:
    """A configuration by its name in `conf/circuits`, or a file.

    Raises:
        ConfigError: there is none, it cannot be read, or it says what no study has.
    """
    known = {Path(str(each)).stem: each for each in files("conf").joinpath("circuits").iterdir()}
    path = known.get(name, Path(name))
    if not path.is_file():
        raise ConfigError(f"no configuration {name!r}: choose from {', '.join(sorted(known))}, or give a file")
    mend = "mend: subject, seed and sizes, as in conf/circuits/embedded.yaml"
    try:
        said = yaml.safe_load(path.read_text("utf-8"))
        found = Config(**{**said, "sizes": _sizes(said.get("sizes") or {})})
    except (OSError, ValueError, yaml.YAMLError, TypeError, AttributeError) as error:
        raise ConfigError(f"{name}: {' '.join(str(error).split())[:200]}; {mend}") from None
    if not isinstance(found.subject, str) or not _is_count(found.seed):
        raise ConfigError(f"{name}: subject is to be a name and seed a whole number from 0 on; {mend}")
    return found


def _sizes(said: dict[str, Any]) -> Sizes:
    """Sizes as they are written in a file.

    Raises:
        ValueError: one of them makes no sense.
    """
    given: dict[str, Any] = {name: tuple(value) if name == "ways" else value for name, value in said.items()}
    found = Sizes(**given)
    counts = {name: value for name, value in asdict(found).items() if name != "ways"}
    if wrong := [name for name, value in counts.items() if not _is_count(value)]:
        raise ValueError(f"sizes: {wrong[0]} is to be a whole number from 0 on")
    if few := [name for name in ("does", "teach", "exam", "random") if counts[name] < 2]:
        raise ValueError(f"sizes: {few[0]} is to be 2 or more")
    if most := [name for name in ("common", "own") if counts[name] > found.exam]:
        raise ValueError(f"sizes: {most[0]} is a part of exam, which is {found.exam}")
    if not set(found.ways) <= set(ABLATIONS) or "resample" not in found.ways:
        raise ValueError(f"sizes: ways are resample and, if wanted, others of {', '.join(ABLATIONS)}")
    return found


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def publish(config: Config, parts: Path, out: Path, say: Callable[[str], None]) -> list[Path]:
    """Run what is missing of a study and write it.

    Args:
        config: what is studied.
        parts: where parts are kept; a folder of its own for each subject, seed, sizes and code is made there.
        out: where the files are written.
        say: told of each part.

    Raises:
        SubjectError: the subject cannot be run.
        UserError: a folder cannot be written.
    """
    for each, named in ((parts, "--parts"), (out, "--out")):
        writable(each, named, "give a place of yours")
    subject = boot_subject(parse_subject(config.subject), say)
    sizes, seed = config.sizes, config.seed
    sources = sources_hash(DECIDING)
    folder = parts / f"{subject.sha256[:12]}-{seed}-{_hashed(sizes)}-{sources[:8]}"
    study = Study(BridgeMachine(subject), subject.tokenizer, folder, sizes, seed, say)
    found = study.run()
    document = {
        "schema": SCHEMA,
        **found,
        "sizes": asdict(sizes),
        "seed": seed,
        "seconds": study.seconds,
        "provenance": {"commit": commit(), "sources": sources, "versions": versions(), "subject": subject.facts},
    }
    document["outcomes"] = [asdict(each) for each in outcomes(document)]
    return _written(study, document, out)


def _hashed(sizes: Sizes) -> str:
    return hashlib.sha256(repr(sizes).encode()).hexdigest()[:8]


def _written(study: Study, document: dict[str, Any], out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    written = {"found.json": json.dumps(document, indent=1) + "\n", "found.md": page.page(document)}
    for name in document["behaviours"]:
        written[f"found-{name}.svg"] = drawing.of_behaviour(study, name, document["behaviours"][name])
    for name, text in written.items():
        (out / name).write_text(text, "utf-8")
    return [out / name for name in written]
