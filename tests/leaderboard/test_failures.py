"""The table of failures and repairs: every unit counted once, by kind and by what stands before the colon."""

from pathlib import Path
from typing import Any

from benchmark.leaderboard.collect import Run
from benchmark.leaderboard.failures import LONGEST_KIND, failure_table


def sample(outcome: str, reason: str | None = None, **repairs: int) -> dict[str, Any]:
    return {"outcome": outcome, "reason": reason, "repairs": repairs}


def run(*samples: dict[str, Any]) -> Run:
    return Run("single_pass", "some/model", {f"u{at}": each for at, each in enumerate(samples)}, Path())


def test_failures_are_counted_by_kind_and_finer_kind() -> None:
    (row,) = failure_table(
        [
            run(
                sample("report", empty=1),
                sample("abstained"),
                sample("unparsable", "language: not English: слова", language=1),
                sample("unparsable", "empty: ''", empty=1, language=1),
                sample("unparsable", "language: again", language=1),
                sample("limit", "tokens: 10 allowed"),
                sample("refusal", "x" * 200),
                {"outcome": "crash", "reason": None},
            )
        ]
    )
    assert (row["explainer"], row["model"], row["n_units"]) == ("single_pass", "some/model", 8)
    assert row["failures"] == {
        "crash": {"count": 1, "reasons": {"not stated": 1}},
        "limit": {"count": 1, "reasons": {"tokens": 1}},
        "refusal": {"count": 1, "reasons": {"x" * LONGEST_KIND: 1}},
        "unparsable": {"count": 3, "reasons": {"empty": 1, "language": 2}},
    }
    assert row["repairs"] == {"empty": 2, "language": 3}
    assert row["n_repaired"] == 4


def test_a_run_without_failures_has_a_row_too() -> None:
    rows = failure_table([run(sample("report")), run()])
    assert [row["failures"] for row in rows] == [{}, {}]
    assert [row["n_units"] for row in rows] == [1, 0]
