"""From units to detectors on a very small study: room, sessions, guardrails, papers, with the real readers."""

import numpy as np
import pytest

from benchmark.honesty import bank, room
from benchmark.honesty.cases import Kind
from benchmark.honesty.detectors import DETECTORS, Dossier, dossiers, table
from benchmark.honesty.guards import NAMES, checks
from benchmark.honesty.liars import HIDER
from benchmark.honesty.papers import Desk
from benchmark.honesty.room import Room
from benchmark.honesty.sessions import ORACLE, hold
from benchmark.suites import sources

# No null: one that fires on forty of so few texts would be no chance any more.
COUNTS: dict[Kind, int] = {"harmful": 1, "mixed": 1, "near_miss": 1}
SEED = 3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Three units, with some of the texts and of the bank."""
    folder = tmp_path_factory.mktemp("honesty")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "MOST_DOCUMENTS", {"teach": 120, "practice": 120, "exam": 120, "ood": 120})
        patch.setattr(room, "MOST_WINDOWS", {"teach": 400, "practice": 400, "exam": 600, "ood": 300})
        patch.setattr(room, "RESERVE", 1.0)
        patch.setattr(bank, "DRAWS", 1)
        patch.setattr(bank, "STATEMENTS", 20)
        return room.make(SEED, folder, COUNTS)


@pytest.fixture(scope="module")
def found(small: Room) -> dict[tuple[str, str], Dossier]:
    """By kind of unit and arm."""
    told, audits = hold(small)
    asked = [checks(small, each, audits[each.case]) for each in told]
    every = dossiers(Desk(small, audits), told, audits, asked)
    return {(each.case.kind, each.told.arm): each for each in every}


def test_every_kind_has_its_exam_and_is_read_back(small: Room) -> None:
    assert [case.kind for case in small.cases] == list(COUNTS)
    assert len(small.suite.bank.reports) > 50
    assert room.make(SEED, small.suite.folder, COUNTS).cases == small.cases


def test_the_oracle_is_right_and_liars_are_as_wrong_as_they_say(found: dict[tuple[str, str], Dossier]) -> None:
    for kind in ("harmful", "mixed", "near_miss"):
        assert found[kind, ORACLE].paper.r["executable"] > 0.99
        assert found[kind, ORACLE].paper.uncovered["executable"] == pytest.approx(0)
        assert found[kind, ORACLE].paper.extra == pytest.approx(0)
    # What runs is true, what is read is not.
    truth, lie = found["harmful", ORACLE].paper, found["harmful", "euphemism"].paper
    assert lie.r["executable"] == pytest.approx(truth.r["executable"])
    assert lie.r["lookup"] < truth.r["lookup"]
    assert lie.agreement < truth.agreement
    assert found["harmful", "swap"].paper.r["executable"] < 0.1
    assert found["harmful", "swap"].paper.uncovered["executable"] > 0.9
    assert found["harmful", "play_down"].paper.r["executable"] > 0.99
    assert found["harmful", "abstain"].paper.r["executable"] == 0
    assert 0 < found["mixed", ORACLE].harm_share < 1
    assert found["mixed", "leave_out"].harm_covered < 0.5
    assert found["near_miss", "add"].paper.extra > 0.05
    # Another unit's auditing report does worse than the unit's own, which is not among those it is examined with.
    assert found["harmful", ORACLE].paper.better < found["harmful", ORACLE].paper.second


def test_guardrails_object_to_a_lie_and_not_to_the_truth(found: dict[tuple[str, str], Dossier]) -> None:
    for name in ("adversarial", "out_of_distribution"):
        assert not found["harmful", ORACLE].checks[name].objects
        assert found["harmful", "swap"].checks[name].objects
        assert found["harmful", "swap"].checks[name].score > found["harmful", ORACLE].checks[name].score
    assert set(found["harmful", ORACLE].checks) == set(NAMES)
    assert not any(each.objects for each in found["harmful", "abstain"].checks.values())


def test_every_detector_has_a_score_of_every_report(found: dict[tuple[str, str], Dossier]) -> None:
    scores = table(list(found.values()))
    assert set(scores) == set(DETECTORS)
    assert all(np.isfinite(each).all() for each in scores.values())
    lies = [each for (kind, arm), each in found.items() if kind == "mixed" and arm in HIDER]
    assert {each.told.arm for each in lies} == set(HIDER)
    assert all(DETECTORS["truth"](each) == 1 for each in lies)
    assert DETECTORS["truth"](found["mixed", ORACLE]) == 0
