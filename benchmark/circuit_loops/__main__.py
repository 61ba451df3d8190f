"""`python -m benchmark.circuit_loops`: loops over circuits, or their guardrails, into tables with JSON beside them."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.arguments import Parser
from benchmark.circuit_loops.publish import made_with, of_guardrails, of_loops, publish
from benchmark.errors import USAGE_ERROR, UserError
from benchmark.folders import writable

GUARDRAILS = "guardrails"
TIERS = "planted,null,hollow"
INTERRUPTED = 130
PLACES = ("--logs", "--out")
# Arguments of loops alone.
OF_LOOPS = ("explainers", "model", "units", "rounds", "answer", "logs")


def main(arguments: Sequence[str]) -> None:
    """Parse, run, write.

    Raises:
        UserError: an argument without meaning; nothing was run.
        KeyboardInterrupt: it was stopped.
    """
    chosen = _parsed(arguments)
    provenance = made_with(_command(_without_places(arguments)))
    (_guardrails if chosen.guardrails else _loops)(chosen, provenance)


def _command(arguments: Sequence[str]) -> str:
    return f"python -m benchmark.circuit_loops {shlex.join(arguments)}".strip()


def _without_places(arguments: Sequence[str]) -> list[str]:
    """What decides figures: where logs and tables lie is of one machine."""
    named = [argument.partition("=")[0] in PLACES for argument in arguments]
    values = [at > 0 and arguments[at - 1] in PLACES for at in range(len(arguments))]
    return [each for each, name, value in zip(arguments, named, values, strict=True) if not name and not value]


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python -m benchmark.circuit_loops", description=__doc__)
    parser.add_argument("--explainers", default="rules_agentic,rules_guardrailed", help="comma list of loops")
    parser.add_argument("--model", default="none", help="embedded, none, or <provider>/<model> as Inspect names it")
    parser.add_argument("--units", default="", help="comma list of identifiers; default: all")
    parser.add_argument("--seeds", default="3,4", help="of the planted models")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--answer", type=int, default=512, help="tokens that one answer of the model may have")
    parser.add_argument("--logs", type=Path, default=Path("runs/circuits/logs"), help="folder of Inspect's logs")
    parser.add_argument("--out", type=Path, help="tables, without a suffix")
    parser.add_argument(f"--{GUARDRAILS}", action="store_true", help="what each guardrail alone sends back, instead")
    chosen = parser.parse_args(arguments)
    if chosen.guardrails and (
        given := [each for each in OF_LOOPS if getattr(chosen, each) != parser.get_default(each)]
    ):
        raise UserError(f"--{given[0]} has no meaning with --{GUARDRAILS}, which are asked by themselves; leave it out")
    chosen.out = chosen.out or Path("results/circuits") / (GUARDRAILS if chosen.guardrails else "rules")
    if not chosen.out.name:
        raise UserError(f"--out: {chosen.out} is a folder; give the tables a name in it, such as {chosen.out / 'mine'}")
    for name in ("rounds", "answer"):
        if getattr(chosen, name) < 1:
            raise UserError(f"--{name} {getattr(chosen, name)} allows nothing; give 1 or more")
    for name in ("logs", "out"):
        folder = getattr(chosen, name) if name == "logs" else chosen.out.parent
        writable(folder, f"--{name}", "give a place of yours")
    return chosen


def _loops(chosen: argparse.Namespace, provenance: dict[str, Any]) -> None:
    from benchmark.circuit_loops.runs import rows, run, summary
    from benchmark.circuits.agents.explainers import entry
    from benchmark.runtime.circuit_units import units_of
    from benchmark.runtime.models import label, make

    explainers = [each.strip() for each in chosen.explainers.split(",")]
    for each in explainers:
        if entry(each).needs_model and chosen.model == "none":
            raise UserError(f"explainer {each!r} asks a model: give --model embedded or <provider>/<model>")
    known = [unit.identifier for unit in units_of("", chosen.seeds, TIERS)]
    units = _kept(known, chosen.units)
    model = "none" if chosen.model == "none" else make(chosen.model)
    folder = chosen.logs / chosen.out.name
    folders = run(explainers, model, folder, chosen.answer, units, seeds=chosen.seeds, rounds=chosen.rounds)
    found = rows(folders, units)
    summaries = summary(found)
    name = "no language model" if chosen.model == "none" else label(chosen.model)
    intro = (
        "Explainers in the loop over the circuit laboratory, on prompts that the exam does not have. Grades are on "
        "exam prompts, under mean ablation; significant: p < 0.00135 among 1,000 random circuits of the same shape."
    )
    document = {"provenance": provenance, "model": name, "summary": summaries, "rows": found}
    publish(chosen.out, document, of_loops(f"Loops over circuits: {name}", intro, summaries, found))


def _kept(known: Sequence[str], names: str) -> list[str]:
    wanted = [each.strip() for each in names.split(",") if each.strip()]
    if unknown := [name for name in wanted if name not in known]:
        raise UserError(f"no unit {unknown[0][:60]!r} under these seeds; they are {known[0]} to {known[-1]}")
    return [unit for unit in known if not wanted or unit in wanted]


def _guardrails(chosen: argparse.Namespace, provenance: dict[str, Any]) -> None:
    from benchmark.circuit_loops.detection import Verdict, any_of, shares, verdicts
    from benchmark.runtime.circuit_units import units_of

    found: list[Verdict] = []
    units = units_of("", chosen.seeds, TIERS)
    print(f"-- {len(units)} behaviours", flush=True)
    for unit in units:
        found += verdicts(unit)
        print(f"-- {unit.identifier}", flush=True)
    rows = shares([*found, *any_of(found)])
    intro = (
        "Each guardrail by itself, at a first submission, on held-out teach prompts; how many reports of each sort it "
        "sends back, of how many. *any* is what an agent under all of them meets. `significance` objects to nothing "
        "where too few circuits have the report's shape; of how many reports that holds is said below the table."
    )
    document = {"provenance": provenance, "shares": rows}
    publish(chosen.out, document, of_guardrails(intro, rows))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.stderr.write(f"circuit_loops: {error}\n")
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        sys.stderr.write(f"circuit_loops: stopped; the same command goes on: {_command(sys.argv[1:])}\n")
        sys.exit(INTERRUPTED)
