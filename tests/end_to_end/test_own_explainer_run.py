"""`viva run explainer=path/to/mine.py@mine`, from the command line to the board."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log

from benchmark.provenance import explainer_hash

TEMPLATE = Path(__file__).resolve().parents[2] / "examples" / "template.py"
FEW = ("experiment=quick", "units.tiers=[planted]", "units.per_tier={planted: 2}", "readers=[lookup]", "run=mine")


def test_a_function_in_a_file_reaches_the_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call_viva: Callable[..., tuple[int, str, str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my own, new").mkdir()
    path = Path("my own, new") / "idea=1.py"
    path.write_text(TEMPLATE.read_text("utf-8"), "utf-8")
    code, said, wrong = call_viva("run", *FEW, f"explainer='{path}@mine'")
    assert code == 0, said + wrong
    board = json.loads((tmp_path / "runs/mine/leaderboard.json").read_text("utf-8"))
    (row,) = (row for row in board["rows"] if row["family"] == "all")
    assert (row["explainer"], row["n_units"]) == ("mine", 2)
    (log,) = list_eval_logs(str(tmp_path / "runs/mine/logs/my_own__new_idea_1.py_mine"))
    header = read_eval_log(log, header_only=True)
    assert header.eval.metadata
    assert header.eval.metadata["explainer_sha256"] == explainer_hash(f"{path}@mine")
