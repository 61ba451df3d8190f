"""The verdicts that ship are those of the published ladder, of this suite, and stand on the board."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from benchmark.ladder.order import _verdict
from benchmark.ladder.publish import LADDER_READERS, ship
from benchmark.ladder.scores import METRICS
from benchmark.ladder.verdicts import VERDICTS, verdicts
from benchmark.statistics.bootstrap import Interval
from benchmark.suites import Suite, load

RESULTS = Path(__file__).parents[2] / "results"


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load("embedded-2")


def test_what_ships_is_what_was_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.ladder.publish.VERDICTS", tmp_path)
    made = ship(RESULTS / "embedded-2" / "ladder.json")
    assert made.read_bytes() == (VERDICTS / made.name).read_bytes()


def test_a_suite_has_the_verdicts_of_its_own_hash_alone(suite: Suite) -> None:
    found = verdicts(suite)
    assert {(each.reader, each.metric) for each in found} == {
        (reader, metric) for reader in LADDER_READERS for metric in METRICS
    }
    told = json.loads((VERDICTS / "embedded-2.json").read_text("utf-8"))
    assert told["suite_hash"] == suite.hash
    other = cast(Suite, SimpleNamespace(name=suite.name, hash="0" * 64))
    assert verdicts(other) == ()


@pytest.mark.parametrize(
    ("tau", "low", "missing", "extra", "said"),
    [
        (0.85, 0.7, 0.6, 0.6, "valid"),
        (0.79, 0.7, 0.6, 0.6, "not valid"),
        (0.85, 0.7, 0.5, 0.6, "not valid"),
        (0.85, 0.7, 0.6, 0.4, "not valid"),
        (0.85, None, 0.6, 0.6, "not resolvable"),
    ],
)
def test_valid_asks_for_tau_and_both_checks(
    tau: float, low: float | None, missing: float, extra: float, said: str
) -> None:
    shares = {name: Interval(0.9, least, 1.0, 20) for name, least in (("missing", missing), ("extra", extra))}
    assert _verdict(Interval(tau, low, 0.9, 20), shares) == said
