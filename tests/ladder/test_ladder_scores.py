import json
import subprocess
import sys
from pathlib import Path

import pytest
from hash_encoder import HashEncoder

from benchmark.examiner import Examiner
from benchmark.ladder.publish import publish
from benchmark.ladder.scores import planted_units, points
from benchmark.ladder.sensitivity import KINDS
from benchmark.readers.executable import ExecutableReader
from benchmark.suites import Suite, load
from synthetic_neurons.predicate import parse


@pytest.fixture
def small() -> Suite:
    """The shipped suite with one planted unit of three families and a unit of each other tier."""
    suite = load("embedded-1")
    first = {unit.family: unit for unit in reversed(suite.units) if unit.family != "null" or unit.tier == "null"}
    suite.units = tuple(first[name] for name in ("concrete", "positional", "polysemantic", "common", "null"))
    return suite


def test_units_come_from_the_frozen_suite(small: Suite) -> None:
    units = planted_units(small)
    assert [unit.family for unit in units] == ["concrete", "positional", "polysemantic"]
    for unit, frozen in zip(units, small.units, strict=False):
        assert unit.identifier == frozen.identifier
        assert unit.predicate == parse(frozen.truth["predicate"])
        assert frozen.report is not None
        assert [claim.text for claim in unit.claims] == [claim["text"] for claim in frozen.report["claims"]]


def test_true_agreement_is_what_the_executable_reader_scores(small: Suite) -> None:
    found = points(small, [ExecutableReader()])
    assert {point.unit for point in found} == {unit.identifier for unit in planted_units(small)}
    for point in found:
        # The paper is stored in 255 steps.
        assert point.scores["executable"]["r"] == pytest.approx(point.agreement, abs=2e-3)
        if point.rung in ("exact", "paraphrase_2"):
            assert point.agreement == pytest.approx(1)
            assert point.scores["executable"]["auprc"] == pytest.approx(1)
            assert point.scores["executable"]["precision"] == 1
            assert point.scores["executable"]["simulation_accuracy"] == 1
        # Of three units a report is told apart from both others, from one or from neither.
        assert point.scores["executable"]["discrimination"] in (0, 0.5, 1)
    exact = [point.scores["executable"]["discrimination"] for point in found if point.rung == "exact"]
    constant = [point.scores["executable"]["discrimination"] for point in found if point.rung == "constant"]
    assert set(exact) == {1}
    assert set(constant) == {0}, "ties count against"


def test_what_is_published_can_be_read_again_and_is_the_same_each_time(small: Suite, tmp_path: Path) -> None:
    small.units = small.units[:1]
    paths = publish(small, tmp_path / "a", Examiner(small, HashEncoder()))
    again = publish(small, tmp_path / "b", Examiner(small, HashEncoder()))
    assert [path.name for path in paths] == ["ladder.json", "ladder.md", "ladder.svg"]
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in again]
    read = json.loads(paths[0].read_text("utf-8"))
    assert (read["suite"], read["suite_hash"]) == (small.name, small.hash)
    assert {row["reader"] for row in read["summaries"]} == {"embedding", "lookup", "executable"}
    verdicts = {(row["reader"], row["metric"]): row["verdict"] for row in read["summaries"]}
    assert [pair for pair, said in verdicts.items() if said == "by construction"] == [("executable", "r")]
    assert {each["kind"] for each in read["sensitivity"]} == set(KINDS)
    assert "## Sensitivity to wording" in paths[1].read_text("utf-8")
    lookup = {each["rung"]: each["scores"]["lookup"]["r"] for each in read["points"] if each["family"] == "concrete"}
    assert lookup["exact"] > 0.2 > lookup["constant"] == 0


def test_an_unknown_suite_is_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmark.ladder", "embedded-x"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("ladder: no suite 'embedded-x'; there are: ")
    assert done.stderr.count("\n") == 1
