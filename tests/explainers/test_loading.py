"""Explainers that users write, found by file or module and name; what is wrong with one is one line."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.explainers.loading import board_name, entry_or_custom, is_own, resolve, source_file
from benchmark.explainers.registry import ALL_TIERS
from benchmark.provenance import explainer_hash

MINE = """
from __future__ import annotations
from dataclasses import dataclass
from benchmark.explainers.constant import Constant
from inspect_ai.agent import agent
from sibling import WORD

LOADED = []

@dataclass
class Seen:
    words: list[str]

class Loud(Constant):
    name = "loud"
    applies_to = ("found", "null")

async def mine(laboratory, ask):
    return await ask("what is " + WORD)

def constant(laboratory):
    return "another"

def make():
    return Constant()

def make_wide(width=3):
    return Constant()

def makes_nothing():
    return "a text"

def breaks():
    raise KeyError("broken\\nin two lines")

def lab_only(lab):
    return ""

class Needy:
    def __init__(self, width): ...

class Silent:
    needs_model, declares_predicates = False, False
    async def explain(self, laboratory, journal, ask=None): ...

class Everywhere(Constant):
    applies_to = "found"

class Nameless(Constant):
    name = " "

@agent
def asker():
    async def execute(state):
        return state
    return execute

not_callable = 5
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE, "utf-8")
    (tmp_path / "sibling.py").write_text("WORD = 'river'\n", "utf-8")
    yield tmp_path
    for name in ("sibling", "package_of_mine", "package_of_mine.inner"):
        sys.modules.pop(name, None)


def refused(spec: str) -> str:
    with pytest.raises(UserError) as error:
        entry_or_custom(spec)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("spec", ["mine.py@mine", "mine.py:mine", "./mine.py@mine"])
def test_a_function_in_a_file_is_an_explainer(folder: Path, spec: str) -> None:
    found = entry_or_custom(spec)
    assert (found.needs_model, found.declares_predicates, found.applies_to) == (True, False, ALL_TIERS)
    assert (found.cost, found.guarded, found.summary) == ("calls", False, "yours")
    assert board_name(spec) == resolve(spec)().name == "mine"


def test_a_function_in_a_module_or_behind_a_long_path_is_one_too(folder: Path) -> None:
    (folder / "package_of_mine").mkdir()
    (folder / "package_of_mine" / "inner.py").write_text("def mine(laboratory): ...\n", "utf-8")
    assert board_name("package_of_mine.inner@mine") == "mine"
    odd = folder / "a folder, with=signs@home:here"
    odd.mkdir()
    (odd / "mine.py").write_text("def mine(laboratory): ...\n", "utf-8")
    assert board_name(f"{odd}/mine.py@mine") == board_name(f"{odd}/mine.py:mine") == "mine"


def test_classes_and_functions_that_make_explainers_are_taken_as_before(folder: Path) -> None:
    assert resolve("benchmark.explainers.constant:Constant")().name == "constant"
    assert resolve("mine.py@make")().name == resolve("mine.py:make_wide")().name == "constant"
    assert entry_or_custom("mine.py@Loud").applies_to == ("found", "null")


def test_a_name_of_a_built_in_explainer_gets_the_files_before_it(folder: Path) -> None:
    assert board_name("mine.py@constant") == board_name("mine.py@make") == "mine:constant"
    assert board_name("constant") == "constant"


def test_a_file_is_run_once_and_again_where_it_was_edited(folder: Path) -> None:
    path = folder / "mine.py"
    first = resolve("mine.py@Seen")
    assert is_dataclass(first)
    assert resolve(f"{path}@Seen") is first
    path.write_text(MINE.replace('name = "loud"', 'name = "mild"'), "utf-8")
    assert board_name("mine.py@Loud") == "mild", "also within the second for which Python's own cache is blind"
    assert not (folder / "__pycache__" / "mine.cpython-311.pyc").exists()


def test_the_hash_is_the_named_files(folder: Path) -> None:
    (folder / "package_of_mine.py").write_text("def mine(laboratory): ...\n", "utf-8")
    for spec, name in (("mine.py@mine", "mine.py"), ("mine.py:mine", "mine.py"), ("package_of_mine@mine", None)):
        path = folder / (name or "package_of_mine.py")
        assert source_file(spec) == path
        assert explainer_hash(spec) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert explainer_hash("constant") is None


@pytest.mark.parametrize("name", ["rule_induction", "recorded", "single_pass_best_of_n"])
def test_built_in_names_are_nobodys_own(name: str) -> None:
    assert not is_own(name)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("rule_inductoin", "did you mean 'rule_induction'"),
        ("mine.py@mime", "'mine.py' has no function or class 'mime'; did you mean 'mine'"),
        ("mine.py:makes", "did you mean 'make'"),
        ("mine.py@not_callable", "no function or class 'not_callable'"),
        ("mine.py", "it names no function, as mine.py@NAME does; valid names: Seen, Loud, mine, constant"),
        ("mine.py@", "names no function; write path/to/file.py@name"),
        ("mien.py@mine", "no file 'mien.py'; did you mean 'mine.py'"),
        ("/nowhere/at/all.py@mine", "that folder has no Python file"),
        ("mine@mime", "'mine' has no function or class 'mime'"),
        ("./mine@mine", "did you mean ./mine.py?"),
        ("no_such_package.module@mine", "No module named 'no_such_package'; give path/to/file.py or a module"),
        ("mine.py@asker", "is made by Inspect's @agent; give a plain function of laboratory, journal, ask"),
        ("mine.py@lab_only", "'lab', for which nothing is given"),
        ("mine.py@makes_nothing", "makes 'str', which has no 'explain'"),
        ("mine.py@breaks", "cannot be made: KeyError: 'broken\\nin two lines'"),
        ("mine.py@Needy", "cannot be made: TypeError: Needy.__init__() missing 1 required"),
        ("mine.py@Silent", "has no 'name'"),
        ("mine.py@Nameless", "give it a word by which the board may call it"),
        ("mine.py@Everywhere", "applies to 'found'; give a tuple of planted, probed"),
    ],
)
def test_errors_name_the_nearest_choice(folder: Path, spec: str, says: str) -> None:
    assert says in refused(spec)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (
            "x = 1\ndef mine(laboratory:\n    pass\n",
            "SyntaxError: '(' was never closed (",
        ),
        ("import os\nx = 1 / 0\n", "ZeroDivisionError: division by zero ("),
        ("x = 1\nimport no_such_package\n", "ModuleNotFoundError: No module named 'no_such_package' ("),
        ("x = 1\nraise SystemExit(3)\n", "SystemExit: 3 ("),
        ("x = 1\n\0", "null bytes"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_one_line_with_the_place(folder: Path, source: str, says: str) -> None:
    path = folder / "broken.py"
    path.write_text(source, "utf-8")
    line = refused("broken.py@mine")
    assert says in line
    assert "null" in says or line.endswith(f"({path}, line 2)")
