"""Evidence without a suite: r of reports that know nothing, wider and further from 0 the broader they are."""

import numpy as np

from benchmark.calibration.evidence import Evidence


def scores(rng: np.random.Generator, log_rate: np.ndarray, units: int) -> np.ndarray:
    return np.exp(log_rate / 2) * (0.3 + rng.normal(size=(units, len(log_rate))))


def evidence(
    seed: int, units: int = 12, reports: int = 240, bank: int = 600, low: float = 1e-3, broad: bool = False
) -> Evidence:
    """Reports and bank alike; with `broad` the reports fire on half of the words, and twenty of the bank do."""
    rng = np.random.default_rng(seed)
    bank_rate = rng.uniform(np.log(low), np.log(0.1), bank)
    bank_rate[:20] = np.log(rng.uniform(0.3, 0.9, 20))
    rate = np.full(reports, np.log(0.5)) if broad else rng.uniform(np.log(low), np.log(0.1), reports)
    features = np.stack([rate, rng.normal(4, 1, reports)], axis=1)
    bank_features = np.stack([bank_rate, rng.normal(4, 1, bank)], axis=1)
    return Evidence(
        scores(rng, rate, units),
        rng.random((units, reports)) < 0.98,
        features,
        scores(rng, bank_rate, units),
        rng.random((units, bank)) < 0.98,
        bank_features,
        rng.uniform(0.001, 0.03, units),
    )
