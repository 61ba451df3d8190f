"""Inspect scorers: thin; all arithmetic is in the core."""

from benchmark.scorers.examination import examination

__all__ = ["examination"]
