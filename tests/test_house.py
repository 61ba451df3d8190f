"""Pages, forms and hooks: they name what is there."""

import importlib.util
import re
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from benchmark.cli import VERBS

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [*DOCS, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / ".github/pull_request_template.md"]
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
KINDS = ("newcomer", "explainer-author", "result-reader", "contributor")
# Of the Citation File Format 1.2.0.
CITED = {"cff-version", "message", "title", "authors"}
BLANK = {"input", "textarea", "dropdown", "checkboxes", "markdown"}


def program(name: str) -> ModuleType:
    """A script of `.ci`, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def targets(page: Path) -> list[str]:
    """What follows `make` where a page names a command."""
    return re.findall(r"(?:^ {4}|`)make ([a-z]+)", page.read_text("utf-8"), re.M)


def verbs(page: Path) -> list[str]:
    """What follows `viva` where a line of a code block calls it."""
    return re.findall(r"^ {4}(?:.*\| |\.venv/bin/)?viva (\S+)", page.read_text("utf-8"), re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_no_two_modules_of_tests_share_a_name() -> None:
    """Folders of tests are no packages: a name met twice cannot be imported."""
    counted = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert not [name for name, count in counted.items() if count > 1]


def test_every_page_is_in_the_index_and_the_kinds_of_reader_are_on_the_front_page() -> None:
    index = (ROOT / "docs/README.md").read_text("utf-8")
    for page in DOCS:
        assert page.name == "README.md" or f"({page.name})" in index, page.name
    front = (ROOT / "README.md").read_text("utf-8")
    for kind in KINDS:
        assert f"(docs/{kind}.md)" in front


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_on_pages_name_verbs_that_there_are(page: Path) -> None:
    for verb in verbs(page):
        assert verb in VERBS, verb


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_on_pages_are_those_of_the_makefile(page: Path) -> None:
    known = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for target in targets(page):
        assert target in known, target


def test_the_scan_of_pages_sees_commands() -> None:
    assert {"leaderboard", "test", "setup"} <= set(targets(ROOT / "README.md"))
    assert len(verbs(ROOT / "docs/newcomer.md")) >= 6
    assert len(verbs(ROOT / "README.md")) >= 20


def test_the_citation_is_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert cited.keys() >= CITED
    assert cited["cff-version"] == "1.2.0"
    assert cited["type"] == "software"
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert all(author.get("name") or author.get("family-names") for author in cited["authors"])


def test_forms_are_forms() -> None:
    assert {path.stem for path in FORMS} == {"bug", "wrong_score", "new_explainer"}
    for path in FORMS:
        form: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        assert form.keys() >= {"name", "description", "body"}
        identifiers = [field["id"] for field in form["body"]]
        assert len(set(identifiers)) == len(identifiers) > 2
        for field in form["body"]:
            assert field["type"] in BLANK
            assert field["attributes"]["label"]


def test_hooks_need_no_network_and_their_programs_are_there() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert {repo["repo"] for repo in hooks["repos"]} == {"local"}
    entries = [hook for repo in hooks["repos"] for hook in repo["hooks"]]
    assert {hook["language"] for hook in entries} == {"system"}
    assert {"ruff-check", "ruff-format", "mypy", "whitespace", "large-files"} == {hook["id"] for hook in entries}
    scripts = [word for hook in entries for word in hook["entry"].split() if word.endswith(".py")]
    assert all((ROOT / script).is_file() for script in scripts)
    assert len(scripts) == 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fine\n", []),
        ("", []),
        ("a \nb\t\n", [(1, "white space at the end"), (2, "white space at the end")]),
        ("a", [(1, "no newline at the end")]),
        ("a\n" + "<" * 7 + " HEAD\n", [(2, "a mark of a merge")]),
    ],
)
def test_untidy_text_is_told(text: str, found: list[tuple[int, str]], tmp_path: Path) -> None:
    tidy = program("tidy")
    assert list(tidy.faults(text)) == found
    (tmp_path / "x.txt").write_text(text, "utf-8")
    assert tidy.main([str(tmp_path / "x.txt")]) == bool(found)


def test_a_large_file_is_told(tmp_path: Path) -> None:
    large = program("large_files")
    (tmp_path / "small").write_bytes(b"x" * large.LARGEST)
    (tmp_path / "large").write_bytes(b"x" * (large.LARGEST + 1))
    (line,) = large.large([str(tmp_path / name) for name in ("small", "large", "gone")])
    assert line.startswith(f"{tmp_path / 'large'}: 2,000,001 bytes")
