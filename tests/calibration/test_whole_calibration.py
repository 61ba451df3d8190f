"""A whole calibration of a small suite: every table has its rows, and a second run makes nothing anew."""

import json
import sys
from pathlib import Path

import pytest
from small_suite import SmallSuite

from benchmark.calibration.false_positives import ALPHAS, KINDS
from benchmark.calibration.measure import Calibration, Sizes
from benchmark.calibration.publish import publish
from benchmark.calibration.work import Desk, Job
from benchmark.ladder.sensitivity import KINDS as SENSITIVE_TO
from benchmark.leaderboard import SCORE_VERSION
from benchmark.suites import load

sys.path.insert(0, str(Path(__file__).parents[1] / "readers"))
from hash_encoder import HashEncoder

SIZES = Sizes(
    nulls=12, shard=12, per_family=1, explained=2, runs=4, wrong_runs=2, windows_drawn=1, exhibited=6, transferred=2
)
READERS = ("executable", "embedding", "lookup")


@pytest.mark.slow
def test_a_small_calibration(tmp_path: Path) -> None:
    desk = Desk(SmallSuite(load("embedded-2")), HashEncoder())
    job = Job("embedded-2", 7, SIZES.nulls, SIZES.shard, tmp_path / "work")
    said: list[str] = []
    measured = Calibration(desk, job, SIZES, 1, said.append).measure()
    written = {path.name: path.read_text("utf-8") for path in publish(measured, tmp_path / "out")}
    value = json.loads(written["calibration.json"])
    bounded = {(row["reader"], row["kind"], row["alpha"]) for row in value["false_positives"]}
    assert bounded == {(reader, kind, alpha) for reader in READERS for kind in KINDS for alpha in ALPHAS}
    assert all(0 <= row["lower"] <= row["rate"] <= row["upper"] <= 1 for row in value["false_positives"])
    assert {row["reader"] for row in value["power"]} == set(READERS)
    assert {row["tier"] for row in value["transfer"]} == {"planted", "found"}
    assert [row["metric"] for row in value["exhibit"]][-1] == "rank 3σ (ours)"
    assert value["nulls_examined"]["units"] == 12
    assert value["placebos_examined"]["reports"] > 40
    assert value["placebos_examined"]["reports"] <= 3 * value["placebos_examined"]["sources"] + 4
    assert {row["kind"] for row in value["sensitivity"]} == set(SENSITIVE_TO)
    assert value["score_version"] == SCORE_VERSION
    # Nothing that is on disk is made again, and the same numbers come out.
    said.clear()
    again = publish(Calibration(desk, job, SIZES, 1, said.append).measure(), tmp_path / "again")
    assert not [line for line in said if line.startswith("nulls:")]
    assert {path.name: path.read_text("utf-8") for path in again} == written
