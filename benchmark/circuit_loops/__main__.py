"""`python -m benchmark.circuit_loops`: loops over circuits, or their guardrails, into tables with JSON beside them."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.circuit_loops.publish import made_with, of_guardrails, of_loops, publish
from benchmark.errors import USAGE_ERROR, UserError

GUARDRAILS = "guardrails"


def main(arguments: Sequence[str]) -> None:
    """Parse, run, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.circuit_loops", description=__doc__)
    parser.add_argument("--explainers", default="rules_agentic,rules_guardrailed", help="comma list of loops")
    parser.add_argument("--model", default="none", help="embedded, none, or <provider>/<model> as Inspect names it")
    parser.add_argument("--units", default="", help="comma list of identifiers; default: all")
    parser.add_argument("--seeds", default="0,1", help="of the planted models")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--answer", type=int, default=512, help="tokens that one answer of the model may have")
    parser.add_argument("--logs", type=Path, default=Path("runs/circuits/logs"), help="folder of Inspect's logs")
    parser.add_argument("--out", type=Path, default=Path("results/circuits/rules"), help="tables, without a suffix")
    parser.add_argument(f"--{GUARDRAILS}", action="store_true", help="what each guardrail alone sends back, instead")
    chosen = parser.parse_args(arguments)
    provenance = made_with(f"python -m benchmark.circuit_loops {shlex.join(arguments)}".strip())
    (_guardrails if chosen.guardrails else _loops)(chosen, provenance)


def _loops(chosen: argparse.Namespace, provenance: dict[str, Any]) -> None:
    from benchmark.circuit_loops.runs import rows, run, summary
    from benchmark.runtime.models import label, make

    explainers = [each.strip() for each in chosen.explainers.split(",")]
    folder = chosen.logs / chosen.out.name
    if any(folder.rglob("*.eval")):
        raise UserError(f"{folder} has logs of an earlier run; delete them, or give --logs <another folder>")
    model = "none" if chosen.model == "none" else make(chosen.model)
    given = {"units": chosen.units, "seeds": chosen.seeds, "rounds": chosen.rounds}
    folders = run(explainers, model, folder, chosen.answer, **given)
    found = rows(folders)
    summaries = summary(found)
    name = "no language model" if chosen.model == "none" else label(chosen.model)
    intro = (
        "Explainers in the loop over the circuit laboratory, on prompts that the exam does not have. Grades are on "
        "exam prompts, under mean ablation; significant: p < 0.00135 among 1,000 random circuits of the same shape."
    )
    document = {"provenance": provenance, "model": name, "summary": summaries, "rows": found}
    publish(chosen.out, document, of_loops(f"Loops over circuits: {name}", intro, summaries, found))


def _guardrails(chosen: argparse.Namespace, provenance: dict[str, Any]) -> None:
    from benchmark.circuit_loops.detection import RANKED_SEEDS, any_of, shares, verdicts
    from benchmark.runtime.circuit_units import units_of

    found = [
        each
        for unit in units_of("", chosen.seeds, "planted,null")
        for each in verdicts(unit, unit.seed in RANKED_SEEDS)
    ]
    rows = shares([*found, *any_of(found)])
    intro = (
        "Each guardrail by itself, at a first submission, on held-out teach prompts; how many reports of each sort it "
        "sends back, of how many. *any* is what an agent under all of them meets. `significance`, which runs 300 "
        "circuits for a verdict, was asked of the models of seed 0 alone."
    )
    document = {"provenance": provenance, "shares": rows}
    publish(chosen.out, document, of_guardrails(intro, rows))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.stderr.write(f"circuit_loops: {error}\n")
        sys.exit(USAGE_ERROR)
