"""The console script `viva`."""

import argparse
import errno
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from benchmark.console import hushed, say
from benchmark.errors import USAGE_ERROR, UserError

if TYPE_CHECKING:
    from benchmark.suites.homes import Home

# A disk that is full, over quota, read-only or closed to us is the user's to mend, not a bug of ours.
FULL_OR_CLOSED = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)
# 128 and the number of SIGPIPE, as a shell tells it.
CLOSED_PIPE = 141
VERBS = (
    "run",
    "score",
    "leaderboard",
    "freeze",
    "harvest",
    "explainers",
    "unit",
    "neuronpedia",
    "power",
    "teach",
    "teaching",
    "chat",
    "compare",
    "ablation",
    "spend",
    "rewrite",
    "calibrate",
    "report",
    "doctor",
)
# Verbs that live in modules of their own, with a `run(parser, arguments, say)`.
ELSEWHERE = {
    "score": "benchmark.scoring.command",
    "chat": "benchmark.teaching.chat",
    "compare": "benchmark.leaderboard.compare",
    "ablation": "benchmark.ablation.command",
    "spend": "benchmark.spending.command",
    "rewrite": "benchmark.rewrite.command",
    "calibrate": "benchmark.calibration.command",
    "report": "benchmark.layer_report.command",
}


def _nearest(name: str, choices: Sequence[str] = VERBS) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, choices, n=2, cutoff=0.4)
    return f"did you mean {' or '.join(close)}?" if close else f"choose from {', '.join(choices)}"


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{self.prog.removeprefix('viva ')}: {message}; {self.prog} --help says more")


RUN_HELP = """usage: viva run [-m] [OVERRIDE ...]

Run explainers on a suite's units and publish the board. Overrides are Hydra's, such as
  experiment=quick | default           what is run, as a whole
  explainer=NAME                       one explainer (viva explainers); 'explainers=[a,b,mine.py@mine]' for several
  explainer=path/to/mine.py@mine       one of your own: a function of laboratory, journal, ask (docs/explainers.md)
  guardrails=classic | all | none | without_...  with -m several, with commas: a sweep
  'units.tiers=[planted]' 'units.per_tier={found: 6}' budget.rounds=4 run=NAME
--quiet leaves the board and errors. Every group and key: viva run --cfg job (conf/*, benchmark/setting_groups.py)."""


def _run(arguments: list[str]) -> None:
    if {"-h", "--help"} & set(arguments):
        print(RUN_HELP)
        return
    from benchmark.compose import main

    main(arguments)


def _leaderboard(arguments: list[str]) -> None:
    parser = _Parser(prog="viva leaderboard", description="Rebuild the board from logs, without a model.")
    parser.add_argument("logs", nargs="+", type=Path, help="log files or folders of logs")
    parser.add_argument(
        "--out", type=Path, help="folder for leaderboard.{md,json,html,csv,tex}; default: beside the first logs"
    )
    parser.add_argument(
        "--teaching", type=Path, metavar="FILE", help="a teaching.json: adds what students learned (docs/teaching.md)"
    )
    chosen = parser.parse_args(arguments)
    from benchmark.leaderboard.publish import publish

    first = chosen.logs[0]
    publish(chosen.logs, chosen.out or (first.parent if first.name == "logs" else first), chosen.teaching)


KNOBS = ("noise", "sparsity", "concepts", "confound", "corruption", "replaced", "sibling")
HOMES = ("subject", "sae", "randomised.subject", "randomised.sae")
FREEZE = ("suite", "seed", "folder", *HOMES, *(f"knobs.{name}" for name in KNOBS))


def _freeze_options(arguments: list[str]) -> dict[str, str]:
    parser = _Parser(
        prog="viva freeze",
        description="Make a suite from its recipe; the shipped one is written over only where folder= says so.",
    )
    help_ = (
        "suite=NAME, a recipe (embedded-2); seed=N (the recipe's); folder=DIR (suites/NAME in the cache folder); "
        "subject=NAME and sae=NAME, where its found units live (docs/subjects.md); randomised.subject=NAME and "
        "randomised.sae=NAME, their control with random weights, or randomised.subject=none; and knobs on "
        f"its planted units: knobs.NAME=VALUE with NAME of {', '.join(KNOBS)}, as knobs.noise=0.2, "
        "knobs.corruption=[3,6]"
    )
    parser.add_argument("options", nargs="*", metavar="KEY=VALUE", help=help_)
    options: dict[str, str] = {}
    for option in parser.parse_args(arguments).options:
        key, equals, value = option.partition("=")
        if key not in FREEZE:
            known = f"viva freeze takes suite=NAME seed=N folder=DIR {'=NAME '.join(HOMES)}=NAME knobs.NAME=VALUE"
            raise UserError(f"{known}; not {option!r}; {_nearest(key, FREEZE)}")
        if not equals or not value:
            raise UserError(f"viva freeze: {key} has no value; write {key}=<value>, without blanks around the sign")
        options[key] = value
    if "seed" in options and not options["seed"].isdecimal():
        raise UserError(f"viva freeze: seed={options['seed']} is no seed; give a whole number, 0 or above")
    return options


