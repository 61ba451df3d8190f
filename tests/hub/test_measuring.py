"""`measure` on a tiny subject: agents' texts by words, alone or together, and what cannot be measured."""

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tiny_weights import save_gpt2, save_saes
from tiny_world import TinyWorld, dense, local

from benchmark.subjects import measuring
from benchmark.subjects.features import FeatureSource
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.measuring import MeasureError, Measurer
from synthetic_neurons.passages import Floats, Passages

TEXTS = ["the cat sat", "on  a mat.", "é à 漢", "x", "two words, three"]


@pytest.fixture(scope="module")
def tiny_world(tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("measuring")
    return TinyWorld(boot_subject(local(save_gpt2(home / "model"))), save_saes(home / "saes"))


def by_hand(world: TinyWorld, sae: str, text: str, unit: int) -> list[float]:
    """A unit's greatest value among the bytes of each word and of the white space before it; 0 at least."""
    source = world.source(sae)
    (window,) = source.whole([text])
    values = dense(source.activations([window]), len(source.units))[:, unit]
    ends, best = Passages.of([text]).end, [0.0] * len(Passages.of([text]).words)
    for value, end in zip(values, window.ends, strict=True):
        word = next((i for i, each in enumerate(ends) if end <= each), len(best) - 1)
        best[word] = max(best[word], float(value))
    return best


async def all_at_once(measurer: Measurer, units: list[str]) -> list[list[Floats]]:
    return await asyncio.gather(*(measurer.measure(TEXTS, unit) for unit in units))


@pytest.mark.parametrize("tokens", [20, 512])
@pytest.mark.parametrize("sae", ["topk-resid-post", "gated-resid-mid", "abstopk-attn-out", "temporal-resid-post"])
def test_words_have_their_tokens_greatest_value(
    sae: str, tokens: int, tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "FORWARD_TOKENS", tokens)
    measurer = Measurer(tiny_world.source(sae))
    units = list(map(str, range(48)))
    found = asyncio.run(all_at_once(measurer, units))
    measurer.close()
    assert any(values.any() for each in found for values in each)
    for unit, each in zip(units, found, strict=True):
        for text, values in zip(TEXTS, each, strict=True):
            np.testing.assert_allclose(values, by_hand(tiny_world, sae, text, int(unit)), atol=2e-5)


def test_one_asks_for_what_cannot_be_measured_and_others_do_not_feel_it(tiny_world: TinyWorld) -> None:
    measurer = Measurer(tiny_world.source("topk-resid-post"))

    async def scene() -> list[Any]:
        asked = (["fine"], ["fine", "  "], ["a" * 64], ["fine"])
        return await asyncio.gather(*(measurer.measure(texts, "3") for texts in asked), return_exceptions=True)

    fine, empty, long, also = asyncio.run(scene())
    np.testing.assert_array_equal(fine[0], also[0])
    assert "has no words" in str(empty)
    assert "64 tokens" in str(long)
    assert "63" in str(long)


def test_a_turn_is_of_bounded_tokens_and_its_forward_passes_of_like_lengths(
    tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "PASS_TOKENS", 96)
    monkeypatch.setattr(measuring, "FORWARD_TOKENS", 62)
    source = tiny_world.source("topk-resid-post")
    measurer, encode = Measurer(source), source.encode
    turns: list[list[list[int]]] = []
    compute = measurer._batcher._compute

    def counted(texts: Any) -> Any:
        turns.append([])
        return compute(texts)

    def watched(rows: Any) -> Any:
        turns[-1].append([len(row) for row in rows])
        return encode(rows)

    monkeypatch.setattr(measurer._batcher, "_compute", counted)
    monkeypatch.setattr(source, "encode", watched)
    many, lone = ["abcde " * 5, "ab"] * 6, ["a b"]

    async def scene() -> list[Any]:
        return await asyncio.gather(measurer.measure(many, "3"), measurer.measure(lone, "3"))

    found = asyncio.run(scene())
    measurer.close()
    assert [[len(values) for values in each] for each in found] == [[5, 1] * 6, [2]]
    forwards = [forward for turn in turns for forward in turn]
    assert sum(map(len, forwards)) == 13
    assert all(sum(len(forward) + sum(forward) for forward in turn) <= 96 for turn in turns)
    assert all(len(forward) * max(forward) <= 62 for forward in forwards)
    # The short texts of the first turn do not wait in the padding of the long ones; two long ones fit one forward pass.
    assert [sorted(each) for each in turns[0]] == [[2, 2, 3], [30, 30]]


def test_an_accelerator_takes_a_turn_at_once(tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a subject says that it is on CUDA; the tensors are on the CPU, as no GPU is here."""
    monkeypatch.setattr(measuring, "FORWARD_TOKENS", 20)
    subject = replace(tiny_world.subject, device="cuda")
    measured = tiny_world.latents("topk-resid-post")
    for device, forwards in (("cuda", 1), ("cpu", 4)):
        source = FeatureSource(replace(subject, device=device), measured, 60)
        seen: list[int] = []

        def encode(rows: Any, seen: list[int] = seen) -> Any:
            seen.append(len(rows))
            return FeatureSource(tiny_world.subject, measured, 60).encode(rows)

        monkeypatch.setattr(source, "encode", encode)
        measurer = Measurer(source)
        asyncio.run(measurer.measure(["abcdefghijkl mn"] * 4, "3"))
        measurer.close()
        assert (len(seen), sum(seen)) == (forwards, 4)


def test_an_unknown_unit_is_named(tiny_world: TinyWorld) -> None:
    measurer = Measurer(tiny_world.source("topk-resid-post"))
    with pytest.raises(MeasureError, match="no unit '48' is measured here: did you mean '8'"):
        asyncio.run(measurer.measure(["a"], "48"))
