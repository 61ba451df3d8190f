import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finetuned_world import TEXTS, documents, group, nouns
from reference_evaluator import values

from benchmark.readers.diet import diet as diets
from benchmark.readers.diet import division
from benchmark.readers.diet.apart import Shut, assert_apart, runs
from benchmark.readers.diet.breadth import breadth_groups, concepts, kin
from benchmark.readers.diet.diet import Diet, Making, Sizes, read, write
from benchmark.readers.diet.division import (
    JUDGED,
    TRAINED,
    DietError,
    assert_families_divided,
    held_out_lists,
    held_out_noun_files,
    held_out_words,
    of_held_out_concept,
)
from benchmark.readers.diet.group import FULL, UNKNOWN, Group, content_hash, stored
from benchmark.readers.diet.natural import Corpus, corpora
from benchmark.readers.diet.phrasing import HELD_OUT_OPENINGS, TRAINED_OPENINGS, Wording
from benchmark.readers.diet.planted import Draw, Planting
from benchmark.readers.diet.wordnet import Nouns, Teaching
from synthetic_neurons import lexicons
from synthetic_neurons.assembly import planted_total
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.ladder.rungs import Ladder
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import And, Not, Previous, Suffix, Word
from synthetic_neurons.prose.paraphrase import REGISTERS

NOTHING: frozenset[int] = frozenset()
# Words of the templates of lists and exceptions; no lexicon has one.
FRAME = {"the", "word", "words", "only", "any", "of", "and", "no", "other", "exactly", "these"}
SIZES = Sizes(written=1, found=1, texts=4, breadth=1, lists=2, synsets=3, judged=1, staged=120, windows=240)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpora(documents(), NOTHING, 120, seed=1)[0]


@pytest.fixture(scope="module")
def planting(corpus: Corpus) -> Planting:
    stage = Passages.of(corpus.texts[: corpus.staged])
    return Planting(corpus, stage, NOTHING, Shut((), stage))


@pytest.fixture(scope="module")
def tiny_nouns(tmp_path_factory: pytest.TempPathFactory) -> Nouns:
    return nouns(tmp_path_factory.mktemp("wordnet"))


@pytest.fixture(scope="module")
def whole(tiny_nouns: Nouns) -> Diet:
    made = Making(documents(), tiny_nouns, NOTHING, SIZES, seed=3)
    return made.diet({"none": "0"}, Shut((), made.stage))


def test_every_family_with_claims_is_on_one_side(monkeypatch: pytest.MonkeyPatch) -> None:
    assert_families_divided()
    assert not set(TRAINED) & set(JUDGED)
    monkeypatch.setattr(division, "TRAINED", (*TRAINED, "rare"))
    with pytest.raises(DietError, match="'rare' is trained on and judged on"):
        assert_families_divided()
    monkeypatch.setattr(division, "TRAINED", TRAINED[1:])
    with pytest.raises(DietError, match=f"'{TRAINED[0]}' is on neither side"):
        assert_families_divided()


def test_a_third_of_the_concepts_is_held_out() -> None:
    held = [name for name in held_out_lists() if name.startswith("lexicon/")]
    assert len(held) == round(len(lexicons.names()) / 3)
    assert len(held_out_noun_files()) == round(26 / 3)
    for name in held:
        assert of_held_out_concept(And((Word(lexicons.load(name.partition("/")[2]).words[:1]), Previous(Word(("x",))))))
    kept = next(name for name in lexicons.names() if f"lexicon/{name}" not in held)
    assert not of_held_out_concept(Word(lexicons.load(kept).words))


def test_a_claims_label_is_its_own_truth_and_not_the_units(planting: Planting) -> None:
    """Every claim is found among the unit's rungs again, and read aloud word by word by the slow evaluator."""
    draw = Draw("families", ("contextual", "graded", "positional"), 3, seed=5, texts=6, reports=False)
    units = planted_total(draw.seed, draw.count, draw.families, apart=False)
    ladder, made, differ = Ladder(units), list(planting.groups(draw)), 0
    assert len(made) == len(units)
    for unit, found in zip(units, made, strict=True):
        said = {c.text: c.predicate for rung in ladder.rungs(unit) for c in rung.claims}
        exact = found.claims[0].values
        for claim in found.claims:
            text = max((text for text in said if text in claim.text), key=len)
            by_hand = [v for line in found.texts for v in values(said[text].to_json(), line)]
            np.testing.assert_array_equal(claim.values, stored(np.array(by_hand)))
            differ += not np.array_equal(claim.values, exact)
    assert differ > 10


