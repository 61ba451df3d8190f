"""Planted truth is checked with the slow evaluator of the planted tests."""

import sys
from pathlib import Path

import pytest
from finetuned_world import tiny_encoder

sys.path.append(str(Path(__file__).resolve().parents[1] / "synthetic_neurons"))


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder in the wheel's format."""
    return tiny_encoder(tmp_path_factory.mktemp("encoder"))
