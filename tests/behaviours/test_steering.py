"""Steering and ablation in a tiny Llama, against the same done by hand in a whole forward pass."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from tiny_speaker import HOOK, LATENTS, WIDTH, speaker

from benchmark.behaviours.effects import Effects
from benchmark.behaviours.interventions import Ablate, Steer, steered
from benchmark.behaviours.machine import Change
from benchmark.behaviours.unit import BehaviourError, Pair
from benchmark.subjects import steering
from benchmark.subjects.rewriting import InterventionError, Rewriter
from benchmark.subjects.steering import Planted, SteeredPrompts, SteeredSubject, usual_norm

SAME = 2e-5
PAIRS = (
    Pair("the nurse said that", "the plumber said that", "she", "he"),
    Pair("the old nurse and the plumber ran and", "the old plumber and the nurse ran and", "she", "he"),
    Pair("the blue lantern said", "the old market said", "he", "she"),
)


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> SteeredSubject:
    rewriter = Rewriter(speaker(tmp_path_factory.mktemp("speaker")))
    return SteeredSubject(rewriter, usual_norm(rewriter, ["the nurse said that she ran", "he said that"]))


@pytest.fixture(scope="module")
def read(subject: SteeredSubject) -> SteeredPrompts:
    return subject.prompts(PAIRS)


def by_hand(read: SteeredPrompts, added: Any) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Each row alone through the whole model; `added` is float [rows, position, width], put in at the hook."""
    bridge, found = read.rewriter.source.subject.bridge, []
    for row, length in enumerate(read.lengths.tolist()):

        def add(stream: Any, hook: Any, row: int = row, length: int = length) -> Any:
            return stream + added[row, :length]

        with torch.no_grad():
            logits = bridge.run_with_hooks(read.ids[row : row + 1, :length], fwd_hooks=[(HOOK, add)])[0, -1]
        found.append(float(logits[read.x[row]] - logits[read.y[row]]))
    return np.array(found)


def as_added(read: SteeredPrompts, change: Change) -> Any:
    amounts = torch.tensor(change.amounts, dtype=torch.float32)
    return amounts @ read.rewriter.source.measured.sae.W_dec.detach()[list(change.latents)]  # type: ignore[attr-defined]


def test_the_difference_is_the_whole_model_s(read: SteeredPrompts) -> None:
    np.testing.assert_allclose(read.whole, by_hand(read, torch.zeros(read.residual.shape)), atol=SAME)
    assert len(read.whole) == 6
    assert np.abs(read.whole).min() > 0.01


def test_ablation_and_steering_do_what_they_do_in_the_whole_model(
    read: SteeredPrompts, subject: SteeredSubject
) -> None:
    effects = Effects(subject, PAIRS)
    on = np.flatnonzero(effects.active() > 0)
    wanted = [
        *(Ablate(frozenset(on[:4].tolist()), how) for how in ("zero", "mean", "resample")),
        Steer(int(on[0]), 0.3),
    ]
    changes = [effects.change(each) for each in wanted]
    found = read.differences(changes)
    for change, row in zip(changes, found, strict=True):
        np.testing.assert_allclose(row, by_hand(read, as_added(read, change)), atol=SAME)
        assert np.abs(row - read.whole).max() > 100 * SAME


def test_gradients_are_slopes(read: SteeredPrompts, subject: SteeredSubject) -> None:
    slopes, step = read.gradients(), 1e-2
    for latent in range(0, LATENTS, 7):
        change = steered(read, latent, step)
        back = Change(change.latents, -change.amounts)
        up, down = read.differences([change, back])
        np.testing.assert_allclose((up - down) / (2 * step), slopes[..., latent].sum(1), atol=2e-3)


def test_only_rows_that_change_are_run(read: SteeredPrompts) -> None:
    amounts = np.zeros((*read.counts.shape, 1))
    amounts[2, 1] = 1.0
    before = read.ran
    found = read.differences([Change((5,), amounts), Change((5,), np.zeros_like(amounts))])
    assert read.ran - before == 1
    assert (found[0] != read.whole).tolist() == [False, False, True, False, False, False]
    assert (found[1] == read.whole).all()


def test_what_does_not_count_cannot_be_changed(read: SteeredPrompts) -> None:
    amounts = np.zeros((*read.counts.shape, 1))
    amounts[0, 0] = 1.0
    with pytest.raises(InterventionError, match="does not count"):
        read.differences([Change((5,), amounts)])


def test_a_stream_that_is_not_changed_is_told(read: SteeredPrompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steering.torch, "where", lambda where, new, old: old)
    with pytest.raises(InterventionError, match="did not change"):
        read.differences([steered(read, 5, 1.0)])


def test_what_is_planted_is_there_after_its_phrase_alone(subject: SteeredSubject) -> None:
    vector = torch.randn(WIDTH, generator=torch.Generator().manual_seed(0))
    plain = subject.prompts(PAIRS)
    planted = subject.with_planted([Planted(vector, ("blue lantern",))]).prompts(PAIRS)
    moved = (planted.residual != plain.residual).any(-1)
    # BOS, the, blue, lantern, said: from the phrase's last token on.
    assert moved[2].tolist()[:5] == [False, False, False, True, True]
    assert not moved[[0, 1, 3, 4, 5]].any()
    np.testing.assert_allclose(planted.whole, by_hand(plain, moved[..., None] * vector), atol=SAME)
    assert (planted.values[2] != plain.values[2]).any()
    np.testing.assert_array_equal(planted.values[0], plain.values[0])
    everywhere = subject.with_planted([Planted(vector)]).prompts(PAIRS)
    assert (everywhere.residual != plain.residual).any(-1).numpy()[plain.counts].all()


def test_losses_are_the_whole_model_s(subject: SteeredSubject) -> None:
    texts: Sequence[str] = ("the nurse said that he ran", "the old market")
    read = subject.texts(texts)
    np.testing.assert_allclose(read.losses(None), subject.rewriter.own_loss(read._own), atol=SAME)
    assert read.tokens.tolist() == [6, 3]
    change = steered(read, 5, 2.0)
    assert np.abs(read.losses(change) - read.losses(None)).min() > 100 * SAME


def test_a_word_of_several_tokens_is_told(subject: SteeredSubject) -> None:
    with pytest.raises(BehaviourError, match="is 2 tokens"):
        subject.token("he ran")
