"""The joints of the house: who may import whom, and how long a file may grow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("benchmark", "tasks", "synthetic_neurons", "conf")
CORE = (
    "synthetic_neurons",
    *(f"benchmark.{name}" for name in ("units", "exam", "readers", "students", "guardrails", "statistics")),
)
# Science of whole models: torch, but no runtime and no library of models where it is not called for.
OF_MODELS = tuple(f"benchmark.{name}" for name in ("circuits", "behaviours", "honesty", "layer_report"))
RUNTIMES = ("inspect_ai", "hydra", "wandb")
KEPT_OUT = ("inspect_ai", "hydra", "omegaconf", "wandb", "transformer_lens", "sae_lens", "torch")
SUBJECTS_ALONE = {"transformer_lens", "sae_lens"}
LONGEST = 400

# Imports every module of the packages named on the command line, with the roots named first made unimportable.
IMPORT_ALL = """
import importlib, importlib.abc, pkgutil, sys

roots = set(sys.argv[1].split(","))

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in roots:
            raise ImportError(f"{name} is kept out of the scientific core")

sys.meta_path.insert(0, Blocked())
count = 0
for name in sys.argv[2:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
        count += 1
assert not roots & {name.partition(".")[0] for name in sys.modules}
print(count)
"""


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported_roots(source: str) -> set[str]:
    """Top-level names of every import in a module, inside functions as well."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "import_module":
            found |= {str(each.value).partition(".")[0] for each in node.args[:1] if isinstance(each, ast.Constant)}
    return found


def import_all(blocked: tuple[str, ...], *packages: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", IMPORT_ALL, ",".join(blocked), *packages]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_the_scientific_core_imports_without_runtime_configuration_or_models() -> None:
    done = import_all(KEPT_OUT, *CORE)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 10


def test_circuits_behaviours_and_reports_import_no_runtime() -> None:
    done = import_all(RUNTIMES, *OF_MODELS)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 100


def test_the_blocker_would_catch_an_import(tmp_path: Path) -> None:
    (tmp_path / "leaky").mkdir()
    (tmp_path / "leaky" / "__init__.py").touch()
    (tmp_path / "leaky" / "inner.py").write_text("import hydra.utils\n")
    done = import_all(("hydra",), "leaky", cwd=tmp_path)
    assert done.returncode
    assert "kept out of the scientific core" in done.stderr


def test_only_the_subjects_import_transformer_lens_or_sae_lens() -> None:
    subjects = ROOT / "benchmark" / "subjects"
    guilty = {
        str(path.relative_to(ROOT)): names
        for path in sources(*PACKAGES)
        if not path.is_relative_to(subjects) and (names := imported_roots(path.read_text("utf-8")) & SUBJECTS_ALONE)
    }
    assert not guilty
    assert any(imported_roots(path.read_text("utf-8")) & SUBJECTS_ALONE for path in subjects.rglob("*.py"))


@pytest.mark.parametrize(
    "source",
    [
        "import sae_lens",
        "from sae_lens.saes import SAE",
        "def f():\n    import sae_lens.x",
        "import_module('sae_lens')",
    ],
)
def test_the_scan_sees_every_way_of_importing(source: str) -> None:
    assert imported_roots(source) == {"sae_lens"}


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*PACKAGES, "tests")
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert not long


def test_no_module_is_named_after_nothing() -> None:
    assert not [path for path in sources(*PACKAGES) if path.stem in {"utils", "helpers", "misc", "common"}]
