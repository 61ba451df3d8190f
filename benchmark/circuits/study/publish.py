"""`circuits.{json,md,html,svg}`: the study of planted circuits as it is read by programs and by people."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from benchmark.circuits.study.expected import outcomes
from benchmark.circuits.study.figure import figure
from benchmark.circuits.study.findings import gates, standings
from benchmark.circuits.study.models import OnModel
from benchmark.circuits.study.sections import LIMITS, Section, sections
from benchmark.leaderboard.markdown import escape, table
from benchmark.printable import harmless
from benchmark.provenance import commit, sources_hash, versions
from benchmark.rounding import rounded_json

STEM, TITLE = "circuits", "Planted circuits: every explainer without a language model"
DECIDING = ("benchmark/circuits", "benchmark/subjects/native.py")


@dataclass(frozen=True)
class Study:
    """What was measured, and how long it took.

    Attributes:
        models: all of it.
        seconds: of the whole study.
        workers: processes.
    """

    models: tuple[OnModel, ...]
    seconds: float
    workers: int


def publish(study: Study, folder: Path) -> tuple[list[Path], bool]:
    """Write the files.

    Args:
        study: what was measured.
        folder: made if it is not there.

    Returns:
        The files, and whether every gate is passed.
    """
    found = standings(study.models)
    passed, came = gates(study.models, found), outcomes(study.models, found)
    shown, drawn = sections(study.models, found, passed, came), figure(found, TITLE)
    provenance = {
        "commit": commit(),
        "sources": sources_hash(DECIDING),
        "versions": versions(),
        "seconds": round(study.seconds, 1),
        "workers": study.workers,
        "seeds": sorted({model.seed for model in study.models}),
    }
    told = {
        "provenance": provenance,
        "standings": [asdict(each) for each in found],
        "gates": [asdict(each) for each in passed],
        "predictions": [asdict(each) for each in came],
        "limits": LIMITS,
        "models": [asdict(each) for each in study.models],
    }
    texts = {
        f"{STEM}.json": json.dumps(rounded_json(told), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        f"{STEM}.md": _markdown(shown, provenance),
        f"{STEM}.html": _page(shown, drawn, provenance),
        f"{STEM}.svg": drawn,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts], all(each.passed for each in passed)


def _markdown(shown: Sequence[Section], provenance: dict[str, Any]) -> str:
    parts = [f"# {TITLE}", f"![what is kept, what is lost, who is named]({STEM}.svg)"]
    for each in shown:
        parts += [f"## {escape(each.title)}", escape(each.note), table(each.head, each.rows)]
    parts += ["## Limits", "\n".join(f"- {escape(limit)}" for limit in LIMITS)]
    parts += ["## Provenance", table(("key", "value"), ((key, str(value)) for key, value in provenance.items()))]
    return "\n\n".join(parts) + "\n"


def _page(shown: Sequence[Section], drawn: str, provenance: dict[str, Any]) -> str:
    folder = files("benchmark.circuits.study") / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((folder / "circuits.html.j2").read_text("utf-8"))
    return template.render(
        title=TITLE,
        style=Markup((folder / "circuits.css").read_text("utf-8")),
        figure=Markup(drawn),
        sections=shown,
        limits=LIMITS,
        provenance=provenance,
        harmless=harmless,
        number=lambda cell: bool(re.fullmatch(r"[\d.,%–−-]+( .*)?", cell)),
    )
