"""A reader is given a report and passages; the unit and its truth cannot reach it."""

import ast
import inspect
from pathlib import Path

import pytest

from benchmark.readers import (
    calibration,
    embedding,
    embedding_cache,
    encoder,
    executable,
    finetuned,
    finetuned_cache,
    lookup,
    reader,
)
from benchmark.students.learner import Learner, Student

READERS = (executable.ExecutableReader, lookup.LookupReader, embedding.EmbeddingReader, finetuned.FinetunedReader)
MODULES = (embedding, embedding_cache, encoder, executable, finetuned, finetuned_cache, lookup, reader)
HIDDEN = ("benchmark.units", "benchmark.laboratory", "benchmark.exam", "benchmark.subjects", "torch")


@pytest.mark.parametrize("kind", READERS)
def test_a_reader_reads_a_report_and_passages_and_nothing_else(kind: type) -> None:
    assert list(inspect.signature(kind.read).parameters) == ["self", "report", "passages"]  # type: ignore[attr-defined]
    hidden = {"unit", "rows", "items", "pool", "truth", "laboratory"}
    assert not hidden & set(inspect.signature(kind).parameters)


def test_a_student_reads_passages_and_is_taught_a_lesson_alone() -> None:
    assert list(inspect.signature(Student.read).parameters) == ["self", "passages"]
    assert list(inspect.signature(Learner.study).parameters) == ["self", "lesson"]


@pytest.mark.parametrize("module", MODULES)
def test_no_reader_imports_units_truth_or_a_laboratory(module: object) -> None:
    tree = ast.parse(Path(inspect.getfile(module)).read_text("utf-8"))  # type: ignore[arg-type]
    names = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    names += [alias.name for each in ast.walk(tree) if isinstance(each, ast.Import) for alias in each.names]
    assert not [name for name in names if name.startswith(HIDDEN)]


def test_calibration_alone_sees_truth() -> None:
    assert "benchmark.exam.items" in inspect.getsource(calibration)
