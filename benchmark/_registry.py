"""What Inspect finds through the entry point: every registered solver and scorer."""

from benchmark.runtime.solver import explain
from benchmark.scorers.examination import examination

__all__ = ["examination", "explain"]
