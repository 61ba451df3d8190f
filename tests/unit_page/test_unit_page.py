"""The page of one unit: what it shows, what it never shows, and that nothing in it can steer it."""

import re
import sys
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark import cli
from benchmark.suites import Suite, load
from benchmark.suites.suite import PRACTICE
from benchmark.unit_page import Group, Histogram, Piece, Truth, UnitPage, Window, histogram_of, to_html
from benchmark.unit_page.from_suite import Home, by_tokens, by_words, groups_of, page_of, truth_of
from benchmark.unit_page.histogram import HEIGHT, bars
from benchmark.unit_page.render import _style, amount, percent, shade
from benchmark.unit_page.write import PageError, write_page
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Passages

ATTACK = '</span><script>alert(1)</script><img src=x onerror=alert(2)> "x" \x1b[31m\u202e'
IDENTIFIERS = ("planted-rare-00-few-cavity", "found-3420", "null-00", "trivial-00-dead", "trivial-01-always-on")


class Page(HTMLParser):
    """Tags, attributes and ids of a page, and the text of its windows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loading: list[str] = []
        self.windows: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.links += [named["href"] or ""] if "href" in named else []
        self.loading += [name for name, _ in attrs if name.startswith("on") or name in ("src", "srcset", "action")]
        if named.get("class") == "text":
            self.windows.append("")
            self._open = ["text"]
        elif self._open:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and "sub" not in self._open:
            self.windows[-1] += data


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load("embedded-2")


EMBEDDED = Home("embedded", "shipped", "")


class Letters:
    """A tokenizer whose tokens are letters, but for the last of a word, so that each word has as many as in the suite.

    A word of fewer letters than tokens has its last letter over and over, as a letter of several bytes would.
    """

    def __init__(self, suite: Suite) -> None:
        table = suite._windows
        self._counts = dict(zip(table["text"], table["tokens"], strict=True))

    def __call__(self, texts: Sequence[str], **_: object) -> dict[str, object]:
        return {"offset_mapping": [self._spans(text) for text in texts], "input_ids": [[] for _ in texts]}

    def _spans(self, text: str) -> list[tuple[int, int]]:
        passages, made = Passages.of([text]), list[tuple[int, int]]()
        for start, end, count in zip(passages.start, passages.end, self._counts[text], strict=True):
            cuts = [min(int(start) + i, int(end) - 1) for i in range(count)]
            made += [*pairwise(cuts), (cuts[-1], int(end))] if count else []
        return made


def page(groups: tuple[Group, ...], **changes: object) -> UnitPage:
    made = {
        "identifier": "x",
        "tier": "found",
        "family": "rare",
        "source": "s",
        "source_hash": "0" * 64,
        "texts": "Teach windows only.",
        "resolution": "tokens",
        "scale": 10.0,
        "facts": (("fires on", "1%"),),
        "truth": Truth("unknown", "nobody knows"),
        "groups": groups,
    }
    return UnitPage(**{**made, **changes})  # type: ignore[arg-type]


@cache
def exam_texts(suite: Suite) -> frozenset[str]:
    """Every text that a unit of the suite is examined, practised or calibrated on."""
    numbers = [suite.pool_windows(kind)[0] for kind in ("planted", "natural")]
    numbers += [suite.item_windows(unit, which)[0] for unit in suite.units for which in ("own", "shifted", *PRACTICE)]
    return frozenset(suite.passages(np.unique(np.concatenate(numbers))).texts)


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_a_page_shows_teach_windows_whole_and_no_item_of_any_exam(suite: Suite, identifier: str) -> None:
    unit = suite.unit(identifier)
    read = Page(to_html(page_of(suite, unit, each=40)))
    shown = read.windows
    teach = {exemplar.text for exemplar in suite.exemplars(unit)}
    assert shown
    assert set(shown) <= teach
    assert not set(shown) & exam_texts(suite)
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)


def test_the_strongest_come_first_and_no_window_twice(suite: Suite) -> None:
    groups = page_of(suite, suite.unit("found-3420"), each=10).groups
    strongest, over_range, near, silent = groups
    peaks = [window.peak for window in strongest.windows]
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[0] == pytest.approx(suite.unit("found-3420").scale)
    assert max(window.peak for window in over_range.windows) <= peaks[-1]
    assert not any(window.peak for group in (near, silent) for window in group.windows)
    texts = [window.text for group in groups for window in group.windows]
    assert len(texts) == len(set(texts)) == 40


def test_each_tier_says_what_is_known(suite: Suite) -> None:
    told = {
        tier: truth_of(next(unit for unit in suite.units if unit.tier == tier), EMBEDDED)
        for tier in ("planted", "found")
    }
    assert told["planted"].status == "exact, by construction"
    assert "'dress'" in told["planted"].text
    assert told["planted"].predicate is not None
    assert "predicate" in told["planted"].predicate
    assert (told["found"].status, told["found"].predicate) == ("unknown", None)
    assert "abstain" in truth_of(suite.unit("null-00"), EMBEDDED).text


def test_a_probed_unit_shows_its_concept_with_the_measured_agreement() -> None:
    notes = {"ceiling": {"r": 0.8123, "interval": [0.71, 0.9]}}
    report = {"text": "the word 'of'", "claims": []}
    unit = Unit("probed-x", "probed", "word", {"direction": "d", "predicate": {"op": "always"}}, report, 1.0, notes)
    told = truth_of(unit, EMBEDDED)
    assert told.status == "measured"
    assert "the word 'of'" in told.text
    assert "r 0.81 (95% interval 0.71 to 0.90)" in told.text


def test_planted_values_are_marked_by_words_and_found_ones_by_tokens(suite: Suite) -> None:
    planted = page_of(suite, suite.unit("planted-rare-00-few-cavity"))
    fired = {piece.text.lower() for w in planted.groups[0].windows for piece in w.pieces if piece.value}
    assert planted.resolution == "words"
    assert fired
    assert fired <= {"cavity", "teeth", "resinous"}
    found = suite.unit("found-3420")
    values, _ = suite.token_values(found, suite.item_windows(found, "teach")[0])
    by_token = page_of(suite, found, tokenizer=Letters(suite))
    assert by_token.resolution == "tokens"
    assert by_token.groups[0].windows[0].peak == pytest.approx(values.max())
    assert by_token.histogram is not None
    assert by_token.histogram.counted == int((values > 0).sum())


def test_without_the_subject_a_found_unit_is_by_words_and_says_so(suite: Suite) -> None:
    text = to_html(page_of(suite, suite.unit("found-3420")))
    assert "by words, the strongest token of each" in text


def test_promoted_tokens_histogram_and_predicate_are_there(suite: Suite) -> None:
    found = to_html(page_of(suite, suite.unit("found-3420")))
    assert "Promoted tokens" in found
    assert "<li>·although</li>" in found
    assert "<svg" in found
    assert 'role="img"' in found
    assert "<summary>Predicate</summary>" not in found
    planted = to_html(page_of(suite, suite.unit("planted-rare-00-few-cavity")))
    assert "<summary>Predicate</summary>" in planted
    assert "Promoted tokens" not in planted


def test_a_dead_unit_has_a_page_without_a_histogram(suite: Suite) -> None:
    text = to_html(page_of(suite, suite.unit("trivial-00-dead")))
    assert "<svg" not in text
    assert "no word at all" in text


def test_untrusted_text_is_shown_and_cannot_act() -> None:
    window = Window((Piece(ATTACK, 9.0), Piece(ATTACK), Piece(ATTACK, -3.0)), note=ATTACK)
    hostile = page(
        (Group("Strongest", "n", (window,)),),
        identifier=ATTACK,
        family=ATTACK,
        source=ATTACK,
        facts=((ATTACK, ATTACK),),
        truth=Truth("unknown", ATTACK, ATTACK),
        promoted=(ATTACK,),
    )
    text = to_html(hostile)
    read = Page(text)
    assert "script" not in read.tags
    assert "img" not in read.tags
    assert read.loading == []
    assert all(link.startswith("#") for link in read.links)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script>alert(1)" in read.windows[0]
    assert "default-src 'none'" in text


def test_the_page_asks_for_nothing_and_stays_small(suite: Suite) -> None:
    text = to_html(page_of(suite, suite.unit("found-3420"), each=40))
    assert not re.search(r"https?://|url\(|@import", text)
    assert len(text.encode()) < 1_000_000


def test_negative_values_have_their_own_colour_and_are_ranked_by_size() -> None:
    window = Window((Piece("a", 2.0), Piece("b", -8.0), Piece("c")))
    assert window.peak == -8.0
    text = to_html(page((Group("Strongest", "n", (window,)),), histogram=_histogram()))
    assert '<span class="t n5 top" title="−8.00">b<sub>−8.00</sub></span>' in text
    assert '<span class="t p2" title="2.00">a<sub>2.00</sub></span><span' in text
    assert "</span>c</span></li>" in text
    assert "below zero" in text
    assert 'class="bar minus"' in text


def _histogram() -> Histogram:
    made = histogram_of(np.array([-8.0, 0.0, 2.0]), np.ones(3), "tokens")
    assert made is not None
    return made


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_shades_follow_the_activation(value: float, scale: float) -> None:
    found = shade(value, scale)
    if value == 0:
        assert found == ""
        return
    assert found[0] == ("p" if value > 0 else "n")
    assert found[1:] == shade(-value, scale)[1:]
    assert 1 <= int(found[1:]) <= 5
    assert int(found[1:]) <= int(shade(2 * value, scale)[1:])


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_words_and_what_is_between_join_to_the_text(text: str) -> None:
    passages = Passages.of(["before", text])
    values = np.arange(1.0, len(passages.words) + 1)
    pieces = by_words(passages, 1, values)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.value is not None] == list(passages.words[passages.first[1] :])


@given(st.text(min_size=1, max_size=30), st.data())
def test_tokens_join_to_the_text_and_keep_the_strongest_value(text: str, data: st.DataObject) -> None:
    inner = data.draw(st.lists(st.integers(1, len(text)), max_size=12))
    ends = sorted([*inner, len(text)])
    values = np.array(data.draw(st.lists(st.floats(-9, 9), min_size=len(ends), max_size=len(ends))))
    pieces = by_tokens(text, ends, values)
    assert "".join(piece.text for piece in pieces) == text
    assert max(abs(piece.value or 0.0) for piece in pieces) == np.abs(values).max()
    short = by_tokens(text + "rest", ends, values)
    assert (short[:-1], short[-1]) == (pieces, Piece("rest"))


def test_a_character_of_several_tokens_has_the_strongest_of_them() -> None:
    values = np.array([0.0, -5.0, 1.0])
    assert by_tokens("aé", [1, 2, 2], values) == (Piece("a", 0.0), Piece("é", -5.0))


def test_the_space_before_a_token_is_shown_outside_of_its_mark() -> None:
    window = Window((Piece("a", 0.0), Piece(" box", 9.0), Piece("\n", 3.0)))
    text = to_html(page((Group("Strongest", "n", (window,)),)))
    assert 'a <span class="t p5 top" title="9.00">box<sub>' in text
    assert Page(text).windows == ["a box↵\n"]


@given(
    st.lists(st.floats(-50, 50, allow_subnormal=False), min_size=1, max_size=50).map(np.array),
    st.integers(1, 30),
)
def test_a_histogram_accounts_for_every_firing_position(values: np.ndarray, count: int) -> None:
    made = histogram_of(values, np.ones(len(values)), "words", count)
    if not (values != 0).any():
        assert made is None
        return
    assert made is not None
    assert sum(made.shares) == pytest.approx(1)
    assert made.counted == (values != 0).sum()
    assert made.silent == pytest.approx((values == 0).mean())
    assert made.edges[0] <= values.min()
    assert values.max() <= made.edges[-1]
    drawn = bars(made)
    assert len(drawn) == count
    assert max(bar.height for bar in drawn) == pytest.approx(HEIGHT)
    assert all((bar.height > 0) == (bar.share > 0) for bar in drawn)


def test_a_histogram_is_weighted_to_the_base_rate() -> None:
    made = histogram_of(np.array([1.0, 3.0, 0.0]), np.array([3.0, 1.0, 96.0]), "tokens", 2)
    assert made is not None
    assert made.shares == (0.75, 0.25)
    assert made.silent == 0.96


def test_the_range_is_covered_evenly() -> None:
    windows = [Window((Piece("w", float(value)),)) for value in range(100, 0, -1)]
    strongest, over_range, *_ = groups_of(windows, ["firing"] * 100, 5)
    assert [window.peak for window in strongest.windows] == [100, 99, 98, 97, 96]
    assert [window.peak for window in over_range.windows] == [95, 71, 48, 25, 1]


@pytest.mark.parametrize(("value", "text"), [(0.123, "0.12"), (12.34, "12.3"), (1220.7, "1221"), (-8.0, "−8.00")])
def test_amounts_read_well(value: float, text: str) -> None:
    assert amount(value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0.00%"), (0.00004, "under 0.01%"), (0.0123, "1.23%"), (0.5, "50.0%"), (1.0, "100%")]
)
def test_shares_read_well(share: float, text: str) -> None:
    assert percent(share) == text


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_shade(scheme: int) -> None:
    ink = re.findall(r"--ink:(#\w{6})", _style())[scheme]
    for name in (f"{kind}{level}" for kind in "pn" for level in range(1, 6)):
        ground = re.findall(rf"--{name}:(#\w{{6}})", _style())[scheme]
        light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def test_a_page_is_written_under_a_harmless_name(suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    unit = suite.unit("trivial-00-dead")
    assert write_page(suite, unit) == Path("unit-trivial-00-dead.html")
    strange = Unit("../../x y", unit.tier, unit.family, unit.truth, unit.report)
    suite.order[strange.identifier] = suite.order[unit.identifier]
    assert write_page(suite, strange) == Path("unit-.._.._x_y.html")
    assert write_page(suite, unit, "a/b.html").read_text("utf-8").startswith("<!doctype html>")
    with pytest.raises(PageError, match=r"a is a folder; mend: give a file, such as a/unit\.html"):
        write_page(suite, unit, "a")


def test_the_command_writes_a_page_or_says_in_one_line_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page_file = tmp_path / "null.html"
    monkeypatch.setattr(sys, "argv", ["viva", "unit", "null-00", "--html", str(page_file), "--windows", "2"])
    cli.main()
    assert capsys.readouterr().out == f"written: {page_file}\n"
    assert len(Page(page_file.read_text("utf-8")).windows) == 8
    for wrong, told in ((["null-0"], "nearest: null-"), (["null-00", "--windows", "0"], "give 1 or more")):
        monkeypatch.setattr(sys, "argv", ["viva", "unit", *wrong, "--html"])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == 2
        error = capsys.readouterr().err
        assert told in error
        assert error.count("\n") == 1
