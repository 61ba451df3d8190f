"""`viva explainers`: every explainer in one line, quickly; the same for programs."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from benchmark.explainers.listing import CONTROLS, COSTS, WITH, WITHOUT, group, to_json, to_text
from benchmark.explainers.registry import ALL_TIERS, EXPLAINERS, Cost

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "inspect_ai", "hydra", "omegaconf", "transformers", "sklearn", "pandas")
Viva = Callable[..., tuple[int, str, str]]


def line_of(name: str) -> str:
    (line,) = (line for line in to_text().splitlines() if line.split()[:1] == [name])
    return line


@pytest.mark.parametrize("name", EXPLAINERS)
def test_every_explainer_has_one_line(name: str) -> None:
    entry = EXPLAINERS[name]
    told = line_of(name).split(f"  {entry.cost} ", 1)[1].strip()
    assert told.startswith(entry.summary), "its summary takes a second line; shorten it"
    assert told.endswith(")") or set(entry.applies_to) == set(ALL_TIERS), "its tiers take a second line; shorten it"


def test_it_fits_120_columns_and_is_aligned() -> None:
    blocks = to_text().split("\n\n")
    assert max(map(len, to_text().splitlines())) <= 120
    for block in blocks[:3]:
        _, heads, *rows = block.splitlines()
        for head in ("cost", "what it does"):
            place = heads.index(head)
            assert all(row[place - 2 : place] == "  " and row[place] != " " for row in rows)


def test_the_groups_say_what_needs_a_model() -> None:
    without, with_, controls = (
        [name for name, entry in EXPLAINERS.items() if group(entry) == head] for head in (WITHOUT, WITH, CONTROLS)
    )
    assert {"rule_induction", "top_tokens", "recorded"} <= set(without)
    assert {"single_pass", "agentic", "react"} <= set(with_)
    assert {"constant", "placebo", "oracle"} <= set(controls) <= {
        "constant", "placebo", "oracle", "none", "random_words", "saboteur", "verbose",
    }  # fmt: skip
    assert not any(EXPLAINERS[name].needs_model for name in (*without, *controls))
    assert all(EXPLAINERS[name].needs_model for name in with_)


def test_tiers_are_named_the_short_way() -> None:
    assert line_of("constant").endswith(EXPLAINERS["constant"].summary)
    assert line_of("oracle").endswith(" (planted, probed, trivial)")
    assert line_of("vocabulary").endswith(" (found, randomised)")
    most = replace(EXPLAINERS["constant"], applies_to=tuple(tier for tier in ALL_TIERS if tier != "null"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(EXPLAINERS, "constant", most)
        assert line_of("constant").endswith(" (all but null)")


def test_every_cost_is_explained() -> None:
    assert set(COSTS) == set(get_args(Cost))
    text = " ".join(to_text().split())
    assert all(f"{cost}: {meaning}" in text for cost, meaning in COSTS.items())


def test_programs_read_the_same(call_viva: Viva) -> None:
    code, said, _ = call_viva("explainers", "--json")
    assert code == 0
    assert said == to_json() + "\n"
    told = json.loads(said)
    assert [row["name"] for row in told["explainers"]] == list(EXPLAINERS)
    guarded = next(row for row in told["explainers"] if row["name"] == "rule_induction_guardrailed")
    assert guarded == {
        "name": "rule_induction_guardrailed",
        "group": "without a model",
        "cost": "queries",
        "needs_model": False,
        "declares_predicates": True,
        "meets_guardrails": True,
        "applies_to": list(ALL_TIERS),
        "summary": EXPLAINERS["rule_induction_guardrailed"].summary,
    }


def test_the_command_prints_it_and_refuses_more_in_one_line(call_viva: Viva) -> None:
    assert call_viva("explainers") == (0, to_text() + "\n", "")
    code, _, said = call_viva("explainers", "rule_induction")
    assert code == 2
    assert said == "viva: explainers: unrecognized arguments: rule_induction; viva explainers --help says more\n"


def test_nothing_heavy_is_loaded_for_it() -> None:
    code = (
        "import sys; from benchmark.cli import main; sys.argv = ['viva', 'explainers']; main(); "
        f"sys.stderr.write(' '.join(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
