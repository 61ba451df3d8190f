"""Explainers by name, and users' own."""

from pathlib import Path

import pytest

from benchmark.explainers.registry import EXPLAINERS, entry, resolve
from benchmark.explainers.report import Report

SUPPLIED = {
    "placebo": Report("r"),
    "recorded": Report("r"),
    "truth": None,
    "promoted": [" river"],
    "guardrails": (),
}


@pytest.mark.parametrize("name", sorted(EXPLAINERS))
def test_entries_agree_with_what_they_make(name: str) -> None:
    made = entry(name)
    explainer = made.factory(**{key: SUPPLIED[supply] for key, supply in made.injected.items()})
    assert explainer.name == name
    assert explainer.needs_model == made.needs_model
    assert explainer.declares_predicates == made.declares_predicates


def test_users_explainers_are_loaded_from_modules_and_files(tmp_path: Path) -> None:
    assert resolve("benchmark.explainers.constant:Constant")().name == "constant"
    path = tmp_path / "mine.py"
    path.write_text("from benchmark.explainers.constant import Constant\n\ndef make():\n    return Constant()\n")
    assert resolve(f"{path}:make")().name == "constant"
    with pytest.raises(ValueError, match=r"no factory 'mak'; did you mean 'make'"):
        resolve(f"{path}:mak")
    with pytest.raises(ValueError, match=r"no file .*; did you mean 'mine.py'"):
        resolve(f"{tmp_path / 'mime.py'}:make")


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("rule_inductoin", "did you mean 'rule_induction'"),
        ("zzz", "valid names: constant"),
        ("no_such_package.module:make", "No module named 'no_such_package'"),
        ("/nowhere/at/all.py:make", "no file"),
    ],
)
def test_errors_are_one_line_with_the_nearest_choice(spec: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        resolve(spec)
    assert "\n" not in str(error.value)
