"""Units of the circuits task: nulls that can be got wrong, an oracle that knows the grader's truth, costs that fit."""

import math

import pytest
from loop_world import finished, machine, made

from benchmark.circuits.agents.explainers import EXPLAINERS, Supplies
from benchmark.circuits.agents.guardrails.registry import select
from benchmark.circuits.agents.model_mind import PROMPTS as PROMPT_TEXTS
from benchmark.circuits.agents.session import HELD_OUT, LEVEL, SHOWN, CircuitSession, Preference, nulls, parted
from benchmark.circuits.runner import Runner
from benchmark.errors import UserError
from benchmark.explainers.explainer import Journal
from benchmark.laboratory import Budget
from benchmark.runtime.circuit_units import HOLLOW, MOST_SEED, NULL, NULLS, PLANTED, TIERS, CircuitUnit, units_of
from tasks.circuits.circuits import PROMPTS

TOSSES, ALIKE = 10_000, 2


def preferred(null_seed: int, right: list[bool]) -> int:
    """On how many prompts the model prefers what a null calls right, where it prefers the planted answer on `right`."""
    shown, _ = parted(made().teach)
    (null,) = nulls((shown,), null_seed)
    kept = (null.answer == shown.answer).tolist()
    return sum(one == other for one, other in zip(kept, right, strict=True))


def test_a_null_can_be_got_wrong_and_is_at_the_stated_rate() -> None:
    shown, _ = parted(made().teach)
    right = (Runner(machine(), shown).whole > 0).tolist()
    counts = [preferred(seed, right) for seed in range(TOSSES)]
    assert len(set(counts)) > 20, "not the same number of prompts each time"
    clear = {count: Preference(count, SHOWN).clear for count in set(counts)}
    wrong = sum(clear[count] for count in counts)
    # The sign test is exact, and so below its level: 10,000 nulls get at most 13.5 false claims on average.
    expected = TOSSES * LEVEL
    assert 0 < wrong <= expected + 3 * math.sqrt(expected)


def test_what_is_done_on_nearly_every_prompt_is_clear_and_what_chance_does_is_not() -> None:
    assert Preference(SHOWN, SHOWN).clear
    assert Preference(45, SHOWN).clear
    assert not Preference(43, SHOWN).clear
    assert not Preference(0, SHOWN).clear, "preferring wrong answers is no behaviour"


def test_the_nulls_of_kinds_are_tossed_apart() -> None:
    turned = []
    for kind in ("induction", "previous_token"):
        unit = CircuitUnit(kind, 0, NULL)
        null, planted = (CircuitUnit(kind, 0, tier).session(Budget()).shown for tier in (NULL, PLANTED))
        turned.append((null.answer != planted.answer).tolist())
        assert unit.identifier == f"null-{kind.replace('_', '-')}-0"
    assert turned[0] != turned[1]


def test_a_hollow_model_has_decoys_and_no_behaviour() -> None:
    unit = CircuitUnit("induction", 0, HOLLOW)
    place = unit.session(Budget(unit_queries=10_000))
    assert not place.preference.clear
    planted = CircuitUnit("induction", 0, PLANTED).session(Budget(unit_queries=10_000))
    assert planted.preference.clear
    assert abs(place.laboratory.whole) < 0.1 * planted.laboratory.whole
    assert {unit.tier for unit in units_of("induction", "0", ",".join(TIERS))} == set(TIERS)


@pytest.mark.parametrize("tier", NULLS)
def test_the_oracle_abstains_where_nothing_is_planted(tier: str) -> None:
    unit = CircuitUnit("induction", 0, tier)
    session = unit.session(Budget(unit_queries=10_000))
    found = finished(EXPLAINERS["oracle"].make(unit.supplies("none")).explain(session, Journal()))
    assert found.abstained
    assert found.reason == "nothing is planted"


def test_the_oracle_has_the_edges_that_the_grader_has() -> None:
    unit = CircuitUnit("induction", 0, PLANTED)
    assert unit.supplies("none").edges == unit.examiner().edges
    assert unit.supplies("none").edges != made().edges, "some edges of it carry nothing"


@pytest.mark.parametrize("name", [name for name, each in EXPLAINERS.items() if not each.needs_model])
def test_every_explainer_s_cost_fits_the_task_s_budget(name: str) -> None:
    """On two prompts, as what is run is as many times the prompts."""
    behaviour = made().teach.part(0, 3 * ALIKE // 2)
    session = CircuitSession(machine(), *parted(behaviour), Budget(unit_queries=PROMPTS, rounds=8))
    guardrails = select("without_behaviour") if EXPLAINERS[name].guarded else ()
    supplies = Supplies(made().circuit, made().edges, 0, guardrails)
    finished(EXPLAINERS[name].make(supplies).explain(session, Journal()))
    assert len(session.shown) == ALIKE
    spent = session.laboratory.spent * SHOWN / ALIKE + session.held_out.spent * HELD_OUT
    assert spent <= PROMPTS
    if name == "path_patching":
        assert spent > 60_000, "the dearest; a smaller ceiling would shut it out"


def test_prompts_say_neither_that_there_is_a_circuit_nor_that_there_are_decoys() -> None:
    for path in PROMPT_TEXTS.glob("*.txt"):
        text = path.read_text("utf-8").lower()
        assert "may or may not" in text
        for told in ("gives the right answer", "decoy", "imitat", "look as if", "make it do so", "the circuit"):
            assert told not in text, (path.name, told)


@pytest.mark.parametrize("seed", ["-1", "one", str(MOST_SEED + 1), "9" * 5_000, "1.5"])
def test_a_seed_out_of_range_is_one_line(seed: str) -> None:
    with pytest.raises(UserError, match="is no seed") as caught:
        units_of("", seed, "planted")
    assert len(str(caught.value)) < 200
