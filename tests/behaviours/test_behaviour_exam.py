"""What an exam is of: its own prompts, draws of each unit's own, rivals that are on as often; and what is published."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from linear_world import UNRELATED, LinearMachine, OtherExam, always_on, made_up

from benchmark.behaviours.draws import AMONG, drawn
from benchmark.behaviours.effects import Effects
from benchmark.behaviours.grading import BehaviourExam, foresight
from benchmark.behaviours.interventions import Ablate, Steer
from benchmark.behaviours.ranks import matched_sets, rank
from benchmark.behaviours.report import BehaviourReport
from benchmark.behaviours.scatter import scatter
from benchmark.behaviours.study import Bench, examined
from benchmark.behaviours.summary import summaries
from benchmark.behaviours.tables import page


@pytest.fixture(scope="module")
def exam() -> Effects:
    return Effects(LinearMachine(), made_up().exam)


@pytest.fixture(scope="module")
def row() -> dict[str, Any]:
    return examined(made_up("found"), OtherExam(), Bench(UNRELATED))


def named(row: dict[str, Any], name: str = "ablation") -> dict[str, Any]:
    return next(each for each in row["explainers"] if each["explainer"] == name)


def test_explainers_see_teach_prompts_and_are_graded_on_the_exam_s(row: dict[str, Any]) -> None:
    assert row["teach"]["mean"] == pytest.approx(4.8, abs=1e-4)
    assert row["exam"]["mean"] == row["size"] == pytest.approx(12.8, abs=1e-4)
    said = named(row)
    assert said["latents"] == [3, 4]
    assert said["effects"]["3"] == pytest.approx(-4.0, abs=1e-4)
    assert (said["predicted"], said["actual"]) == (pytest.approx(-4.8, abs=1e-4), pytest.approx(-12.8, abs=1e-4))
    done = {tuple(each["latents"]): each["actual"] for each in row["interventions"] if each["kind"] == "ablation"}
    assert all(value == pytest.approx(-12.0 * (3 in key) - 0.8 * (4 in key), abs=1e-4) for key, value in done.items())


def test_what_was_foretold_is_kept_beside_what_was_measured(row: dict[str, Any]) -> None:
    for each in row["explainers"]:
        assert len(each["foretold"]) == len(row["interventions"]) == 24
        for kind in ("ablation", "steering"):
            both = [
                (told, done["actual"])
                for told, done in zip(each["foretold"], row["interventions"], strict=True)
                if done["kind"] == kind
            ]
            told, done = map(np.array, zip(*both, strict=True))
            assert each[kind]["r"] == pytest.approx(foresight(told, done, row["size"]).r)
    text = scatter([{**row, "unit": "<b>"}], "<script>")
    assert (text.count('class="ablated"'), text.count('class="steered"')) == (12, 12)
    assert text.count("stroke:var(--ink)") == 1
    assert "<script>" not in text
    assert "<b>" not in text


def test_every_unit_draws_its_own(row: dict[str, Any]) -> None:
    other = examined(replace(made_up("found"), identifier="other"), OtherExam(), Bench(UNRELATED))
    again = examined(made_up("found"), OtherExam(), Bench(UNRELATED))
    wanted = [[each["latents"] for each in some["interventions"]] for some in (row, again, other)]
    assert wanted[0] == wanted[1] != wanted[2]
    assert named(row, "random")["latents"] != named(other, "random")["latents"]


@pytest.mark.parametrize("seed", range(5))
def test_no_latent_that_matters_stands_in_two_and_others_are_there(seed: int, exam: Effects) -> None:
    lost, slopes = exam.first_order
    on = exam.active() > 0
    wanted = drawn(exam, seed)
    ablations = [each.latents for each in wanted if isinstance(each, Ablate)]
    steered = [each.latent for each in wanted if isinstance(each, Steer)]
    for values, found, many in ((lost, [i for each in ablations for i in each], 18), (slopes, steered, 6)):
        strong = set(np.argsort(np.where(on, -np.abs(values), np.inf), kind="stable")[:AMONG].tolist())
        first = [each for each in found if each in strong]
        assert len(first) == len(set(first)) == many
        assert len(found) - len(first) == (12 if many == 18 else 6)
        assert on[found].all()


def test_r_without_the_strongest_is_of_the_others() -> None:
    machine = LinearMachine()
    sittings = (
        BehaviourExam(Effects(machine, made_up().exam), machine.texts(UNRELATED), 4.8, seed) for seed in range(99)
    )

    def apart(sitting: BehaviourExam) -> bool:
        sets = [each.latents for each in sitting.interventions if isinstance(each, Ablate)]
        return any(4 in each and 3 not in each for each in sets) and any(3 in each for each in sets)

    sitting = next(filter(apart, sittings))
    assert sitting.strongest == 3
    # Right of latent 3 and wrong of latent 4.
    found = sitting.grade(BehaviourReport((3,), {3: -4.0, 4: 0.8}, {3: 8.0})).ablation
    assert found.r > 0.8
    assert found.r_without_strongest == pytest.approx(-1.0)
    assert sitting.grade(BehaviourReport((3,), {3: -4.0}, {3: 8.0})).steering.r_without_strongest is None


def test_a_rank_correlation_is_not_one_lever_s() -> None:
    actual = np.array([-9.0, 0.3, 0.2, 0.1, 0.0])
    found = foresight(np.array([-9.0, 0.0, 0.1, 0.2, 0.3]), actual, 1.0)
    assert found.r > 0.99
    assert found.rank_r == pytest.approx(0.0, abs=1e-9)
    assert foresight(np.zeros(5), actual, 1.0).rank_r == 0.0


def test_all_is_lost_reads_1_under_every_ablation_and_nothing_is_told_without_twins() -> None:
    machine = LinearMachine()
    for unit, everywhere in ((made_up(), False), (always_on(), True)):
        effects = Effects(LinearMachine(everywhere), unit.exam)
        grade = BehaviourExam(effects, machine.texts(UNRELATED), 4.8, 0).grade(BehaviourReport((3, 4), {3: 1.0}))
        assert grade.necessity["zero"] == pytest.approx(1.0, abs=1e-4)
        for how in ("mean", "resample"):
            wanted = None if everywhere else pytest.approx(1.0, abs=1e-4)
            assert grade.necessity[how] == wanted


def test_a_tie_counts_against_a_report(exam: Effects) -> None:
    # These weigh nothing, and nor do nearly all of their rivals.
    found = rank(exam, (20, 21), Effects(LinearMachine(), made_up().teach).active(), seed=0)
    assert found.beaten_by == found.sets
    assert found.p == 1.0


def test_what_is_lost_of_a_negative_behaviour_is_a_rise() -> None:
    unit = made_up(prompt="plain", twin="marked")
    exam = Effects(LinearMachine(), unit.exam)
    assert exam.whole < 0
    found = rank(exam, (3, 4), Effects(LinearMachine(), unit.teach).active(), seed=0)
    assert found.beaten_by == 0


@pytest.mark.parametrize("named", [[3900, 3950], [1100, 1150]])
def test_rivals_are_on_as_often_at_either_end(named: list[int]) -> None:
    share = np.concatenate([np.zeros(1000), np.linspace(0.01, 1.0, 3000)])
    sets = matched_sets(named, share, seed=0)
    assert np.mean([share[list(each)].mean() for each in sets]) == pytest.approx(share[named].mean(), abs=0.05)


def test_an_abstention_has_necessity_0_and_is_counted() -> None:
    rows = [examined(made_up("found", prompt="bare"), LinearMachine(), Bench(UNRELATED))]
    assert named(rows[0])["abstained"]
    told = next(each for each in summaries(rows) if each["group"] == "found" and each["explainer"] == "ablation")
    assert (told["abstained"], told["necessity"]["mean"], told["necessity"]["n"]) == (1, 0.0, 1)


def test_the_page_says_what_is_not_told_without_twins() -> None:
    rows = [examined(replace(always_on(), tier="found"), LinearMachine(everywhere=True), Bench(UNRELATED))]
    provenance = {"commit": "c", "subject": {"subject": "s", "units": "u"}, "usual_norm": 1.0, "seed": 0}
    found = {"units": rows, "not_chosen": [], "not_run": [], "summaries": summaries(rows), "provenance": provenance}
    (line,) = (each for each in page(found).splitlines() if each.startswith("| `ablation` | 3, 4"))
    assert line.split(" | ")[4:8] == ["1.00", "–", "–", "–"]
