import numpy as np
import pytest

from benchmark.exam.items import Pool, Rows
from benchmark.explainers.report import Claim, Report
from benchmark.ladder.sampled import Choice, Timed, strata_of, thinned
from benchmark.readers.executable import ExecutableReader
from benchmark.statistics.weighted import rows_r
from synthetic_neurons.ladder.rungs import Rung
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import Always, Word
from synthetic_neurons.reference import reference

PASSAGES = Passages.of(reference().texts[:900])
OWN, NEAR = Word(("the", "of", "in")), Word(("the", "of", "in", "a", "or", "and"))


def unit(predicate: Word = OWN, name: str = "u", family: str = "rare") -> PlantedUnit:
    claims = (PlantedClaim.of(predicate),)
    return PlantedUnit.of_truth(name, family, {"predicate": predicate.to_json()}, claims)


def pool() -> Pool:
    weight = np.random.default_rng(0).uniform(1, 5, len(PASSAGES))
    return Pool(PASSAGES, weight, {"u": Rows.of_words(unit().values(PASSAGES))})


def strata() -> np.ndarray:
    rungs = [Rung.of("too_broad_1", (PlantedClaim.of(NEAR),)), Rung.of("constant", (PlantedClaim.of(Always()),))]
    return strata_of(unit(), rungs, pool())


def test_windows_are_near_where_only_a_narrow_rung_fires() -> None:
    found = strata()
    words = [{word.lower() for word in Passages.of([text]).words} for text in PASSAGES.texts]
    broad = np.mean([bool(each & set(NEAR.words)) for each in words]) < 0.5
    for each, stratum in zip(words, found, strict=True):
        expected = 0 if each & set(OWN.words) else 1 if broad and each & set(NEAR.words) else 2
        assert stratum == expected


def test_all_windows_are_the_pool_itself() -> None:
    some = thinned(pool(), strata(), 3 * len(PASSAGES), seed=1)
    assert sorted(some.passages.texts) == sorted(PASSAGES.texts)
    assert some.weight.sum() == pytest.approx(pool().weight.sum())
    assert some.firing_rate("u") == pytest.approx(pool().firing_rate("u"))


def test_estimates_on_a_sample_lie_about_the_pools() -> None:
    """60 draws of 240 windows: the mean firing rate and r stray by less than four standard errors."""
    whole, said = pool(), NEAR
    full = rows_r(whole.rows["u"], ExecutableReader().read(_report(said), PASSAGES), whole.word_weight)
    rates, rs = [], []
    for seed in range(60):
        some = thinned(whole, strata(), 240, seed)
        assert len(some.passages) <= 240
        rates.append(some.firing_rate("u"))
        rs.append(rows_r(some.rows["u"], ExecutableReader().read(_report(said), some.passages), some.word_weight))
    for found, truth in ((rates, whole.firing_rate("u")), (rs, full)):
        assert abs(np.mean(found) - truth) < 4 * np.std(found) / np.sqrt(60) + 1e-4
        assert np.std(found) < 0.1


def _report(predicate: Word) -> Report:
    return Report("", (Claim("x", predicate),))


def test_the_first_units_of_the_chosen_families_are_read() -> None:
    every = [unit(name=f"{family}-{i}", family=family) for family in ("rare", "concrete", "abstract") for i in range(4)]
    chosen = Choice(("abstract", "rare", "adversarial"), per_family=2).units(every)
    assert [each.identifier for each in chosen] == ["abstract-0", "abstract-1", "rare-0", "rare-1"]


def test_a_timed_reader_reads_as_the_reader_and_counts() -> None:
    timed = Timed(ExecutableReader(threshold=0.7))
    assert (timed.name, timed.threshold) == ("executable", 0.7)
    np.testing.assert_array_equal(timed.read(_report(OWN), PASSAGES), ExecutableReader().read(_report(OWN), PASSAGES))
    assert timed.words == len(PASSAGES.words)
    assert timed.words_per_second > 0