def _knobs(options: dict[str, str]) -> dict[str, Any]:
    """Values of `knobs.…` options, written as JSON is."""
    found = {}
    for key, text in options.items():
        name = key.removeprefix("knobs.")
        if name in KNOBS:
            try:
                found[name] = json.loads(text)
            except ValueError:
                raise UserError(
                    f"viva freeze: {key}={text} is no value; give a number, true, or [first,last]"
                ) from None
    return found


def _home(options: dict[str, str], prefix: str = "") -> "Home | None":
    """Where units live, if the options say so; the embedded subject's own SAE needs no naming.

    Raises:
        UserError: one of the two is missing, or means nothing.
    """
    from benchmark.suites.homes import Home
    from benchmark.suites.recipe import NO_HOME

    subject, sae = (options.get(f"{prefix}{name}") for name in ("subject", "sae"))
    if subject is None and sae is None:
        return None
    if prefix and subject == "none" and sae is None:
        return NO_HOME
    if prefix and (subject is None or sae is None):
        raise UserError("viva freeze: randomised.subject=NAME and randomised.sae=NAME go together; give both")
    home = Home(subject or Home().subject, sae or Home().sae)
    if sae is None and home != Home():
        raise UserError(f"viva freeze: subject={subject} has no SAE of its own here; give sae=NAME (docs/subjects.md)")
    _ = home.specs  # Said now what is wrong with a name, not after minutes.
    return home


def _freeze(arguments: list[str]) -> None:
    options = _freeze_options(arguments)
    from benchmark.suites.freeze import default_folder, freeze
    from benchmark.suites.recipe import recipe_for

    seed = int(options["seed"]) if "seed" in options else None
    homes = _home(options), _home(options, "randomised.")
    recipe = recipe_for(options.get("suite", "embedded-2"), seed, _knobs(options), *homes)
    folder = Path(options["folder"]) if "folder" in options else default_folder(recipe.name)
    if folder.exists() and not folder.is_dir():
        raise UserError(f"viva freeze: {folder} is not a folder; give folder=<where the suite is to lie>")
    found = freeze(recipe, folder, say)
    print(f"{folder}: {found}")


def _harvest(arguments: list[str]) -> None:
    from benchmark.harvest.command import run

    run(arguments, say)


def _explainers(arguments: list[str]) -> None:
    parser = _Parser(prog="viva explainers", description="List the explainers.")
    parser.add_argument("--json", action="store_true", help="for programs")
    chosen = parser.parse_args(arguments)
    from benchmark.explainers.listing import to_json, to_text

    print(to_json() if chosen.json else to_text())


def _unit_options(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="viva unit",
        description="Show one unit: its strongest windows here (a suite's are of teach), more on a page.",
    )
    parser.add_argument("identifier", help="found-3072 in a suite; 17, n17 or d:NAME in a store")
    parser.add_argument("--suite", help="where it is (embedded-2)")
    parser.add_argument("--store", type=Path, metavar="DIR", help="or the store of a harvest")
    parser.add_argument("--windows", type=int, default=10, help="windows to show; on a page, in each group")
    parser.add_argument(
        "--html", nargs="?", const="", metavar="FILE", help="write a self-contained page; default: unit-ID.html, here"
    )
    parser.add_argument(
        "--board", type=Path, metavar="FILE", help="a leaderboard.json; the page shows what its explainers said"
    )
    chosen = parser.parse_args(arguments)
    if chosen.board is not None and (chosen.html is None or chosen.store is not None):
        raise UserError("viva unit: --board adds reports to the page of a suite's unit; give --html, and no --store")
    if chosen.windows < 1:
        raise UserError(f"viva unit: --windows {chosen.windows} shows nothing; give 1 or more")
    if chosen.store is not None and chosen.suite is not None:
        raise UserError("viva unit: a unit is of a suite or of a harvest's store; give --suite or --store, not both")
    return chosen


def _unit(arguments: list[str]) -> None:
    chosen = _unit_options(arguments)
    (_unit_of_suite if chosen.store is None else _unit_of_store)(chosen)


def _unit_of_store(chosen: argparse.Namespace) -> None:
    from benchmark.harvest.reading import Harvest
    from benchmark.unit_page.write import harvested_lines, write_harvested_page

    store = chosen.store.expanduser()
    found = Harvest(store)
    if chosen.html is None:
        for line in harvested_lines(found, chosen.identifier, chosen.windows):
            print(line)
        return
    place = (chosen.identifier, store.resolve().name, chosen.html, chosen.windows)
    print(f"written: {write_harvested_page(found, *place, lambda line: print(line, file=sys.stderr))}")


