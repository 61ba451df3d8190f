"""Guardrails of circuits: a right report passes each of them, and each sends back what it is for."""

import json
from math import pi

import pytest
from loop_world import Scripted, by_role, finished, made, session

from benchmark.circuits.agents.explainers import Supplies, entry
from benchmark.circuits.agents.guardrails.checks import Causal, Minimality, Significance
from benchmark.circuits.agents.guardrails.guardrail import Submission
from benchmark.circuits.agents.guardrails.registry import GUARDRAILS, names_in, select
from benchmark.circuits.agents.held_out import HeldOut
from benchmark.circuits.agents.mind import Objection
from benchmark.circuits.laboratory import OverBudget
from benchmark.circuits.nodes import Head
from benchmark.circuits.planted import EACH
from benchmark.circuits.report import CircuitReport
from benchmark.errors import UserError
from benchmark.explainers.explainer import Journal
from benchmark.laboratory import Budget

IMITATOR = Head.parse(by_role("imitator")[0])
DORMANT = frozenset(map(Head.parse, by_role("dormant")))


def asked(name: str, heads: frozenset[Head], null: bool = False, ordinal: int = 1) -> Objection | None:
    place = session(null=null)
    return GUARDRAILS[name]().check(Submission(CircuitReport({}, heads), HeldOut(place), ordinal))


@pytest.mark.parametrize("name", GUARDRAILS)
def test_a_right_report_passes(name: str) -> None:
    assert asked(name, made().circuit) is None


def without_last_role() -> frozenset[Head]:
    last = made().does[max(made().circuit)]
    return frozenset(head for head in made().circuit if made().does[head] != last)


@pytest.mark.parametrize("name", ["sufficiency"])
def test_a_circuit_without_a_role_is_sent_back(name: str) -> None:
    found = asked(name, without_last_role())
    assert found is not None
    assert "heads are missing" in found.text


def test_heads_that_are_not_needed_are_no_circuit() -> None:
    noise = frozenset(map(Head.parse, by_role("noise")[:4]))
    for name in ("necessity", "sufficiency", "significance"):
        assert asked(name, noise) is not None, name


@pytest.mark.parametrize("decoys", [frozenset({IMITATOR}), DORMANT], ids=["imitator", "dormant"])
@pytest.mark.parametrize("name", ["causal", "minimality"])
def test_decoys_beside_the_circuit_are_named(name: str, decoys: frozenset[Head]) -> None:
    found = asked(name, made().circuit | decoys)
    assert found is not None
    assert set(found.heads) == decoys
    for other in ("necessity", "sufficiency", "behaviour"):
        assert asked(other, made().circuit | decoys) is None


def test_a_null_behaviour_ends_the_session() -> None:
    found = asked("behaviour", made().circuit, null=True)
    assert found is not None
    assert found.final
    assert "chance" in found.text


@pytest.mark.parametrize("number", [1, EACH], ids=["one head", "all heads of a layer"])
def test_what_so_few_circuits_match_is_approved_with_a_note_and_costs_nothing(number: int) -> None:
    heads = frozenset(Head(1, place) for place in range(number))
    place = session()
    submission = Submission(CircuitReport({}, heads), HeldOut(place))
    before = place.spend.unit_queries
    assert GUARDRAILS["significance"]().check(submission) is None
    assert submission.notes["significance"].startswith(f"not resolvable: {0 if number == EACH else EACH - 1} others")
    assert place.spend.unit_queries == before
    noise = frozenset(map(Head.parse, by_role("noise")[:4]))
    other = Submission(CircuitReport({}, noise), HeldOut(session()))
    assert GUARDRAILS["significance"]().check(other) is not None, "where it can be resolved, it objects"
    assert not other.notes


def test_the_loop_writes_down_that_significance_could_not_be_resolved() -> None:
    head, journal = min(made().circuit), Journal()
    place = session()
    said = json.dumps({"heads": [{"head": str(head)}]})
    answers = Scripted(place, [json.dumps({"experiments": []}), said])
    supplies = Supplies(frozenset(), guardrails=select("significance"))
    found = finished(entry("guardrailed").make(supplies).explain(place, journal, answers))
    assert found.circuit == {head}
    (verdict,) = [each for each in journal.entries if each.kind == "verdict"]
    assert "approved (not resolvable: 19 others" in verdict.text
    assert str(verdict.data["note"]).startswith("not resolvable")


def test_later_submissions_meet_a_harder_level() -> None:
    held_out = HeldOut(session())
    decoys = CircuitReport({}, frozenset(map(Head.parse, by_role("imitator"))))
    # 1.0 at the first submission and a quarter of it at the second; one in twenty is the best rank there is.
    easy = Significance(total=pi**2 / 6 * 1.0001, draws=19)
    assert easy.check(Submission(decoys, held_out, 1)) is None
    found = easy.check(Submission(decoys, held_out, 2))
    assert found is not None
    assert "0.250 needed" in found.text
    assert easy.check(Submission(CircuitReport({}, made().circuit), held_out, 2)) is None


def test_a_check_costs_what_it_says_at_most() -> None:
    for name, make in GUARDRAILS.items():
        place = session()
        before, shown = place.spend.unit_queries, place.laboratory.spent
        make().check(Submission(CircuitReport({}, made().circuit), HeldOut(place)))
        assert place.spend.unit_queries - before <= make().cost(place), name
        assert place.laboratory.spent == shown, "guardrails look at held-out prompts alone"


def test_a_check_that_cannot_be_paid_is_not_run() -> None:
    place = session(Budget(unit_queries=40))
    with pytest.raises(OverBudget, match="of 40 are left"):
        Minimality().check(Submission(CircuitReport({}, made().circuit), HeldOut(place)))
    assert place.spend.unit_queries <= 40


def test_an_ablation_that_does_nothing_one_way_may_do_something_another() -> None:
    held_out = HeldOut(session())
    (head,) = sorted(made().circuit)[:1]
    lost = [abs(float(held_out.lost([frozenset({head})], how)[0])) for how in Causal.ways]
    found = Causal(idle=(min(lost) + max(lost)) / 2).check(Submission(CircuitReport({}, frozenset({head})), held_out))
    assert found is None


def test_guardrails_are_chosen_by_name() -> None:
    assert names_in("all") == tuple(GUARDRAILS)
    assert names_in("none") == ()
    assert names_in("without_causal") == tuple(name for name in GUARDRAILS if name != "causal")
    assert [each.name for each in select("minimality, behaviour")] == ["behaviour", "minimality"]
    with pytest.raises(UserError, match="did you mean 'causal'"):
        names_in("casual")
