"""The reading task."""

from tasks.reading.reading import reading

__all__ = ["reading"]
