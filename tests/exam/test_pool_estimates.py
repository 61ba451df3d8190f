"""Estimates from the pool against the whole corpus, by drawing the pool many times with its own draw."""

from dataclasses import dataclass

import numpy as np
import pytest

from benchmark.exam.items import Rows
from benchmark.exam.pool import draw, inclusion, unit_probabilities
from benchmark.statistics.design import PoolR, pool_r
from benchmark.statistics.weighted import base_rate_metrics, rows_r
from synthetic_neurons.passages import Floats

WINDOWS, WORDS, DRAWS = 4_000, 8, 250


@dataclass(frozen=True, eq=False)
class Corpus:
    """Every window: truth and prediction, float64 [windows, words], and pi, float64 [windows]."""

    truth: Floats
    prediction: Floats
    pi: Floats

    def pool(self, seed: int) -> tuple[Rows, Floats, Floats, np.ndarray]:
        kept = draw(self.pi, seed)
        window_of = np.repeat(np.arange(int(kept.sum())), WORDS)
        weight = np.repeat(1 / self.pi[kept], WORDS)
        return Rows.of_words(self.truth[kept].ravel()), self.prediction[kept].ravel(), weight, window_of

    @property
    def r(self) -> float:
        return float(np.corrcoef(self.truth.ravel(), self.prediction.ravel())[0, 1])


def _corpus(kind: str, firing: int = 250) -> Corpus:
    """Five units that fire in windows of their own; the first is examined, by a report of the given kind."""
    rng = np.random.default_rng(11)
    units = np.zeros((5, WINDOWS, WORDS))
    for truth in units:
        at = rng.choice(WINDOWS, firing, replace=False)
        truth[at, rng.integers(0, WORDS, firing)] = rng.uniform(2, 10, firing)
    truth, noise = units[0], rng.random((WINDOWS, WORDS))
    prediction = {
        "right": np.where(truth > 0, np.clip(truth + rng.normal(0, 3, truth.shape), 0, 10), 0.0),
        "narrow": np.where((truth > 0) & (noise < 0.4), 8.0, 0.0),
        "broad": np.where(truth > 0, 8.0, 0.0) + np.where((truth == 0) & (noise < 0.02), 8.0, 0.0),
        "unrelated": np.where(noise < 0.02, 8.0, 0.0),
    }[kind]
    # Near misses are where the reports of the suite's own bank go wrong; half of the broad one's errors, here.
    near = ((prediction > 0).any(1)) & (rng.random(WINDOWS) < 0.5)
    p_units = np.stack([unit_probabilities((each > 0).any(1), near) for each in units], axis=1)
    return Corpus(truth, prediction, inclusion(p_units))


def _estimates(corpus: Corpus) -> list[PoolR]:
    return [pool_r(*corpus.pool(seed)) for seed in range(DRAWS)]


@pytest.mark.parametrize("kind", ["right", "narrow", "broad", "unrelated"])
def test_r_from_the_pool_is_that_of_the_corpus_and_its_interval_covers(kind: str) -> None:
    corpus = _corpus(kind)
    found = _estimates(corpus)
    r, error = (np.array([getattr(each, name) for each in found]) for name in ("r", "error"))
    # The bias is held to a third of the METHOD's margin of 0.03, the Monte Carlo error of the mean included.
    assert abs(r.mean() - corpus.r) < 0.01
    # The stated error is the spread over draws.
    assert error.mean() == pytest.approx(r.std(), rel=0.2)
    covered = np.mean([each.low <= corpus.r <= each.high for each in found])
    # Four binomial standard deviations at 250 draws are 0.055. Where a report and its unit meet by chance in a few
    # windows, the draw may hold none of them, and the interval is short.
    assert covered > (0.80 if kind == "unrelated" else 0.88)


def test_without_the_weights_neither_r_nor_f1_nor_auprc_is_the_corpuss() -> None:
    corpus = _corpus("broad")
    truth, said = corpus.truth.ravel(), corpus.prediction.ravel()
    whole = base_rate_metrics(truth > 0, said, 5.0, np.ones(truth.size))
    weighted, plain = [], []
    for seed in range(60):
        rows, prediction, weight, _ = corpus.pool(seed)
        for weights, into in ((weight, weighted), (np.ones_like(weight), plain)):
            base = base_rate_metrics(rows.total > 0, prediction, 5.0, weights)
            into.append((rows_r(rows, prediction, weights), base.f1, base.precision, base.auprc))
    corpus_figures = np.array([corpus.r, whole.f1, whole.precision, whole.auprc])
    # Ratios of estimates have a bias of the order of 1 over the effective sample.
    np.testing.assert_allclose(np.mean(weighted, axis=0), corpus_figures, atol=0.02)
    assert (np.abs(np.mean(plain, axis=0) - corpus_figures) > 0.03).all()


def test_a_pool_of_everything_has_no_error() -> None:
    corpus = _corpus("broad")
    every = Corpus(corpus.truth, corpus.prediction, np.ones(WINDOWS))
    found = pool_r(*every.pool(1))
    assert found.error == 0.0
    assert (found.low, found.high) == pytest.approx((corpus.r, corpus.r))
    assert found.r == pytest.approx(corpus.r)


def test_tokens_folded_to_words_have_the_error_of_tokens() -> None:
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 4, 60)
    word_of = np.repeat(np.arange(60), counts)
    values, prediction = rng.random(len(word_of)), rng.random(60)
    weight, window = np.repeat(rng.uniform(1, 20, 12), 5), np.repeat(np.arange(12), 5)
    folded = pool_r(Rows.of_tokens(values, word_of, 60), prediction, weight, window)
    tokens = pool_r(Rows.of_words(values), prediction[word_of], weight[word_of], window[word_of])
    assert folded.r == pytest.approx(tokens.r)
    assert folded.error == pytest.approx(tokens.error)


def test_constants_and_perfection_have_an_interval() -> None:
    truth, weight, window = np.array([0.0, 0, 3, 7]), np.array([20.0, 20, 2, 2]), np.array([0, 0, 1, 1])
    flat = pool_r(Rows.of_words(truth), np.ones(4), weight, window)
    assert (flat.r, flat.error, flat.low, flat.high) == (0.0, 0.0, 0.0, 0.0)
    perfect = pool_r(Rows.of_words(truth), truth, weight, window)
    assert perfect.r == pytest.approx(1.0)
    assert perfect.low == pytest.approx(1.0, abs=1e-6)
    with pytest.raises(ValueError, match="is no 1/pi"):
        pool_r(Rows.of_words(truth), truth, weight / 20, window)
