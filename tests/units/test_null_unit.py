import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.units.null import NullUnit, _firing, fit_null, null_values
from synthetic_neurons.passages import Passages

UNIT = NullUnit("one", (0.5, 1.0, 2.0, 8.0), start=0.05, stay=0.6)


def corpus(texts: int, seed: int = 0, length: int = 25) -> Passages:
    """Texts of words with a Zipf-Mandelbrot frequency; the commonest is 1% of all."""
    share = 1 / (np.arange(2000) + 20)
    draws = np.random.default_rng(seed).choice(2000, size=(texts, length), p=share / share.sum())
    return Passages.of([" ".join(f"w{n}" for n in row) for row in draws])


CORPUS = corpus(2000)
INNER = CORPUS.place > 0


def burst(values: np.ndarray, passages: Passages) -> tuple[float, float]:
    """P(fires | silent before), P(fires | fired before), from the third word of a text on."""
    fires, inner = values > 0, passages.place[1:] > 1
    return tuple(float(fires[1:][inner & (fires[:-1] == state)].mean()) for state in (False, True))  # type: ignore[return-value]


@settings(max_examples=50)
@given(st.lists(st.text("ab ,.'é", max_size=30), min_size=1, max_size=4), st.integers(0, 30))
def test_a_value_depends_on_the_word_and_its_left_context_alone(texts: list[str], cut: int) -> None:
    whole = Passages.of(texts)
    together = null_values(UNIT, whole)
    for index, text in enumerate(texts):
        spans = list(zip(whole.start, whole.end, whole.text_of, strict=True))
        ends = [end for _, end, of in spans if of == index][: cut + 1]
        prefix = Passages.of([text[: ends[-1]] if ends else ""])
        at = whole.first[index]
        np.testing.assert_array_equal(null_values(UNIT, prefix), together[at : at + len(prefix.words)])


def test_the_left_context_matters() -> None:
    texts = [f"word{i} same" for i in range(2000)]
    second = null_values(UNIT, Passages.of(texts))[1::2]
    assert (second > 0).mean() == pytest.approx(UNIT.rate, abs=0.03)


def test_a_word_without_left_context_tells_nothing() -> None:
    assert not null_values(UNIT, Passages.of(CORPUS.vocabulary)).any()


def test_the_rate_the_bursts_and_the_marginal_are_as_stated() -> None:
    values = null_values(UNIT, CORPUS)
    start, stay = burst(values, CORPUS)
    # 50,000 words: standard errors 0.001 (start), 0.007 (stay); tolerances are about four of them.
    assert start == pytest.approx(0.05, abs=0.005)
    assert stay == pytest.approx(0.6, abs=0.03)
    assert (values[INNER] > 0).mean() == pytest.approx(UNIT.rate, abs=0.008)
    # About 5,000 firing words: a share's standard error is 0.007.
    shares = [(values[values > 0] <= quantile).mean() for quantile in UNIT.values]
    np.testing.assert_allclose(shares, [0, 1 / 3, 2 / 3, 1], atol=0.028)


def test_the_rate_is_the_same_at_every_place_but_the_first() -> None:
    values = null_values(UNIT, corpus(4000, length=6))
    by_place = (values > 0).reshape(4000, 6).mean(axis=0)
    assert by_place[0] == 0
    np.testing.assert_allclose(by_place[1:], UNIT.rate, atol=0.02)


def test_fit_recovers_the_unit_it_was_matched_to() -> None:
    source = NullUnit("source", (1.0, 4.0, 9.0), start=0.03, stay=0.45)
    observed = null_values(source, CORPUS)
    fitted = fit_null("other", observed, CORPUS)
    assert fitted.rate == pytest.approx((observed[INNER] > 0).mean(), rel=1e-9)
    assert fitted.stay == pytest.approx(0.45, abs=0.04)
    again = null_values(fitted, CORPUS)
    assert (again[INNER] > 0).mean() == pytest.approx(fitted.rate, rel=0.12)
    assert burst(again, CORPUS)[1] == pytest.approx(fitted.stay, abs=0.04)
    assert np.median(again[again > 0]) == pytest.approx(np.median(observed[observed > 0]), rel=0.1)
    assert abs(np.corrcoef(observed, again)[0, 1]) < 0.02


