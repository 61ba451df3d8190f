"""Windows of a harvest: nothing of a text is lost, whatever its language, and none is longer than asked for."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from harvest_world import job
from hypothesis import given
from hypothesis import strategies as st
from made_up_source import MadeUpSource

from benchmark.harvest.source import Window
from benchmark.harvest.stream import harvest
from benchmark.subjects.catalog import UnitsError
from benchmark.subjects.features import FeatureSource

RUSSIAN = "Дождь шёл всю ночь, и к утру река поднялась выше старого моста. " * 20
CHINESE = "雨下了一整夜到了早晨河水漲過了舊橋" * 40
GLOSS = "moss: a small green plant"


def by_bytes(text: str | list[str], **options: Any) -> dict[str, Any]:
    """A token a byte, each with the span of its whole character, as byte-level tokenizers give them."""
    if isinstance(text, list):
        each = [by_bytes(one) for one in text]
        return {name: [one[name] for one in each] for name in ("input_ids", "offset_mapping")}
    spans = [(place, place + 1) for place, letter in enumerate(text) for _ in letter.encode()]
    return {"input_ids": [*text.encode()], "offset_mapping": spans}


def source(window_tokens: int) -> FeatureSource:
    subject: Any = SimpleNamespace(tokenizer=by_bytes, context=128, bos=256)
    measured: Any = SimpleNamespace(prepend_bos=True)
    return FeatureSource(subject, measured, window_tokens)


def solid(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("text", [RUSSIAN, CHINESE, GLOSS, "a", "naïve café " * 30])
@pytest.mark.parametrize("window_tokens", [8, 10, 32, 100])
def test_every_language_and_every_short_text_is_in_the_windows(text: str, window_tokens: int) -> None:
    found = source(window_tokens).windows("d", text)
    assert "".join(solid(each.text) for each in found) == solid(text)
    assert all(0 < len(each.ids) <= window_tokens for each in found)


def test_words_stay_whole_where_they_fit() -> None:
    found = source(60).windows("d", RUSSIAN)
    assert [word for each in found for word in each.text.split()] == RUSSIAN.split()


@given(st.text(max_size=60), st.integers(8, 40))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, window_tokens: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    found = source(window_tokens).windows("d", text)
    assert "".join("".join(each.text.split()) for each in found) == "".join(text.split())
    assert all(0 < len(each.ids) <= window_tokens for each in found)


def test_what_is_longer_alone_is_parted() -> None:
    """A tokenizer that needs more tokens alone than within a document."""
    made = source(32)
    made.subject.tokenizer = lambda text, **options: by_bytes(text) if isinstance(text, str) else _twice(text)
    found = made.windows("d", GLOSS * 9)
    assert "".join(solid(each.text) for each in found) == solid(GLOSS * 9)
    assert all(len(each.ids) <= 32 for each in found)


def _twice(texts: list[str]) -> dict[str, Any]:
    once = by_bytes(texts)
    return {name: [[part for part in each for _ in range(2)] for each in once[name]] for name in once}


def test_windows_of_too_few_tokens_are_refused_by_name() -> None:
    with pytest.raises(UnitsError, match=r"window_tokens=7 is too few .* mend: window_tokens=8 or more"):
        source(7)


def test_what_comes_into_no_window_is_counted_and_told(tmp_path: Path) -> None:
    class Forgetful(MadeUpSource):
        def windows(self, document: str, text: str) -> list[Window]:
            return super().windows(document, text)[1:]

    outcome = harvest(job(Forgetful()), tmp_path / "some")
    assert outcome.left_out > 0
    assert f"{outcome.left_out:,} characters came into no window" in outcome.line()
    whole = harvest(job(), tmp_path / "whole")
    assert whole.left_out == 0
    assert "no window" not in whole.line()
