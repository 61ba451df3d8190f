"""By how much scores move when the same is said otherwise."""

from dataclasses import replace

import numpy as np
import pytest
from ladder_points import ladder_of

from benchmark.explainers.report import Claim, Report
from benchmark.ladder.scores import Point, planted_units
from benchmark.ladder.sensitivity import KINDS, PADDING, padded, reworded, sensitivities, telegraphic
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.lookup import mentioned
from benchmark.suites import load
from benchmark.suites.recipe import PLANTED
from synthetic_neurons import assembly
from synthetic_neurons.ladder.rungs import Ladder
from synthetic_neurons.passages import Passages

TEXTS = ("Seven red apples fell, and none of them was green.", "The old car would not start on a cold day.")


def test_what_is_quoted_or_negated_stays() -> None:
    said = "the word 'the', except where it is among the first 2 words of the text"
    assert telegraphic(said) == "word 'the', except where among first 2 words of text"
    assert telegraphic("words that end in '-ly' but are not 'only'") == "words end in '-ly' but not 'only'"
    assert telegraphic("it is the") == "it is the", "a claim is never empty"
    assert padded("cats") == f"cats. {PADDING}"


def test_claims_of_a_suite_that_differ_differ_in_telegraphic_words() -> None:
    claims = {claim.text for unit in planted_units(load("embedded-2")) for claim in unit.claims}
    assert len(claims) > 20
    assert len({telegraphic(claim) for claim in claims}) == len(claims)
    assert sum(telegraphic(claim) != claim for claim in claims) > len(claims) / 2


def test_a_reworded_report_says_the_same_and_other_words() -> None:
    passages, reader = Passages.of(TEXTS), ExecutableReader()
    units = assembly.planted_units(seed=5, per_family=1, families=PLANTED)
    ladder = Ladder(units, passages)
    for unit in units:
        exact = ladder.rungs(unit)[0]
        assert exact.name == "exact"
        longer, short = reworded(exact)
        assert (longer.name, short.name) == ("longer", "telegraphic")
        for each in (longer, short):
            assert [claim.predicate for claim in each.claims] == [claim.predicate for claim in exact.claims]
            assert [claim.level for claim in each.claims] == [claim.level for claim in exact.claims]
            assert each.agreement == exact.agreement
            claims = tuple(Claim(claim.text, claim.predicate, claim.level) for claim in each.claims)
            levels = reader.read(Report(each.text, claims), passages)
            own = tuple(Claim(claim.text, claim.predicate, claim.level) for claim in exact.claims)
            np.testing.assert_array_equal(levels, reader.read(Report(exact.text, own), passages))
        assert len(longer.text) > len(exact.text) + 100
        # What a reader of words can quote is in all three.
        assert {w for w, s in mentioned(exact.text).items() if s == 1} <= set(mentioned(short.text))


def _made(change: dict[str, float], units: int = 12) -> list[Point]:
    found = []
    for number in range(units):
        points = ladder_of(f"u{number}", "a", lambda _, true: true)
        exact = next(each for each in points if each.rung == "exact")
        said = {rung: {"kind": dict.fromkeys(exact.scores["kind"], 1 + by)} for rung, by in change.items()}
        found += [*points, *(replace(exact, rung=rung, scores=scores) for rung, scores in said.items())]
    return found


def test_changes_are_means_over_units_of_what_each_rewording_moves() -> None:
    found = sensitivities(_made({"paraphrase_2": -0.4, "longer": -0.25, "telegraphic": 0.125}), seed=1)
    r = {each.kind: each for each in found if each.metric == "r"}
    assert set(r) == set(KINDS)
    # Of two paraphrases one is as good as the exact report and one is 0.4 worse.
    assert (r["paraphrase"].change.mean, r["paraphrase"].moved.mean) == pytest.approx((-0.2, 0.2))
    assert (r["longer"].change.mean, r["longer"].moved.mean) == pytest.approx((-0.25, 0.25))
    assert (r["telegraphic"].change.mean, r["telegraphic"].moved.mean) == pytest.approx((0.125, 0.125))
    assert r["missing concept"].change.mean == pytest.approx(-0.5)
    assert r["longer"].change.n == 12


def test_a_unit_without_the_rung_is_left_out() -> None:
    found = [each for each in _made({"longer": -0.25}) if (each.unit, each.rung) != ("u3", "missing_concept")]
    kinds = {each.kind: each for each in sensitivities(found, seed=1) if each.metric == "f1"}
    assert (kinds["missing concept"].change.n, kinds["longer"].change.n) == (11, 12)
    assert kinds["telegraphic"].change.n == 0
