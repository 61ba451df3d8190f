"""Units of a suite of another subject on their page: by that subject's tokens, or by words and said so."""

import sys
from copy import copy
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_weights import byte_tokenizer, save_gpt2

from benchmark import cli
from benchmark.errors import UserError
from benchmark.subjects import token_ends
from benchmark.subjects.token_ends import subject_tokenizer
from benchmark.subjects.windows import tokenise
from benchmark.suites import Suite, load
from benchmark.unit_page.from_suite import Home, home_of, page_of, truth_of
from benchmark.unit_page.write import write_page
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Passages

UNIT = "found-3420"
MISSING = "by words, the strongest token of each: the subject&#39;s tokenizer is not on this machine"
OTHER = "the tokenizer on this machine cuts these texts otherwise than the suite&#39;s subject did"
COMMIT = "c" * 40


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A subject whose tokenizer alone is on this machine."""
    folder = save_gpt2(tmp_path_factory.mktemp("home") / "model")
    (folder / "model.safetensors").unlink()
    return folder


@cache
def shipped() -> Suite:
    return load("embedded-2")


@cache
def bytes_a_word() -> list[list[int]]:
    """How many of the tiny subject's tokens each word of the shipped windows has."""
    passages = Passages.of(shipped()._windows["text"])
    counts = np.bincount(tokenise(passages, byte_tokenizer()).word_of, minlength=len(passages.words))
    return [counts[a:b].tolist() for a, b in pairwise(passages.first)]


def of(subject: str, sae: str = "/an/sae", tier: str = "found", **facts: str) -> Suite:
    """The shipped suite as if its units lived elsewhere."""
    suite = copy(shipped())
    homes = {tier: {"subject": subject, "sae": sae, "facts": facts}}
    suite.manifest = {**suite.manifest, "sources": homes, "sae_sha256": facts.get("sae_sha256", "")}
    return suite


def in_bytes(suite: Suite) -> Suite:
    """The same with values on single bytes, as if it had been frozen from the tiny subject."""
    suite._windows = {**suite._windows, "tokens": list(bytes_a_word())}
    return suite


def shown(suite: Suite, folder: Path, unit: Unit | None = None) -> str:
    return write_page(suite, unit or suite.unit(UNIT), str(folder / "page.html")).read_text("utf-8")


@pytest.mark.parametrize("tier", ["found", "randomised"])
def test_values_lie_on_the_tokens_of_the_homes_own_subject(tier: Any, model: Path, tmp_path: Path) -> None:
    suite = in_bytes(of(f"local:{model}", tier=tier))
    unit = replace(suite.unit(UNIT), tier=tier)
    page = page_of(suite, unit, 100, subject_tokenizer(f"local:{model}"))
    assert page.resolution == "tokens"
    assert page.groups[0].windows
    windows, _, _ = suite.item_windows(unit, "teach")
    for number in windows:
        (text,), (values, _) = suite.passages(np.array([number])).texts, suite.token_values(unit, np.array([number]))
        if not text.isascii() or not values.any():
            continue
        window = next(each for group in page.groups for each in group.windows if each.text == text)
        # A piece is a letter, and its value that of the token with the same place.
        assert [piece.value for piece in window.pieces] == [
            *values.tolist(),
            *[None] * (len(window.pieces) - len(values)),
        ]
    assert "by words" not in shown(suite, tmp_path, unit)


def test_a_tokenizer_that_cuts_otherwise_is_not_believed(model: Path, tmp_path: Path) -> None:
    assert OTHER in shown(of(f"local:{model}"), tmp_path)


def test_as_many_tokens_are_not_enough(model: Path, tmp_path: Path) -> None:
    """A tokenizer with the same number of tokens a window and others a word would set values on wrong characters."""
    suite = in_bytes(of(f"local:{model}"))
    assert OTHER not in shown(suite, tmp_path)
    windows, _, _ = suite.item_windows(suite.unit(UNIT), "teach")
    first, second, *rest = suite._windows["tokens"][int(windows[0])]
    suite._windows["tokens"][int(windows[0])] = [first + 1, second - 1, *rest]
    assert OTHER in shown(suite, tmp_path)


