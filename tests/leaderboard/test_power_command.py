"""`viva power`: from boards to units needed; what is wrong is one line."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Viva = Callable[..., tuple[int, str, str]]


@pytest.fixture
def viva(call_viva: Viva) -> Viva:
    return partial(call_viva, "power")


def _board(first: list[float], second: list[float], **others: list[float]) -> dict[str, Any]:
    rows, units = [], []
    for name, values in {"first": first, "second": second, **others}.items():
        rows.append({"explainer": name, "model": "none", "role": "control" if name == "oracle" else "contestant"})
        units += [
            {"explainer": name, "model": "none", "tier": "found", "reader": "lookup", "unit": f"u{i}", "r": value}
            for i, value in enumerate(values)
        ]
    return {"rows": rows, "units": units, "provenance": {"suite": "toy"}}


@pytest.fixture
def board(tmp_path: Path) -> Path:
    # Differences of exactly sd 0.2: 126 plus and minus in turn, scaled for the degree of freedom that is taken.
    apart = 0.2 * np.sqrt(125 / 126) * np.tile([1.0, -1.0], 63) + 0.05
    value = _board(list(0.5 + apart), [0.5] * 126, oracle=[1.0] * 126)
    value["units"].append({**value["units"][0], "tier": "null", "unit": "n"})
    value["units"].append({**value["units"][0], "unit": "unread", "r": None})
    path = tmp_path / "leaderboard.json"
    path.write_text(json.dumps(value))
    return path


def test_the_methods_anchor_from_a_board(viva: Viva, board: Path) -> None:
    code, out, err = viva(str(board), "--json")
    assert (code, err) == (0, "")
    (pair,) = json.loads(out)
    assert (pair["first"], pair["second"], pair["tier"], pair["reader"]) == ("first", "second", "found", "lookup")
    found = pair["power"]
    assert found["sd"] == pytest.approx(0.2)
    assert (found["needed"], found["needed_by_t"], found["n"]) == (126, 128, 126)
    assert found["resolvable"] == pytest.approx(0.05, abs=1e-3)
    assert found["attained"] == pytest.approx(0.8, abs=0.002)


def test_the_table_and_its_options(viva: Viva, board: Path) -> None:
    out = viva(str(board.parent))[1]
    assert "0.05, found with 80% power at two-sided 0.05" in out
    assert "126 (126)" in out
    assert "oracle" not in out
    assert "first / second" in viva(str(board), "--pairs")[1]
    wide = viva("difference=0.1", "power=0.9", str(board))[1]
    # (1.96 + 1.28)^2 x 4 = 42.
    assert "43 (43)" in wide or "42 (42)" in wide
    assert len(viva(str(board), str(board))[1].splitlines()) == 4


def test_the_shipped_boards_are_read(viva: Viva, root: Path) -> None:
    for suite in ("embedded-1", "embedded-2-reference"):
        path = root / "results" / suite / "leaderboard.json"
        found = json.loads(viva(str(path), "--json")[1])
        for said in json.loads(path.read_text())["resolvable_differences"]:
            # What the board says of its first two, by its own factor of 2.8.
            key = {"tier": said["tier"], "reader": said["reader"], "first": said["first"], "second": said["second"]}
            (pair,) = [each for each in found if key.items() <= each.items()]
            assert pair["power"]["sd"] == pytest.approx(said["sd"], abs=2e-6)
            assert pair["power"]["resolvable"] == pytest.approx(said["smallest"], rel=2e-3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere/leaderboard.json"], "no board at nowhere/leaderboard.json"),
        (["{board}x"], "did you mean"),
        (["{board}", "diference=0.1"], "did you mean difference=?"),
        (["{board}", "power=much"], "power=much is no number"),
        (["{board}", "power=1"], "power=1.0 has no power to speak of"),
        (["{board}", "difference=0"], "difference=0.0 has no power"),
        (["{board}", "alpha=nan"], "alpha=nan has no power"),
        (["difference=0.1"], "no board is named"),
        (["{empty}"], "is no JSON"),
        (["{list}"], "is no board"),
        (["{lacking}"], "lacks 'r'"),
        (["{alone}"], "no two contestants share two units"),
        ([], "required"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: list[str], said: str, viva: Viva, board: Path, tmp_path: Path) -> None:
    unit = {"explainer": "a", "model": "none", "tier": "found", "reader": "lookup", "unit": "u"}
    row = {"explainer": "a", "model": "none", "role": "contestant"}
    texts = {
        "empty": "",
        "list": "[]",
        "lacking": json.dumps({"rows": [row], "units": [unit], "provenance": {}}),
        "alone": json.dumps({"rows": [row], "units": [{**unit, "r": 0.5}], "provenance": {}}),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text)
    places = {name: str(tmp_path / f"{name}.json") for name in texts} | {"board": str(board)}
    code, out, err = viva(*(each.format(**places) for each in arguments))
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("viva: ")
    assert err.count("\n") == 1


def test_hostile_names_do_not_reach_the_terminal(viva: Viva, tmp_path: Path) -> None:
    value = _board([0.1, 0.5, 0.2], [0.3, 0.1, 0.2])
    for entry in (*value["rows"], *value["units"]):
        entry["explainer"] += "\x1b[2J"
    path = tmp_path / "board.json"
    path.write_text(json.dumps(value))
    assert "\x1b" not in viva(str(path), "--pairs")[1]
