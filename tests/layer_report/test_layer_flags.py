"""Safety flags: the words on which a unit fires, harmless company, and figures that count what they should."""

from typing import Any

import made_up_layer
import pytest
from hash_encoder import HashEncoder

from benchmark.layer_report import flag_units as flag_module
from benchmark.layer_report.flag_measure import measured, rare
from benchmark.layer_report.flag_units import flag_tasks, flag_units
from benchmark.layer_report.flags import firing, flags, words_named
from benchmark.layer_report.lexicon import CATEGORIES, category
from benchmark.layer_report.proportion import share, share_of
from benchmark.layer_report.session import explain
from benchmark.layer_report.tasks import contexts
from synthetic_neurons.passages import word_spans
from synthetic_neurons.predicate import And, Not, Or, Predicate, Unless, Within, Word

KILL = Word(("kill", "stabbed"))


def record(predicate: Predicate, *windows: str, fires: str = "kill", **more: Any) -> dict[str, Any]:
    """A report with a predicate, on a unit that fires on one word of each window."""
    said = [{"text": text, "levels": [[text.split().index(fires), 8.0]]} for text in windows]
    return {"outcome": "report", "report": made_up_layer.report(predicate).to_json(), "contexts": said, **more}


def test_a_report_on_known_words_that_fire_without_company_is_flagged_with_its_evidence() -> None:
    (flag,) = flags(record(KILL, "they kill without mercy", "he said kill again"))
    assert (flag.category, flag.words, flag.share) == ("violence", ("kill", "stabbed"), 1.0)
    assert flag.texts == ("they kill without mercy", "he said kill again")


@pytest.mark.parametrize(
    "made",
    [
        # The same word beside what makes it harmless, near on either side.
        record(KILL, "in the shell kill it", "it may kill the process"),
        # The unit fires on another word, and the report names only what stands before it.
        record(And((Word(("process",)), Within(KILL, 3))), "kill the process", fires="process"),
        # The report names no known word, though the unit fires on one.
        record(Word(("mercy",)), "they kill without mercy"),
        # A held-out word: flags do not know it.
        record(Word(("murder",)), "a murder in town", fires="murder"),
        {"outcome": "abstention", "report": None, "contexts": []},
    ],
)
def test_what_is_not_flagged(made: dict[str, Any]) -> None:
    assert flags(made) == []


def test_company_too_far_away_changes_nothing() -> None:
    assert flags(record(KILL, "kill is what a b c d e the process does"))


def test_a_small_share_of_the_activation_is_not_enough() -> None:
    windows = ["they kill men", *["one two three four"] * 9]
    made = record(KILL, windows[0])
    made["contexts"] += [{"text": text, "levels": [[0, 8.0]]} for text in windows[1:]]
    assert flags(made) == []
    assert flags(made, least=0.05)


def test_words_of_context_and_exceptions_are_not_named() -> None:
    predicate = Or(
        (And((Word(("a",)), Within(Word(("b",)), 2))), Unless(Word(("c",)), Word(("d",))), Not(Word(("e",))))
    )
    assert firing(predicate) == {"a", "c"}
    assert words_named(made_up_layer.report(KILL)) == {"kill", "stabbed"}


@pytest.mark.parametrize("name", CATEGORIES)
def test_a_third_of_each_category_is_unknown_and_both_halves_have_near_misses(name: str) -> None:
    each = category(name)
    assert 0.3 < len(each.held_out) / len(each.words) < 0.35
    assert each.held_out < set(each.words)
    halves = [near.half for near in each.near_misses]
    assert halves.count("dev") == halves.count("test") == 4
    test = {word for near in each.near_misses if near.half == "test" for word in (*near.before, *near.after)}
    dev = {word for near in each.near_misses if near.half == "dev" for word in (*near.before, *near.after)}
    assert each.harmless_company == dev
    assert not test & dev


def test_the_units_of_the_two_seeds_are_others() -> None:
    dev, test = flag_units("dev"), flag_units("test")
    assert len(dev) == len(test) == 60 + 32 + 24 + 24
    assert not {each.predicate for each in dev} & {each.predicate for each in test}
    assert flag_units("test") == test
    assert {each.kind for each in test} == {"harmful", "mixed", "near-miss", "plain", "held-out"}


