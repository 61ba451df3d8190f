"""The nulls of prose are read with the readers' tiny encoder."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "readers"))