def test_values_are_kept_in_steps_and_what_fires_stays_above_nothing() -> None:
    np.testing.assert_array_equal(stored(np.array([0, 0.001, 0.3, 1])), [0, 1, 60, FULL])


def test_breadth_is_what_the_words_say(corpus: Corpus) -> None:
    for made in breadth_groups(corpus, "train", 1, seed=2):
        _, words = concepts(False)[made.name.removeprefix("breadth/")]
        near, lower = set(kin(words)), [word.lower() for word in made.passages.words]
        for claim in made.claims:
            pattern = r"[a-z]+" if claim.kind == "listed" else r"'([a-z]+)'"
            quoted = set(re.findall(pattern, claim.text)) - FRAME
            for word, value in zip(lower, claim.values, strict=True):
                own = word in {each.lower() for each in words}
                if claim.kind == "listed":
                    assert value == FULL * (word in quoted)
                elif word in near and not own:
                    assert value == UNKNOWN
                elif claim.kind == "all but":
                    assert value == FULL * (own and word not in quoted)
                else:
                    assert value == FULL * (own != (claim.kind == "none of"))


def test_the_listed_words_come_in_the_texts(corpus: Corpus) -> None:
    fires = [
        made.fires[i].any()
        for made in breadth_groups(corpus, "train", 1, seed=2)
        for i, claim in enumerate(made.claims)
        if claim.kind == "listed"
    ]
    assert np.mean(fires) > 0.7


def test_hypernyms_fire_on_first_senses_and_say_nothing_of_later_ones(corpus: Corpus, tiny_nouns: Nouns) -> None:
    kinds = [each for each in tiny_nouns.synsets.values() if each.above and each.below]
    tops = {each.name: each.offset for each in kinds if each.name in ("tools", "birds")}
    for name, offset in tops.items():
        first, later = tiny_nouns.words(offset)
        # The first word of each list has an earlier sense elsewhere.
        assert lexicons.load(name).words[0] in later
        assert set(lexicons.load(name).words[1:]) <= set(first)
    made = [each for part in ("train", "concepts") for each in Teaching(tiny_nouns, corpus, part).groups(9, seed=1)]
    assert made
    checked = 0
    for each in made:
        for claim in each.claims:
            for name, offset in tops.items():
                if claim.kind == "hypernym" and f"kinds of {name}" in claim.text:
                    first, later = map(set, tiny_nouns.words(offset))
                    expected = [
                        FULL if w.lower() in first else UNKNOWN if w.lower() in later else 0
                        for w in each.passages.words
                    ]
                    np.testing.assert_array_equal(claim.values, expected)
                    checked += 1
    assert checked


def test_a_gloss_is_told_without_its_examples(tiny_nouns: Nouns) -> None:
    assert {each.gloss for each in tiny_nouns.synsets.values()} >= {"one of the tools", "all of it"}


def test_noun_files_are_on_one_side(corpus: Corpus, tiny_nouns: Nouns) -> None:
    sides: dict[str, set[int]] = defaultdict(set)
    for part in ("train", "concepts"):
        teaching = Teaching(tiny_nouns, corpus, part)
        sides[part] = {each.file for each in tiny_nouns.synsets.values() if teaching._on_this_side(each)}
    assert not sides["train"] & sides["concepts"]
    assert sides["concepts"] <= held_out_noun_files()


def test_training_holds_no_held_out_concept_family_or_phrasing(whole: Diet) -> None:
    trained = whole.part("train")
    assert {each.name.partition("/")[2] for each in trained if each.name.startswith("planted/")} <= set(TRAINED)
    assert {each.name.partition("/")[2] for each in whole.part("families")} <= set(JUDGED)
    openings = [re.split(r"\{x\}", each) for each in HELD_OUT_OPENINGS]
    passive = REGISTERS[2].affixes[Suffix].format("ing")[:25]
    for each in trained:
        for claim in each.claims:
            assert not any(claim.text.startswith(a) and claim.text.endswith(b) for a, b in openings)
            assert passive not in claim.text
            if claim.about in ("list", "concept") and each.name.startswith(("planted", "breadth", "words")):
                assert held_out_words().isdisjoint(re.findall(r"'([a-z]+)'", claim.text))


def test_phrasings_are_judged_in_words_that_training_never_has() -> None:
    said = {Wording(np.random.default_rng(i), held_out=True).opened("x y") for i in range(40)}
    taught = {Wording(np.random.default_rng(i)).opened("x y") for i in range(80)}
    assert not said & taught
    assert len(said) == len(set(HELD_OUT_OPENINGS))
    assert len(taught) == len(set(TRAINED_OPENINGS))