@pytest.mark.parametrize("subject", ["local:/nowhere", "hub:a/b", "no subject", ""])
def test_without_the_subject_it_is_by_words_and_said_so(
    subject: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    assert MISSING in shown(of(subject), tmp_path)


def test_a_damaged_tokenizer_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", "utf-8")
    for damaged in ("", "{", "{}"):
        (tmp_path / "tokenizer.json").write_text(damaged, "utf-8")
        with pytest.raises(UserError, match="has no tokenizer at") as refused:
            subject_tokenizer(f"local:{tmp_path}")
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("offline", [True, False])
def test_a_hubs_tokenizer_is_read_from_its_cache_and_nothing_is_fetched(
    offline: bool, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sockets are closed here, so that whoever asked a hub would fail."""
    place = tmp_path / "hub" / "models--a--b"
    (place / "snapshots").mkdir(parents=True)
    (place / "snapshots" / COMMIT).symlink_to(model)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(COMMIT, "utf-8")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", offline)
    for subject in ("hub:a/b", f"hub:a/b@{COMMIT}"):
        assert "by words" not in shown(in_bytes(of(subject)), tmp_path)
    assert MISSING in shown(in_bytes(of("hub:a/b@other")), tmp_path)


def test_the_randomised_subjects_tokenizer_is_the_embedded_ones(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_ends, "materialise", lambda say: model)
    assert subject_tokenizer("randomised")("ab")["input_ids"] == byte_tokenizer()("ab")["input_ids"]


def test_the_command_writes_the_page(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmark.suites.load", lambda name: of(f"local:{model}"))
    monkeypatch.setattr(sys, "argv", ["viva", "unit", UNIT, "--suite", "mine", "--html", str(tmp_path / "x.html")])
    cli.main()
    assert capsys.readouterr().out == f"written: {tmp_path / 'x.html'}\n"


@pytest.mark.parametrize(
    ("tier", "sae", "what"),
    [
        ("found", "shipped", "A latent of a real SAE: nobody"),
        ("randomised", "shipped_randomised", "A latent of an SAE on a subject with random weights: nobody"),
        ("found", "neurons:8", "An MLP neuron of block 8: nobody"),
        ("randomised", "neurons:8", "An MLP neuron of block 8 on a subject with random weights: nobody"),
        ("found", "directions:/a:b.safetensors:blocks.1.hook_out", "A direction at blocks.1.hook_out: nobody"),
    ],
)
def test_units_are_called_what_they_are(tier: Any, sae: str, what: str) -> None:
    unit = replace(shipped().unit(UNIT), tier=tier)
    assert truth_of(unit, Home("x", sae, "")).text.startswith(what)


HASH = "0123456789ab" + "f" * 52


@pytest.mark.parametrize(
    ("sae", "facts", "told"),
    [
        ("/an/sae", {"sae_sha256": HASH}, [("latent", "3420"), ("SAE", "sha256 0123456789ab")]),
        ("/an/sae", {"sae_sha256": ""}, [("latent", "3420")]),
        ("neurons:8", {}, [("neuron", "3420")]),
        (
            "directions:x.safetensors:h",
            {"directions_sha256": HASH},
            [("direction", "3420"), ("directions", "sha256 0123456789ab")],
        ),
    ],
)
@pytest.mark.parametrize("tier", ["found", "randomised"])
def test_a_blank_hash_is_left_out(tier: Any, sae: str, facts: dict[str, str], told: list[tuple[str, str]]) -> None:
    suite = of("local:/nowhere", sae, tier, **facts)
    unit = replace(suite.unit(UNIT), tier=tier)
    page = dict(page_of(suite, unit).facts)
    names = ("latent", "neuron", "direction", "SAE", "directions")
    assert [(name, page[name]) for name in names if name in page] == told


def test_a_suite_that_does_not_say_was_frozen_from_what_is_embedded() -> None:
    suite = shipped()
    assert home_of(suite, suite.unit(UNIT)) == Home("embedded", "shipped", suite.manifest["sae_sha256"])
