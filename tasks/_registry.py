"""What Inspect finds through the entry point: every task."""

from tasks.explanation import explanation
from tasks.reading import reading

__all__ = ["explanation", "reading"]
