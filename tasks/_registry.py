"""What Inspect finds through the entry point: every task."""

from tasks.circuits import circuits
from tasks.explanation import explanation
from tasks.reading import reading
from tasks.teaching import teaching

__all__ = ["circuits", "explanation", "reading", "teaching"]
