"""The doctor on the texts that a harvest reads by default."""

from pathlib import Path

import pytest

from benchmark.doctor import Machine, default_run, examine
from benchmark.subjects.text_sources import TRAINING_SOURCES, documents


def unpacked(cache: Path) -> Path:
    """Packages as they are unpacked; the texts are not real."""
    root = cache / "text" / "root"
    for name in default_run.TEXTS:
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if "." in place.name:
            place.write_bytes(b"words")
        else:
            place.mkdir()
    (root / ".complete").touch()
    return root


def test_texts_that_are_not_here_are_told_with_both_ways_out(tmp_path: Path) -> None:
    found = {check.name: check for check in examine(Machine(tmp_path, tmp_path / "hub", {}))}["texts"]
    assert (found.state, found.data["whole"]) == ("absent", False)
    assert found.mend.startswith("make text ")
    assert "corpus=" in found.mend


def test_whole_texts_are_told(tmp_path: Path) -> None:
    root = unpacked(tmp_path)
    found = default_run.texts(tmp_path)
    assert (found.state, found.mend) == ("ok", "")
    assert str(root) in found.found


@pytest.mark.parametrize("missing", [name for name in default_run.TEXTS if "." in name.rsplit("/", 1)[-1]])
def test_half_of_the_texts_is_told_by_what_is_missing(tmp_path: Path, missing: str) -> None:
    root = unpacked(tmp_path)
    (root / missing).unlink()
    found = default_run.texts(tmp_path)
    assert found.state == "note"
    assert missing in found.found
    assert f"delete {root}; then make text" in found.mend


def test_every_source_of_the_corpus_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source reads under a path that the doctor looks at."""
    opened: list[str] = []

    def told(path: Path, *args: object, **kwargs: object) -> str:
        opened.append(str(path))
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", told)
    monkeypatch.setattr("gzip.open", told)
    monkeypatch.setattr(Path, "glob", told)
    for source in TRAINING_SOURCES:
        with pytest.raises(FileNotFoundError):
            documents(tmp_path, source)
    assert len(opened) == len(TRAINING_SOURCES)
    assert {str(Path(place).relative_to(tmp_path)) for place in opened} <= set(default_run.TEXTS)
