"""`python -m benchmark.layer_report FOLDER`: write a report's pages again from its JSON, with today's circuits.

Nothing is explained or examined; all figures but those of circuits are as `viva report` wrote them.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.arguments import Parser
from benchmark.errors import USAGE_ERROR, UserError
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
        return publish({**found, "circuits": told}, folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReportError(
            f"{path} is no layer report ({type(error).__name__}); mend: viva report out={folder}"
        ) from None


def main(arguments: Sequence[str]) -> None:
    """Read the command line and name what was written.

    Raises:
        UserError: no report is there, or there is more than one argument.
    """
    parser = Parser(prog="python -m benchmark.layer_report", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("results/report"), help="with a report.json")
    for written in again(parser.parse_args(arguments).folder):
        sys.stdout.write(f"written: {written}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.stderr.write(f"layer_report: {error}\n")
        sys.exit(USAGE_ERROR)
