"""docs/explainers.md says what is there: explainers, guardrails with their options, the budget, the examples."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmark.explainers.loading import entry_or_custom
from benchmark.explainers.registry import EXPLAINERS
from benchmark.guardrails.options import options_of
from benchmark.guardrails.registry import CLASSIC, GUARDRAILS
from benchmark.laboratory import Budget

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "explainers.md").read_text("utf-8")


def rows(heading: str) -> Iterator[list[str]]:
    """The tables' rows under a heading, cell by cell, without the heads."""
    section = re.split(r"^## ", PAGE.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.M)[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" |")]


def name_of(row: list[str]) -> str:
    return row[0].partition("`")[2].partition("`")[0]


def test_every_explainer_has_its_row_and_no_other_has_one() -> None:
    named = [name_of(row) for row in rows("Contestants")]
    assert sorted(named) == sorted(EXPLAINERS)
    assert all(all(row) for row in rows("Contestants"))


def test_every_guardrail_stands_in_its_order_with_its_options() -> None:
    rules = list(rows("Guardrails"))[: len(GUARDRAILS)]
    assert [name_of(row) for row in rules] == list(GUARDRAILS)
    for name, (first, *_, options) in zip(GUARDRAILS, rules, strict=True):
        defaults = {key: each.default for key, each in options_of(GUARDRAILS[name]).items()}
        assert options == " ".join(f"`{key}={value:g}`" for key, value in defaults.items())
        assert first.endswith("*") == (name in CLASSIC)


def test_what_each_guardrail_writes_down_is_told() -> None:
    assert [name_of(row) for row in rows("Guardrails")][len(GUARDRAILS) :] == list(GUARDRAILS)


def test_the_ceilings_are_the_defaults() -> None:
    told = {name_of(row): float(row[1].replace(",", "")) for row in rows("The budget")}
    assert told == asdict(Budget())


@pytest.mark.parametrize(
    ("file", "name", "asks"), [("template.py", "mine", False), ("ask_twice.py", "ask_twice", True)]
)
def test_the_examples_are_shown_whole_and_short(file: str, name: str, asks: bool) -> None:
    path = ROOT / "examples" / file
    source = path.read_text("utf-8")
    assert f"```python\n{source}```\n" in PAGE
    assert len(source.splitlines()) < 30
    assert f"explainer=examples/{file}@{name} " in PAGE
    assert entry_or_custom(f"{path}@{name}").needs_model == asks


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert target.startswith("http") or (ROOT / "docs" / target).exists(), target
