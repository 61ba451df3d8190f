import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.explainers.report import Claim, Report
from benchmark.readers.lookup import LookupReader, mentioned, stem, stop_words
from synthetic_neurons.passages import Passages


def levels(report: Report, text: str) -> dict[str, float]:
    passages = Passages.of([text])
    return dict(zip(passages.words, LookupReader().read(report, passages).tolist(), strict=True))


def test_quoted_words_get_the_level_and_content_words_half_of_it() -> None:
    report = Report("", (Claim('Fires on the word "Harbour" near ships.', level=8.0),))
    assert levels(report, "the harbour ship fires") == {"the": 0.0, "harbour": 8.0, "ship": 4.0, "fires": 0.0}


@pytest.mark.parametrize("text", ['"isn\'t"', "\u2018isn't\u2019", "\u201cisn't\u201d", "`isn't`", "'isn't'"])
def test_every_kind_of_quotation_mark_lifts_a_stop_word(text: str) -> None:
    assert mentioned(f"the token {text} alone")[stem("isn't")] == 1.0


def test_an_apostrophe_is_no_quotation_mark() -> None:
    assert mentioned("the dog's tail and the cat's ear")["tail"] == 0.5


def test_quoted_punctuation_counts_and_unquoted_does_not() -> None:
    assert levels(Report("", (Claim('Fires on ",".'),)), "a, b.") == {"a": 0.0, ",": 10.0, "b": 0.0, ".": 0.0}


def test_claims_take_precedence_over_the_whole_text() -> None:
    report = Report('"dog" and "fox"', (Claim('the word "dog"', level=3.0), Claim('the word "cat"', level=6.0)))
    assert levels(report, "dog cat fox") == {"dog": 3.0, "cat": 6.0, "fox": 6.0}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("dogs", "dog"),
        ("hoped", "hope"),
        ("running", "run"),
        ("boxes", "box"),
        ("puppies", "puppy"),
        ("horse", "horses"),
    ],
)
def test_inflections_meet_in_one_stem(left: str, right: str) -> None:
    assert stem(left) == stem(right)


@pytest.mark.parametrize(("left", "right"), [("thing", "the"), ("bus", "but"), ("class", "clan"), ("king", "kin")])
def test_other_words_do_not(left: str, right: str) -> None:
    assert stem(left) != stem(right)


def test_the_stop_list_holds_words_alone() -> None:
    assert "the" in stop_words()
    assert not any(word.startswith("#") or word != word.lower() for word in stop_words())


def test_an_abstention_is_never_read() -> None:
    with pytest.raises(ValueError, match="lookup reader was given an abstention"):
        LookupReader().read(Report.abstain("none"), Passages.of(["a"]))


@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=3), st.floats(0, 10))
def test_levels_are_finite_one_a_word_and_within_the_claims_level(claim: str, texts: list[str], level: float) -> None:
    passages = Passages.of(texts)
    read = LookupReader().read(Report(claim, (Claim(claim, level=level),)), passages)
    assert read.shape == (len(passages.words),)
    assert ((read >= 0) & (read <= level)).all()
