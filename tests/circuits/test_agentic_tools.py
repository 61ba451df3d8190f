"""The circuit laboratory's tools as data: what they say is what the laboratory measures, and nothing else is run."""

import json
from typing import Any

import numpy as np
import pytest
from loop_world import PLENTY, by_role, made, session

from benchmark.circuits.agents.desk import MOST_LETTERS, Desk, letters
from benchmark.circuits.agents.experiments import TOOLS, Declined, Experiment, experiment, experiments, share
from benchmark.circuits.explainers import MATCHES
from benchmark.circuits.laboratory import OverBudget
from benchmark.circuits.nodes import Head
from benchmark.laboratory import Budget

HEADS = tuple(sorted(made().circuit))


def read(**value: Any) -> Experiment:
    return experiment(value, 3, 16, 32)


def test_every_tool_can_be_asked_for_and_answers_in_bounds() -> None:
    desk = Desk(session())
    for tool in TOOLS:
        asked = read(tool=tool, heads=["L1H2", "L2H5"], edges=[["tokens", "L1H2"], ["L2H5", "logits"]])
        found = desk.run(asked)
        assert 0 < len(found.text) <= MOST_LETTERS + 1, tool
        assert found.cost <= desk.cost(asked) or found.cost <= 17 * desk.session.laboratory.prompts
        assert json.dumps(asked.to_json())


def test_an_ablation_says_the_share_that_is_lost() -> None:
    place = session()
    desk, laboratory = Desk(place), place.laboratory
    whole = laboratory.whole - float(laboratory.keep([frozenset()], "zero")[0])
    left = float(laboratory.ablate([frozenset(HEADS[:2])], "zero")[0])
    found = desk.run(Experiment("ablate", HEADS[:2], "zero"))
    assert found.lost == pytest.approx((laboratory.whole - left) / whole)
    assert f"{found.lost:.2f} lost" in found.text
    kept = desk.run(Experiment("keep", HEADS))
    assert kept.lost == pytest.approx(0, abs=0.05)
    each = desk.run(Experiment("ablate_each"))
    assert {head for head, value in each.values.items() if value > 0.02} == set(HEADS)
    less = desk.run(Experiment("keep_without_each", HEADS))
    assert set(less.values) == set(HEADS)
    assert min(less.values.values()) > 0.05
    patched = desk.run(Experiment("patch", HEADS))
    assert patched.lost == pytest.approx(1, abs=0.05)


def test_attention_sees_imitators_and_ablation_does_not() -> None:
    desk = Desk(session())
    looked = desk.run(Experiment("attention"))
    lost = desk.run(Experiment("ablate_each", how="zero"))
    for name in by_role("imitator"):
        head = Head.parse(name)
        assert looked.values[head] >= MATCHES
        assert looked.names[head] in ("previous token", "induction")
        assert abs(lost.values[head]) < 1e-3


def test_an_edge_that_is_planted_loses_something_and_another_nothing() -> None:
    desk = Desk(session())
    decoy = by_role("imitator")[0]
    true = next(edge for edge in sorted(made().edges) if edge[0].startswith("L") and edge[1].startswith("L"))
    found = desk.run(Experiment("patch_edges", edges=(true, (decoy, "logits"))))
    assert found.edges[true] > 0.01
    assert abs(found.edges[decoy, "logits"]) < 1e-3


def test_prompts_are_letters_and_patterns_are_of_one_head() -> None:
    desk = Desk(session())
    text = desk.run(Experiment("prompts", prompt=30)).text
    first = made().teach.prompts[30]
    assert text.startswith(f"30. ^ {letters(int(first[1]))} ")
    assert text.count("\n") == 1, "two of 32 are left from the thirtieth on"
    pattern = desk.run(Experiment("pattern", HEADS[-1:], prompt=3)).text
    attended = desk._looked()[HEADS[-1].layer][3, HEADS[-1].head, -1]
    assert f"{int(attended.argmax())} {float(attended.max()):.2f}" in pattern


def test_what_was_run_is_free_the_second_time_and_what_cannot_be_paid_is_not_run() -> None:
    place = session(Budget(unit_queries=100))
    desk = Desk(place)
    desk.run(Experiment("ablate", HEADS[:1]))
    spent = place.spend.unit_queries
    desk.run(Experiment("ablate", HEADS[:1]))
    assert place.spend.unit_queries == spent == 64
    with pytest.raises(OverBudget, match="36 of 100 are left"):
        desk.run(Experiment("ablate_each"))
    assert place.spend.unit_queries == spent
    place.reserve = 30
    with pytest.raises(OverBudget, match="6 of 100 are left"):
        desk.run(Experiment("ablate", HEADS[1:2]))


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ({"tool": "ablat", "heads": ["L0H0"]}, "unknown_tool", "the nearest is ablate"),
        ({"tool": "ablate", "heads": ["L9H5"]}, "unknown_head", "the nearest is L2H5"),
        ({"tool": "ablate", "heads": ["L0H99"]}, "unknown_head", "the nearest is L0H15"),
        ({"tool": "ablate", "heads": ["head five"]}, "unknown_head", "write L0H0 to L2H15"),
        ({"tool": "ablate", "heads": []}, "bad_arguments", "ablate wants heads"),
        ({"tool": "ablate", "heads": ["L0H0"], "how": "means"}, "bad_arguments", "the nearest is mean"),
        ({"tool": "attribution", "steps": 10**9}, "bad_arguments", "the nearest is 16"),
        ({"tool": "attribution", "steps": True}, "bad_arguments", "from 1 to 16"),
        ({"tool": "prompts", "prompt": 10**400}, "bad_arguments", "the nearest is 31"),
        ({"tool": "patch_edges", "edges": [["L2H0", "L0H0"]]}, "bad_arguments", "lower layer"),
        ({"tool": "patch_edges", "edges": "all"}, "bad_arguments", "pairs"),
        ({"tool": "x" * 10**6}, "unknown_tool", "the tools are"),
        ({"tool": "__import__('os').system('true')"}, "unknown_tool", "there is no tool"),
        ("ablate", "bad_arguments", "an object with a tool"),
    ],
)
def test_what_cannot_be_run_is_declined_in_one_short_line(value: object, kind: str, message: str) -> None:
    with pytest.raises(Declined, match=message) as caught:
        experiment(value, 3, 16, 32)
    assert caught.value.kind == kind
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_heads_are_read_however_they_are_written_and_each_once() -> None:
    assert read(tool="keep", heads="L1H2, l1h2 and L2.H5").heads == (Head(1, 2), Head(2, 5))
    assert read(tool="pattern", head="L1H2").heads == (Head(1, 2),)


def test_no_more_experiments_than_allowed_and_each_once() -> None:
    many = [{"tool": "ablate", "heads": [f"L0H{at % 16}"]} for at in range(1000)]
    found, wrong = experiments([*many[:3], *many[:1], {"tool": "?"}, *many], 3, 16, 32)
    assert len(found) == 3
    assert [error.kind for error in wrong] == ["unknown_tool"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.4, 0.4), (40, 0.4), (-3, 0.0), (10**400, None), ("a", None), (np.nan, None), (True, None)],
)
def test_a_share_is_a_number_from_0_to_1(value: object, expected: float | None) -> None:
    assert share(value) == expected


def test_the_meter_counts_experiments_and_guardrails_together() -> None:
    place = session(PLENTY)
    place.laboratory.ablate([frozenset(HEADS[:1])], "mean")
    place.held_out.ablate([frozenset(HEADS[:1])], "mean")
    assert place.spend.unit_queries == 32 + 16
    assert place.prompts_left == PLENTY.unit_queries - 48
