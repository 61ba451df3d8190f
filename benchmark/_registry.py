"""What Inspect finds through the entry point: every registered solver and scorer."""

from benchmark.runtime.reading import read_report, reading_score
from benchmark.runtime.solver import explain
from benchmark.scorers.examination import examination

__all__ = ["examination", "explain", "read_report", "reading_score"]
