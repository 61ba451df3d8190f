"""`viva calibrate`: what is wrong is one line; what was measured is written as tables, JSON and figures."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmark.calibration.command import sizes_of
from benchmark.calibration.exhibit import (
    OVER_BROAD,
    Exhibit,
    Seen,
    parametric_p,
    plain_accuracy,
    recall,
    top_and_random,
    windows_p,
)
from benchmark.calibration.false_positives import ALPHAS, KINDS, Cell
from benchmark.calibration.measure import QUICK, Measured, Sizes
from benchmark.calibration.power import Power
from benchmark.calibration.publish import publish
from benchmark.calibration.transfer import agreement
from benchmark.exam.items import Items, Rows
from benchmark.ladder.order import Summary
from benchmark.statistics.bootstrap import Interval
from benchmark.statistics.error_rates import rate_bound
from synthetic_neurons.passages import Passages

Viva = Callable[..., tuple[int, str, str]]


@pytest.fixture
def viva(call_viva: Viva) -> Viva:
    return partial(call_viva, "calibrate")


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("nuls=3", "no option 'nuls=3'; did you mean nulls=?"),
        ("nulls=", "nulls has no value; write nulls=<value>"),
        ("nulls=many", "nulls=many is no count; give a whole number, 1 or above"),
        ("workers=0", "workers=0 is no count"),
        ("size=huge", "size=huge means nothing; choose from full, quick"),
        ("ship=maybe", "ship=maybe means nothing; write ship=yes or ship=no"),
        ("suite=embedded-9", "no suite 'embedded-9'"),
    ],
)
def test_what_is_wrong_is_one_line(viva: Viva, argument: str, said: str) -> None:
    code, out, err = viva(argument)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("size", ["size=quick", "nulls=100", "rungs=1"])
def test_what_bounds_little_does_not_ship(viva: Viva, size: str) -> None:
    code, out, err = viva("ship=yes", size)
    assert (code, out) == (2, "")
    assert "ship=yes takes a full calibration" in err


def test_a_file_in_the_way_is_one_line(viva: Viva, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    code, _, err = viva(f"out={tmp_path / 'out'}")
    assert code == 2
    assert "is not a folder; give out=" in err


def test_sizes() -> None:
    assert sizes_of({}) == Sizes()
    assert sizes_of({"size": "quick"}) == QUICK
    chosen = sizes_of({"size": "quick", "nulls": "1_000"})
    assert (chosen.nulls, chosen.shard) == (1_000, QUICK.shard)


def _measured() -> Measured:
    cells = [
        Cell(reader, kind, rate_bound(np.arange(3_000) < 2, alpha, 42))
        for reader in ("executable", "lookup")
        for kind in KINDS
        for alpha in ALPHAS
    ]
    share = Interval(0.5, 0.4, 0.6, 24)
    facts = {"suite": "toy", "suite_hash": "a" * 64, "bank_hash": "b" * 64, "seed": 1, "family_of_bounds": 42}
    scores = {"executable": np.arange(40.0), "lookup": np.arange(40.0) ** 2, "embedding": -np.arange(40.0)}
    paraphrased = {"reader": "lookup", "exact_found": {"bank": 1.0, "bank with paraphrases": 0.3}, "units": 24}
    return Measured(
        facts,
        cells,
        [
            {
                "reader": "lookup",
                "kind": "placebo_found",
                "breadth": "to 1%",
                "decisions": 5,
                "resolvable": 1.0,
                "rejected": {f"{alpha:g}": 0.0 for alpha in ALPHAS},
            }
        ],
        [Cell("lookup", "found: not matched on firing rate", rate_bound(np.ones(90, dtype=bool), 0.05, 1))],
        [{**paraphrased, "paraphrases": 72, "as_placebos": rate_bound(np.ones(9, dtype=bool), 0.00135, 42).to_json()}],
        [Power("lookup", windows, share, 100, 1e-4) for windows in (60, 250, 2_000)],
        [Summary("lookup", "r", "all", share, share, share, "not valid")],
        agreement("found", scores, [f"u{i // 2}" for i in range(40)], seed=1),
        [Exhibit("recall", 0.3, 0.2, 0.9, 24, 100), Exhibit("parametric 3σ of r over words", 0.2, None, 1.0, 24, 100)],
        {"units": 10, "claims": 1, "claim_rate": 0.1, "hypotheses_ranked": 3.5, "units_of_a_headline": 24},
        {"reports": 5, "sources": 4, "writers": {"ladder": 5}},
    )


def test_tables_figures_and_json_are_written(tmp_path: Path) -> None:
    written = {path.name: path.read_text("utf-8") for path in publish(_measured(), tmp_path / "calibration")}
    assert sorted(written) == sorted(
        [
            "README.md",
            "calibration.json",
            *(f"{n}.svg" for n in ("exhibit", "false_positives", "power", "transfer", "validity")),
        ]
    )
    for name, text in written.items():
        if name.endswith(".svg"):
            assert ElementTree.fromstring(text).tag.endswith("svg")
            assert f"({name})" in written["README.md"]
            assert "nan" not in text
    value = json.loads(written["calibration.json"])
    assert len(value["false_positives"]) == 2 * len(KINDS) * len(ALPHAS)
    assert value["wrong_on_purpose"]["matching"][0]["verdict"] == "fails"
    for heading in ("1. False positives", "2. Power", "3. Validity", "4. Transfer", "A warning"):
        assert f"## {heading}" in written["README.md"]
    assert "**passes**" in written["README.md"]
    assert "holds" not in written["README.md"].split("## 1.")[0]


def test_readers_that_rank_alike_agree_and_contrary_ones_do_not() -> None:
    scores = {"a": np.arange(40.0), "b": np.exp(np.arange(40.0)), "c": -np.arange(40.0), "d": np.zeros(40)}
    found = {
        (each.first, each.second): each for each in agreement("found", scores, [f"u{i // 2}" for i in range(40)], 1)
    }
    assert found["a", "b"].rho == pytest.approx(1)
    assert found["a", "c"].rho == pytest.approx(-1)
    assert found["a", "d"].rho == 0
    assert (found["a", "b"].reports, found["a", "b"].units) == (40, 20)
    few = agreement("found", scores, ["u"] * 40, 1)
    assert few[0].low is None


def _seen(level: np.ndarray) -> Seen:
    passages = Passages.of([f"word{i} other plain text" for i in range(60)])
    values = np.zeros(len(passages.words))
    values[passages.first[:20]] = np.linspace(10, 5, 20)
    strata = tuple(["firing"] * 20 + ["near_miss"] * 20 + ["silent"] * 20)
    items = Items(passages, values, strata, np.ones(60))  # type: ignore[arg-type]
    return Seen(Rows.of_words(values), level, np.ones(len(values)), items, level, 0.5)


def test_the_known_bad_metrics_are_what_they_are_called() -> None:
    truth = _seen(np.zeros(240)).items.values
    everything, nothing, right = _seen(np.full(240, 10.0)), _seen(np.zeros(240)), _seen(truth)
    assert (recall(everything), recall(nothing), recall(right)) == (1.0, 0.0, 1.0)
    assert plain_accuracy(nothing) == pytest.approx(220 / 240)
    assert plain_accuracy(right) == 1
    assert (top_and_random(everything), windows_p(everything)) == (0.0, 1.0)
    assert top_and_random(right) == pytest.approx(1)
    assert max(parametric_p(right), windows_p(right)) < 0.00135
    # The near misses are outside: what cannot tell them apart still correlates on top and random windows.
    blind = truth.copy()
    blind[right.items.passages.first[20:40]] = 10.0
    assert top_and_random(_seen(blind)) == pytest.approx(1)
    assert "constant" in OVER_BROAD
