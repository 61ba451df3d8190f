"""Explainers, exam, ranks and pages on a machine in which every answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from linear_world import DECOY, LATENTS, UNRELATED, LinearMachine, always_on, made_up

from benchmark.behaviours import explainers
from benchmark.behaviours.effects import Effects
from benchmark.behaviours.figure import figure
from benchmark.behaviours.grading import BehaviourExam, foresight, response
from benchmark.behaviours.interventions import Ablate, Steer, ablated, aligned, transplanted
from benchmark.behaviours.laboratory import BehaviourLaboratory, OverBudget
from benchmark.behaviours.ranks import matched_sets, rank
from benchmark.behaviours.report import BehaviourReport
from benchmark.behaviours.study import Bench, examined, ranked
from benchmark.behaviours.summary import summaries
from benchmark.behaviours.tables import page
from benchmark.behaviours.unit import turned

TRUTH = {"what": "latent", "latent": 3, "decoy": DECOY, "strength": 0.5, "teach": 4.8, "exam": 4.8}


@pytest.fixture(scope="module")
def teach() -> Effects:
    return Effects(LinearMachine(), made_up().teach)


@pytest.fixture
def laboratory(teach: Effects) -> BehaviourLaboratory:
    return BehaviourLaboratory(teach, 600)


def test_a_behaviour_is_prompts_less_twins(teach: Effects) -> None:
    # Four positions count, each with 1.0 + 0.2.
    assert teach.whole == pytest.approx(4.8, abs=1e-5)
    assert teach.ablate([frozenset({3}), frozenset({4}), frozenset({DECOY}), frozenset({3, 4})]).tolist() == (
        pytest.approx([-4.0, -0.8, 0.0, -4.8], abs=1e-5)
    )


def test_mean_and_resample_ablation(teach: Effects) -> None:
    assert teach.ablate([frozenset({3})], "mean")[0] == pytest.approx(-4.0, abs=1e-5)
    assert teach.ablate([frozenset({3})], "resample")[0] == pytest.approx(-4.0, abs=1e-5)


def test_attribution_is_exact_where_all_is_linear(teach: Effects) -> None:
    effects, slopes = teach.first_order
    np.testing.assert_allclose(effects, teach.ablate([frozenset({i}) for i in range(LATENTS)]), atol=1e-5)
    np.testing.assert_allclose(slopes[:6], [0, 0, 0, 8.0, 1.6, 0], atol=1e-5)
    assert teach.of([Steer(3, 0.3)])[0] == pytest.approx(2.4, abs=1e-5)


def test_transplants_bring_the_behaviour_into_twins(teach: Effects) -> None:
    assert teach.transplant(frozenset({3})) == pytest.approx(4.0 / 4.8, abs=1e-4)
    assert teach.transplant(frozenset({DECOY})) == pytest.approx(0.0, abs=1e-6)
    change = transplanted(teach.read, frozenset({3}))
    assert not change.amounts[: teach.rows // 2].any()


def test_donors_are_aligned_from_the_last_position() -> None:
    values = np.arange(10.0).reshape(2, 5, 1)
    counts = np.array([[False, True, True, True, True], [False, True, True, False, False]])
    found = aligned(values, counts, np.array([1, 0]))[..., 0]
    assert found[0, 1:].tolist() == [6, 6, 6, 7]
    assert found[1, 1:3].tolist() == [3, 4]


@pytest.mark.parametrize("name", ["attribution", "ablation", "steering_probe"])
def test_explainers_that_intervene_name_the_truth_and_no_decoy(name: str, laboratory: BehaviourLaboratory) -> None:
    report = explainers.PLAIN[name](laboratory)
    assert report.latents == (3, 4)
    assert report.predict(Ablate(frozenset({3, 4}))) == pytest.approx(-4.8, abs=1e-4)
    assert report.predict(Steer(3, -0.2)) == pytest.approx(-1.6, abs=1e-4)
    assert laboratory.spent <= laboratory.budget


def test_a_difference_of_means_names_the_decoy(laboratory: BehaviourLaboratory) -> None:
    assert DECOY in explainers.mean_difference(laboratory).latents


@pytest.mark.parametrize("name", ["mean_difference", "steering_probe"])
def test_what_is_always_on_is_found_without_twins(name: str) -> None:
    # No text of this machine lacks the condition, so that a difference to other texts would be nothing.
    row = examined(always_on(), LinearMachine(everywhere=True), Bench(UNRELATED), TRUTH)
    said = next(each for each in row["explainers"] if each["explainer"] == name)
    assert said["hit"]
    assert said["predicted"] == pytest.approx(-4.8, abs=0.3)


def test_the_oracle_predicts_other_latents_too(laboratory: BehaviourLaboratory) -> None:
    report = explainers.oracle(frozenset({3}))(laboratory)
    assert report.latents == (3,)
    assert report.predict(Ablate(frozenset({4}))) == pytest.approx(-0.8, abs=1e-4)
    assert report.predict(Steer(4, 0.2)) == pytest.approx(0.32, abs=1e-4)


def test_what_was_run_is_paid_for_again_but_not_run_again(laboratory: BehaviourLaboratory, teach: Effects) -> None:
    first = laboratory.ablate([frozenset({3}), frozenset({3}), frozenset({4})])
    ran, spent = teach.read.ran, laboratory.spent
    assert (laboratory.ablate([frozenset({4}), frozenset({3})]) == first[[2, 0]]).all()
    assert teach.read.ran == ran
    assert laboratory.spent == spent + 2 * laboratory.prompts
    always = Effects(LinearMachine(everywhere=True), always_on().teach)
    assert always.ablate([frozenset({4})])[0] != always.ablate([frozenset({4})], "resample")[0]


def test_a_budget_is_kept(teach: Effects) -> None:
    poor = BehaviourLaboratory(teach, 3 * teach.rows)
    poor.attribution()
    with pytest.raises(OverBudget, match="0 of 48 are left"):
        poor.ablate([frozenset({3})])


def test_where_there_is_no_behaviour_all_abstain_but_the_floor() -> None:
    null = made_up("null", prompt="bare")
    row = examined(null, LinearMachine(), Bench(UNRELATED))
    assert {each["explainer"] for each in row["explainers"] if not each["abstained"]} == {"random"}
    assert "no consistent difference" in row["absent"]


def test_a_null_s_share_of_nothing_is_not_told() -> None:
    bench, machine = Bench(UNRELATED), LinearMachine()
    assert examined(made_up(), machine, bench)["all_latents"] == pytest.approx(1.0, abs=1e-4)
    # This machine knows no words, so that its null has a size, and a share could be told of it.
    assert examined(turned(made_up(), 0), machine, bench)["all_latents"] is None


def test_an_exam_of_a_true_report_is_at_its_ceiling() -> None:
    machine = LinearMachine()
    exam = BehaviourExam(Effects(machine, made_up().exam), machine.texts(UNRELATED), 4.8, seed=0)
    true = BehaviourReport((3,), {3: -4.0, 4: -0.8}, {3: 8.0, 4: 1.6})
    grade = exam.grade(true)
    assert grade.ablation.r == pytest.approx(1.0)
    assert grade.ablation.sign == grade.steering.sign == 1.0
    assert grade.necessity == {
        how: pytest.approx(v, abs=1e-4) for how, v in zip(grade.necessity, (5 / 6, 5 / 6, 5 / 6), strict=True)
    }
    assert grade.dose is not None
    assert grade.dose.spearman == pytest.approx(1.0)
    assert grade.dose.slope == pytest.approx(8.0, abs=1e-4)
    # Steering by 0.2 adds 0.4 at each of four positions; a text has ten tokens.
    assert grade.side_steering is not None
    assert grade.side_steering.rise.mean == pytest.approx(0.16)
    assert grade.side_steering.ratio == pytest.approx(1.6 / 0.16, rel=1e-3)
    # Latent 3 is nowhere on in unrelated texts: the loss does not rise, and a ratio to nothing says nothing.
    assert grade.side_ablation is not None
    assert (grade.side_ablation.rise.mean, grade.side_ablation.ratio) == (0.0, None)
    assert exam.grade(replace(true, effects={3: 4.0, 4: 0.8})).ablation.r == pytest.approx(-1.0)
    assert exam.grade(BehaviourReport(reason="none")).ablation.r == 0.0


def test_no_exam_intervention_is_one_that_an_explainer_runs() -> None:
    machine = LinearMachine()
    exam = BehaviourExam(Effects(machine, made_up().exam), machine.texts(UNRELATED), 4.8, seed=0)
    doses = {each.dose for each in exam.interventions if isinstance(each, Steer)}
    assert not doses & {explainers.DOSE, -explainers.DOSE}
    assert len(exam.interventions) == 24


def test_foresight_counts_a_missing_sign_as_wrong() -> None:
    actual = np.array([1.0, -1.0, 0.001, 0.5])
    found = foresight(np.array([0.5, 0.5, -1.0, 0.0]), actual, 1.0)
    assert found.sign == pytest.approx(1 / 3)
    assert foresight(np.zeros(4), actual, 1.0).r == 0.0
    assert response(7, np.array([4.0, 2.0, -2.0, -4.0]), 1.0).spearman == pytest.approx(-1.0)


def test_matched_sets_are_of_one_size_and_on_as_often() -> None:
    share = np.concatenate([np.zeros(1000), np.linspace(0.01, 1.0, 3000)])
    named = [1200, 3900]
    sets = matched_sets(named, share, seed=0)
    assert len(set(sets)) == len(sets) == 1000
    assert all(len(each) == 2 and not each & set(named) for each in sets)
    assert all(share[list(each)].min() > 0 for each in sets)
    assert np.mean([share[list(each)].mean() for each in sets]) == pytest.approx(share[named].mean(), abs=0.02)


def test_the_truth_ranks_first_and_noise_does_not(teach: Effects) -> None:
    exam = Effects(LinearMachine(), made_up().exam)
    found = rank(exam, (3, 4), teach.active(), seed=0)
    assert found.beaten_by == 0
    assert found.sets >= 740
    assert found.significant
    other = rank(exam, (20, 21), teach.active(), seed=0)
    assert other.p > 0.05
    one = rank(exam, (3,), teach.active(), seed=0)
    assert not one.resolvable
    assert not one.significant


def test_ablation_of_texts_touches_only_what_counts(teach: Effects) -> None:
    for how in ("zero", "mean", "resample"):
        change = ablated(teach.read, frozenset({3, 9}), how, True)
        assert not change.amounts[~teach.read.counts].any()
        assert change.latents == (3, 9)


def test_pages_hold_every_unit_and_quote_what_is_not_ours() -> None:
    bench = Bench(UNRELATED)
    hostile = replace(made_up("own"), identifier="own", question="<script>alert(1)</script> | `x`")
    rows = [
        examined(made_up(), LinearMachine(), bench, TRUTH),
        examined(made_up("null", prompt="bare"), LinearMachine(), bench),
        examined(hostile, LinearMachine(), bench),
    ]
    oracle = next(each for each in rows[0]["explainers"] if each["explainer"] == "oracle")
    assert (oracle["hit"], oracle["place"], oracle["decoy_named"]) == (True, 1, False)
    found = ranked(made_up(), LinearMachine(), rows[0], seed=0)
    assert found is not None
    assert found["significant"]
    assert ranked(made_up("null", prompt="bare"), LinearMachine(), rows[1], seed=0) is None
    told = summaries(rows)
    assert {row["group"] for row in told} == {"planted latents", "found", "all but nulls", "nulls"}
    provenance = {"commit": "c", "subject": {"subject": "s", "units": "u"}, "usual_norm": 1.0, "seed": 0}
    text = page({"units": rows, "not_chosen": [], "not_run": ["late"], "summaries": told, "provenance": provenance})
    assert "<script>" not in text
    assert "### made_up_planted" in text
    assert "Not run for want of time: late." in text
    drawn = figure([{**row, "unit": "<script>"} for row in rows], "<b>")
    assert "<script>" not in drawn
    assert drawn.count('class="curve"') == 4
