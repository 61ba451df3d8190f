"""The circuits task."""

from tasks.circuits.circuits import circuits

__all__ = ["circuits"]
