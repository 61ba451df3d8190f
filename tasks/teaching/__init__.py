"""The teaching task."""

from tasks.teaching.teaching import teaching

__all__ = ["teaching"]
