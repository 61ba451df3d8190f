"""The examination's types of error get the predicate language's random trees."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "synthetic_neurons"))
