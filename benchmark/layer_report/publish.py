"""`report.json`, `report.md` and `report.html` of one layer report, all from the same figures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.layer_report.markdown import to_markdown
from benchmark.layer_report.page import to_html
from benchmark.subjects.shards import appearing


def publish(found: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the three files, each whole or not at all; return them, JSON first."""
    texts = {
        "report.json": json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        "report.md": to_markdown(found),
        "report.html": to_html(found),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with appearing(folder / name) as scratch:
            scratch.write_text(text, "utf-8")
    return [folder / name for name in texts]
