"""Every knob changes what it says it changes, by as much as it says."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from synthetic_neurons import Knobs, PlantedUnit, suite
from synthetic_neurons.alike import ALIKE, correlation, distinct
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families.family import leaves
from synthetic_neurons.knobs import KnobError, apply
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Always, And, Or, Position, Previous, Shape, Word
from synthetic_neurons.reference import gloss_like, rate, reference
from synthetic_neurons.siblings import sibling

DEV = suite()
EXPLAINED = [unit for unit in DEV if unit.family != "null"]
TEXTS = Passages.of(reference().texts[::8])
CLEAN = [unit for unit in EXPLAINED if unit.hashing is None][::5]


def turned(unit: PlantedUnit, **knobs: Any) -> PlantedUnit:
    return apply(unit, Knobs(**knobs), np.random.default_rng(4))


def agreement(one: PlantedUnit, other: PlantedUnit, passages: Passages) -> float:
    return float(np.corrcoef(one.values(passages), other.values(passages))[0, 1])


def claims_are_exact(unit: PlantedUnit, passages: Passages) -> bool:
    """Greatest level times value over the claims is ten times the truth, or the share of it that chance leaves."""
    said = np.max([claim.level * evaluate(claim.predicate, passages) for claim in unit.claims], axis=0)
    share = 1.0 if unit.hashing is None else unit.hashing.share
    return np.allclose(said, 10 * share * evaluate(unit.predicate, passages), rtol=0, atol=1e-9)


def test_no_knob_turned_changes_nothing() -> None:
    for unit in DEV:
        assert apply(unit, Knobs(), np.random.default_rng(4)) == unit


def test_noise_lowers_agreement_as_computed() -> None:
    """Of a 0/1 unit of rate p, noise n keeps (1 - n) of the hits and adds as many again: r is near 1 - n."""
    unit = next(unit for unit in DEV if unit.family == "morphological" and rate(unit.predicate) > 0.01)
    clean = [agreement(unit, turned(unit, noise=noise), gloss_like()) for noise in (0.0, 0.1, 0.3, 0.6, 0.9)]
    assert clean == pytest.approx([1, 0.9, 0.7, 0.4, 0.1], abs=0.06)


def test_noise_misses_as_many_words_as_it_invents_and_leaves_the_claims() -> None:
    for unit in CLEAN:
        noisy = turned(unit, noise=0.4)
        before, after = unit.values(gloss_like()) > 0, noisy.values(gloss_like()) > 0
        if before.sum() > 500:
            assert after.sum() == pytest.approx(before.sum(), rel=0.15), unit.identifier
        assert noisy.claims == unit.claims
        assert noisy.predicate == unit.predicate


def test_noise_on_a_semi_null_keeps_its_gate() -> None:
    unit = next(unit for unit in DEV if unit.family == "semi_null")
    noisy = turned(unit, noise=0.25)
    assert unit.hashing is not None
    assert noisy.hashing == replace(
        unit.hashing, missed=0.25, spontaneous=0.25 * rate(unit.predicate) * unit.hashing.share
    )


@pytest.mark.parametrize("ceiling", [0.01, 0.001, 0.0003])
def test_sparsity_holds_every_unit_under_its_ceiling(ceiling: float) -> None:
    for unit in EXPLAINED[::3]:
        sparse = turned(unit, sparsity=ceiling)
        share = 1.0 if unit.hashing is None else unit.hashing.share
        assert rate(sparse.predicate) * share < 1.6 * ceiling + 1e-4, unit.identifier
        assert claims_are_exact(sparse, TEXTS), unit.identifier
        assert (sparse == unit) == (rate(unit.predicate) * share <= ceiling)


def test_sparsity_lowers_a_null_units_own_rate() -> None:
    unit = next(unit for unit in DEV if unit.identifier.startswith("null") and "0.02" in unit.identifier)
    sparse = turned(unit, sparsity=0.001)
    assert sparse.predicate == Always()
    assert sparse.hashing == replace(unit.hashing, share=0.001)  # type: ignore[type-var]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_concepts_sets_how_many_there_are(count: int) -> None:
    for unit in EXPLAINED[::3]:
        more = turned(unit, concepts=count)
        assert len(more.claims) == count
        assert claims_are_exact(more, TEXTS), unit.identifier
        if count >= len(unit.claims):
            assert more.claims[: len(unit.claims)] == unit.claims


def test_confound_is_the_cues_strength() -> None:
    for unit in DEV:
        strength = turned(unit, confound=0.3).cue_strength
        assert strength == (0.3 if unit.family == "confounded" else 1.0)


def test_corruption_silences_an_interval_and_nothing_else() -> None:
    inside = evaluate(Position(3, 6), reference()) > 0
    for unit in CLEAN:
        corrupted = turned(unit, corruption=(3, 6))
        values = corrupted.values(reference())
        assert not values[inside].any()
        assert (values[~inside] == unit.values(reference())[~inside]).all()
        assert claims_are_exact(corrupted, TEXTS), unit.identifier


def test_a_replaced_interval_holds_another_concept() -> None:
    inside = evaluate(Position(3, 6), reference()) > 0
    for unit in CLEAN[::4]:
        corrupted = turned(unit, corruption=(3, 6), replaced=True)
        values = corrupted.values(reference())
        assert 0 < values[inside].mean() < 0.3
        assert (values[~inside] == unit.values(reference())[~inside]).all()
        assert len(corrupted.claims) == len(unit.claims) + 1
        assert claims_are_exact(corrupted, TEXTS), unit.identifier


def test_siblings_are_as_near_as_asked() -> None:
    lists = [unit for unit in DEV if isinstance(unit.predicate, Word)]
    assert lists
    for unit in lists:
        assert isinstance(unit.predicate, Word)
        own = set(unit.predicate.words)
        for share in (0.25, 0.5, 0.75):
            other = sibling(unit, share, np.random.default_rng(2))
            assert other is not None
            assert isinstance(other.predicate, Word)
            assert len(other.predicate.words) == len(own)
            assert len(own & set(other.predicate.words)) == min(len(own) - 1, round(share * len(own)))


def test_nearer_siblings_agree_more() -> None:
    means = []
    for share in (0.2, 0.5, 0.8):
        found = [(unit, sibling(unit, share, np.random.default_rng(2))) for unit in CLEAN]
        pairs = [(a, b) for a, b in found if b is not None]
        # A sibling behind a rare gate need not fire on this text.
        firing = [(a, b) for a, b in pairs if b.values(reference()).any()]
        assert len(firing) > 0.95 * len(pairs)
        means.append(np.mean([agreement(a, b, reference()) for a, b in firing]))
    assert means == sorted(means)
    assert means[2] > means[0] + 0.25


def test_siblings_keep_gates_and_differ_in_claims() -> None:
    for unit in EXPLAINED:
        other = sibling(unit, 0.5, np.random.default_rng(2))
        if other is None:
            assert not any(isinstance(leaf, Word) for leaf in leaves(unit.predicate)) or unit.family == "graded"
            continue
        assert other.identifier == f"{unit.identifier}-sibling"
        assert other.predicate != unit.predicate
        assert len(other.claims) == len(unit.claims)
        assert claims_are_exact(other, TEXTS), unit.identifier


def test_no_sibling_is_dead_or_the_unit_itself() -> None:
    for share in (0.2, 0.9):
        for unit in EXPLAINED:
            if (other := sibling(unit, share, np.random.default_rng(2))) is not None:
                own, values = (evaluate(each.predicate, reference()) for each in (unit, other))
                assert values.any(), unit.identifier
                assert correlation(own, values) < ALIKE, unit.identifier


def test_a_unit_that_lists_words_in_its_context_alone_has_a_sibling() -> None:
    unit = replace(CLEAN[0], predicate=And((Shape("lower"), Previous(Word(("the", "a"))))), claims=())
    other = sibling(unit, 0.5, np.random.default_rng(2))
    assert other is not None
    assert isinstance(other.predicate, And)
    assert other.predicate.of[0] == Shape("lower")
    assert other.predicate.of[1] != unit.predicate.of[1]  # type: ignore[attr-defined]


def test_a_sibling_has_the_gate_that_sparsity_gave_its_unit() -> None:
    paired = suite(families=["concrete"], knobs=Knobs(sparsity=0.0005, sibling=0.5))
    pairs = [
        (a, b) for a, b in zip(paired, paired.units[1:], strict=False) if b.identifier == f"{a.identifier}-sibling"
    ]
    gated = [(a.predicate, b.predicate) for a, b in pairs if isinstance(a.predicate, And)]
    assert len(gated) > 10
    for own, others in gated:
        assert isinstance(others, And)
        assert own.of[-1] == others.of[-1]


def test_sparsity_holds_for_what_replaces_an_interval_too() -> None:
    for unit in CLEAN[::4]:
        sparse = turned(unit, corruption=(0, 30), replaced=True, sparsity=0.001)
        assert rate(sparse.predicate) < 0.0017, unit.identifier


def test_what_knobs_silence_or_make_alike_is_left_out() -> None:
    silenced = suite(families=["positional"], knobs=Knobs(corruption=(0, 400)))
    assert not len(silenced)
    fewer = suite(knobs=Knobs(concepts=2))
    assert 300 <= len(fewer) <= len(DEV)
    assert distinct(fewer.units, reference(), ALIKE) == []


def test_a_suite_with_siblings_has_them_after_their_units() -> None:
    paired = suite(families=["concrete", "null"], knobs=Knobs(sibling=0.5))
    names = [unit.identifier for unit in paired]
    assert len(paired) == 60
    assert names[1::2][:20] == [f"{name}-sibling" for name in names[::2][:20]]
    assert paired.hash == suite(families=["concrete", "null"], knobs=Knobs(sibling=0.5)).hash
    assert paired.hash != suite(families=["concrete", "null"], knobs=Knobs(sibling=0.4)).hash


def test_all_knobs_at_once() -> None:
    knobs = Knobs(0.1, 0.002, 3, 0.5, (2, 4), True, 0.5)
    whole = suite(knobs=knobs)
    assert len(whole) > len(DEV)
    for unit in whole:
        assert unit.values(TEXTS).max() <= 1
        assert isinstance(unit.predicate, And | Or) or unit.family == "null"


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"noise": 1.5}, "knob noise is 1.5; give a share from 0 to 1"),
        ({"sparsity": 0.0}, "knob sparsity is 0.0; give a rate from 0.000010 to 1"),
        ({"concepts": 5}, "knob concepts is 5; give 2, 3 or 4"),
        ({"confound": -1}, "knob confound is -1"),
        ({"corruption": (5, 2)}, r"knob corruption is \(5, 2\); give two places"),
        ({"replaced": True}, "knob replaced is True; give false without corruption"),
        ({"sibling": 1.0}, "knob sibling is 1.0; give a share above 0 and below 1"),
    ],
)
def test_a_knob_out_of_range_is_refused(knobs: dict[str, Any], message: str) -> None:
    with pytest.raises(KnobError, match=message):
        Knobs(**knobs)


def test_knobs_round_trip() -> None:
    knobs = Knobs(noise=0.2, corruption=[1, 4], sibling=0.3)  # type: ignore[arg-type]
    assert knobs.corruption == (1, 4)
    assert Knobs.from_json(knobs.to_json()) == knobs
