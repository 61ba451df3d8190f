"""Beside a predicate's score: how far what it predicts is what its text says."""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.leaderboard import Board
from benchmark.leaderboard.columns import sections


def test_the_two_readings_of_one_report_stand_in_the_executable_section(board: Board) -> None:
    made = [
        replace(each, text_agreement=0.25 if each.family == "atom" else 0.5)
        if (each.reader, each.explainer) == ("executable", "top_tokens")
        else each
        for each in board.results
    ]
    shown = {(each.tier, each.reader): each for each in sections(replace(board, results=tuple(made)))}
    for (tier, reader), section in shown.items():
        found = [column for column in section.columns if column.key == "text_agreement"]
        assert len(found) == (reader == "executable" and tier not in ("null", "trivial"))
        for column in found:
            values = {row.explainer: column.value(row) for row in section.rows}
            units = [each for each in made if each.tier == tier and each.text_agreement is not None]
            assert values["top_tokens"] == pytest.approx(np.mean([each.text_agreement for each in units]))
            assert values.get("oracle") is None
            if tier == "planted":
                assert [column.value(row) for row in section.families["atom"] if row.explainer == "top_tokens"] == [
                    0.25
                ]
