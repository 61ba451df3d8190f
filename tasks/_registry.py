"""What Inspect finds through the entry point: every task."""

from tasks.explanation import explanation

__all__ = ["explanation"]
