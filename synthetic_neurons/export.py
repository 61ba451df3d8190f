"""A suite as files that anyone can load: JSON Lines, a JSON Schema for a line, and a datasheet.

`datasets.load_dataset("json", data_files="units.jsonl")` reads the lines: trees are JSON texts in them, since a column
has one type and no two trees have the same form.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from synthetic_neurons.assembly import PlantedSuite
from synthetic_neurons.families import FAMILIES, TRIVIAL
from synthetic_neurons.ladder.rungs import Ladder
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import VERSION, Predicate
from synthetic_neurons.reference import reference
from synthetic_neurons.texts.generate import Split, generate_kinds

LINES, SCHEMA, DATASHEET = "units.jsonl", "unit.schema.json", "DATASHEET.md"
SEED = 1
DECIMALS = 6


def export(chosen: PlantedSuite, folder: Path, texts: int) -> tuple[Path, ...]:
    """Write a suite.

    Args:
        chosen: the suite.
        folder: where to; it is made if it is not there, and files of the same names are replaced.
        texts: how many texts a unit and split, half of them such that it fires; 0 for none.

    Returns:
        The files: units, schema, datasheet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / name for name in (LINES, SCHEMA, DATASHEET))
    with paths[0].open("w", encoding="utf-8", newline="\n") as lines:
        for row in rows(chosen, texts):
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    paths[1].write_text(_shipped("export.schema.json"), encoding="utf-8")
    paths[2].write_text(datasheet(chosen, texts), encoding="utf-8")
    return paths


def rows(chosen: PlantedSuite, texts: int) -> Iterator[dict[str, Any]]:
    """One line's value for each unit, in order; `export.schema.json` describes it."""
    known, ladder = {**FAMILIES, TRIVIAL.name: TRIVIAL}, ladder_of(chosen.units)
    for unit in chosen:
        yield {
            "identifier": unit.identifier,
            "family": unit.family,
            "outside": known[unit.family].outside,
            "text": unit.text,
            "truth": _dumped(unit.truth),
            "claims": [
                {"text": claim.text, "predicate": _tree(claim.predicate), "level": claim.level} for claim in unit.claims
            ],
            "held_out_words": sorted(unit.held_out_words),
            "cue": None if unit.cue is None else _tree(unit.cue),
            "cue_strength": unit.cue_strength,
            "teach": _texts(unit, "teach", texts),
            "exam": _texts(unit, "exam", texts),
            "ladder": rung_rows(unit, ladder),
        }


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _tree(predicate: Predicate) -> str:
    return _dumped(predicate.to_json())


def _texts(unit: PlantedUnit, split: str, count: int) -> list[dict[str, str]]:
    """Generated texts with their kinds; none of a unit that nothing explains."""
    (which,) = (each for each in get_args(Split) if each == split)
    if not count or not unit.claims:
        return []
    return [{"text": each.text, "kind": each.kind} for each in generate_kinds(unit, which, count, SEED)]


def texts_by_kind(unit: PlantedUnit, count: int, seed: int) -> dict[str, list[str]]:
    """`count` exam texts of each kind (fewer where there are no more), kinds in order of name."""
    found: dict[str, list[str]] = {}
    for each in generate_kinds(unit, "exam", 8 * count, seed):
        found.setdefault(each.kind, []).append(each.text)
    return {kind: found[kind][:count] for kind in sorted(found)}


def ladder_of(units: Sequence[PlantedUnit]) -> Ladder:
    """The ladder of some units over the reference text; a trivial unit has no correlation and stands on none."""
    return Ladder([unit for unit in units if unit.family != TRIVIAL.name], reference())


def rung_rows(unit: PlantedUnit, ladder: Ladder) -> list[dict[str, Any]]:
    """The ladder's rungs with the kind of error and the true agreement: r over the words of the reference text.

    Empty for a null unit, which has nothing to explain, and for a trivial one.
    """
    if not unit.claims or unit.family == TRIVIAL.name:
        return []
    return [
        {"name": rung.name, "error": rung.error, "text": rung.text, "r": round(rung.agreement or 0.0, DECIMALS)}
        for rung in ladder.rungs(unit)
    ]


def _shipped(name: str) -> str:
    return files("synthetic_neurons").joinpath(name).read_text(encoding="utf-8")


def datasheet(chosen: PlantedSuite, texts: int) -> str:
    """The datasheet in Markdown; its questions are those of Gebru et al. 2021, in short."""
    counts = Counter(unit.family for unit in chosen)
    known = {**FAMILIES, TRIVIAL.name: TRIVIAL}
    table = "\n".join(
        f"| {name} | {count} | {'yes' if known[name].outside else 'no'} | {known[name].description} |"
        for name, count in counts.items()
    )
    seed = "public" if chosen.seed is None else chosen.seed
    facts = {"units": len(chosen), "split": chosen.split, "seed": seed, "hash": chosen.hash, "table": table}
    turned = _dumped(chosen.knobs.to_json())
    return _shipped("datasheet.md").format(**facts, knobs=turned, version=VERSION, texts=texts, lines=LINES)
