"""The item-response model: against a GLM in its additive case, and recovery of what was planted."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import approx_fprime

from benchmark.statistics.irt import (
    Fit,
    IrtError,
    Priors,
    fit_scores,
    item_response,
    negative_log_posterior,
    recover,
    simulate_scores,
)
from synthetic_neurons.passages import Floats


def _planted(seed: int, explainers: int, units: int = 200, phi: float = 0.1) -> Fit:
    rng = np.random.default_rng(seed)
    ability = np.linspace(-1.5, 1.5, explainers)
    return Fit(ability, rng.normal(0.3, 1.0, units), np.exp(rng.normal(0, 0.5, units)), phi)


def _named(scores: Floats) -> dict[str, dict[str, float]]:
    return {f"e{i}": {f"u{j:03}": float(value) for j, value in enumerate(row)} for i, row in enumerate(scores)}


def test_the_gradient_is_that_of_the_objective() -> None:
    rng = np.random.default_rng(1)
    scores, flat = rng.random((4, 6)), rng.normal(0, 0.7, 16)
    scores[0, :3] = (0.0, 1.0, 0.5)
    priors = Priors(1.5, 2.5, 0.4)
    numeric = approx_fprime(flat, lambda x: negative_log_posterior(x, scores, 0.3, priors)[0], 1e-7)
    np.testing.assert_allclose(negative_log_posterior(flat, scores, 0.3, priors)[1], numeric, rtol=1e-4, atol=1e-4)


def test_with_equal_discriminations_it_is_a_fractional_logit_glm() -> None:
    scores = simulate_scores(Fit(np.array([-0.8, 0.0, 0.3, 0.9]), np.linspace(-1, 1, 12), np.ones(12), 0.2), 2)
    fit = fit_scores(scores, Priors(100.0, 100.0, 1e-4))
    explainer, unit = (each.ravel() for each in np.indices(scores.shape))
    design = np.column_stack([np.eye(4)[explainer], -np.eye(12)[unit][:, 1:]])
    glm = sm.GLM(scores.ravel(), design, family=sm.families.Binomial()).fit()
    np.testing.assert_allclose(np.diff(fit.ability), np.diff(glm.params[:4]), atol=2e-3)
    np.testing.assert_allclose(np.diff(fit.difficulty)[1:], np.diff(glm.params[4:]), atol=2e-3)


def test_simulated_scores_have_the_models_mean_and_variance() -> None:
    fit = Fit(np.array([-1.0, 0.5]), np.array([0.0, 0.7, -1.2]), np.array([0.8, 1.5, 1.0]), 0.3)
    draws = np.stack([simulate_scores(fit, seed) for seed in range(4_000)])
    np.testing.assert_allclose(draws.mean(0), fit.expected, atol=0.02)
    np.testing.assert_allclose(draws.var(0), 0.3 * fit.expected * (1 - fit.expected), rtol=0.15)


def test_what_was_planted_comes_back() -> None:
    truth = _planted(3, 12)
    fit = fit_scores(simulate_scores(truth, 4))
    assert np.corrcoef(truth.ability, fit.ability)[0, 1] > 0.99
    assert np.corrcoef(truth.difficulty, fit.difficulty)[0, 1] > 0.95
    assert np.corrcoef(np.log(truth.discrimination), np.log(fit.discrimination))[0, 1] > 0.7
    assert fit.phi == pytest.approx(0.1, rel=0.15)
    # The scale, too, and not the order alone: abilities are three logits apart.
    assert np.ptp(fit.ability) == pytest.approx(3.0, rel=0.15)


def test_reported_figures_are_those_that_came_back() -> None:
    truth = _planted(5, 10, phi=0.05)
    found = item_response(_named(simulate_scores(truth, 6)), simulations=2, seed=1)
    assert found.note == ""
    assert sorted(found.ability, key=found.ability.__getitem__) == [f"e{i}" for i in range(10)]
    assert len(found.difficulty) == len(found.discrimination) == 200
    assert min(found.discrimination.values()) > 0
    # The error that recovery promises is the error made on the truth, within a factor of three.
    centred = np.array([found.ability[f"e{i}"] for i in range(10)])
    made = np.sqrt(np.mean((centred - centred.mean() - truth.ability) ** 2))
    assert made < 3 * found.recovery.ability_error + 0.1


def test_what_does_not_come_back_is_not_reported() -> None:
    # Four explainers all alike, and much noise: neither abilities nor discriminations can be had.
    alike = Fit(np.zeros(4), np.random.default_rng(7).normal(0, 1, 200), np.ones(200), 0.4)
    found = item_response(_named(simulate_scores(alike, 8)), simulations=2, seed=1)
    assert found.discrimination == {}
    assert found.note.startswith("not resolvable")
    assert "discrimination" in found.note
    assert not recover(alike, simulations=1, seed=1).passed("ability")


def test_order_of_explainers_and_units_does_not_matter() -> None:
    scores = _named(simulate_scores(_planted(9, 4), 1))
    turned = {name: dict(reversed(values.items())) for name, values in reversed(scores.items())}
    assert item_response(turned, simulations=1, seed=1) == item_response(scores, simulations=1, seed=1)


@pytest.mark.parametrize(
    ("explainers", "units", "message"),
    [(5, 199, "^not resolvable: .* needs 200 units .* there are 199"), (3, 200, "^not resolvable: 3 explainers")],
)
def test_too_few_are_not_resolvable(explainers: int, units: int, message: str) -> None:
    with pytest.raises(IrtError, match=message):
        item_response(_named(np.full((explainers, units), 0.5)), seed=1)


def test_scores_outside_are_refused_and_none_is_not_resolvable() -> None:
    scores = np.full((4, 200), 0.5)
    scores[0, 0] = -0.1
    with pytest.raises(IrtError, match="clip r below 0"):
        item_response(_named(scores), seed=1)
    with pytest.raises(IrtError, match="there are 0"):
        item_response({}, seed=1)
