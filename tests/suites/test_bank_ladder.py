import json

from benchmark.suites.bank import distinct, ladder_entries
from benchmark.suites.recipe import PLANTED
from synthetic_neurons.assembly import planted_units
from synthetic_neurons.ladder.rungs import BORROWED, ERRORS
from synthetic_neurons.passages import Passages
from synthetic_neurons.texts.generate import generate

UNITS = planted_units(seed=6, per_family=1, families=PLANTED)
TEXTS = Passages.of([text for unit in UNITS for text in generate(unit, "teach", 20, seed=1)])


def test_the_bank_takes_the_whole_ladder_but_for_other_units_reports() -> None:
    entries = ladder_entries(UNITS, "6", TEXTS)
    assert {entry.writer for entry in entries} == {f"ladder/{name}" for name in ERRORS if name not in BORROWED}
    assert {entry.source.name for entry in entries} == {f"planted/6/{unit.identifier}" for unit in UNITS}
    assert all(entry.report.has_predicates for entry in entries)
    # The constant is one report for all; every other rung of every unit is a report of its own.
    assert len(distinct(entries)) == len(entries) - (len(UNITS) - 1)


def test_equal_units_give_equal_entries() -> None:
    one, other = (ladder_entries(planted_units(seed=6, per_family=1, families=PLANTED), "6", TEXTS) for _ in range(2))
    assert [json.dumps(e.report.to_json()) for e in one] == [json.dumps(e.report.to_json()) for e in other]
