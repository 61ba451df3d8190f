"""A function as an explainer: what it is given, and what becomes of what it returns."""

import asyncio
from functools import partial
from typing import Any

import pytest
from planted_world import World, words

from benchmark.errors import UserError
from benchmark.explainers.explainer import Journal, NoReport
from benchmark.explainers.plain_function import PlainFunction, makes_explainers, report_of
from benchmark.explainers.report import Claim, Report

WORLD = World(words("bank"), counts=(4, 2, 2))


async def answer(prompt: str, schema: object = None) -> str:
    return f"to {prompt}"


def explained(function: Any, ask: Any = None) -> tuple[Report, Journal]:
    journal = Journal()
    return asyncio.run(PlainFunction(function, "mine.py@f").explain(WORLD.laboratory(), journal, ask)), journal


def test_parameters_are_given_by_name_in_any_order() -> None:
    async def mine(ask: Any, laboratory: Any) -> str:
        assert len(laboratory.exemplars("firing")) == 4
        return str(await ask("a question"))

    made = PlainFunction(mine, "mine.py@mine")
    assert (made.name, made.needs_model, made.declares_predicates) == ("mine", True, False)
    assert explained(mine, answer)[0].text == "to a question"
    with pytest.raises(ValueError, match="asks a model and none was given"):
        explained(mine)


def test_a_plain_function_runs_as_it_is_and_its_report_is_noted() -> None:
    report, journal = explained(lambda laboratory: laboratory.exemplars("firing")[0].words[0])
    assert len(report.claims) == 1
    (note,) = journal.entries
    assert (note.kind, note.data["report"]) == ("submission", report.to_json())


def test_a_report_that_was_noted_is_not_noted_again() -> None:
    _, journal = explained(lambda journal: journal.note("submission", "mine") or "a text")
    assert [entry.text for entry in journal.entries] == ["mine"]


def test_attributes_say_what_an_explainers_say() -> None:
    def mine(laboratory: Any) -> None: ...

    mine.name, mine.declares_predicates, mine.applies_to = "better", True, ("found",)  # type: ignore[attr-defined]
    made = PlainFunction(mine, "mine.py@mine")
    assert (made.name, made.declares_predicates, made.applies_to) == ("better", True, ("found",))


def test_what_has_no_name_is_called_as_it_was_asked_for() -> None:
    assert PlainFunction(lambda laboratory: "", "mine.py@quick").name == "quick"
    assert PlainFunction(partial(lambda laboratory, width: "", width=3), "mine.py@wide").name == "wide"


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (lambda lab: "", "'lab'"),
        (lambda laboratory, question: "", "'question'"),
        (lambda *everything: "", r"'\*everything'"),
        (lambda laboratory, **rest: "", r"'\*\*rest'"),
        (lambda laboratory, /: "", "'laboratory'"),
    ],
)
def test_other_parameters_are_refused_in_one_line(function: Any, named: str) -> None:
    with pytest.raises(UserError, match=f"parameter {named}.*laboratory, journal and ask") as error:
        PlainFunction(function, "mine.py@mine")
    assert "\n" not in str(error.value)


def test_a_parameter_with_a_default_keeps_it() -> None:
    assert explained(lambda laboratory, said="by default": said)[0].text == "by default"


@pytest.mark.parametrize(
    ("function", "makes"),
    [
        (lambda: None, True),
        (lambda width=3: None, True),
        (lambda laboratory: None, False),
        (lambda ask=None: None, False),
        (lambda lab: None, False),
    ],
)
def test_only_what_wants_nothing_of_a_unit_makes_explainers(function: Any, makes: bool) -> None:
    assert makes_explainers(function, "mine.py@mine") == makes


def test_an_asynchronous_function_without_parameters_explains() -> None:
    async def same() -> str:
        return "always this"

    assert not makes_explainers(same, "mine.py@same")
    assert explained(same)[0].text == "always this"


def test_a_text_is_one_claim_or_as_many_as_are_listed() -> None:
    assert report_of(" rivers ", "mine") == Report("rivers", (Claim("rivers"),))
    listed = report_of("It fires on\n- rivers\n  - banks by a river\n-5 degrees\n- ", "mine")
    assert [claim.text for claim in listed.claims] == ["rivers", "banks by a river"]
    assert listed.text.startswith("It fires on\n- rivers")


def test_none_abstains_and_a_report_stays_what_it_is() -> None:
    assert report_of(None, "mine") == Report.abstain("it gave no explanation")
    for report in (Report("two", (Claim("a"), Claim("b"))), Report.abstain("nothing fires")):
        assert report_of(report, "mine") is report
    assert report_of(Report("- a\n- b", confidence=0.9), "mine").claims == (Claim("a"), Claim("b"))


@pytest.mark.parametrize("empty", ["", " \n ", Report("  ")])
def test_an_empty_text_is_no_report(empty: object) -> None:
    with pytest.raises(NoReport, match="return None to abstain") as error:
        report_of(empty, "mine")
    assert error.value.kind == "no_report"


@pytest.mark.parametrize(
    ("nonsense", "says"),
    [
        ({"text": "rivers"}, "mine returned 'dict'; return a Report, a text, or None"),
        (3.5, "mine returned 'float'"),
        (Report("rivers", ("a claim",)), "something else than a text and Claims"),  # type: ignore[arg-type]
        (Report(None), "something else than a text and Claims"),  # type: ignore[arg-type]
        (Report("rivers", confidence=90), "confidence 90; give 0 to 1"),
        (Report("rivers", confidence=float("nan")), "confidence nan"),
    ],
)
def test_anything_else_is_an_error_that_says_what_came(nonsense: object, says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        report_of(nonsense, "mine")
