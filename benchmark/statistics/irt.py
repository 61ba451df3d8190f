"""An item-response model of scores: how able explainers are, how hard and how telling units (METHOD.md section 5).

The two-parameter logistic model (Birnbaum 1968) for scores in [0, 1] rather than for right and wrong:

    E[score] = 1 / (1 + exp(-a (theta - b))),    Var[score] = phi E (1 - E)

with theta an explainer's ability, b a unit's difficulty and a > 0 its discrimination. Scores of exactly 0 and 1 occur
(failures, oracles), so the fit is the fractional quasi-likelihood (Papke and Wooldridge 1996), which asks for the mean
alone, with phi from the residuals and normal priors on theta, b and log a (a posterior mode). The simulation draws
scores from the beta distribution of the same mean and variance (Noel and Dauvier 2007). Abilities are logits on a unit
of discrimination 1.

A handful of explainers says little of a unit's discrimination. So nothing is reported before data made from the fit
itself, of the same size and noise, have given the same figures back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from benchmark.errors import UserError
from synthetic_neurons.passages import Floats

FEWEST_UNITS = 200
FEWEST_EXPLAINERS = 4
# How well simulated figures must come back, as correlations.
FLOORS = {"ability": 0.95, "difficulty": 0.8, "discrimination": 0.6}
_SIMULATIONS = 5
_ROUNDS = 5
_LEAST_VARIANCE = 1e-4
_PHI = (1e-4, 0.95)
_SEARCH = {"maxiter": 5_000, "maxfun": 10_000, "ftol": 1e-12, "gtol": 1e-6}


class IrtError(UserError):
    """No item-response model can be made of these scores; for want of units the line starts with "not resolvable"."""


@dataclass(frozen=True)
class Priors:
    """Standard deviations of the normal priors: wide on abilities and difficulties, log a within a factor of e."""

    ability: float = 2.0
    difficulty: float = 2.0
    log_discrimination: float = 0.5


@dataclass(frozen=True, eq=False)
class Fit:
    """The mode.

    Attributes:
        ability: float64 [explainers].
        difficulty, discrimination: float64 [units].
        phi: dispersion, between 0 (no noise) and 1 (right or wrong).
    """

    ability: Floats
    difficulty: Floats
    discrimination: Floats
    phi: float

    @property
    def expected(self) -> Floats:
        """float64 [explainers, units], the model's mean scores."""
        return np.asarray(expit(self.discrimination * (self.ability[:, None] - self.difficulty)), dtype=float)


@dataclass(frozen=True)
class Recovery:
    """What came back of simulated figures.

    Attributes:
        correlations: "ability", "difficulty" and "discrimination" to the mean correlation of the made and the found.
        ability_error: root mean square error of abilities, their differences' zero set at the mean; in logits.
        simulations: how many data sets were made.
    """

    correlations: dict[str, float]
    ability_error: float
    simulations: int

    def passed(self, what: str) -> bool:
        """Whether such figures came back well enough to be reported."""
        return self.correlations[what] >= FLOORS[what]


@dataclass(frozen=True)
class ItemResponse:
    """What may be reported; a mapping is empty where simulated figures of its kind did not come back.

    Attributes:
        ability: explainer to logits.
        difficulty, discrimination: unit to logits, and to slope.
        phi: dispersion of the scores.
        recovery: what the simulation gave.
        note: which figures are "not resolvable", and why; "" if none is.
    """

    ability: dict[str, float]
    difficulty: dict[str, float]
    discrimination: dict[str, float]
    phi: float
    recovery: Recovery
    note: str


def _unpack(flat: Floats, explainers: int) -> tuple[Floats, Floats, Floats]:
    ability, rest = flat[:explainers], flat[explainers:]
    half = len(rest) // 2
    return ability, rest[:half], rest[half:]


def negative_log_posterior(flat: Floats, scores: Floats, phi: float, priors: Priors) -> tuple[float, Floats]:
    """The quasi-likelihood's objective with its gradient.

    Args:
        flat: float64 [explainers + 2 units]: abilities, difficulties, and log discriminations in standard deviations
            of their prior, which keeps the search well conditioned.
        scores: float64 [explainers, units], in [0, 1].
        phi: dispersion.
        priors: of all three.
    """
    ability, difficulty, slope = _unpack(flat, len(scores))
    a, gap = np.exp(priors.log_discrimination * slope), ability[:, None] - difficulty
    eta = a * gap
    # y log E + (1 - y) log(1 - E), without overflow.
    value = -(scores * log_expit(eta) + (1 - scores) * log_expit(-eta)).sum() / phi
    left = (expit(eta) - scores) / phi
    scaled = (ability / priors.ability, difficulty / priors.difficulty, slope)
    gradient = np.concatenate(
        [
            left @ a + scaled[0] / priors.ability,
            -a * left.sum(axis=0) + scaled[1] / priors.difficulty,
            priors.log_discrimination * (left * eta).sum(axis=0) + slope,
        ]
    )
    return float(value + 0.5 * sum(float(each @ each) for each in scaled)), gradient


def _mode(scores: Floats, phi: float, priors: Priors, start: Floats) -> Floats:
    found = minimize(negative_log_posterior, start, (scores, phi, priors), jac=True, method="L-BFGS-B", options=_SEARCH)
    if not np.isfinite(found.fun):
        raise IrtError("the item-response model found no mode; look for explainers whose scores are all the same")
    return np.asarray(found.x, dtype=float)


