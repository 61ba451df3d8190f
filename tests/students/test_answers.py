"""What a model's answers say: good ones are read, odd ones are read or refused, and no hostile one takes long."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.explainers.report import MAX_LEVEL
from benchmark.students.answers import (
    LEAST_SURE,
    LONGEST_LOOK,
    SURE,
    Unread,
    believed,
    choice,
    named_words,
    percentage,
    proposed,
    said,
    yes_or_no,
)

# A number in passing is taken for how sure it is, though a percentage follows; mend: numbers with a sign first.
WINDOW = ("the", "red", "dog", "saw", "a", "Red", "hen")
MENU = ("tell", "show", "quiz", "correct", "end")
KINDS = {"refusal", "empty", "unparsable"}
READINGS: tuple[Callable[[str | None], object], ...] = (
    said,
    yes_or_no,
    percentage,
    believed,
    lambda answer: named_words(answer, WINDOW),
    lambda answer: choice(answer, MENU),
)
REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "I cannot answer this.",
    "I\u2019m sorry.",
    "As an AI, I do not know",
)
HOSTILE = (
    "<",
    ">",
    ",",
    "yes no ",
    "\n",
    "TRY:",
    "9",
    ".",
    "&",
    "\\",
    "\x00",
    "\u202e",
    "<think>",
    "UNDERSTOOD:",
    "🙂",
)
LONG = 200_000
# Marks and pictures alone are no words.
EMPTY = ("...", "!?", "🙂")
SECONDS = 2.0


def kind(reading: Callable[[str | None], object], answer: str | None) -> str:
    """Why an answer cannot be read."""
    with pytest.raises(Unread) as caught:
        reading(answer)
    return caught.value.kind


@pytest.mark.parametrize("reading", READINGS)
def test_what_was_withheld_or_declined_is_a_refusal(reading: Callable[[str | None], object]) -> None:
    assert kind(reading, None) == "refusal"
    for answer in REFUSALS:
        assert kind(reading, answer) == "refusal"


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("answer", ["", "   \n", "<think>red</think>", *EMPTY])
def test_an_answer_without_a_word_is_empty(reading: Callable[[str | None], object], answer: str) -> None:
    assert kind(reading, answer) == "empty"


@pytest.mark.parametrize(
    ("answer", "probability"),
    [
        ("Yes", SURE),
        ("no", 1 - SURE),
        ("Yes, 80%", 0.8),
        ("No, 80 percent", 0.2),
        ("**Yes** (95%)", 0.95),
        ("yes 100%", 1.0),
        ("No. 100% sure", 0.0),
        ("Yes, 30%", LEAST_SURE),
        ("No, 30%", 1 - LEAST_SURE),
        ("Yes, 50%", LEAST_SURE),
        ("Yes, 0%", LEAST_SURE),
        ("Yes: 3 words, 72.5%", 0.725),
        ("Yes\nNo word of it is silent", SURE),
        ("I think so: yes.", SURE),
        ("Sure.\nNo", 1 - SURE),
        ("<think>no, no</think>Yes", SURE),
        ("YES!!!", SURE),
    ],
)
def test_yes_or_no(answer: str, probability: float) -> None:
    assert yes_or_no(answer) == pytest.approx(probability)


@pytest.mark.parametrize("answer", ["perhaps", "Yes and no", "yesterday", "know", "80%", "yes or no\nyes"])
def test_neither_or_both_is_no_answer(answer: str) -> None:
    assert kind(yes_or_no, answer) == "unparsable"


@pytest.mark.parametrize(
    ("answer", "probability"),
    [
        ("80%", 0.8),
        ("0%", 0.0),
        ("100", 1.0),
        ("About 62.5 percent.", 0.625),
        ("50% or 60%", 0.5),
        ("<think>99%</think> 10%", 0.1),
    ],
)
def test_percentages(answer: str, probability: float) -> None:
    assert percentage(answer) == pytest.approx(probability)


@pytest.mark.parametrize("answer", ["likely", "250%", "101", "half", ("1000%")])
def test_no_percentage(answer: str) -> None:
    assert kind(percentage, answer) == "unparsable"


@pytest.mark.parametrize(
    ("answer", "levels"),
    [
        ("red", {"red": 10}),
        ("RED, hen", {"red": 10, "hen": 10}),
        ("red (7), dog: 3", {"red": 7, "dog": 3}),
        ("red 12", {"red": 10}),
        ("red: 0", {}),
        ("- red\n- dog", {"red": 10, "dog": 10}),
        ('"red", "dog" (3)', {"red": 10, "dog": 3}),
        ("**red**", {"red": 10}),
        ("dog and hen", {"dog": 10, "hen": 10}),
        ("red; hen = 4.5", {"red": 10, "hen": 4.5}),
        ("red dog", {"red": 10, "dog": 10}),
        ("red, a cat", {"red": 10}),
        ("none", {}),
        ("None.", {}),
        ("No words fire.", {}),
        ("It stays silent", {}),
        ("red, red 2", {"red": 2}),
        ("<think>hen</think>dog", {"dog": 10}),
        ("red" + ", hen" * LONG, {"red": 10, "hen": 10}),
    ],
)
def test_named_words(answer: str, levels: dict[str, float]) -> None:
    assert named_words(answer, WINDOW) == [levels.get(word.lower(), 0.0) for word in WINDOW]


NO_ANSWER = (
    "none of these, but maybe cat",
    "None. Perhaps a cat, though",
    "nothing except cats",
    "No words, although it might",
)


@pytest.mark.parametrize(
    "answer", ["cat", "It fires on cats", "5", "reddish, dogs", "something or other", "the cat", *NO_ANSWER]
)
def test_no_word_of_the_window_and_no_none_is_no_answer(answer: str) -> None:
    assert kind(lambda each: named_words(each, WINDOW), answer) == "unparsable"


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("1999", "1999"),
        ("b2", "b2"),
        ("and", "and"),
        ("none", "none (4)"),
        ("none", "none, a"),
        ("silent", "silent: 3"),
        ("don't", "don't"),
        ("b2", "b2 (4)"),
    ],
)
def test_any_word_of_a_window_can_be_named(word: str, answer: str) -> None:
    assert named_words(answer, ("a", word))[1] > 0


@pytest.mark.parametrize("answer", ["none", "None.", "*none*", "nothing", "silent", "No word.", "it stays silent"])
def test_none_is_none_even_where_the_word_stands_in_the_window(answer: str) -> None:
    window = ("none", "nothing", "stays", "silent", "no", "word", "it")
    assert named_words(answer, window) == [0.0] * len(window)


def test_none_with_second_thoughts_is_what_it_names() -> None:
    assert named_words("none of these, but maybe, dog", WINDOW) == [0.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0]
    assert named_words("nothing, dog (3), perhaps", WINDOW)[2] == 3.0
    assert named_words("none of these words", WINDOW) == [0.0] * len(WINDOW), "without any it is none"


def test_an_empty_window_has_no_levels() -> None:
    assert named_words("none", ()) == []
    assert kind(lambda each: named_words(each, ()), "red") == "unparsable"


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        ("tell", "tell"),
        ("Quiz.", "quiz"),
        ("I would **show**, then tell", "show"),
        ("END", "end"),
        ("correct!", "correct"),
    ],
)
def test_choices(answer: str, chosen: str) -> None:
    assert choice(answer, MENU) == chosen


@pytest.mark.parametrize("answer", ["teller", "nothing", "endless", "show_it", "quizzes"])
def test_what_is_not_on_the_menu_is_no_choice(answer: str) -> None:
    assert kind(lambda each: choice(each, MENU), answer) == "unparsable"


def test_a_menu_is_no_pattern() -> None:
    assert kind(lambda each: choice(each, ("a.c", ".*")), "abc") == "unparsable"


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        ("I think red.\nTRY: the red dog", ("the red dog",)),
        ("TRY: one\n  TRY: two\nTRY: three", ("one", "two", "three")),
        ('- TRY: "a   quoted\tone"', ("a quoted one",)),
        ("I try: nothing", ()),
        ("TRYING: this", ()),
        ("TRY:", ()),
        ("", ()),
    ],
)
def test_proposals(answer: str, texts: tuple[str, ...]) -> None:
    assert proposed(answer) == texts


@pytest.mark.parametrize(
    ("answer", "model"),
    [
        ("UNDERSTOOD: red\nCONFUSED: dog", {"understood": "red", "confused": "dog"}),
        ("**Understood:** red words", {"understood": "** red words"}),
        ("confused: all", {"confused": "all"}),
        ("It knows\n nothing yet", {"said": "It knows nothing yet"}),
        ("CONFUSED: a\nCONFUSED: b", {"confused": "b"}),
    ],
)
def test_what_a_teacher_believes(answer: str, model: dict[str, str]) -> None:
    assert believed(answer) == model


@given(st.one_of(st.text(), st.text("yesno TRY:%19.,;\n()-<>think/'\"dogredUCO\u2019")))
def test_any_answer_has_a_reading_in_range_or_a_kind(answer: str) -> None:
    for reading in READINGS:
        try:
            found: object = reading(answer)
        except Unread as error:
            found = error
        _in_range(found)
    assert all(text == " ".join(text.split()) for text in proposed(answer))


def _in_range(found: object) -> None:
    if isinstance(found, Unread):
        assert found.kind in KINDS
    elif isinstance(found, float):
        assert 0.0 <= found <= 1.0
    elif isinstance(found, list):
        assert len(found) == len(WINDOW)
        assert all(0.0 <= level <= MAX_LEVEL for level in found)
        assert found[1] == found[5], "letters' case is no other word"
    elif isinstance(found, dict):
        assert set(found) in ({"said"}, {"understood"}, {"confused"}, {"understood", "confused"})
    else:
        assert isinstance(found, str)
        assert 0 < len(found) <= LONGEST_LOOK


@given(st.sets(st.sampled_from(WINDOW), min_size=1), st.integers(0, 10))
def test_what_is_listed_fires_and_nothing_else(words: set[str], level: int) -> None:
    listed = {word.lower() for word in words}
    expected = [float(level) if word.lower() in listed else 0.0 for word in WINDOW]
    assert named_words(", ".join(f"{word} ({level})" for word in sorted(words)), WINDOW) == expected


@given(st.floats(0.0, 1.0), st.booleans())
def test_how_sure_it_is_is_how_sure_it_says(sure: float, yes: bool) -> None:
    percent = round(100 * sure, 1)
    sure = max(LEAST_SURE, percent / 100)
    assert yes_or_no(f"{'Yes' if yes else 'No'}, {percent}%") == pytest.approx(sure if yes else 1 - sure)


@given(st.integers(0, 100))
def test_a_percentage_is_itself(percent: int) -> None:
    assert percentage(f"I would say {percent}%.") == pytest.approx(percent / 100)


@pytest.mark.parametrize("piece", [*HOSTILE, "-", " "])
@pytest.mark.parametrize("frame", ["{}", "red {} dog", "yes{}", "{} no", "TRY: {}\nTRY: x"])
def test_no_answer_takes_long(piece: str, frame: str) -> None:
    answer = frame.format(piece * (LONG // len(piece)))
    began = time.perf_counter()
    for reading in READINGS:
        with suppress(Unread):
            reading(answer)
    proposed(answer[:LONGEST_LOOK])
    assert time.perf_counter() - began < SECONDS * len(READINGS)


def test_only_the_beginning_is_looked_at() -> None:
    assert kind(yes_or_no, "word " * LONGEST_LOOK + "yes") == "unparsable"
    assert len(said("a" * LONG)) == LONGEST_LOOK
