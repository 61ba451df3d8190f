"""Readers beside one another on the ladder's rungs, with made-up readers: no figure here is of a real one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolChoice, ToolInfo

from benchmark.comparison.readers_beside import ByModel, Levels, OnWindows, compare
from benchmark.comparison.readers_page import METRIC, publish
from benchmark.exam.sampled import Sheet, draw_sheet
from benchmark.explainers.report import Claim, Report
from benchmark.ladder.sampled import Choice
from benchmark.readers.executable import ExecutableReader
from benchmark.suites import Suite, load

FAMILIES = ("compositional", "rare")


class Deaf:
    """Says the same of all, and nothing of every third item."""

    name = "deaf"

    def levels(self, report: Report, sheet: Sheet) -> Levels:
        return [None if place % 3 == 0 else 4.0 for place in range(len(sheet.marked))]


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load("embedded-2")


def test_who_runs_the_claims_orders_the_ladder_and_who_is_deaf_does_not(suite: Suite, tmp_path: Path) -> None:
    lines: list[str] = []
    read = compare(suite, [OnWindows(ExecutableReader(5.0)), Deaf()], Choice(FAMILIES, 1), lines.append)
    assert len(lines) == len({point.unit for point in read.points}) == 2
    assert {point.family for point in read.points} == set(FAMILIES)
    assert read.unread == {"executable": 0, "deaf": pytest.approx(1 / 3)}
    exact = [point.scores["executable"][METRIC] for point in read.points if point.rung == "exact"]
    assert exact == [pytest.approx(1, abs=1e-6)] * 2
    assert {point.scores["deaf"][METRIC] for point in read.points} == {0.0}
    told, page = publish(tmp_path / "readers_beside.json", suite, read)
    whole = {row["reader"]: row for row in json.loads(told.read_text("utf-8"))["summaries"] if row["family"] == "all"}
    # Forty-two items tell close rungs apart less well than the pool, of which true agreement is.
    assert whole["executable"]["tau"]["mean"] > 0.7
    assert whole["deaf"]["tau"]["mean"] == 0
    assert "33.3%" in page.read_text("utf-8")


def test_a_model_answers_the_marked_words_in_their_order(suite: Suite) -> None:
    unit = next(unit for unit in suite.units if unit.tier == "planted")
    sheet = draw_sheet(suite.items(unit, "own"), unit.identifier, 0, 2)
    words = [item.word for item in sheet.marked]

    def say(prompt: str) -> str:
        return str(next(place for place, word in enumerate(words) if f"<< {word} >>" in prompt))

    reader = ByModel(_model(say), "made-up")
    for _ in range(2):
        found = reader.levels(Report("words", (Claim("words"),)), sheet)
        assert found == [float(words.index(word)) for word in words]


def _model(say: Callable[[str], str]) -> Model:
    def answer(
        messages: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        output = ModelOutput.from_content("mockllm/model", say(messages[-1].text))
        # Without it Inspect would count tokens with a table that it wants to download.
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    return get_model("mockllm/model", custom_outputs=answer, memoize=False)
