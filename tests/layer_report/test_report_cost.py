"""What a report took: from records where a run was killed, by process, and with the cross-examination that grows."""

from typing import Any

import pytest

from benchmark.layer_report.cost import cost
from benchmark.layer_report.wording import hours

SIZES = {"width": 100, "explainable": 50, "bank": 10, "units": 4}
TOOK = {"executable": (14.0, 28.0)}


def record(seconds: float, outcome: str = "report") -> dict[str, Any]:
    spend = {"tokens": 1, "calls": 1, "unit_queries": 0}
    return {"seconds": seconds, "graded_in": 1.0, "made_in": 0.5, "spend": spend, "outcome": outcome}


def session(units: int, **more: Any) -> dict[str, Any]:
    usual = {"opened_in": 5.0, "seconds": 4.0, "workers": 2, "peak_memory": 7, "load": 1.0}
    return {"what": "explained", "units": units, **usual, **more}


def other(what: str, sample: int, seconds: float) -> dict[str, Any]:
    return {"what": what, "sample": sample, "seconds": seconds, "peak_memory": 9}


LATENTS, NULLS = [record(2.0) for _ in range(4)], [record(100.0, "abstention")]
WHOLE = [session(5), other("flags", 4, 1.0), other("examined", 4, 3.0)]


def test_a_projection_is_of_process_seconds_without_nulls_and_has_the_cross_examination() -> None:
    told = cost(LATENTS, NULLS, 5, WHOLE, TOOK, SIZES)
    ahead = told["projection"]
    assert ahead["explainable"] == 8192
    assert ahead["seconds_a_latent"] == pytest.approx(3.5)
    assert ahead["explaining_hours"] == pytest.approx(8192 * 3.5 / 3600, abs=1e-3)
    # 14 reports were read in 14 s and compared with 4 units in 28 s: 1 s a report, and 0.5 s a pair.
    reports = 10 + 8192
    assert ahead["reports"] == reports
    assert ahead["examining_hours"] == pytest.approx(reports * (1 + 0.5 * 8192) / 3600, rel=1e-6)
    assert ahead["hours"] == pytest.approx(ahead["explaining_hours"] + ahead["examining_hours"])
    assert told["wall_seconds"] == pytest.approx(9 + 1 + 3)


def test_after_a_killed_run_wall_time_is_not_known_and_units_seconds_are() -> None:
    told = cost(LATENTS, NULLS, 5, [session(1), *WHOLE[1:]], TOOK, SIZES)
    assert (told["wall_seconds"], told["explained_seconds"]) == (None, None)
    assert told["projection"]["explaining_hours"] > 1
    none = cost(LATENTS, NULLS, 5, [], {"executable": (float("nan"), float("nan"))}, SIZES)
    assert none["projection"]["explaining_hours"] > 1
    assert (none["projection"]["hours"], none["projection"]["examining_hours"]) == (None, None)
    assert hours(None) == "not known"
    assert hours(1e-5) != "0.0 h"
    assert cost([], [], 0, [], TOOK, SIZES)["projection"]["hours"] is None


def test_of_several_examinations_that_of_this_sample_counts_which_did_the_work() -> None:
    more = [other("examined", 9, 50.0), other("examined", 4, 0.5)]
    assert cost(LATENTS, NULLS, 5, [*WHOLE, *more], TOOK, SIZES)["examined_seconds"] == 3.0