def _unit_of_suite(chosen: argparse.Namespace) -> None:
    from benchmark.explainers.registry import EXPLAINERS
    from benchmark.runtime.choose import choose_units
    from benchmark.suites import load

    suite = load(chosen.suite or "embedded-2")
    unit = choose_units(suite, EXPLAINERS["constant"], units=chosen.identifier)[0]
    if chosen.html is not None:
        from benchmark.unit_page.write import write_page

        to = (chosen.html, chosen.windows, lambda line: print(line, file=sys.stderr), chosen.board)
        path = write_page(suite, unit, *to)
        print(f"written: {path}")
        return
    print(f"{unit.identifier}: {unit.tier}, {unit.family}")
    for exemplar in suite.exemplars(unit)[: chosen.windows]:
        marked = " ".join(
            f"[{w} {v:.1f}]" if v > 0 else w for w, v in zip(exemplar.words, exemplar.values, strict=True)
        )
        print(f"{exemplar.peak:5.1f}  {marked}")


def _neuronpedia(arguments: list[str]) -> None:
    from benchmark.neuronpedia.command import run

    run(_Parser(prog="viva neuronpedia"), arguments, lambda line: print(line, flush=True))


def _power(arguments: list[str]) -> None:
    if arguments[:1] == ["teaching"]:
        from benchmark.teaching.power import run as run_teaching

        run_teaching(_Parser(prog="viva power teaching"), arguments[1:], lambda line: print(line, flush=True))
        return
    from benchmark.leaderboard.power import run

    run(_Parser(prog="viva power"), arguments, lambda line: print(line, flush=True))


def _teach(arguments: list[str]) -> None:
    from benchmark.teaching.command import run_teach

    run_teach(_Parser(prog="viva teach"), arguments, lambda line: print(line, flush=True))


def _teaching(arguments: list[str]) -> None:
    from benchmark.teaching.command import run_teaching

    run_teaching(_Parser(prog="viva teaching"), arguments, lambda line: print(line, flush=True))


def _doctor(arguments: list[str]) -> None:
    parser = _Parser(
        prog="viva doctor", description="Check this machine; exit 0 where the embedded default can run, 2 otherwise."
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--online", action="store_true", help="ask the hub for sizes; nothing else asks a network")
    parser.add_argument("--verify", action="store_true", help="compare every file of the hub's cache with its checksum")
    chosen = parser.parse_args(arguments)
    from benchmark.doctor import Machine, examine, to_json, to_table, verdict

    if chosen.online:
        from benchmark.doctor.online import may_ask

        may_ask()
    checks = examine(Machine(), chosen.online, chosen.verify)
    print(to_json(checks) if chosen.json else to_table(checks, sys.stdout.isatty()))
    line = verdict(checks)
    if not chosen.json:
        print(f"\n{line}")


def _elsewhere(verb: str, arguments: list[str]) -> None:
    from importlib import import_module

    run: Callable[[_Parser, list[str], Callable[[str], None]], None] = import_module(ELSEWHERE[verb]).run
    run(_Parser(prog=f"viva {verb}"), arguments, lambda line: print(line, flush=True))


def _dispatch(verb: str, arguments: list[str]) -> None:
    verbs: dict[str, Callable[[list[str]], None]] = {
        "run": _run,
        "leaderboard": _leaderboard,
        "freeze": _freeze,
        "harvest": _harvest,
        "explainers": _explainers,
        "unit": _unit,
        "neuronpedia": _neuronpedia,
        "power": _power,
        "teach": _teach,
        "teaching": _teaching,
        "doctor": _doctor,
        **{name: partial(_elsewhere, name) for name in ELSEWHERE},
    }
    if verb not in verbs:
        raise UserError(f"viva has no verb {verb!r}; {_nearest(verb)}")
    verbs[verb](arguments)


def main() -> None:
    """Run a verb. What is wrong with the input is one line and exit 2; a traceback is a bug of ours."""
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help", "help"):
        print(f"viva: a benchmark for explainer agents\nusage: viva {{{','.join(VERBS)}}} ...")
        sys.exit(0 if len(sys.argv) > 1 else USAGE_ERROR)
    # All that ships is local; who wants a hub sets HF_HUB_OFFLINE=0 and says so. The doctor tells what was set.
    if sys.argv[1] != "doctor":
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    command = shlex.join(["viva", *sys.argv[1:]])
    try:
        # Before anything heavy is imported, some of which looks at it then.
        _dispatch(sys.argv[1], hushed(sys.argv[2:]))
        sys.stdout.flush()
    except BrokenPipeError:
        # As with `| head`: nobody reads on, and what Python would still flush at its end has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)
    except UserError as error:
        print(f"viva: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except OSError as error:
        if error.errno not in FULL_OR_CLOSED:
            raise
        where = f" ({error.filename})" if error.filename else ""
        print(f"viva: {error.strerror}{where}; mend it, and the same command goes on where it was", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        print(f"viva: stopped; what is done is kept, and this goes on: {command}", file=sys.stderr)
        sys.exit(130)
