"""`circuits.{json,md,html,svg}`: the study of planted circuits as it is read by programs and by people."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from statistics import fmean, median
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from benchmark.circuits.study.expected import outcomes
from benchmark.circuits.study.figure import figure
from benchmark.circuits.study.findings import gates, standings
from benchmark.circuits.study.models import Asked, OnModel
from benchmark.circuits.study.sections import LIMITS, Section, sections
from benchmark.circuits.study.side_by_side import Beside, SideBySide
from benchmark.errors import UserError
from benchmark.leaderboard.markdown import escape, table
from benchmark.printable import harmless
from benchmark.provenance import commit, sources_hash, versions
from benchmark.rounding import rounded_json

STEM, TITLE = "circuits", "Planted circuits: every explainer without a language model"
_NUMBER = re.compile(r"-?[\d.,]+[%×]?( \(.*\)| of \d+(, \d+ n\.r\.)?|( / [-\d.,]+×?)+)?|–")
DECIDING = ("benchmark/circuits", "benchmark/subjects/native.py")


@dataclass(frozen=True)
class Study:
    """What was measured, and with what.

    Attributes:
        models: all of it.
        provenance: commit, versions, seconds of all processes together, processes, seeds.
    """

    models: tuple[OnModel, ...]
    provenance: Mapping[str, Any]


def measured(models: tuple[OnModel, ...], seconds: float, workers: int) -> Study:
    """A study that has just been held.

    Args:
        models: all of it.
        seconds: of all processes together.
        workers: processes.
    """
    provenance = {
        "commit": commit(),
        "sources": sources_hash(DECIDING),
        "versions": dict(sorted(versions().items())),
        "seconds_of_all_processes": round(seconds, 1),
        "workers": workers,
        "seeds": sorted({model.seed for model in models}),
    }
    return Study(models, provenance)


def read(path: Path) -> Study:
    """A study from its JSON, to be written again without running anything.

    Raises:
        UserError: the file is no study's, or of another version.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
        return Study(tuple(from_json(each) for each in told["models"]), told["provenance"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} is no study of planted circuits ({type(error).__name__}); make circuits writes one"
        ) from None


def from_json(told: dict[str, Any]) -> OnModel:
    """A model's figures from JSON."""
    beside = SideBySide(**{name: Beside(**each) for name, each in told["beside"].items()})
    return OnModel(**told | {"asked": tuple(Asked(**each) for each in told["asked"]), "beside": beside})


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
    told = {
        "provenance": study.provenance,
        "standings": [asdict(each) for each in found],
        "gates": [asdict(each) for each in passed],
        "predictions": [asdict(each) for each in came],
        "beside": beside(study.models),
        "limits": LIMITS,
        "models": [asdict(each) for each in study.models],
    }
    texts = {
        f"{STEM}.json": json.dumps(rounded_json(told), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        f"{STEM}.md": _markdown(shown, study.provenance),
        f"{STEM}.html": _page(shown, drawn, study.provenance),
        f"{STEM}.svg": drawn,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts], all(each.passed for each in passed)


def beside(models: Sequence[OnModel]) -> dict[str, dict[str, float]]:
    """Attribution beside exact patching over all models: mean correlations, median ratios."""
    pairs = {name: [getattr(model.beside, name) for model in models] for name in SideBySide.__dataclass_fields__}
    return {
        name: {
            "r": fmean(each.r for each in found),
            "rank_r": fmean(each.rank_r for each in found),
            "faster": median(each.faster for each in found),
            "fewer": median(each.fewer for each in found),
            "models": len(found),
        }
        for name, found in pairs.items()
    }


def _markdown(shown: Sequence[Section], provenance: Mapping[str, Any]) -> str:
    parts = [f"# {TITLE}", f"![what is kept, what is lost, who is named]({STEM}.svg)"]
    for each in shown:
        parts += [f"## {escape(each.title)}", escape(each.note), table(each.head, each.rows)]
    parts += ["## Limits", "\n".join(f"- {escape(limit)}" for limit in LIMITS)]
    parts += [
        "## Provenance",
        table(("key", "value"), ((key, str(value)) for key, value in sorted(provenance.items()))),
    ]
    return "\n\n".join(parts) + "\n"


def _numeric(section: Section, column: int) -> bool:
    """Whether a column holds numbers alone, and is set to the right."""
    return column > 0 and all(_NUMBER.fullmatch(row[column]) for row in section.rows)


def _page(shown: Sequence[Section], drawn: str, provenance: Mapping[str, Any]) -> str:
    folder = files("benchmark.circuits.study") / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((folder / "circuits.html.j2").read_text("utf-8"))
    return template.render(
        title=TITLE,
        style=Markup((folder / "circuits.css").read_text("utf-8")),
        figure=Markup(drawn),
        sections=shown,
        limits=LIMITS,
        provenance=dict(sorted(provenance.items())),
        harmless=harmless,
        numeric=_numeric,
    )
