"""`explainer=path/to/mine.py@mine` on the command line, as Hydra gets to see it."""

from collections.abc import Callable, Iterator

import pytest
from hydra import compose, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser

from benchmark.errors import UserError
from benchmark.own_explainer import said_as_list
from benchmark.settings import to_settings


@pytest.fixture
def hydra() -> Iterator[None]:
    GlobalHydra.instance().clear()
    with initialize_config_module("conf", version_base="1.3"):
        yield
    GlobalHydra.instance().clear()


def chosen(value: str) -> list[str]:
    arguments = said_as_list(["experiment=quick", f"explainer={value}", "run=mine"])
    return to_settings(compose("config", overrides=arguments)).explainers


@pytest.mark.parametrize(
    "path",
    [
        "mine.py@mine",
        "mine.py:mine",
        "mine.py",
        "path/to/mine.py@mine",
        "/abs/olute/mine.py@mine",
        "~/mine.py@mine",
        "../mine.py@mine",
        "package.module@mine",
        "a folder (2)/mine.py@mine",
        "a=b/{c}/mine.py@mine",
        'it\'s/my "own"/mine.py@mine',
        r"a\folder\mine.py@mine",
        r"a\'b/mine.py@mine",
        "größe/mine.py@mine",
    ],
)
def test_any_path_without_commas_can_be_written_as_it_is(hydra: None, path: str) -> None:
    assert chosen(path) == [path]


def test_a_path_with_commas_goes_into_quotes(hydra: None) -> None:
    assert chosen("'a, b/mine.py@mine'") == ["a, b/mine.py@mine"]
    assert chosen("\"a, 'b'/mine.py@mine\"") == ["a, 'b'/mine.py@mine"]
    assert chosen(r"'a, \'b\'/mine.py@mine'") == ["a, 'b'/mine.py@mine"]


def test_it_stands_in_a_list_among_others(hydra: None) -> None:
    assert chosen("[constant, a b/mine.py@mine]") == ["constant", "a b/mine.py@mine"]
    arguments = ["experiment=quick", "explainers=[constant,path/to/mine.py@mine]"]
    assert to_settings(compose("config", overrides=arguments)).explainers == ["constant", "path/to/mine.py@mine"]


def test_several_with_commas_are_a_sweep() -> None:
    (said,) = said_as_list(["explainer=oracle,controls,'a, b.py@mine',mine.py@other"])
    swept = OverridesParser.create().parse_override(said).sweep_string_iterator()
    assert list(swept) == ["['oracle']", "['constant','placebo','oracle']", "['a, b.py@mine']", "['mine.py@other']"]


@pytest.mark.parametrize("override", ["explainer=oracle", "explainer=a,b", "explainer=", "explainers=[m.py@x]", "-m"])
def test_what_is_not_ones_own_is_left_to_hydra(override: str) -> None:
    assert said_as_list([override]) == [override]


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("explainer=it's, mine.py@mine", "put a path with commas or quotes into quotes"),
        ("explainer=,mine.py@mine", "cannot read"),
        ("explainer=orcale,mine.py@mine", "did you mean 'oracle'?"),
        ("explainer=a,b/mine.py@mine", "a path with commas goes into quotes"),
        ("explainer=${run}/mine.py@mine", "rename the file or folder"),
    ],
)
def test_what_cannot_be_said_is_one_line(override: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        said_as_list([override])
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_sweep_without_its_flag_says_so(call_viva: Callable[..., tuple[int, str, str]]) -> None:
    code, _, said = call_viva("run", "experiment=quick", "explainer=constant,mine.py@mine")
    assert code == 2
    assert said == (
        "viva: explainers=['constant'],['mine.py@mine'] has several values, with commas between: "
        "add -m for a run of each, or name all for one run: 'explainers=[a,b]'\n"
    )
