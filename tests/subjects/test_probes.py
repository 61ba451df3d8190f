"""Probed units in a world whose directions are known: fitting, measuring, choosing, and who may look at what."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from probe_world import CARRIED, CONCEPTS, WIDTH, concept, world
from sklearn.metrics import average_precision_score

from benchmark.subjects import probe_choice
from benchmark.subjects.probe_choice import Candidate, calibrate, choose, fires, fit
from benchmark.subjects.probe_concepts import ProbeConcept, concepts, frequent
from benchmark.subjects.probe_directions import Directions, ProbeError
from benchmark.subjects.probe_fit import (
    METHODS,
    _average_precision,
    agreement,
    difference_of_means,
    hardest,
    intervals,
    logistic,
    training_words,
    usual,
)
from benchmark.subjects.probes import build, document_numbers, unseen
from benchmark.subjects.windows import Window
from benchmark.subjects.word_ends import WordEnds, last_tokens
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse

ALL = [concept(slug) for slug in CONCEPTS]
ENDS = {"teach": world(1, 600), "calibration": world(2, 400), "exam": world(3, 300)}
DOCUMENT = np.arange(300) // 3


@pytest.fixture(scope="module")
def built() -> Directions:
    return build(ALL, ENDS, DOCUMENT, layer=12, seed=1)


def _cosine(a: Any, b: Any) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_means_finds_a_direction_in_even_noise() -> None:
    rng = np.random.default_rng(0)
    fires_ = rng.random(4000) < 0.1
    x = rng.normal(size=(4000, WIDTH)).astype(np.float32)
    x[fires_, 5] += 4
    for method in METHODS.values():
        assert _cosine(method(x, fires_), np.eye(WIDTH)[5]) > 0.97


def test_the_logistic_probe_cancels_noise_that_the_means_keep() -> None:
    teach = ENDS["teach"]
    x, y = teach.stream.astype(np.float32), fires(concept("cats"), teach)
    exam, truth = ENDS["exam"].stream.astype(np.float32), fires(concept("cats"), ENDS["exam"])
    weights = logistic(x, y)
    by_means = average_precision_score(truth, exam @ difference_of_means(x, y))
    assert average_precision_score(truth, exam @ weights) > 0.9 > 0.5 > by_means
    assert _cosine(weights, np.eye(WIDTH)[3] - np.eye(WIDTH)[4]) > 0.9


def test_the_logistic_direction_is_for_coordinates_as_they_come() -> None:
    rng = np.random.default_rng(0)
    flags = rng.random(4000) < 0.2
    x = rng.normal(size=(4000, 3)) * [1, 1, 1]
    x[flags, 0] += 2
    plain = logistic(x.astype(np.float32), flags)
    stretched = logistic((x * [1, 100, 1] + [0, 5, 0]).astype(np.float32), flags)
    np.testing.assert_allclose(stretched * [1, 100, 1], plain, atol=0.02)


def test_tokens_of_outlying_norm_do_not_train() -> None:
    stream = np.ones((100, 4), np.float16)
    stream[7] *= 50
    stream[9] = 0
    assert np.flatnonzero(~usual(stream)).tolist() == [7, 9]


def test_training_takes_every_firing_word_and_a_seeded_part_of_the_others() -> None:
    flags, allowed = np.arange(1000) % 10 == 0, np.arange(1000) < 900
    drawn = [training_words(flags, allowed, 50, np.random.default_rng(4)) for _ in range(2)]
    np.testing.assert_array_equal(*drawn)
    assert len(drawn[0]) == 90 + 50
    assert flags[drawn[0]].sum() == 90
    assert drawn[0].max() < 900


def test_agreement_by_hand() -> None:
    projection = np.array([5.0, 4.0, 3.0, 2.0, 1.0, 0.0])
    concept_ = np.array([True, False, True, False, False, False])
    measured = agreement(projection, concept_, 3.5)
    assert measured.auprc == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert (measured.precision, measured.recall, measured.f1) == (0.5, 0.5, 0.5)
    assert measured.base_rate == pytest.approx(1 / 3)
    assert measured.fires == pytest.approx(1 / 3)
    assert measured.r_projection == pytest.approx(np.corrcoef(projection, concept_)[0, 1])
    assert measured.r == pytest.approx(np.corrcoef([1.5, 0.5, 0, 0, 0, 0], concept_)[0, 1])


def test_agreement_with_a_concept_that_never_fires() -> None:
    measured = agreement(np.arange(5.0), np.zeros(5, bool), 2.0)
    assert (measured.auprc, measured.r, measured.recall, measured.precision) == (0.0, 0.0, 0.0, 0.0)


def test_the_bootstrap_s_average_precision_is_scikit_learn_s() -> None:
    rng = np.random.default_rng(5)
    hit, score = rng.random(500) < 0.1, rng.normal(size=500)
    weight = rng.integers(0, 4, 500).astype(float)
    order = np.argsort(-score)
    ours = _average_precision(hit[order].astype(float), weight[order])
    assert ours == pytest.approx(average_precision_score(hit, score, sample_weight=weight))


def test_intervals_hold_the_estimate_and_count_documents_not_words() -> None:
    rng = np.random.default_rng(6)
    flags = np.repeat(rng.random(200) < 0.2, 10)
    along = np.repeat(rng.normal(size=200), 10) + flags
    document = np.repeat(np.arange(200), 10)
    measured = agreement(along, flags, 1.0)
    by_document = intervals(along, flags, 1.0, document, 300, np.random.default_rng(1))
    by_word = intervals(along, flags, 1.0, np.arange(2000), 300, np.random.default_rng(1))
    for name, value in (("auprc", measured.auprc), ("r", measured.r)):
        low, high = by_document[name]
        assert low < value < high
        # Ten copies of a word tell no more than one, so the interval over documents is about √10 times as wide.
        assert high - low > 2 * (by_word[name][1] - by_word[name][0])
    assert by_document == intervals(along, flags, 1.0, document, 300, np.random.default_rng(1))


def test_the_offset_is_calibration_s_99th_percentile(built: Directions) -> None:
    values = built.values(ENDS["calibration"])
    words = len(ENDS["calibration"].passages.words)
    for identifier in built.identifiers:
        assert (values.words(identifier) > 0).sum() == pytest.approx(0.01 * words, abs=2)


def test_what_the_stream_carries_is_found_and_what_it_does_not_is_not(built: Directions) -> None:
    assert {unit["concept"] for unit in built.card["units"]} == set(CARRIED)
    tried = {each["identifier"]: each for each in built.card["candidates"]}
    assert tried["probed-noise-logistic-l12"]["auprc"] < 0.1
    assert not tried["probed-noise-logistic-l12"]["kept"]
    assert "probed-cats-means-l12" not in built.identifiers
    for unit in built.card["units"]:
        assert unit["calibration"]["auprc"] >= 0.9
        assert unit["exam"]["auprc"] == pytest.approx(unit["calibration"]["auprc"], abs=0.1)
        assert parse(unit["predicate"]) == concept(unit["concept"]).predicate


def test_the_means_of_rain_is_too_like_its_logistic_probe(built: Directions) -> None:
    counts = built.card["counts"]
    assert (counts["concepts"], counts["directions_measured"], counts["units"]) == (3, 6, 2)
    assert counts["passed_auprc"] == counts["too_alike"] + counts["units"] == 3


def test_the_choice_never_looks_at_the_exam(built: Directions) -> None:
    exam = ENDS["exam"]
    spoilt = replace(exam, stream=np.roll(exam.stream, 7, axis=0))
    again = build(ALL, {**ENDS, "exam": spoilt}, DOCUMENT, layer=12, seed=1)
    assert again.identifiers == built.identifiers
    np.testing.assert_array_equal(again.vectors, built.vectors)
    np.testing.assert_array_equal(again.offsets, built.offsets)
    assert again.card["candidates"] == built.card["candidates"]
    assert max(unit["exam"]["auprc"] for unit in again.card["units"]) < 0.2


def test_intervals_on_the_card_are_over_exam_documents() -> None:
    one_document = build(ALL, ENDS, np.zeros(300, np.int64), layer=12, seed=1)
    for unit in one_document.card["units"]:
        low, high = unit["exam"]["interval"]["auprc"]
        assert low == high == pytest.approx(unit["exam"]["auprc"], abs=1e-4)


def test_the_directions_are_fitted_on_teach_alone(built: Directions) -> None:
    fitted = fit(ALL, ENDS["teach"], seed=1)
    for part in ("calibration", "exam"):
        spoilt = {**ENDS, part: world(99, 300 if part == "exam" else 400)}
        again = build(ALL, spoilt, DOCUMENT, layer=12, seed=1)
        for mine, theirs in zip(again.vectors, built.vectors, strict=True):
            assert _cosine(mine, theirs) == pytest.approx(1, abs=1e-6)
    assert len(fitted) == 6


def test_the_same_seed_gives_the_same_bytes(built: Directions) -> None:
    again = build(ALL, ENDS, DOCUMENT, layer=12, seed=1)
    assert again.sha256 == built.sha256
    assert again.card == built.card


def _candidate(slug: str, auprc: float, r: float = 0.8) -> Candidate:
    measured = replace(agreement(np.arange(4.0), np.arange(4) > 2, 0.0), auprc=auprc, r=r)
    return Candidate(concept(slug), "means", (1, 1), np.zeros(WIDTH, np.float32), 0.0, 0.0, measured)


def _another(slug: str, auprc: float, r: float = 0.8) -> Candidate:
    """A candidate for a concept of its own."""
    made = _candidate("cats", auprc, r)
    return replace(made, concept=replace(made.concept, slug=slug))


def test_of_two_that_are_alike_the_better_stays() -> None:
    rng = np.random.default_rng(7)
    values = rng.random((500, 4)).astype(np.float32)
    values[:, 2] = values[:, 0] + 0.01 * values[:, 1]
    tried = [_another(f"c{i}", each) for i, each in enumerate((0.93, 0.95, 0.97, 0.89))]
    assert choose(tried, values) == [1, 2]
    values[:, 2] = rng.random(500)
    assert choose(tried, values) == [0, 1, 2]
    assert choose([_candidate("cats", 0.5)], values[:, :1]) == []


def test_a_concept_keeps_one_direction() -> None:
    values = np.random.default_rng(7).random((500, 3)).astype(np.float32)
    assert choose([_candidate("cats", 0.93), _another("dogs", 0.92), _candidate("cats", 0.95)], values) == [1, 2]


def test_the_matched_offset_lets_a_unit_fire_as_often_as_its_concept() -> None:
    candidates, _ = calibrate(fit(ALL, ENDS["teach"], seed=1), ENDS["calibration"])
    for each in candidates:
        along = ENDS["calibration"].stream.astype(np.float32) @ each.vector
        assert (along > each.matched_offset).mean() == pytest.approx(each.calibration.base_rate, abs=3e-4)


def test_a_unit_that_hardly_follows_its_concept_is_not_kept() -> None:
    values = np.random.default_rng(7).random((500, 3)).astype(np.float32)
    assert choose([_another(f"c{r}", 0.99, r) for r in (0.49, 0.5, 0.9)], values) == [1, 2]


def test_the_second_fit_is_given_what_the_first_took_for_the_concept(monkeypatch: pytest.MonkeyPatch) -> None:
    along = np.array([5.0, 9.0, 7.0, 9.0, 8.0], np.float32)
    among = np.array([True, True, False, True, True])
    assert hardest(along, among, 3).tolist() == [1, 3, 4]
    assert hardest(along, among, 1).tolist() == [1]
    monkeypatch.setattr(probe_choice, "SILENT_WORDS", 200)
    monkeypatch.setattr(probe_choice, "HARD_WORDS", 100)
    (_, by_means, (few, _), _), (_, by_logistic, (more, _), vector) = fit([concept("cats")], ENDS["teach"], seed=1)
    assert (by_means, by_logistic, more - few) == ("means", "logistic", 100)
    assert not np.array_equal(vector, logistic(*_first_sample()))
    monkeypatch.setattr(probe_choice, "HARD_WORDS", 10**6)
    # No word twice: with room for all, every word that may train is used once.
    assert fit([concept("cats")], ENDS["teach"], seed=1)[1][2][0] == usual(ENDS["teach"].stream).sum()


def _first_sample() -> tuple[Any, Any]:
    """What the first fit of the test above is given."""
    teach, flags = ENDS["teach"], fires(concept("cats"), ENDS["teach"])
    words = training_words(flags, teach.whole & usual(teach.stream), 200, np.random.default_rng([1, 0]))
    return teach.stream[words].astype(np.float32), flags[words]


def test_a_rare_concept_is_not_measured() -> None:
    rare = ProbeConcept("rare", "word", parse({"op": "word", "words": ["unheard"]}))
    assert fit([rare], ENDS["teach"], seed=1) == []
    fitted = fit(ALL, ENDS["teach"], seed=1)
    measured, _ = calibrate(fitted, world(8, texts=20))
    assert measured == []


def test_a_word_without_a_token_of_its_own_has_no_value() -> None:
    assert last_tokens(np.array([0, 0, 2, 3, 3]), 4).tolist() == [1, -1, 2, 4]
    ends = WordEnds(Passages.of(["a b c d"]), np.array([0, 0, 2, 3, 3]), np.ones((4, 2), np.float16))
    card = {"layer": 12, "units": [{"identifier": "u", "offset": 0.5}]}
    values = Directions(card, np.array([[1.0, 0.0]], np.float32)).values(ends)
    assert values.words("u").tolist() == [0.5, 0, 0.5, 0.5]
    assert values.tokens("u").tolist() == [0, 0.5, 0.5, 0, 0.5]


def test_directions_come_back_from_disk(built: Directions, tmp_path: Path) -> None:
    built.save(tmp_path)
    again = Directions.load(tmp_path)
    assert again.identifiers == built.identifiers
    np.testing.assert_array_equal(again.vectors, built.vectors)
    values, fresh = again.values(ENDS["exam"]), built.values(ENDS["exam"])
    for identifier in built.identifiers:
        np.testing.assert_array_equal(values.words(identifier), fresh.words(identifier))


@pytest.mark.parametrize("damage", ["missing", "corrupt", "others"])
def test_damaged_directions_are_named(built: Directions, tmp_path: Path, damage: str) -> None:
    built.save(tmp_path)
    weights = tmp_path / "directions.safetensors"
    if damage == "missing":
        weights.unlink()
    elif damage == "corrupt":
        weights.write_bytes(b"not weights")
    else:
        Directions({**built.card}, built.vectors + 1).save(tmp_path / "other")
        weights.write_bytes((tmp_path / "other" / "directions.safetensors").read_bytes())
    with pytest.raises(ProbeError, match="mend"):
        Directions.load(tmp_path)


def test_candidates_are_distinct_and_their_words_not_too_common() -> None:
    teach = Passages.of(["the cat saw the moon and the sun , and the sea"] * 3 + ["rain " * 40])
    assert frequent(teach) == []
    found = concepts(Passages.of([" ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(200))]))
    assert len({each.slug for each in found}) == len(found)
    assert len({each.predicate for each in found}) == len(found)
    assert sum(each.kind == "word" for each in found) == 48


def test_what_an_earlier_report_drew_is_left_out_and_documents_are_numbered() -> None:
    windows = [Window(f"text {i}", f"document {i // 2}") for i in range(10)]
    kept = unseen(windows, 4, seed=1)
    assert kept == unseen(windows, 4, seed=1) == sorted(kept, key=windows.index)
    # What the earlier report drew, as it drew it.
    drawn = np.sort(np.random.default_rng([1, 0]).permutation(10)[:4])
    assert {window.text for window in windows} - {window.text for window in kept} == {f"text {i}" for i in drawn}
    assert unseen(windows, 0, seed=1) == windows
    assert document_numbers(windows).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
