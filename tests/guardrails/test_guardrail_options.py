"""What guardrails can be told: every option has its type and range, and a wrong one is named before any work."""

import math
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.guardrails.options import options_of as options
from benchmark.guardrails.options import told
from benchmark.guardrails.registry import GUARDRAILS, Briefing, checked_options, select
from benchmark.laboratory import Budget, Laboratory, ReservedPractice, computed

KNOWN = {
    "independence": set(),
    "min_rounds": {"rounds", "telling"},
    "verbosity": {"price"},
    "adversarial": {"least", "most", "least_chance", "most_refuted"},
    "leakage": {"least_accuracy", "least_positives", "least_share", "most_chance"},
    "out_of_distribution": {"least_accuracy", "least_r"},
    "significance": {"total"},
}


def practice() -> ReservedPractice:
    laboratory = Laboratory([], computed(lambda texts: []), None, Budget())  # type: ignore[arg-type]
    return ReservedPractice(laboratory, None)  # type: ignore[arg-type]


def test_every_guardrail_has_its_options_with_types_ranges_and_defaults_in_range() -> None:
    assert {name: set(options(make)) for name, make in GUARDRAILS.items()} == KNOWN
    for make in GUARDRAILS.values():
        for option in options(make).values():
            assert option.kind in (int, float)
            assert not math.isinf(option.span.low)
            assert option.span.low <= option.default <= option.span.high


def test_options_reach_their_guardrail_alone() -> None:
    given = checked_options({"adversarial": {"least": 12}, "min_rounds": {"rounds": 5}})
    assert given == {"adversarial": {"least": 12}, "min_rounds": {"rounds": 5}}
    made = {each.name: vars(each) for each in select("classic", practice(), Briefing(given))}
    assert made["adversarial"]["_least"] == 12
    assert made["min_rounds"]["_rounds"] == 5
    assert made["out_of_distribution"]["_least_accuracy"] == 0.6
    assert [each.name for each in select("significance", practice(), Briefing(given))] == ["significance"]


def test_what_holds_anyway_is_not_told_and_numbers_keep_their_type() -> None:
    assert checked_options({"adversarial": {"least": 8, "most": 16}, "leakage": {}}) == {}
    given = checked_options({"verbosity": {"price": 2}, "significance": {"total": 0.01}})
    assert given == {"verbosity": {"price": 2.0}, "significance": {"total": 0.01}}
    assert isinstance(given["verbosity"]["price"], float)
    assert told(given) == "significance.total=0.01; verbosity.price=2"
    assert told({}) == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"adverserial": {"least": 12}}, "'adverserial'; did you mean 'adversarial'?"),
        ({"zzz": {}}, "choose from independence, min_rounds"),
        ({"adversarial": {"leest": 12}}, "no option 'leest'; did you mean 'least'?"),
        ({"adversarial": {"practice": 1}}, "no option 'practice'"),
        ({"independence": {"explains": "x"}}, "has no option 'explains'; it has none"),
        ({"adversarial": {"least": "12"}}, "adversarial.least='12' is not a whole number: give 1 or more"),
        ({"adversarial": {"least": 1.5}}, "is not a whole number"),
        ({"adversarial": {"least": True}}, "is not a whole number"),
        ({"adversarial": {"least": 0}}, "adversarial.least=0 is out of range: give 1 or more; the nearest is 1"),
        ({"leakage": {"least_accuracy": 1.2}}, "out of range: give 0 to 1; the nearest is 1"),
        ({"leakage": {"least_accuracy": float("nan")}}, "is not a number"),
        ({"verbosity": {"price": None}}, "verbosity.price=None is not a number"),
        ({"adversarial": {"least": 20}}, "adversarial.most=16 is below adversarial.least=20"),
        ({"adversarial": 12}, "write {option: value}"),
    ],
)
def test_what_does_not_fit_is_named_in_one_line_with_the_nearest(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError) as error:
        checked_options(given)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
