"""The study of one subject, written as `found.json`, `found.md` and figures."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmark.circuits.found.study import Sizes, Study
from benchmark.provenance import commit, versions
from benchmark.subjects.bridge_machine import BridgeMachine
from benchmark.subjects.catalog import parse_subject
from benchmark.subjects.loading.subject import boot_subject

SCHEMA = 1


def publish(
    name: str, seed: int, parts: Path, out: Path, say: Callable[[str], None], sizes: Sizes | None = None
) -> list[Path]:
    """Run what is missing of a study and write it.

    Args:
        name: of the subject, as `subject=` has it.
        seed: of all prompts.
        parts: where parts are kept; a folder of its own for each subject and seed is made there.
        out: where the files are written.
        say: told of each part.
        sizes: how much is run.

    Raises:
        SubjectError: the subject cannot be run.
    """
    subject = boot_subject(parse_subject(name), say)
    sizes = sizes or Sizes()
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
    return _written(study, document, out)


def _hashed(sizes: Sizes) -> str:
    import hashlib

    return hashlib.sha256(repr(sizes).encode()).hexdigest()[:8]


def _written(study: Study, document: dict[str, Any], out: Path) -> list[Path]:
    from benchmark.circuits.found import figure, page

    out.mkdir(parents=True, exist_ok=True)
    files = {"found.json": json.dumps(document, indent=1) + "\n", "found.md": page.page(document)}
    for name in document["behaviours"]:
        files[f"found-{name}.svg"] = figure.of_behaviour(study, name, document)
    for name, text in files.items():
        (out / name).write_text(text, "utf-8")
    return [out / name for name in files]