def _dispersion(scores: Floats, fit: Fit, priors: Priors) -> float:
    """Pearson's statistic over what the parameters leave free, each counted by how far the data, not its prior, set it.

    McCullagh and Nelder (1989), section 9.2.4.
    """
    mean = fit.expected
    variance = np.maximum(mean * (1 - mean), _LEAST_VARIANCE)
    eta = fit.discrimination * (fit.ability[:, None] - fit.difficulty)
    on_difficulty = (fit.discrimination**2 * variance).sum(axis=0) / fit.phi
    on_slope = (eta**2 * variance).sum(axis=0) / fit.phi
    used = sum(
        float((data / (data + own**-2)).sum())
        for data, own in ((on_difficulty, priors.difficulty), (on_slope, priors.log_discrimination))
    )
    free = scores.size - len(scores) - used
    return float(np.clip(((scores - mean) ** 2 / variance).sum() / max(1.0, free), *_PHI))


def fit_scores(scores: Floats, priors: Priors | None = None) -> Fit:
    """The mode and the dispersion, in turn.

    Args:
        scores: float64 [explainers, units], in [0, 1].
        priors: the defaults if None.
    """
    chosen, explainers, units = priors or Priors(), *scores.shape
    flat, phi = np.zeros(explainers + 2 * units), 0.2
    for _ in range(_ROUNDS):
        flat = _mode(scores, phi, chosen, flat)
        ability, difficulty, slope = _unpack(flat, explainers)
        fit = Fit(ability, difficulty, np.exp(chosen.log_discrimination * slope), phi)
        phi = _dispersion(scores, fit, chosen)
    return Fit(fit.ability, fit.difficulty, fit.discrimination, phi)


def simulate_scores(fit: Fit, seed: int) -> Floats:
    """float64 [explainers, units]: beta scores of the model's mean and variance."""
    mean = np.clip(fit.expected, 1e-6, 1 - 1e-6)
    size = 1 / fit.phi - 1
    return np.asarray(np.random.Generator(np.random.PCG64(seed)).beta(mean * size, (1 - mean) * size), dtype=float)


def _correlation(made: Floats, found: Floats) -> float:
    if min(np.ptp(made), np.ptp(found)) < 1e-9:
        return 0.0
    return float(np.corrcoef(made, found)[0, 1])


def recover(fit: Fit, *, simulations: int = _SIMULATIONS, seed: int, priors: Priors | None = None) -> Recovery:
    """Make scores from a fit, fit them, and say how much of it came back.

    Args:
        fit: of the real scores, whose numbers of explainers and units and whose noise the simulation has.
        simulations: data sets.
        seed: of the first; the next have the next.
        priors: those of the fit.
    """
    found = [fit_scores(simulate_scores(fit, seed + index), priors) for index in range(simulations)]
    pairs = {
        "ability": [(fit.ability, each.ability) for each in found],
        "difficulty": [(fit.difficulty, each.difficulty) for each in found],
        "discrimination": [(np.log(fit.discrimination), np.log(each.discrimination)) for each in found],
    }
    apart = [(made - made.mean()) - (back - back.mean()) for made, back in pairs["ability"]]
    return Recovery(
        {what: float(np.mean([_correlation(*pair) for pair in each])) for what, each in pairs.items()},
        float(np.sqrt(np.mean(np.square(apart)))),
        simulations,
    )


def _matrix(scores: Mapping[str, Mapping[str, float]]) -> tuple[list[str], list[str], Floats]:
    names = sorted(scores)
    units = sorted(set.intersection(*(set(scores[name]) for name in names))) if names else []
    if len(units) < FEWEST_UNITS:
        raise IrtError(
            f"not resolvable: an item-response model needs {FEWEST_UNITS} units that every explainer was given, and "
            f"there are {len(units)}; run the reference suite, or read the paired comparisons"
        )
    if len(names) < FEWEST_EXPLAINERS:
        raise IrtError(
            f"not resolvable: {len(names)} explainers say nothing of a unit's discrimination; give {FEWEST_EXPLAINERS} "
            "or more"
        )
    matrix = np.array([[scores[name][unit] for unit in units] for name in names], dtype=float)
    if not ((matrix >= 0) & (matrix <= 1)).all():
        raise IrtError("an item-response model takes scores from 0 to 1; clip r below 0 to 0, and say so beside it")
    return names, units, matrix


def item_response(
    scores: Mapping[str, Mapping[str, float]], *, simulations: int = _SIMULATIONS, seed: int
) -> ItemResponse:
    """Abilities, difficulties and discriminations, so far as simulated ones come back.

    Args:
        scores: explainer to unit to score in [0, 1]; units that some explainer lacks are left out.
        simulations: data sets of the recovery.
        seed: of the recovery.

    Raises:
        IrtError: fewer than 200 shared units or 4 explainers, or a score outside [0, 1].
    """
    names, units, matrix = _matrix(scores)
    fit = fit_scores(matrix)
    recovery = recover(fit, simulations=simulations, seed=seed)
    failed = [what for what in FLOORS if not recovery.passed(what)]
    said = [f"{what} ({recovery.correlations[what]:.2f}, needed {FLOORS[what]:g})" for what in failed]
    kept = {
        "ability": dict(zip(names, map(float, fit.ability), strict=True)),
        "difficulty": dict(zip(units, map(float, fit.difficulty), strict=True)),
        "discrimination": dict(zip(units, map(float, fit.discrimination), strict=True)),
    }
    return ItemResponse(
        **{what: {} if what in failed else values for what, values in kept.items()},
        phi=fit.phi,
        recovery=recovery,
        note=f"not resolvable, since simulated values did not come back: {', '.join(said)}" if said else "",
    )
