import numpy as np
import pytest

from benchmark.explainers.report import Claim, Report
from benchmark.readers.executable import ExecutableReader
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse

PASSAGES = Passages.of(["the old dog slept", "a cat and a dog"])


def word(*words: str) -> object:
    return parse({"op": "word", "words": list(words)})


def test_a_word_gets_the_level_of_its_strongest_claim() -> None:
    report = Report("", (Claim("dogs", word("dog"), 4.0), Claim("pets", word("dog", "cat"), 7.0)))
    expected = [7.0 if each in ("dog", "cat") else 0.0 for each in PASSAGES.words]
    np.testing.assert_array_equal(ExecutableReader().read(report, PASSAGES), expected)


def test_a_report_that_lacks_one_predicate_cannot_be_read() -> None:
    assert ExecutableReader().read(Report("", (Claim("dogs", word("dog")), Claim("cats"))), PASSAGES) is None
    assert ExecutableReader().read(Report("only text"), PASSAGES) is None


def test_an_abstention_is_never_read() -> None:
    with pytest.raises(ValueError, match="executable reader was given an abstention"):
        ExecutableReader().read(Report.abstain("nothing here"), PASSAGES)
