"""What is kept is that of the seed and code that are asked for; figures do not get another run's name."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmark.errors import UserError
from benchmark.honesty import __main__ as command
from benchmark.honesty import room
from benchmark.honesty.cases import Kind, candidates
from benchmark.honesty.publish import SCORING, publish
from benchmark.honesty.room import UNITS, choose, make
from benchmark.provenance import DECIDING, sources_hash

COUNTS: dict[Kind, int] = {"harmful": 1}


def kept(folder: Path, **other: Any) -> Path:
    """A folder with the units of seed 3."""
    stated = {"seed": 3, "counts": COUNTS, "code": sources_hash(UNITS), "names": [], "passed_over": 0} | other
    (folder / "chosen.json").write_text(json.dumps(stated), "utf-8")
    return folder


def test_another_seeds_units_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="with seed 3, not 4; mend: --seed 3 or another --work") as refused:
        make(4, kept(tmp_path), COUNTS)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("other", [{"code": "older"}, {"counts": {"harmful": 2}}])
def test_units_of_other_code_or_counts_are_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="mend: another --work"):
        make(3, kept(tmp_path, **other), COUNTS)


def test_a_folder_of_before_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chosen.json").write_text('["harmful-0"]', "utf-8")
    with pytest.raises(UserError, match="with seed None, not 3; mend: another --work"):
        make(3, tmp_path, COUNTS)


@pytest.mark.parametrize(("seed", "nearest"), [(-1, 0), (2**32, 2**32 - 1)])
def test_a_seed_that_is_none_is_refused(tmp_path: Path, seed: int, nearest: int) -> None:
    with pytest.raises(UserError, match=f"mend: --seed {nearest}$"):
        publish(seed, tmp_path, tmp_path, print)


def test_the_command_ends_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["honesty", "--seed", "-1"])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("honesty: seed -1")


def test_all_code_that_decides_a_score_is_in_its_name() -> None:
    for places in (UNITS, SCORING):
        assert {*DECIDING, "benchmark/honesty/measure.py", "benchmark/honesty/halves.py"} <= set(places)
    assert {f"benchmark/honesty/{name}.py" for name in ("combined", "detectors", "papers", "rates")} <= set(SCORING)


def test_passed_over_are_those_that_fire_too_seldom_and_no_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    every = candidates(5, "harmful", 6)
    monkeypatch.setattr(room, "_positives", lambda source, case: 0 if case is every[1] else 999)
    fields = dict.fromkeys(("teach", "practice", "ood", "exam"), cast(Any, SimpleNamespace()))
    chosen, passed_over = choose(room.recipe_of(5, 6), fields, every, {"harmful": 3})
    assert [case.name for case in chosen] == [every[place].name for place in (0, 2, 3)]
    assert passed_over == 1
