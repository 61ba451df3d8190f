"""`python -m benchmark.layer_report FOLDER`: write a report's pages again from its JSON, with today's circuits.

Nothing is explained or examined; all figures but those of circuits are as `viva report` wrote them.
"""

import json
import sys
from pathlib import Path
from typing import Any

from benchmark.layer_report import circuits
from benchmark.layer_report.options import ReportError
from benchmark.layer_report.publish import publish
from benchmark.provenance import ROOT


def again(folder: Path, place: Path = ROOT / circuits.PLACE) -> list[Path]:
    """Write the three files of a folder again.

    Raises:
        ReportError: there is no report in it, or it is damaged.
    """
    path = folder / "report.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        told = circuits.recorded(str(found["provenance"]["subject"]), place)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReportError(
            f"{path} is no layer report ({type(error).__name__}); mend: viva report out={folder}"
        ) from None
    return publish({**found, "circuits": told}, folder)


if __name__ == "__main__":
    try:
        for written in again(Path(sys.argv[1] if len(sys.argv) > 1 else "results/report")):
            sys.stdout.write(f"written: {written}\n")
    except ReportError as error:
        sys.exit(f"viva: {error}")
