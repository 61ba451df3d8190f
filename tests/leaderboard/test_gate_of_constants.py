"""A constant prediction has r = 0 by rule, so that it needs no strangers to be not significant."""

from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.leaderboard.gates import _above_alpha


@pytest.mark.parametrize(
    ("facts", "p", "expected"),
    [
        ({"constant": 12}, 1.0, (True, "every prediction is constant")),
        ({"constant": 5, "abstained": 7}, 1.0, (True, "every prediction is constant")),
        ({"abstained": 12}, 1.0, (True, "no claim was made")),
        ({"constant": 11}, 0.0001, (False, "")),
    ],
)
def test_constants_pass_and_significance_fails(facts: dict[str, int], p: float, expected: tuple[bool, str]) -> None:
    assert _gate(facts, p) == expected


def test_with_one_graded_report_too_few_strangers_matter() -> None:
    assert _gate({"constant": 11}, 1.0)[0] is None


def _gate(facts: dict[str, int], p: float) -> tuple[bool | None, str]:
    row: Any = SimpleNamespace(
        explainer="constant", model="none", tier="found", reader="executable", status="scored", failures={},
        n_units=12, p_resolvable=False, **{"abstained": 0, "constant": 0, **facts},
    )  # fmt: skip
    found = _above_alpha("not significant", row, p)
    return found.passed, found.reason
