"""The mixed model against the analysis of variance, which it equals on balanced data, and by simulation."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from benchmark.statistics.mixed import MixedError, Score, mixed_model
from synthetic_neurons.passages import Floats

NAMES = ("a", "b", "c")


def _draw(seed: int, units: int = 40, seeds: int = 3, own: float = 0.1, shared: float = 0.1) -> Floats:
    """float64 [units, explainers, seeds]: means 0.3, 0.5, 0.6; spreads of unit 0.2, left 0.1, and as given."""
    rng = np.random.default_rng(seed)
    shape = (units, len(NAMES), seeds)
    return np.asarray(
        np.array([0.3, 0.5, 0.6])[None, :, None]
        + rng.normal(0, 0.2, (units, 1, 1))
        + rng.normal(0, own, (units, len(NAMES), 1))
        + rng.normal(0, shared, (units, 1, seeds))
        + rng.normal(0, 0.1, shape)
    )


def _scores(values: Floats) -> list[Score]:
    return [Score(NAMES[e], f"u{u:03}", s, float(v)) for (u, e, s), v in np.ndenumerate(values)]


def _anova(values: Floats) -> dict[str, float]:
    """Variance components by equating mean squares with their expectations (Searle et al. 1992, chapter 4)."""
    units, explainers, seeds = values.shape
    per_unit, per_explainer = values.mean((1, 2)), values.mean((0, 2))
    both, seeded = values.mean(2), values.mean(1)
    ms_both = seeds * ((both - per_unit[:, None] - per_explainer + values.mean()) ** 2).sum()
    ms_both /= (explainers - 1) * (units - 1)
    ms_seed = explainers * ((seeded - per_unit[:, None]) ** 2).sum() / (units * (seeds - 1))
    rest = values - both[:, :, None] - seeded[:, None, :] + per_unit[:, None, None]
    ms_rest = (rest**2).sum() / (units * (seeds - 1) * (explainers - 1))
    ms_unit = explainers * seeds * per_unit.var(ddof=1)
    return {
        "unit": (ms_unit - ms_both - ms_seed + ms_rest) / (explainers * seeds),
        "explainer on unit": (ms_both - ms_rest) / seeds,
        "seed": (ms_seed - ms_rest) / explainers,
        "left": ms_rest,
    }


def test_balanced_data_give_the_analysis_of_variance_and_the_paired_t() -> None:
    values = _draw(1)
    found = mixed_model(_scores(values), reference="a")
    assert found.converged
    assert (found.units, found.scores, found.note) == (40, 360, "")
    for name, value in _anova(values).items():
        assert found.components[name] == pytest.approx(value, rel=0.01, abs=1e-5)
    for index, name in enumerate(NAMES):
        assert found.means[name].estimate == pytest.approx(values[:, index].mean())
    # The difference of two explainers has the variance that all three pairs share, so it is held to their mean.
    apart = [values[:, i].mean(1) - values[:, j].mean(1) for i, j in ((0, 1), (0, 2), (1, 2))]
    error = np.sqrt(np.mean([d.var(ddof=1) for d in apart]) / 40)
    assert found.differences["b"].error == pytest.approx(error, rel=0.005)
    assert found.differences["b"].p == pytest.approx(
        2 * stats.norm.sf(found.differences["b"].estimate / error), rel=0.2
    )
    assert set(found.differences) == {"b", "c"}


def test_seeds_are_not_units() -> None:
    # What a random intercept alone would say: as if three seeds on a unit were three units.
    values = _draw(2, own=0.3, shared=0.0)
    found = mixed_model(_scores(values), reference="a")
    unit = np.repeat(np.arange(40), 9)
    naive = MixedLM(values.ravel(), np.tile(np.repeat(np.eye(3), 3, axis=0), (40, 1)), unit).fit()
    cov = np.asarray(naive.cov_params())[:3, :3]
    assert found.differences["b"].error > 1.4 * np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])


def test_the_interval_of_a_difference_covers() -> None:
    every = [mixed_model(_scores(_draw(100 + t, units=20, seeds=2)[:, :2]), reference="a") for t in range(30)]
    found = [each for each in every if each.converged]
    # A component near its boundary stops the optimiser now and then, which is said and gives no figures.
    assert len(found) >= 27
    assert all(each.note and not each.differences for each in every if not each.converged)
    covered = [each.differences["b"].low <= 0.2 <= each.differences["b"].high for each in found]
    # Four binomial standard deviations at 30 trials are 0.16. That the error is the paired t's is tested above.
    assert np.mean(covered) > 0.79


def test_one_seed_a_unit_has_no_component_of_seed() -> None:
    found = mixed_model(_scores(_draw(3, seeds=1)), reference="b")
    assert found.converged
    assert set(found.components) == {"unit", "left"}
    # Seeds that no two explainers share are part of what is left.
    apart = [replace(each, seed=each.seed + 10 * NAMES.index(each.explainer)) for each in _scores(_draw(4, shared=0.0))]
    assert set(mixed_model(apart, reference="a").components) == {"unit", "explainer on unit", "left"}


def test_a_component_at_its_boundary_is_said_to_be() -> None:
    rng = np.random.default_rng(5)
    values = np.array([0.3, 0.5, 0.6])[None, :, None] + rng.normal(0, 0.2, (30, 3, 2))
    # No unit is harder than another: the sum over each unit's explainers is made the same.
    values -= values.mean((1, 2), keepdims=True) - 0.4
    found = mixed_model(_scores(values), reference="a")
    assert not found.converged or "unit" in found.note


def test_a_fit_that_does_not_converge_says_so_and_gives_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    original = MixedLM.fit

    def stopped(self: MixedLM) -> object:
        fitted = original(self)
        fitted.converged = False
        warnings.warn("Gradient optimization failed", ConvergenceWarning, stacklevel=1)
        return fitted

    monkeypatch.setattr(MixedLM, "fit", stopped)
    found = mixed_model(_scores(_draw(6, units=12, seeds=1)), reference="a")
    assert not found.converged
    assert "did not converge: Gradient optimization failed" in found.note
    assert (found.means, found.differences, found.components) == ({}, {}, {})


def test_equal_scores_have_nothing_to_share_out() -> None:
    found = mixed_model(_scores(np.full((12, 3, 1), 0.5)), reference="a")
    assert not found.converged
    assert "no variance" in found.note


@pytest.mark.parametrize(
    ("scores", "reference", "message"),
    [
        (_scores(_draw(1, units=12)[:, :1]), "a", "these scores are of 1"),
        (_scores(_draw(1, units=12)), "d", "choose from a, b, c"),
        (_scores(_draw(1, units=9)), "a", "9 units are too few"),
        (_scores(_draw(1, units=12)) * 2, "a", "number the seeds apart"),
        ([*_scores(_draw(1, units=12)), Score("a", "u0", 9, float("nan"))], "a", "not finite"),
    ],
)
def test_what_a_model_cannot_be_made_of_is_one_line(scores: list[Score], reference: str, message: str) -> None:
    with pytest.raises(MixedError, match=message) as refused:
        mixed_model(scores, reference=reference)
    assert "\n" not in str(refused.value)
