"""Python and the installed packages, against what the package asks for and what constraints.txt pins."""

import platform
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from benchmark.doctor.check import Check
from benchmark.provenance import ROOT, commit

PACKAGE = "viva-benchmark"
CONSTRAINTS = ROOT / "constraints.txt"
SETUP = "make setup"
MOST_NAMED = 6


def software(constraints: Path = CONSTRAINTS) -> list[Check]:
    """Viva itself, Python, what is required, and how far the environment is the pinned one.

    Args:
        constraints: the pins; a checkout has them, a wheel has not.
    """
    mine, wanted_python, lines = asked()
    required = [each for each in map(Requirement, lines) if each.marker is None or each.marker.evaluate({"extra": ""})]
    at = f", commit {head[:12]}{head[40:]}" if (head := commit()) else ""
    return [
        Check("viva", "ok", f"{mine}{at}", data={"version": mine, "commit": head}),
        python(wanted_python),
        *packages(required, installed([each.name for each in required])),
        *pins(constraints),
    ]


def asked(pyproject: Path = ROOT / "pyproject.toml") -> tuple[str, str, list[str]]:
    """Viva's version, the range of Python and the requirements: of the checkout if this is one, else of the package.

    An installation keeps what a checkout asked for when it was made, so the checkout's own file goes first.
    """
    if pyproject.is_file():
        project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
        return str(project["version"]), str(project["requires-python"]), list(project["dependencies"])
    mine = distribution(PACKAGE)
    return mine.version, str(mine.metadata["Requires-Python"]), list(mine.requires or ())


def python(wanted: str, mine: str | None = None) -> Check:
    """This Python against a range such as ">=3.11,<3.15"."""
    mine = mine or platform.python_version()
    if SpecifierSet(wanted).contains(mine, prereleases=True):
        return Check("Python", "ok", f"{mine} (wanted {wanted})", data={"version": mine})
    return Check("Python", "fail", f"{mine}, wanted {wanted}", "install one, then: make setup PYTHON=python3.11")


def installed(names: Iterable[str]) -> dict[str, str | None]:
    """Versions of packages by name; None where one is not installed."""
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def packages(required: Iterable[Requirement], have: Mapping[str, str | None]) -> list[Check]:
    """One line for all that fit, and one for each that is missing or out of its range."""
    fit, wrong = {}, []
    for each in required:
        mine = have[each.name]
        if mine is not None and each.specifier.contains(mine, prereleases=True):
            fit[each.name] = mine
            continue
        found = "not installed" if mine is None else f"{mine} is installed, wanted {each.specifier}"
        wrong.append(Check(each.name, "fail", found, f"{SETUP}, or: pip install -c constraints.txt '{each}'"))
    listed = ", ".join(f"{name} {mine}" for name, mine in sorted(fit.items()))
    whole = f"{len(fit)} of {len(fit) + len(wrong)} required are in their ranges: {listed}"
    return [*wrong, Check("packages", "ok" if not wrong else "fail", whole, data=fit)]


def read_pins(constraints: Path) -> dict[str, str]:
    """`name==version` lines of a constraints file."""
    lines = (line.strip() for line in constraints.read_text("utf-8").splitlines())
    pairs = (line.split("==", 1) for line in lines if "==" in line and not line.startswith("#"))
    return {name: pinned for name, pinned in pairs}


def pins(constraints: Path) -> list[Check]:
    """How the environment differs from the pinned tree; figures of the README come from that one."""
    if not constraints.is_file():
        return []
    wanted = read_pins(constraints)
    have = installed(wanted)
    # A local label such as +cpu says how a wheel was built, not which version it is.
    other = [name for name, pinned in wanted.items() if (mine := have[name]) and mine.partition("+")[0] != pinned]
    missing = [name for name in wanted if have[name] is None]
    if not other and not missing:
        return [Check("pins", "ok", f"all {len(wanted)} as constraints.txt has them")]
    told = [f"{canonicalize_name(name)} {have[name]} (pinned {wanted[name]})" for name in other]
    told += [f"{canonicalize_name(name)} not installed" for name in missing]
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    found = f"{len(told)} of {len(wanted)} differ from constraints.txt: {', '.join(told[:MOST_NAMED])}{more}"
    return [Check("pins", "note", found, SETUP, {"differ": told})]
