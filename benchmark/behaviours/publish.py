"""`behaviours.json`, `behaviours.md`, `behaviours.svg` and `foresight.svg`."""

import json
from pathlib import Path
from typing import Any

from benchmark.behaviours.figure import figure
from benchmark.behaviours.scatter import scatter
from benchmark.behaviours.summary import summaries
from benchmark.behaviours.tables import page
from benchmark.rounding import rounded_json

STEM = "behaviours"


def publish(found: dict[str, Any], folder: Path) -> list[Path]:
    """Write a study down.

    Args:
        found: `units`, `not_chosen` and `provenance`.
        folder: made if it is not there.
    """
    told = rounded_json({**found, "summaries": summaries(found["units"])})
    texts = {
        f"{STEM}.json": json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n",
        f"{STEM}.md": page(told),
        f"{STEM}.svg": figure(told["units"], "Behaviours: the logit difference under steering"),
        "foresight.svg": scatter(told["units"], "Behaviours: interventions nobody had run, predicted against measured"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]
