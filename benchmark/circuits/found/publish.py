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
from benchmark.errors import UserError
from benchmark.provenance import commit, versions
from benchmark.subjects.bridge_machine import BridgeMachine
from benchmark.subjects.catalog import parse_subject
from benchmark.subjects.loading.subject import boot_subject

SCHEMA = 1


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
        ConfigError: there is none, or it says what no study has.
    """
    known = {Path(str(each)).stem: each for each in files("conf").joinpath("circuits").iterdir()}
    path = known.get(name, Path(name))
    if not path.is_file():
        raise ConfigError(f"no configuration {name!r}: choose from {', '.join(sorted(known))}, or give a file")
    try:
        said = yaml.safe_load(path.read_text("utf-8"))
        return Config(**{**said, "sizes": Sizes(**said.get("sizes", {}))})
    except (yaml.YAMLError, TypeError, AttributeError) as error:
        told = " ".join(str(error).split())[:200]
        raise ConfigError(f"{name}: {told}; mend: subject, seed and sizes, as in conf/circuits/embedded.yaml") from None


def publish(config: Config, parts: Path, out: Path, say: Callable[[str], None]) -> list[Path]:
    """Run what is missing of a study and write it.

    Args:
        config: what is studied.
        parts: where parts are kept; a folder of its own for each subject and seed is made there.
        out: where the files are written.
        say: told of each part.

    Raises:
        SubjectError: the subject cannot be run.
    """
    subject = boot_subject(parse_subject(config.subject), say)
    sizes, seed = config.sizes, config.seed
    folder = parts / f"{subject.sha256[:12]}-{seed}-{_hashed(sizes)}"
    study = Study(BridgeMachine(subject), subject.tokenizer, folder, sizes, seed, say)
    found = study.run()
    document = {
        "schema": SCHEMA,
        **found,
        "sizes": asdict(sizes),
        "seed": seed,
        "seconds": study.seconds,
        "provenance": {"commit": commit(), "versions": versions(), "subject": subject.facts},
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
