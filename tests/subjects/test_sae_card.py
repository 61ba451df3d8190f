"""The card of an SAE: what it shares with another."""

import pytest
import torch

from benchmark.subjects.sae_card import shared


def test_a_latent_is_shared_from_a_cosine_of_seven_tenths_on() -> None:
    other = 3 * torch.eye(4)[:2]
    decoder = torch.tensor([[2.0, 0, 0, 0], [0, 0.71, 0.7, 0], [0, 0.69, 0.73, 0], [0, 0, 0, 5.0]])
    found = shared(decoder, other)
    lengths = decoder.norm(dim=1)
    assert found["shared_share"] == 0.5
    assert found["mean_max_cosine"] == pytest.approx(float((1 + 0.71 / lengths[1] + 0.69 / lengths[2]) / 4), abs=1e-6)


def test_an_opposite_direction_is_no_counterpart() -> None:
    assert shared(-torch.eye(3), torch.eye(3))["shared_share"] == 0
