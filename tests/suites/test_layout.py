"""Values laid over many windows at once are those that a loop over windows gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmark.exam.items import Rows
from benchmark.suites.layout import Layout

# Tokens in each word of six windows; the second has a word that shares its token with the next one.
TOKENS = [[1, 2], [0, 1, 1], [3], [1], [2, 2, 1], [1, 1]]
UNREAD = {0: [0], 4: [1, 4]}
TABLE = [(window, token) for window, counts in enumerate(TOKENS) for token in range(sum(counts))]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], dict[tuple[int, int], float]]:
    windows = draw(st.lists(st.integers(0, len(TOKENS) - 1), max_size=9))
    chosen = draw(st.lists(st.sampled_from(TABLE), unique=True))
    values = draw(st.lists(st.floats(-4, 4), min_size=len(chosen), max_size=len(chosen)))
    return windows, dict(zip(chosen, values, strict=True))


@given(tables())
def test_laid_as_window_by_window(drawn: tuple[list[int], dict[tuple[int, int], float]]) -> None:
    """Windows may stand twice, come in any order, and leave out some that the table has."""
    windows, table = drawn
    layout = Layout.of(np.array(windows, np.int64), TOKENS, UNREAD)
    window, token = np.array(list(table), np.int64).reshape(-1, 2).T
    laid = layout.lay(window, token, np.array(list(table.values()), np.float64))
    expected, read, word_of, words = [], [], [], 0
    for each in windows:
        places = range(sum(TOKENS[each]))
        expected += [table.get((each, place), 0.0) for place in places]
        read += [place not in UNREAD.get(each, ()) for place in places]
        word_of += [words + word for word, count in enumerate(TOKENS[each]) for _ in range(count)]
        words += len(TOKENS[each])
    assert laid.tolist() == expected
    assert layout.read.tolist() == read
    assert layout.word_of.tolist() == word_of
    kept, value, word = np.array(read, bool), np.array(expected, float), np.array(word_of, np.int64)
    rows, plain = layout.rows(laid), Rows.of_tokens(value[kept], word[kept], words)
    for mine, theirs in zip(vars(rows).values(), vars(plain).values(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    best = np.zeros(words)
    np.maximum.at(best, word, value)
    np.testing.assert_array_equal(layout.words(laid), best)


def test_latents_share_one_array_of_counts() -> None:
    layout = Layout.of(np.array([4, 0]), TOKENS, UNREAD)
    first, second = (layout.rows(np.full(8, value)) for value in (1.0, 2.0))
    assert first.count is second.count
    assert first.count.tolist() == [1, 2, 0, 0, 2]
