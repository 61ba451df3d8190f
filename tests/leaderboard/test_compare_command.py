"""`viva compare`: contestants of a board by every paired test; what is wrong is one line."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_rel

from benchmark.statistics.irt import Fit, simulate_scores

Viva = Callable[..., tuple[int, str, str]]


@pytest.fixture
def viva(call_viva: Viva) -> Viva:
    return partial(call_viva, "compare")


def _board(path: Path, scores: dict[str, list[float]], tier: str = "found") -> Path:
    rows = [{"explainer": name, "model": "none", "role": "contestant"} for name in scores]
    units = [
        {"explainer": name, "model": "none", "tier": tier, "reader": "lookup", "unit": f"u{i:03}", "r": value}
        for name, values in scores.items()
        for i, value in enumerate(values)
    ]
    path.write_text(json.dumps({"rows": rows, "units": units, "provenance": {"suite": "toy"}}))
    return path


@pytest.fixture
def board(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    hard = rng.uniform(0.2, 0.6, 40)
    made = {"good": hard + 0.2, "fair": hard + rng.normal(0, 0.05, 40), "same": hard + 0.2 + rng.normal(0, 0.01, 40)}
    return _board(tmp_path / "leaderboard.json", {name: list(map(float, values)) for name, values in made.items()})


def _pair(told: list[dict[str, Any]], *names: str) -> dict[str, Any]:
    (found,) = [each for cell in told for each in cell["pairs"] if {each["first"], each["second"]} == set(names)]
    return dict(found)


def test_every_pair_by_every_test(viva: Viva, board: Path) -> None:
    code, out, err = viva(str(board), "--json")
    assert (code, err) == (0, "")
    whole = json.loads(out)
    assert (whole["suite"], whole["margin"], whole["alpha"]) == ("toy", 0.03, 0.05)
    told = whole["compared"]
    assert len(told[0]["pairs"]) == 3
    apart = _pair(told, "good", "fair")
    assert apart["decision"]["verdict"] == "significant"
    assert apart["comparison"]["difference"]["mean"] == pytest.approx(0.2, abs=0.03)
    assert apart["comparison"]["difference"]["low"] > 0.1
    assert not apart["comparison"]["no_worse"]["equivalent"]
    alike = _pair(told, "good", "same")
    assert alike["decision"]["verdict"] == "not significant"
    assert alike["comparison"]["no_worse"]["equivalent"]


def test_the_mixed_model_of_balanced_scores_is_the_paired_difference(viva: Viva, board: Path) -> None:
    told = json.loads(viva(str(board), "--json", "second=fair")[1])["compared"]
    (cell,) = told
    mixed = cell["mixed"]
    assert mixed["reference"] == "fair"
    units = json.loads(board.read_text())["units"]
    r = {name: np.array([u["r"] for u in units if u["explainer"] == name]) for name in ("good", "fair", "same")}
    for name in ("good", "same"):
        assert mixed["differences"][name]["estimate"] == pytest.approx(float((r[name] - r["fair"]).mean()), abs=1e-6)
    # Of two explainers the standard error is the paired t test's.
    path = _board(board.parent / "two.json", {name: list(map(float, r[name])) for name in ("good", "fair")})
    two = json.loads(viva(str(path), "second=fair", "--json")[1])["compared"]
    effect = two[0]["mixed"]["differences"]["good"]
    assert effect["estimate"] / effect["error"] == pytest.approx(ttest_rel(r["good"], r["fair"]).statistic, rel=0.02)


def test_one_pair_can_be_asked_for(viva: Viva, board: Path) -> None:
    code, out, _ = viva(str(board), "first=fair", "second=good", "margin=0.5")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.startswith("fair / good")]
    assert line.split()[-2] == "yes", "equivalent within half a point"
    assert "-0.2" in line, "as they were asked for"
    assert "same" not in "".join(line for line in out.splitlines() if " / " in line)
    assert "item response: not resolvable: an item-response model needs 200 units" in out


def test_a_pair_alone_is_decided_as_among_all(viva: Viva, tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    base = rng.uniform(0.2, 0.6, 30)
    made = {name: list(map(float, base + rng.normal(0.02 * k, 0.1, 30))) for k, name in enumerate("abcde")}
    path = _board(tmp_path / "five.json", made)
    whole = json.loads(viva(str(path), "--json")[1])["compared"]
    changed = 0
    for each in whole[0]["pairs"]:
        one = json.loads(viva(str(path), f"first={each['first']}", f"second={each['second']}", "--json")[1])["compared"]
        assert one[0]["pairs"][0]["decision"] == each["decision"]
        changed += each["comparison"]["verdict"] != each["decision"]["verdict"]
    assert changed, "one of the pairs is significant by itself alone"


def test_whether_the_weaker_is_no_worse_can_be_asked(viva: Viva, board: Path) -> None:
    told = json.loads(viva(str(board), "--json", "first=fair", "second=good", "margin=0.1")[1])["compared"]
    (pair,) = told[0]["pairs"]
    assert (pair["first"], pair["second"]) == ("fair", "good")
    assert not pair["comparison"]["no_worse"]["no_worse"]
    assert pair["second_no_worse"]["no_worse"]
    turned = _pair(json.loads(viva(str(board), "--json", "margin=0.1")[1])["compared"], "good", "fair")
    assert not turned["second_no_worse"]["no_worse"]
    assert turned["comparison"]["no_worse"]["no_worse"]


def test_abilities_from_two_hundred_units_on(viva: Viva, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    ability = np.array([-1.5, -0.5, 0.5, 1.5])
    made = simulate_scores(Fit(ability, rng.normal(size=240), np.ones(240), 0.02), seed=3)
    names = ("d", "c", "b", "a")
    path = _board(tmp_path / "many.json", {n: list(map(float, row)) for n, row in zip(names, made, strict=True)})
    told = json.loads(viva(str(path), "--json")[1])["compared"][0]
    assert [name for name, _ in sorted(told["abilities"]["ability"].items(), key=lambda each: each[1])] == list(names)
    assert told["clipped"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tier=fuond",), "the board has no tier=fuond; did you mean found?"),
        (("first=god",), "the board has no first=god; did you mean good?"),
        (("first=good", "second=good"), "first and second are both good"),
        (("margn=0.1",), "has no option 'margn=0.1'; did you mean margin=?"),
        (("margin=x",), "margin=x is no margin; write margin=0.03"),
        (("margin=inf",), "margin=inf is no margin"),
        (("margin=0",), "margin=0 is no margin"),
        (("alpha=2",), "alpha=2 is no alpha; write alpha=0.05"),
        (("seed=-1",), "seed=-1 is no seed; write seed=0"),
        (("seed=1.7",), "seed=1.7 is no seed"),
        (("seed=nan",), "seed=nan is no seed"),
        (("tier=",), "tier has no value"),
    ],
)
def test_what_is_wrong_is_one_line(viva: Viva, board: Path, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = viva(str(board), *arguments)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_a_board_without_pairs_is_told(viva: Viva, tmp_path: Path) -> None:
    code, _, err = viva(str(_board(tmp_path / "one.json", {"good": [0.5, 0.25]})))
    assert code == 2
    assert "no two contestants share two units" in err
    assert viva(str(tmp_path / "none.json"))[0] == 2
