"""Patchscope: what is made of completions, and when there is nothing to be made of them."""

import asyncio
from collections.abc import Sequence

import pytest
from planted_world import World, words

from benchmark.explainers.explainer import Journal
from benchmark.explainers.patchscope import PLACEHOLDER, Patchscope, joined, prompts, readable
from benchmark.explainers.report import Report
from benchmark.laboratory import Budget, BudgetExceeded, Laboratory

WORLD = World(words("bank"))


class Subject:
    """Completes each prompt with the next of its lists, and remembers what it was asked."""

    def __init__(self, *completions: list[str]) -> None:
        self._completions, self.asked = list(completions), list[tuple[Sequence[str], int, Sequence[float]]]()

    def __call__(self, between: Sequence[str], block: int, scales: Sequence[float]) -> list[str]:
        self.asked.append((between, block, scales))
        return self._completions.pop(0)


def explained(explainer: Patchscope, laboratory: Laboratory | None = None) -> tuple[Report, Journal]:
    journal = Journal()
    return asyncio.run(explainer.explain(laboratory or WORLD.laboratory(), journal)), journal


def test_the_report_is_one_claim_of_all_distinct_completions() -> None:
    subject = Subject(['"a set of rules" or laws. In', "a set of rules"], ["law, rule, law", "law, rule, law,"])
    report, journal = explained(Patchscope(subject, block=2, scales=(1.0, 3.0)))
    assert report.text == "law, rule; a set of rules or laws; a set of rules"
    assert [claim.text for claim in report.claims] == [report.text]
    assert not report.has_predicates
    assert [(block, scales) for _, block, scales in subject.asked] == [(2, (1.0, 3.0))] * 2
    kept = [entry.data["completions"] for entry in journal.entries if entry.kind == "observation"]
    assert kept == [['"a set of rules" or laws. In', "a set of rules"], ["law, rule, law", "law, rule, law,"]]


def test_the_subject_is_asked_for_a_meaning_and_for_related_words() -> None:
    subject = Subject(["x"], ["y"])
    explained(Patchscope(subject))
    assert [PLACEHOLDER.join(between) for between, _, _ in subject.asked] == list(prompts().values())
    for between, _, _ in subject.asked:
        assert len(between) >= 2
        assert not between[-1].endswith((" ", "\n")), "a completion begins with its own blank"


@pytest.mark.parametrize("nothing", ["", " ... ", "-> ->", "bank, coin, money", "I'm sorry, I cannot say"])
def test_what_says_nothing_is_an_abstention(nothing: str) -> None:
    report, _ = explained(Patchscope(Subject([nothing], [nothing])))
    if nothing.startswith("bank"):
        # The prompt's own words are an echo of the prompt that has them, and of no other.
        assert report.text == "bank, coin, money"
    else:
        assert report.abstained


def test_a_unit_without_a_direction_is_an_abstention() -> None:
    report, _ = explained(Patchscope(None))
    assert report.abstained
    assert "no direction" in report.text


def test_no_second_is_spent_behind_the_ceiling() -> None:
    subject = Subject(["x"], ["y"])
    with pytest.raises(BudgetExceeded, match="seconds"):
        explained(Patchscope(subject), WORLD.laboratory(Budget(seconds=-1)))
    assert not subject.asked


@pytest.mark.parametrize(
    ("completion", "said"),
    [
        ('the" or "an" in Greek. The', "the or an in Greek"),
        ("food, drink, food, , drink", "food, drink"),
        ("money, coin, bank", ""),
        ("money, coin, currency", "money, coin, currency"),
        ("river -> water", ""),
        ("\u202eevil\x1b[31m text", "\N{REPLACEMENT CHARACTER}"),
        ("", ""),
    ],
)
def test_completions_are_cleaned(completion: str, said: str) -> None:
    found = readable(completion, prompts()["related"])
    if said == "\N{REPLACEMENT CHARACTER}":
        assert found == "evil text"
    else:
        assert found == said


def test_a_phrase_is_of_sixty_words_at_most_and_the_commonest_comes_first() -> None:
    long = [f"w{i}" for i in range(200)]
    assert len(joined(long).split()) == 60
    assert not joined(long).endswith(";")
    assert joined(["a b", "c", "", "c"]) == "c; a b"
    assert joined(["", ""]) == ""