@pytest.mark.parametrize("rate", [0.0005, 0.5, 0.9])
def test_fit_works_at_extreme_rates(rate: float) -> None:
    values = (np.random.default_rng(3).random(len(CORPUS.words)) < rate).astype(float)
    fitted = fit_null("k", values, CORPUS)
    assert fitted.rate == pytest.approx(values[INNER].mean(), rel=1e-6)


@pytest.mark.parametrize("values", [np.zeros(50_000), np.ones(50_000)])
def test_a_dead_or_always_on_unit_has_no_match(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="the matched unit fires on"):
        fit_null("k", values, CORPUS)


def test_other_keys_are_other_units_and_the_same_key_is_the_same() -> None:
    units = [NullUnit(f"key{i}", UNIT.values, UNIT.start, UNIT.stay) for i in range(12)]
    values = np.array([null_values(unit, CORPUS) for unit in units])
    np.testing.assert_array_equal(values[3], null_values(units[3], Passages.of(CORPUS.texts)))
    r = np.corrcoef(values)[np.triu_indices(12, 1)]
    # Independent chains: SE 1/sqrt(effective words), about 0.008 with bursts and shared first words.
    assert np.abs(r).max() < 0.04
    assert abs(r.mean()) < 0.005


def test_a_table_of_words_learned_on_one_half_does_not_predict_the_other() -> None:
    scores = []
    for i in range(20):
        values = null_values(NullUnit(f"table{i}", UNIT.values, UNIT.start, UNIT.stay), CORPUS)
        half = CORPUS.text_of % 2 == 0
        kinds = len(CORPUS.vocabulary)
        count = np.bincount(CORPUS.type_of[half], minlength=kinds)
        table = np.bincount(CORPUS.type_of[half], values[half], minlength=kinds) / np.maximum(count, 1)
        scores.append(np.corrcoef(table[CORPUS.type_of[~half]], values[~half])[0, 1])
    assert abs(np.mean(scores)) < 0.01
    assert np.abs(scores).max() < 0.05


def test_the_round_trip_through_json() -> None:
    assert NullUnit.from_json(json.loads(json.dumps(UNIT.to_json()))) == UNIT


@pytest.mark.parametrize(
    ("values", "start", "stay"),
    [((), 0.1, 0.1), ((2.0, 1.0), 0.1, 0.1), ((0.0, 1.0), 0.1, 0.1), ((1.0,), 0.0, 0.5), ((1.0,), 0.1, 1.5)],
)
def test_what_is_no_chain_is_refused(values: tuple[float, ...], start: float, stay: float) -> None:
    with pytest.raises(ValueError, match="null unit 'k'"):
        NullUnit("k", values, start, stay)


def test_no_words_have_no_values() -> None:
    assert null_values(UNIT, Passages.of([])).shape == (0,)
    assert null_values(UNIT, Passages.of(["", " "])).shape == (0,)


def _plain_chain(unit: NullUnit, draws: np.ndarray, place: np.ndarray) -> list[bool]:
    """The chain as its docstring states it, a word at a time."""
    fired: list[bool] = []
    for draw, at in zip(draws, place, strict=True):
        if at == 0:
            fired.append(False)
        elif at == 1:
            fired.append(bool(draw < unit.rate))
        else:
            fired.append(bool(draw < (unit.stay if fired[-1] else unit.start)))
    return fired


@given(
    st.lists(st.integers(1, 9), max_size=40),
    st.floats(0.01, 1),
    st.floats(0, 1),
    st.integers(0, 99),
)
def test_runs_are_those_of_the_plain_chain(lengths: list[int], start: float, stay: float, seed: int) -> None:
    unit = NullUnit("a", (1.0,), start, stay)
    place = np.concatenate([np.arange(length) for length in lengths] or [np.zeros(0, np.int64)]).astype(np.int64)
    draws = np.random.default_rng(seed).random(len(place))
    assert _firing(unit, draws, place).tolist() == _plain_chain(unit, draws, place)
