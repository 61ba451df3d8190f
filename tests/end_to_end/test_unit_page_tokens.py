"""Found units on their page: the subject's own tokens carry the values that the suite froze."""

from itertools import pairwise

import numpy as np
import pytest

from benchmark.subjects.token_ends import embedded_token_ends
from benchmark.suites import load
from benchmark.unit_page.from_suite import page_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def test_every_found_unit_is_shown_by_the_subject_s_tokens() -> None:
    suite, ends = load("embedded-2"), embedded_token_ends()
    for unit in (each for each in suite.units if each.tier == "found"):
        windows, _, _ = suite.item_windows(unit, "teach")
        values, first = suite.token_values(unit, windows)
        texts = suite.passages(windows).texts
        assert [len(each) for each in ends(texts)] == np.diff(first).tolist()
        page = page_of(suite, unit, each=len(windows), token_ends=ends)
        shown = {window.text: window.peak for group in page.groups for window in group.windows}
        assert set(shown) == set(texts)
        peaks = [values[a:b].max() for a, b in pairwise(first)]
        assert [shown[text] for text in texts] == pytest.approx(peaks)
