"""The sampled reader through Inspect with a made-up model: what is asked, kept, counted and put on the board."""

import json
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.model import Model
from reading_world import TINY, design, made_up_model

from benchmark.errors import UserError
from benchmark.leaderboard.sampled import ReadingLogError, sampled_readings
from benchmark.leaderboard.sampled_rows import SampledReading
from benchmark.readers.language_model import right_answers
from benchmark.runtime.reading_design import Cut, ReadingError, asked, estimate, said, sheet_of
from benchmark.suites import Suite
from tasks.reading.reading import modes_in, reading, task_of

# 3 simulation, 3 detection and 3 fuzzing strata of 3 items; two strangers by simulation.
OWN, STRANGER = 27, 9


def read(suite: Suite, folder: Path, model: Model, cut: Cut = TINY) -> list[SampledReading]:
    log = inspect_eval(task_of(design(suite, cut), 5), model=model, log_dir=str(folder / "readings"), display="none")[0]
    assert log.status == "success", log.error
    return sampled_readings([folder / "readings"], suite, seed=0)


def honest(prompt: str) -> str:
    """Answers numbers and yes, refuses one kind of report and says nonsense of some texts."""
    if "whole number" not in prompt:
        return "yes"
    return "I cannot say" if "fires on everything" in prompt else "7"


def test_the_cost_is_said_before_and_is_what_is_asked(suite: Suite, tmp_path: Path) -> None:
    prompts: list[str] = []
    made, model = design(suite), made_up_model(honest, prompts)
    cost = estimate(made, model, max_tokens=8)
    assert not prompts
    assert cost.prompts == sum(len(asked(suite, job, made.cut)) for job in made.jobs) == 3 * 2 * (OWN + STRANGER)
    assert cost.dollars == 0
    lines = said(made, cost)
    assert "2 planted and 1 null units, 3 explainers, 12 reports" in lines[0]
    assert "carries no p" in lines[1]
    (found,) = read(suite, tmp_path, model)
    assert found.prompts == cost.prompts == len(prompts)
    assert found.tokens == 102 * cost.prompts


def test_a_hosted_model_is_priced_where_a_price_is_known(suite: Suite) -> None:
    made = design(suite)
    assert estimate(made, "openai/no-such-model", 8).dollars is None


def test_rows_errors_and_abstentions(suite: Suite, tmp_path: Path) -> None:
    (found,) = read(suite, tmp_path, made_up_model(honest))
    rows = {row.explainer: row for row in found.rows}
    assert rows.keys() == {"teller", "parrot", "mute"}
    assert all(row.p is None and not row.p_resolvable for row in found.rows)
    assert all(row.n_units == 2 and row.n_nulls == 1 for row in found.rows)
    assert rows["teller"].errors == {}
    assert rows["teller"].simulation is not None
    assert rows["teller"].simulation.mean == 0.5
    assert rows["teller"].r_own.mean == 0
    assert rows["teller"].false_claims == 1
    assert rows["parrot"].errors == {"refusal": 27}
    assert rows["parrot"].unread == 3
    assert rows["parrot"].simulation is not None
    assert rows["parrot"].simulation.mean == 0
    assert rows["mute"].abstained == 2
    assert rows["mute"].detection is not None
    assert rows["mute"].detection.mean == 0.5
    assert rows["mute"].prompts == 0
    value = found.to_json()
    assert {row["base_rate_metrics"] for row in value["rows"]} == {"not estimable"}
    json.dumps(value, allow_nan=False)


def test_the_same_answers_are_not_asked_for_twice(suite: Suite, tmp_path: Path) -> None:
    first: list[str] = []
    again: list[str] = []
    one = read(suite, tmp_path / "one", made_up_model(honest, first))
    two = read(suite, tmp_path / "two", made_up_model(honest, again))
    assert first
    assert not again
    assert one[0].rows == two[0].rows


def test_a_reader_that_sees_the_truth_is_perfect(suite: Suite, tmp_path: Path) -> None:
    """The strangers' reports get the same answers, so what tells is r_own and the accuracies."""
    cut = Cut(tier="planted", units=2, nulls=0, per_stratum=5, strangers=1)
    made = design(suite, cut)
    truth = {}
    for job in made.jobs:
        for question in asked(suite, job, cut):
            right = right_answers(sheet_of(suite, suite.unit(job.unit), cut), question.mode)[question.items[0]]
            said = f"{question.instruction}\n\n{question.prompt}"
            truth[said] = f"{10 * right:.0f}" if question.mode == "simulation" else ("no", "yes")[int(right)]
    log = inspect_eval(
        task_of(made, 0), model=made_up_model(truth.__getitem__), log_dir=str(tmp_path / "readings"), display="none"
    )[0]
    assert log.status == "success"
    (found,) = sampled_readings([tmp_path / "logs", tmp_path / "readings"], suite, seed=0)
    teller = next(row for row in found.rows if row.explainer == "teller")
    assert teller.r_own.mean > 0.9
    for each in (teller.detection, teller.fuzzing):
        assert each is not None
        assert each.mean == 1


def test_a_reading_of_another_suite_is_refused(suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = design(suite)
    stated = {**made.to_json(), "suite_hash": "0" * 64}
    monkeypatch.setattr(type(made), "to_json", lambda self: stated)
    inspect_eval(task_of(made, 0), model=made_up_model(honest), log_dir=str(tmp_path / "readings"), display="none")
    with pytest.raises(ReadingLogError, match="suite_hash 0000"):
        sampled_readings([tmp_path / "readings"], suite, seed=0)


def test_the_draw_is_of_the_seed_and_not_of_the_order_of_explainers(suite: Suite) -> None:
    one, other = design(suite), design(suite)
    other.contestants = dict(reversed(list(one.contestants.items())))
    assert [unit.identifier for unit in one.units] == [unit.identifier for unit in other.units]
    assert one.strangers == other.strangers
    changed = Cut(tier="planted", units=2, nulls=1, per_stratum=3, strangers=2, seed=1)
    assert design(suite, changed).strangers != one.strangers


def test_a_stranger_is_one_that_the_bank_allows(suite: Suite) -> None:
    made = design(suite)
    for unit in made.units:
        for place in made.strangers[unit.identifier]["reports"]:
            assert suite.bank.mask[suite.order[unit.identifier], place]


def test_what_cannot_be_read_is_said_in_one_line(suite: Suite) -> None:
    with pytest.raises(ReadingError, match=r"on units of planted, null, and none on found: give reading\.tier"):
        design(suite, Cut(tier="found"))
    with pytest.raises(ReadingError, match="choose from simulation, detection, fuzzing"):
        modes_in(["fuzing"])
    with pytest.raises(UserError, match="wants the logs of a run"):
        reading()


def test_simulation_is_always_asked() -> None:
    assert modes_in(["fuzzing"]) == ("simulation", "fuzzing")
