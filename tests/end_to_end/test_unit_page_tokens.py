"""Found units on their page: the subject's own tokens carry the values that the suite froze."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmark.subjects.token_ends import subject_tokenizer, token_ends
from benchmark.suites import load
from benchmark.unit_page.from_suite import page_of
from benchmark.unit_page.write import write_page

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def test_every_found_unit_is_shown_by_the_subject_s_tokens() -> None:
    suite, tokenizer = load("embedded-2"), subject_tokenizer("embedded")
    for unit in (each for each in suite.units if each.tier == "found"):
        windows, _, _ = suite.item_windows(unit, "teach")
        values, first = suite.token_values(unit, windows)
        passages = suite.passages(windows)
        texts = passages.texts
        ends = token_ends(passages, tokenizer, suite.rows(unit, windows, passages).count)
        assert ends is not None
        assert [len(each) for each in ends] == np.diff(first).tolist()
        page = page_of(suite, unit, each=len(windows), tokenizer=tokenizer)
        shown = {window.text: window.peak for group in page.groups for window in group.windows}
        assert set(shown) == set(texts)
        peaks = [values[a:b].max() for a, b in pairwise(first)]
        assert [shown[text] for text in texts] == pytest.approx(peaks)


def test_a_randomised_unit_is_shown_by_the_same_tokens_and_called_what_it_is(tmp_path: Path) -> None:
    """Its subject's weights are drawn anew, its tokenizer is the embedded one's."""
    suite = load("embedded-2")
    suite.manifest["sources"] = {"randomised": {"subject": "randomised", "sae": "shipped_randomised", "facts": {}}}
    unit = replace(suite.unit("found-3420"), tier="randomised")
    text = write_page(suite, unit, str(tmp_path / "x.html")).read_text("utf-8")
    assert "A latent of an SAE on a subject with random weights: nobody" in text
    assert "by words" not in text
