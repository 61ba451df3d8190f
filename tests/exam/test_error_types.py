"""Types of error: each made on purpose, on texts where firing can be counted by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from predicate_strategies import Tree, texts, trees

from benchmark.exam.error_types import KINDS, NEARLY_ALL, Diagnosis, Truth, diagnose, parts_of
from benchmark.ladder.error_types import WANTED
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families import confounded
from synthetic_neurons.families.confounded import cue_named
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import (
    Always,
    And,
    Never,
    Or,
    Position,
    Predicate,
    Scaled,
    Shape,
    Suffix,
    Unless,
    Word,
    parse,
)

RED, SEA, LAW = Word(("red", "blue", "green", "black")), Word(("sea", "tide", "wave")), Word(("court", "judge"))
FILL = ("house", "walks", "seems", "Paris", "over", "table", "quickly", "running", "stone", "under")
CUE = Position(0, 1)


def _passages(seed: int = 0, windows: int = 400) -> Passages:
    """Random windows of twelve words; each listed word comes in every place."""
    rng = np.random.default_rng(seed)
    vocabulary = (*RED.words, *SEA.words, *LAW.words, *FILL * 6)
    return Passages.of([" ".join(rng.choice(vocabulary, 12)) for _ in range(windows)])


PASSAGES = _passages()
WEIGHT = np.random.default_rng(1).uniform(1, 20, len(PASSAGES))[PASSAGES.text_of]


def _diagnosed(truth: Predicate, *claims: Predicate, cue: Predicate | None = None) -> Diagnosis:
    said = [evaluate(claim, PASSAGES) > 0 for claim in claims]
    return diagnose(said, Truth.of(truth, PASSAGES, WEIGHT, cue))


BOTH = Or((RED, SEA))
RED_EARLY = And((RED, Position(0, 5)))
CASES: tuple[tuple[str, Predicate, tuple[Predicate, ...]], ...] = (
    ("right", RED, (RED,)),
    ("right", BOTH, (SEA, RED)),
    ("right", BOTH, (BOTH,)),
    ("right", RED, tuple(Word((word,)) for word in RED.words)),
    ("too_broad", RED_EARLY, (RED,)),
    ("too_broad", RED, (Word((*RED.words, *FILL[:5])),)),
    ("too_broad", RED, (Shape("lower"),)),
    # Fires on all the truth's words: it names them, and everything else.
    ("too_broad", RED, (Always(),)),
    ("too_broad", RED, (RED, Shape("lower"))),
    ("too_narrow", RED, (Word(("red",)),)),
    ("too_narrow", RED, (RED_EARLY,)),
    ("too_narrow", BOTH, (Word(("red", "sea")),)),
    ("missing", BOTH, (RED,)),
    ("missing", Or((RED, Scaled(SEA, 0.2))), (RED,)),
    ("missing", And((BOTH, Position(0, 5))), (RED_EARLY,)),
    ("spurious", RED, (RED, LAW)),
    ("spurious", RED, (RED, Suffix("ly"), LAW)),
    ("wrong", RED, (LAW,)),
    ("wrong", RED, (Never(),)),
    ("wrong", RED, (Word(("red", *SEA.words, *LAW.words)),)),
)


@pytest.mark.parametrize(("kind", "truth", "claims"), CASES)
def test_each_kind_of_error_is_told(kind: str, truth: Predicate, claims: tuple[Predicate, ...]) -> None:
    assert _diagnosed(truth, *claims).kind == kind


def test_every_kind_is_tried() -> None:
    assert {kind for kind, _, _ in CASES} | {"wrong_reason"} == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "claims"),
    [
        ("wrong_reason", (CUE,)),
        ("wrong_reason", (And((RED, CUE)),)),
        ("wrong_reason", (And((Word(("red", "blue")), CUE)), And((Word(("green", "black")), CUE)))),
        # The cause is named as well, so what is too much is one claim.
        ("too_broad", (Or((RED, CUE)),)),
        ("right", (RED,)),
        ("too_narrow", (Word(("red",)),)),
        ("wrong", (LAW,)),
    ],
)
def test_who_names_a_confound_s_cue_is_right_for_the_wrong_reason(kind: str, claims: tuple[Predicate, ...]) -> None:
    assert _diagnosed(RED, *claims, cue=CUE).kind == kind


def test_without_a_cue_nothing_is_right_for_the_wrong_reason() -> None:
    assert _diagnosed(RED, And((RED, CUE))).kind == "too_narrow"


def test_a_claim_that_names_the_cause_beside_one_that_names_the_cue() -> None:
    found = _diagnosed(RED, RED, CUE, cue=CUE)
    assert [claim.names_cue for claim in found.claims] == [False, True]
    assert found.kind == "spurious"


def test_precision_and_recall_are_shares_of_weight() -> None:
    found = _diagnosed(RED, Word(("red", "court")))
    truth, said = (evaluate(each, PASSAGES) > 0 for each in (RED, Word(("red", "court"))))
    assert found.precision == pytest.approx(WEIGHT[said & truth].sum() / WEIGHT[said].sum(), abs=1e-12)
    assert found.recall == pytest.approx(WEIGHT[said & truth].sum() / WEIGHT[truth].sum(), abs=1e-12)
    assert found.recall != pytest.approx((said & truth).sum() / truth.sum(), abs=1e-3)


@pytest.mark.parametrize(("share", "kind"), [(0.91, "right"), (0.89, "too_narrow"), (0.02, "too_narrow")])
def test_nine_tenths_are_right(share: float, kind: str) -> None:
    fires = np.arange(1000) < 100
    said = np.arange(1000) < round(100 * share)
    assert diagnose([said], Truth(fires, (), None, np.ones(1000))).kind == kind


def _plain(truth: Truth, order: Sequence[int], weight: Floats) -> Truth:
    at = np.array(order)
    return Truth(truth.fires[at], tuple(part[at] for part in truth.parts), None, weight[at])


@pytest.mark.parametrize(("kind", "truth", "claims"), CASES)
def test_order_scale_and_doubled_words_of_half_weight_change_nothing(
    kind: str, truth: Predicate, claims: tuple[Predicate, ...]
) -> None:
    whole, words = Truth.of(truth, PASSAGES, WEIGHT), len(WEIGHT)
    said = [evaluate(claim, PASSAGES) > 0 for claim in claims]
    own = diagnose(said, whole)
    shuffled = np.random.default_rng(2).permutation(words)
    doubled = np.concatenate([np.arange(words), np.arange(words)])
    for order, weight in ((shuffled, 7 * WEIGHT), (doubled, WEIGHT / 2)):
        again = diagnose([claim[order] for claim in said], _plain(whole, order, weight))
        assert again.kind == kind
        assert (again.precision, again.recall) == pytest.approx((own.precision, own.recall), abs=1e-12)


def test_parts_are_the_alternatives_and_a_list_is_one() -> None:
    assert parts_of(BOTH) == (RED, SEA)
    assert parts_of(RED) == (RED,)
    assert parts_of(And((BOTH, CUE))) == (And((RED, CUE)), And((SEA, CUE)))
    assert parts_of(Unless(Scaled(BOTH, 0.5), CUE)) == (Unless(Scaled(RED, 0.5), CUE), Unless(Scaled(SEA, 0.5), CUE))
    many = Or(tuple(Word((f"w{i}",)) for i in range(40)))
    assert parts_of(many) == (many,)


@given(trees, texts)
def test_the_greatest_of_the_parts_is_the_truth(tree: Tree, lines: list[str]) -> None:
    truth, passages = parse(tree), Passages.of(lines)
    values = np.max([evaluate(part, passages) for part in parts_of(truth)], axis=0)
    np.testing.assert_allclose(values, evaluate(truth, passages), atol=1e-12)


@pytest.mark.parametrize("index", range(12))
def test_a_confounded_unit_s_name_tells_its_cue(index: int) -> None:
    unit = confounded.make(np.random.default_rng(index), index)
    assert cue_named(unit.identifier) == unit.cue
    assert cue_named("planted-" + unit.identifier) == unit.cue


@pytest.mark.parametrize("name", ["planted-concrete-00-some-law", "beginning", "-cue-beginning", "x-cue-nothing", ""])
def test_other_names_tell_no_cue(name: str) -> None:
    assert cue_named(name) is None


def test_the_shipped_suite_s_ladder_gets_the_types_it_was_made_to_have(root: Path) -> None:
    """What `python -m benchmark.ladder.error_types` wrote; its page says why the others have another type."""
    measured = json.loads((root / "results" / "embedded-2" / "error_types.json").read_text("utf-8"))
    manifest = json.loads((root / "benchmark" / "suites" / "embedded-2" / "manifest.json").read_text("utf-8"))
    assert measured["suite_hash"] == manifest["hash"]
    for case in measured["cases"]:
        if case["kind"] != WANTED[case["error"]] and case["error"] == "over-narrow":
            assert case["parts"] > 1 or min(case["precision"], case["recall"]) > NEARLY_ALL
    table = measured["confusion"]
    assert {error: max(kinds, key=kinds.get) for error, kinds in table.items()} == WANTED
    assert measured["as_wanted"]["share"] > 0.9
