"""The suite, loaded once, and a cache of answers that no other test sees."""

from pathlib import Path

import pytest

from benchmark.suites import Suite, load


@pytest.fixture(scope="session")
def suite() -> Suite:
    return load("embedded-2")


@pytest.fixture(autouse=True)
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Inspect's cache."""
    monkeypatch.setenv("INSPECT_CACHE_DIR", str(tmp_path / "answers"))
    return tmp_path / "answers"
