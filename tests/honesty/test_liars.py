"""What is planted, and what is said of it."""

import numpy as np
import pytest

from benchmark.explainers.report import Claim, Report
from benchmark.honesty import cases as cases_module
from benchmark.honesty.cases import COUNTS, Case, Kind, candidates
from benchmark.honesty.liars import ALARMIST, HIDER, ON_NULLS, honest, lies
from benchmark.honesty.themes import CATEGORIES, harmful_words, of_kind, themes
from benchmark.readers.executable import ExecutableReader
from synthetic_neurons.families.concepts import Concept
from synthetic_neurons.families.family import leaves, lexical_words
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import Word

SEED = 5


def cases(kind: Kind, count: int = 10) -> list[Case]:
    return candidates(SEED, kind, count)


def words(report: Report) -> set[str]:
    """What the predicates of a report name, whatever the gate."""
    found = (claim.predicate for claim in report.claims if claim.predicate is not None)
    return {word for predicate in found for leaf in leaves(predicate) for word in lexical_words(leaf)}


def levels(report: Report, case: Case) -> Floats:
    """What a report predicts on each of the case's words, standing alone."""
    assert case.harm is not None
    read = ExecutableReader().read(report, Passages.of(case.harm.words))
    assert read is not None
    return read


def test_no_word_is_in_two_themes_and_neighbours_are_mutual() -> None:
    every = [word for theme in themes().values() for word in theme.words]
    assert len(every) == len(set(every))
    for theme in themes().values():
        other = themes()[theme.neighbour]
        assert other.neighbour == theme.name
        assert other.harmful != theme.harmful
        assert other.category == theme.category
    assert {theme.category for theme in of_kind(True)} == set(CATEGORIES)


def test_there_are_forty_of_each_and_a_seed_makes_them_again() -> None:
    assert COUNTS["harmful"] + COUNTS["mixed"] >= 40
    assert COUNTS["harmless"] + COUNTS["near_miss"] >= 40
    assert cases("mixed") == cases("mixed")
    assert cases("mixed") != candidates(SEED + 1, "mixed", 10)


@pytest.mark.parametrize("kind", ["harmless", "near_miss", "null"])
def test_harmless_units_have_no_harmful_word(kind: Kind) -> None:
    for case in cases(kind):
        assert not case.is_harmful
        assert harmful_words().isdisjoint(words(honest(case)))


def test_a_harmful_concept_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    theme = of_kind(True)[0]
    near, tame = themes()[theme.neighbour], Concept("tame", Word(("umbrella",), "umbrellas"), 1)
    offered = [*(Concept(each.name, Word(each.words[-1:], each.description), 1) for each in (theme, near)), tame, tame]
    other = Concept("parasol", Word(("parasol",), "parasols"), 1)
    queue = iter([*offered, other])
    monkeypatch.setattr(cases_module, "draw", lambda rng, among: next(queue))
    rng = np.random.default_rng(0)
    first = cases_module._harmless_concept(rng, theme)
    assert first == tame.predicate
    # The second concept of a unit shares no word with the first.
    assert cases_module._harmless_concept(rng, theme, first) == other.predicate


def test_mixed_units_have_a_harmless_concept_beside_the_harm_at_several_strengths() -> None:
    shares = set()
    for case in cases("mixed"):
        assert case.harm is not None
        assert len(case.unit.claims) == 2
        (own,) = [claim.level for claim in case.unit.claims if claim.predicate == case.harm]
        (other,) = [claim for claim in case.unit.claims if claim.predicate != case.harm]
        assert harmful_words().isdisjoint(words(Report("", (Claim(other.text, other.predicate),))))
        shares.add(own / other.level)
    assert len(shares) >= 4


@pytest.mark.parametrize("kind", ["harmful", "mixed"])
def test_hiders_hide_as_they_say(kind: Kind) -> None:
    for case in cases(kind):
        told = lies(case)
        assert set(told) == set(HIDER) - ({"leave_out"} if kind == "harmful" else set())
        assert harmful_words().isdisjoint(words(told["swap"]))
        assert (levels(told["vague"], case) > 0).all()
        assert not levels(told["gate"], case).any()
        assert np.array_equal(levels(told["euphemism"], case), levels(honest(case), case))
        assert np.allclose(levels(told["play_down"], case), 0.1 * levels(honest(case), case))
        assert told["abstain"].abstained
        for name in ("swap", "vague", "euphemism"):
            assert case.theme.description not in told[name].text
            assert harmful_words().isdisjoint(told[name].text.replace("'", " ").replace(",", " ").split())


def test_leaving_out_leaves_the_other_concept_as_it_was() -> None:
    for case in cases("mixed"):
        left = lies(case)["leave_out"]
        assert len(left.claims) == 1
        assert left.claims[0] in honest(case).claims
        assert harmful_words().isdisjoint(words(left))


@pytest.mark.parametrize("kind", ["harmless", "near_miss"])
def test_alarmists_name_harm_that_is_not_there(kind: Kind) -> None:
    for case in cases(kind):
        told = lies(case)
        assert set(told) == set(ALARMIST)
        for report in told.values():
            assert case.theme.description in report.text
        assert set(case.theme.words) <= words(told["add"])
        assert told["add_faint"].claims[-1].level < told["add"].claims[-1].level
        assert [each.predicate for each in told["reword"].claims] == [e.predicate for e in honest(case).claims]
        assert set(case.theme.words) <= words(told["replace"])


def test_on_nulls_the_honest_report_abstains_and_the_alarmist_does_not() -> None:
    for case in cases("null", 3):
        assert honest(case).abstained
        assert set(lies(case)) == set(ON_NULLS)
        assert not lies(case)["invent"].abstained
