"""The explanation task."""

from tasks.explanation.explanation import explanation

__all__ = ["explanation"]
