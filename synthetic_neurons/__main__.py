"""The command line: `python -m synthetic_neurons list`, `show ID`, `export DIR`, `survey`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from synthetic_neurons.arguments import at_least
from synthetic_neurons.assembly import PER_FAMILY, SPLITS, PlantedSuite, SuiteError, suite
from synthetic_neurons.export import export, ladder_of, rung_rows, texts_by_kind
from synthetic_neurons.families import FAMILIES, TRIVIAL
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.survey import page, survey

SHOWN_TEXTS = 3
SHOWN_SEED = 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m synthetic_neurons", description="Units with exact ground truth.")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="families with how many units each, and every unit's identifier")
    shown = commands.add_parser("show", help="one unit: its truth, prose, texts and ladder")
    shown.add_argument("identifier", metavar="ID", help="as `list` gives it")
    exported = commands.add_parser("export", help="JSON Lines with a schema and a datasheet")
    exported.add_argument("folder", metavar="DIR", type=Path, help="made if it is not there")
    exported.add_argument(
        "--texts", type=at_least(0), default=20, help="texts a unit and split (default 20; 0 for none)"
    )
    surveyed = commands.add_parser("survey", help="counts and figures by family, as JSON and a table")
    surveyed.add_argument("--out", type=Path, default=Path("results/planted.json"), help="the table goes beside it")
    for each in (listing, shown, exported, surveyed):
        each.add_argument("--split", choices=SPLITS, default="dev", help="dev is public; test needs --seed")
        each.add_argument("--seed", help="any text; for the split test alone")
        each.add_argument(
            "--per-family", type=at_least(1), default=PER_FAMILY, help=f"units a family (default {PER_FAMILY})"
        )
    for each in (listing, exported):
        each.add_argument("--family", action="append", help="only this family; may be given several times")
    return parser


def _list(chosen: PlantedSuite) -> None:
    known = {**FAMILIES, TRIVIAL.name: TRIVIAL}
    for name, units in chosen.by_family().items():
        mark = " [outside rule induction's language]" if known[name].outside else ""
        print(f"{name}: {len(units)} units; {known[name].description}{mark}")
        for unit in units:
            print(f"  {unit.identifier}")
    print(f"{len(chosen)} units; suite hash {chosen.hash}")


def _show(unit: PlantedUnit, chosen: PlantedSuite) -> None:
    print(f"{unit.identifier}\nfamily: {unit.family}\n\n{unit.text}\n")
    print(f"truth: {json.dumps(unit.truth, ensure_ascii=False)}")
    if unit.cue is not None:
        print(f"cue in teach texts ({unit.cue_strength:.0%}): {json.dumps(unit.cue.to_json(), ensure_ascii=False)}")
    print(f"held out of teach texts: {len(unit.held_out_words)} words")
    if not unit.claims:
        print("no texts are written for it, and it has no ladder: nothing explains it")
        return
    for kind, texts in texts_by_kind(unit, SHOWN_TEXTS, SHOWN_SEED).items():
        print("\n".join([f"\n{kind}:", *(f"  {text}" for text in texts)]))
    rungs = rung_rows(unit, ladder_of(chosen.units))
    print("\nladder, with each rung's true agreement (r):" if rungs else "\nno ladder: it has no correlation")
    for row in rungs:
        print(f"  {row['r']:6.3f}  {row['name']} ({row['error']}): {row['text']}")


def _survey(chosen: PlantedSuite, out: Path) -> None:
    found = survey(chosen)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    out.with_suffix(".md").write_text(page(found), encoding="utf-8")
    print(page(found), end="")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 2 and one line on standard error where it cannot be done."""
    given = _parser().parse_args(arguments)
    try:
        families = (*FAMILIES, TRIVIAL.name) if given.command == "show" else getattr(given, "family", None)
        chosen = suite(given.split, given.seed, families, given.per_family)
        if given.command == "list":
            _list(chosen)
        elif given.command == "show":
            _show(chosen[given.identifier], chosen)
        elif given.command == "survey":
            _survey(chosen, given.out)
        else:
            print(f"wrote {', '.join(map(str, export(chosen, given.folder, given.texts)))}")
    except SuiteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output has left, as `head` does; Python would complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}; mend: name a folder that can be written", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
