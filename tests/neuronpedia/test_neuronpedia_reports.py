"""Explanations as reports, and which one where there are several."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.explainers.report import Claim, Report
from benchmark.neuronpedia import Explanation, FeatureKey, NeuronpediaError, read_explanations, reports, to_report

EXPORT = Path(__file__).parent / "export"
CLOCK = FeatureKey.parse("gpt2-small/6-res-jb/204")
BRACKET = FeatureKey.parse("gpt2-small/6-res-jb/12")
DAYS = Explanation(CLOCK, "days", "one", "oai_token-act-pair", "gpt-4o-mini")


def test_a_report_is_one_claim_in_prose() -> None:
    report = to_report(replace(DAYS, description="  days; and months \n"))
    assert report == Report("days; and months", (Claim("days; and months"),), confidence=0.5)
    assert not report.has_predicates
    assert not report.abstained
    assert Report.from_json(report.to_json()) == report


def test_a_description_that_looks_like_a_predicate_stays_prose() -> None:
    assert to_report(replace(DAYS, description='{"op": "suffix", "text": "s"}')).claims[0].predicate is None


def test_a_blank_description_is_no_report() -> None:
    with pytest.raises(NeuronpediaError, match="gpt2-small/6-res-jb/204: the description is blank"):
        to_report(replace(DAYS, description=" \n"))


def test_reports_of_one_method() -> None:
    found = reports(read_explanations(EXPORT), kind="oai_token-act-pair")
    assert {key: report.text for key, report in found.items()} == {CLOCK: "times of day and days of the week"}


def test_reports_by_one_model_leave_out_blank_ones() -> None:
    found = reports(read_explanations(EXPORT), model="gemini-2.0-flash")
    assert {key: report.text for key, report in found.items()} == {CLOCK: "clock times; \u201co\u2019clock\u201d"}


def test_reports_of_wanted_features() -> None:
    assert set(reports(read_explanations(EXPORT), wanted={BRACKET})) == {BRACKET}
    assert reports(read_explanations(EXPORT), wanted=()) == {}
    assert reports([], kind="oai_token-act-pair") == {}


def test_several_explanations_are_refused_unless_one_says_which() -> None:
    with pytest.raises(
        NeuronpediaError, match=r"204 has 2 explanations \(kind='oai_token-act-pair' .*kind= and model="
    ):
        reports(read_explanations(EXPORT))
    found = reports(read_explanations(EXPORT), several="first")
    assert found[CLOCK].text == "times of day and days of the week"


def test_the_same_text_twice_is_one() -> None:
    twice = [DAYS, replace(DAYS, identifier="two", description=" days ", model="another")]
    assert reports(twice)[CLOCK].text == "days"


def test_a_row_may_stand_on_two_pages_and_not_be_two_things() -> None:
    here = replace(DAYS, place="batch-0.jsonl, line 1")
    there = replace(DAYS, place="batch-1.jsonl, line 9")
    assert len(reports([here, there])) == 1
    with pytest.raises(
        NeuronpediaError, match=r"batch-1.jsonl, line 9: the id 'one' stands for .* batch-0.jsonl, line 1"
    ):
        reports([here, replace(there, description="months")], several="first")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"kind": "oai_token-act-pairs"}, "no explanation has kind='oai_token-act-pairs'.*mean 'oai_token-act-pair'"),
        ({"model": "gpt-4o"}, "no explanation has model='gpt-4o'.*mean 'gpt-4o-mini'"),
        (
            {"kind": "oai_token-act-pair", "model": "gemini-2.0-flash"},
            "kind='oai_token-act-pair' and model='gemini-2.0-flash'.*there are: 'gpt-4o-mini'",
        ),
    ],
)
def test_a_choice_that_nothing_meets_names_the_nearest(choice: dict[str, str], message: str) -> None:
    with pytest.raises(NeuronpediaError, match=message):
        reports(read_explanations(EXPORT), **choice)
