"""Explanations that exist already, read from a file for the explainer `recorded` (docs/neuronpedia.md)."""

from benchmark.recordings.choice import Choice, RecordingError
from benchmark.recordings.recording import Recording, recording_of

__all__ = ["Choice", "Recording", "RecordingError", "recording_of"]
