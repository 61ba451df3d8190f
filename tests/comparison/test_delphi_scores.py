"""What runs in delphi's environment: how windows are found in its prompts, and, where delphi is, its own scores."""

import ast
import os
import re
from pathlib import Path
from typing import Any

import pytest
from made_up_cases import confusion, made

from benchmark.comparison import delphi_scores
from benchmark.comparison.compared import PROCEDURES
from benchmark.comparison.delphi_detection import delphi_says
from benchmark.comparison.delphi_scores import PromptError, windows_in

DELPHI = os.environ.get("VIVA_DELPHI", "")
BEFORE, AFTER = "Latent explanation: fish\n\nText examples:\n\n", "\n"


def prompt(*texts: str) -> str:
    return BEFORE + "\n".join(f"Example {place}: {text}" for place, text in enumerate(texts)) + AFTER


@pytest.mark.parametrize(
    "texts",
    [
        ("a fish",),
        ("a fish", "a fish swims", "a"),
        ("a", "a\nExample 1: b", "b"),
        ("ends in a line\n", "", "{braces} and Text examples:\n\n"),
        ("the same", "the same"),
    ],
)
def test_windows_are_found_in_the_prompts_order(texts: tuple[str, ...]) -> None:
    known = dict.fromkeys((*texts, "another", "a fish swims away"), 1)
    assert windows_in(prompt(*texts), BEFORE, AFTER, known) == list(texts)


def test_a_prompt_about_another_report_is_an_error() -> None:
    with pytest.raises(PromptError, match="does not hold its report"):
        windows_in(prompt("a").replace("fish", "birds"), BEFORE, AFTER, {"a": 1})


@pytest.mark.parametrize("asked", [("b",), ("a", "a b")])
def test_a_window_that_nobody_gave_is_an_error(asked: tuple[str, ...]) -> None:
    with pytest.raises(PromptError, match=f"example {len(asked) - 1} is no window"):
        windows_in(prompt(*asked), BEFORE, AFTER, {"a": 1})


def test_the_script_imports_nothing_of_this_project() -> None:
    tree = ast.parse(Path(delphi_scores.__file__).read_text("utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert not [name for name in names if re.match(r"benchmark|tasks|synthetic_neurons|conf\b", name)]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], dict[str, dict[str, Any]]]:
    if not DELPHI:
        pytest.skip("VIVA_DELPHI names no Python of an environment that has delphi")
    found = made(tmp_path_factory.mktemp("papers"))
    procedures = {each["name"]: each for each in delphi_says(Path(DELPHI), found)["procedures"]}
    return found, procedures


@pytest.mark.slow
def test_delphi_scores_the_same_decisions_as_we_do(said: tuple[list[Any], dict[str, dict[str, Any]]]) -> None:
    found, procedures = said
    for place, case in enumerate(found):
        figures = procedures["one"]["sheets"][place]
        assert figures["accuracy"] == pytest.approx(case.ours["simulation_accuracy"], abs=1e-12)
        assert figures["f1_score"] == pytest.approx(case.seen.equal.f1, abs=1e-12)
        assert figures["given"] == 9
        wanted = confusion(case.sheet(), next(each for each in PROCEDURES if each["name"] == "one")["silent_strata"])
        assert {name: figures[name] for name in wanted} == pytest.approx(wanted)


@pytest.mark.slow
def test_delphi_loses_the_windows_of_a_batch_that_is_not_full(
    said: tuple[list[Any], dict[str, dict[str, Any]]],
) -> None:
    _, procedures = said
    for name, lost, given in (("default", 4, 9), ("seven", 2, 9), ("random", 1, 6), ("one", 0, 9)):
        for figures in procedures[name]["sheets"]:
            assert (figures["given"], figures["unanswered"]) == (given, lost)
            assert figures["failed_count"] == 0
            assert figures["total_examples"] == given - lost


@pytest.mark.slow
def test_delphis_summary_pools_the_windows_of_all_units(said: tuple[list[Any], dict[str, dict[str, Any]]]) -> None:
    _, procedures = said
    together, single = procedures["one"]["together"]["embedding"], procedures["one"]["sheets"]
    assert together["true_positives"] == sum(each["true_positives"] for each in single)
    assert together["given"] == 18