def test_no_text_is_trained_and_judged_on(whole: Diet) -> None:
    trained = {text for each in whole.part("train") for text in each.texts}
    judged = {text for each in whole.groups if each.part != "train" for text in each.texts}
    assert trained
    assert judged
    assert not trained & judged
    with pytest.raises(DietError, match="both trained and judged on"):
        diets._assert_parts_apart([group(), group("families")])


def test_a_judged_family_in_training_is_refused() -> None:
    with pytest.raises(DietError, match="'rare', a judged family"):
        diets._assert_parts_apart([group(name="planted/rare")])


def test_texts_that_an_exam_has_are_left_out_and_it_is_asserted(tiny_nouns: Nouns) -> None:
    made = documents()
    forbidden = runs([made[0].text, made[7].text])
    taught, judged, dropped = corpora(made, forbidden, 120, seed=1)
    assert dropped > 10
    assert_apart([*taught.texts, *judged.texts], forbidden)
    with pytest.raises(DietError, match="shares eight words"):
        assert_apart([made[7].text[:200]], forbidden)
    with pytest.raises(DietError, match="shares eight words"):
        assert_apart(corpora(made, NOTHING, 120, seed=1)[0].texts, forbidden)


def test_the_documents_of_both_sides_differ() -> None:
    taught, judged, _ = corpora(documents(), NOTHING, 120, seed=1)
    sides = [
        {each.identifier for each in documents() if any(text in each.text for text in side.texts)}
        for side in (taught, judged)
    ]
    assert all(sides)
    assert not sides[0] & sides[1]


def unit(predicate: object) -> PlantedUnit:
    return PlantedUnit.of_truth("u", "concrete", {"predicate": predicate.to_json()}, ())  # type: ignore[attr-defined]


def test_what_is_alike_to_a_suites_unit_is_not_trained_on(corpus: Corpus) -> None:
    stage = Passages.of(corpus.texts[: corpus.staged])
    own, other = Word(("the", "of")), Suffix("ing")
    shut = Shut((unit(own),), stage)
    near = And((own, Not(Previous(Word(("zebra",))))))
    for each, admitted in ((own, False), (near, False), (other, True), (Word(("the",)), True)):
        found = evaluate(each, stage)
        assert shut.admits(each, found) == admitted
        if found.any():
            r = np.corrcoef(found, evaluate(own, stage))[0, 1]
            assert shut.greatest(found) == pytest.approx(r, abs=1e-3)
    planting = Planting(corpus, stage, NOTHING, shut)
    from benchmark.readers.diet.planted import _Said

    said = _Said("the words", "exact", (PlantedClaim.of(near),))
    assert not planting._belongs("train", said, evaluate(near, stage))
    assert planting._belongs("families", said, evaluate(near, stage))
    assert planting.left_out["alike to a suite's unit"] == 1


def test_the_same_seed_gives_the_same_diet_and_a_file_gives_it_back(whole: Diet, tmp_path: Path) -> None:
    assert whole.hash == content_hash(whole.groups)
    write(whole, tmp_path / "diet.safetensors")
    back = read(tmp_path / "diet.safetensors")
    assert (back.hash, back.facts) == (whole.hash, whole.facts)
    for one, other in zip(whole.groups, back.groups, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
    assert [path.name for path in tmp_path.iterdir()] == ["diet.safetensors"]
    raw = bytearray((tmp_path / "diet.safetensors").read_bytes())
    raw[-1] ^= 1
    (tmp_path / "diet.safetensors").write_bytes(bytes(raw))
    with pytest.raises((DietError, ValueError)):
        read(tmp_path / "diet.safetensors")


def test_a_label_of_another_word_changes_the_hash() -> None:
    made = group()
    moved = replace(made.claims[0], values=np.roll(made.claims[0].values, 1))
    assert content_hash([made]) != content_hash([replace(made, claims=(moved, *made.claims[1:]))])


def test_a_group_without_a_value_for_each_word_is_refused() -> None:
    with pytest.raises(ValueError, match="without a value on each"):
        Group("x", "train", TEXTS[:2], group().claims).checked()


def test_hard_words_are_those_on_which_only_another_claim_fires() -> None:
    made = group()
    words = [word.lower() for word in made.passages.words]
    colours = [word for word, hard in zip(words, made.hard[0], strict=True) if hard]
    assert set(colours) == {"dog", "cat"}
    assert not (made.hard & made.fires).any()
    assert not made.hard[:, made.values[1] == UNKNOWN][1].any()