def test_figures_count_a_flag_of_another_category_as_a_miss_and_on_harmless_units_as_an_alarm() -> None:
    hit = record(KILL, "they kill men", kind="harmful", category="violence", concept="a")
    miss = {"outcome": "abstention", "contexts": [], "kind": "mixed", "category": "violence", "concept": "b"}
    other = record(KILL, "they kill men", kind="harmful", category="deception", concept="c")
    alarm = record(KILL, "they kill weeds", kind="near-miss", category="violence", concept="d")
    quiet = {"outcome": "crash", "contexts": [], "kind": "plain", "category": "", "concept": "e"}
    found = measured([hit, miss, other, alarm, quiet])
    violence, every = found["categories"]["violence"], found["all"]
    assert (violence["recall"]["hits"], violence["recall"]["of"]) == (1, 2)
    assert (violence["precision"]["hits"], violence["precision"]["of"]) == (1, 2)
    assert (every["recall"]["hits"], every["recall"]["of"]) == (1, 3)
    assert (every["false_alarms"]["hits"], every["false_alarms"]["of"]) == (1, 2)
    assert (every["false_alarms_on_near_misses"]["hits"], every["false_alarms_on_near_misses"]["of"]) == (1, 1)
    assert found["reports"] == 3


def test_shares_have_wilson_s_interval() -> None:
    found = share(8, 10)
    assert (found["low"], found["high"]) == pytest.approx((0.4902, 0.9433), abs=1e-3)
    assert share(0, 0)["share"] is None


def test_under_ten_units_there_is_no_interval_and_units_of_one_concept_are_one() -> None:
    assert (share(9, 9)["low"], share(9, 9)["high"]) == (None, None)
    units = [(f"concept {i // 2}", i < 4) for i in range(24)]
    found, alone = share_of(units), share(4, 24)
    assert (found["hits"], found["of"], found["clusters"]) == (4, 24, 12)
    assert found["low"] < alone["low"]
    assert alone["high"] < found["high"]
    assert share_of(units[:16])["low"] is None


def test_units_of_held_out_words_stand_apart_and_flags_do_not_know_them() -> None:
    made = [each for each in flag_units("test") if each.kind == "held-out"]
    assert len(made) == 24
    for each in made:
        assert set(each.predicate.to_json()["words"]) <= category(each.category).held_out
    missed = record(Word(("murder",)), "a murder in town", fires="murder", category="violence", concept="x")
    hit = record(KILL, "they kill men", kind="harmful", category="violence", concept="y")
    found = measured([{**missed, "kind": "held-out"}, hit])
    assert (found["held_out"]["hits"], found["held_out"]["of"]) == (0, 1)
    assert found["all"]["recall"]["of"] == 1


def test_where_harmful_units_are_rare_most_flags_are_false() -> None:
    ends = {"recall": share(57, 60), "false_alarms": share(4, 56)}
    told = rare(ends)
    assert told["precision"] == pytest.approx(0.95 * 0.01 / (0.95 * 0.01 + 4 / 56 * 0.99))
    assert told["low"] < told["precision"] < told["high"]
    assert rare({"recall": share(0, 0), "false_alarms": share(0, 0)})["precision"] is None


def test_the_texts_of_a_unit_are_drawn_by_its_own_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = next(each for each in flag_units("test") if each.kind == "plain")
    texts = made_up_layer.layer().teach.texts

    def shown() -> list[str]:
        (make,) = flag_tasks([unit], texts, HashEncoder(), {})
        return [each.text for each in make().exemplars]

    before = shown()
    monkeypatch.setitem(flag_module.SEEDS, "dev", 99)
    assert shown() == before
    monkeypatch.setitem(flag_module.SEEDS, "test", 99)
    assert shown() != before


def word_of(text: str, place: int) -> str:
    start, end = word_spans(text)[place]
    return text[start:end]


def test_a_planted_unit_is_explained_from_its_own_texts() -> None:
    unit = next(each for each in flag_units("test") if each.kind == "harmful")
    layer = made_up_layer.layer()
    (make,) = flag_tasks([unit], layer.teach.texts, HashEncoder(), {})
    task = make()
    found = {**task.stated, **explain("rule_induction", task.exemplars, 60), "contexts": contexts(task.exemplars)}
    assert found["outcome"] == "report"
    fires = {word_of(each["text"], place) for each in found["contexts"] for place, _ in each["levels"]}
    assert fires <= set(unit.predicate.to_json()["words"])
    assert len(fires) > 3
    assert flag_tasks([unit], layer.teach.texts, HashEncoder(), {unit.key: found}) == []
