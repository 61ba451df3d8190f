"""What a run was made with: stated when it is made, so that a board rebuilt elsewhere says the same."""

import hashlib
import platform
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "viva-benchmark",
    "inspect_ai",
    "torch",
    "transformers",
    "transformer-lens",
    "sae-lens",
    "numpy",
    "scikit-learn",
)
ROOT = Path(__file__).resolve().parents[1]
# What decides a report or its grade; the board is computed anew at every rebuild, so its code is not among it.
DECIDING = (
    "synthetic_neurons",
    *(
        f"benchmark/{name}"
        for name in (
            *("exam", "explainers", "guardrails", "neuronpedia", "readers", "recordings", "runtime"),
            *("scorers", "statistics", "students", "subjects", "suites", "units"),
        )
    ),
    "benchmark/examiner.py",
    "benchmark/laboratory.py",
    "benchmark/clock.py",
    "tasks/explanation",
)
_SOURCES = {".py", ".txt", ".json"}


def versions() -> dict[str, str]:
    """Python's version and those of the packages that decide figures."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


@lru_cache(maxsize=1)
def commit() -> str | None:
    """The commit of the benchmark's own checkout, with "(dirty)" where tracked files differ; None outside of one."""
    try:
        top, head = (_git("rev-parse", *what) for what in (["--show-toplevel"], ["HEAD"]))
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    # A wheel that lies in somebody's repository is not that repository's commit.
    return (head + " (dirty)" * bool(changed)) if Path(top).resolve() == ROOT else None


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@lru_cache(maxsize=1)
def code_hash() -> str:
    """SHA-256 over the sources that decide a report or its grade, the same from a checkout and from a wheel."""
    return sources_hash(DECIDING)


def sources_hash(places: Sequence[str]) -> str:
    """SHA-256 over the sources in some files and folders, given from the packages' root."""
    total = hashlib.sha256()
    for path in sorted(path for place in places for path in _files(ROOT / place)):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else [path for path in place.rglob("*") if path.suffix in _SOURCES]


def explainer_hash(spec: str) -> str | None:
    """SHA-256 of the file that holds an explainer of one's own; None for a built-in one, which `code_hash` covers.

    Raises:
        UserError: its file or module cannot be loaded.
    """
    # Here, since what needs a version of a package alone loads no explainer.
    from benchmark.explainers.loading import source_file

    path = source_file(spec)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path is not None and path.is_file() else None
