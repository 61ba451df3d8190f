import dataclasses

import numpy as np
import pytest

from benchmark.exam.items import Stratum
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Exemplar
from benchmark.students.arms import ARMS, choose_examples, comprehension_gain, lessons
from benchmark.students.lesson import NOTE_WORDS, Lesson, take_notes
from synthetic_neurons.passages import Passages, word_spans
from synthetic_neurons.predicate import parse


def exemplar(text: str, values: list[float], stratum: Stratum = "firing") -> Exemplar:
    return Exemplar(text, Passages.of([text]).words, np.array(values, dtype=float), stratum)


def windows(count: int, stratum: Stratum) -> list[Exemplar]:
    return [exemplar(f"{stratum} {i}", [0.0, float(i) if stratum == "firing" else 0.0], stratum) for i in range(count)]


def test_notes_are_the_report_cut_after_two_hundred_words() -> None:
    assert take_notes(Report("Fires on dogs.")) == "Fires on dogs."
    notes = take_notes(Report(" ".join(f"word{i}," for i in range(500))))
    assert len(word_spans(notes)) == NOTE_WORDS
    assert notes.endswith("word99,")


def test_an_abstention_leaves_no_notes() -> None:
    assert take_notes(Report.abstain("I found nothing about dogs")) == ""


def test_longer_notes_are_refused() -> None:
    with pytest.raises(ValueError, match="201 words, 200 are allowed"):
        Lesson((), "word " * 201)


def test_a_lesson_carries_text_and_labels_but_no_predicate() -> None:
    report = Report("Dogs.", (Claim("Dogs.", parse({"op": "word", "words": ["dog"]})),))
    lesson = lessons(report, Report("Tax."), windows(3, "firing"))["lesson"]
    assert [field.name for field in dataclasses.fields(lesson)] == ["examples", "notes"]
    assert lesson.notes == "Dogs."


def test_all_arms_share_the_examples_and_differ_in_the_notes() -> None:
    made = lessons(Report("Dogs."), Report("Tax."), windows(20, "firing") + windows(20, "silent"))
    assert tuple(made) == ARMS == ("none", "placebo", "lesson")
    assert [lesson.notes for lesson in made.values()] == ["", "Tax.", "Dogs."]
    assert len({tuple(each.text for each in lesson.examples) for lesson in made.values()}) == 1


def test_six_firing_windows_over_the_range_and_six_silent_ones() -> None:
    chosen = choose_examples(windows(21, "firing") + windows(20, "near_miss") + windows(20, "silent"))
    assert [each.stratum for each in chosen] == ["firing"] * 6 + ["silent"] * 6
    assert [each.peak for each in chosen[:6]] == [20.0, 16.0, 12.0, 8.0, 4.0, 0.0]


def test_fewer_windows_are_taken_as_they_are_but_not_none() -> None:
    assert len(choose_examples(windows(2, "firing") + windows(1, "silent"))) == 3
    with pytest.raises(ValueError, match="needs firing windows"):
        choose_examples(windows(5, "silent"))


def test_the_gain_is_over_the_placebo() -> None:
    assert comprehension_gain(0.5, 0.2) == pytest.approx(0.3)
