"""What bfloat16 does to latents: the figures are what they say, and the docs say the figures."""

from pathlib import Path

import numpy as np
import pytest

from benchmark.subjects import precision
from benchmark.subjects.precision import Difference, Precision, correlations, difference, read, rows

REFERENCE = np.array([[4, 0, 2], [0, 1, 2], [2, 1, 0], [2, 2, 0]], np.float32)
ALL = np.ones(3, bool)


@pytest.fixture(scope="module")
def written(root: Path) -> Precision:
    return read(root / "results" / "precision.json")


def test_the_docs_say_the_figures_of_the_results(root: Path, written: Precision) -> None:
    text = (root / "docs" / "subjects.md").read_text("utf-8")
    table = [line for line in text.splitlines() if line.startswith(("| bfloat16 |", "| float32 |"))]
    assert table == rows(written)
    assert "python -m benchmark.subjects.precision" in text
    assert f"on {written.windows} windows ({written.tokens:,} tokens)" in text
    assert f"the {written.units:,} latents that are on at {written.least} tokens or more" in text


def test_the_results_are_of_what_the_script_measures(written: Precision) -> None:
    assert written.windows == precision.WINDOWS == 200
    assert [(each.subject, each.sae) for each in written.differences] == list(precision.DTYPES[1:])
    # A TopK SAE of k = 48.
    assert 20 * written.tokens < written.on <= 48 * written.tokens


def test_equal_latents_do_not_differ() -> None:
    found = difference(REFERENCE, REFERENCE, ALL)
    assert found == Difference("bfloat16", "bfloat16", 1, 0, 0, 0, 0, 0, 1, 1)


def test_each_figure_by_hand() -> None:
    other = REFERENCE.copy()
    # 4 becomes 5, one 1 goes off, and one latent goes on.
    other[0, 0], other[1, 1], other[3, 2] = 5, 0, 1
    found = difference(REFERENCE, other, ALL)
    assert found.stay_on == pytest.approx(7 / 8)
    assert found.relative_error == 0
    assert found.relative_error_95 == pytest.approx(np.quantile([0.25, 0, 0, 0, 0, 0, 0], 0.95))
    assert found.squared_error == pytest.approx(3 / 38, abs=1e-5)
    assert found.rate_change == pytest.approx(1 / 3, abs=1e-5)
    assert found.rate_change_95 == pytest.approx(np.quantile([0, 1 / 3, 1 / 2], 0.95), abs=1e-5)
    by_numpy = [np.corrcoef(REFERENCE[:, unit], other[:, unit])[0, 1] for unit in range(3)]
    assert found.r == pytest.approx(np.median(by_numpy), abs=1e-5)
    assert found.r_5 == pytest.approx(np.quantile(by_numpy, 0.05), abs=1e-5)


def test_rates_and_r_are_of_units_that_are_on_often() -> None:
    other = REFERENCE.copy()
    other[:, 2] = 0
    few = np.array([True, True, False])
    found = difference(REFERENCE, other, few)
    assert (found.rate_change_95, found.r_5) == (0, 1)
    assert found.stay_on == pytest.approx(6 / 8)
    assert correlations(REFERENCE, other)[2] == 0


@pytest.mark.slow
def test_bfloat16_keeps_most_latents_of_real_windows() -> None:
    found = precision.compare(20)
    assert found.windows == 20
    for each in found.differences:
        assert 0.95 < each.stay_on < 1
        assert 0.001 < each.relative_error < 0.02
        assert 0.97 < each.r < 1
