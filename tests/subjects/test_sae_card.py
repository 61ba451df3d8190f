"""The card of an SAE: what it shares with another."""

import pytest
import torch

from benchmark.subjects.sae_card import shared, token_share


def test_a_latent_is_shared_from_a_cosine_of_seven_tenths_on() -> None:
    other = 3 * torch.eye(4)[:2]
    decoder = torch.tensor([[2.0, 0, 0, 0], [0, 0.71, 0.7, 0], [0, 0.69, 0.73, 0], [0, 0, 0, 5.0]])
    found = shared(decoder, other)
    lengths = decoder.norm(dim=1)
    assert found["shared_share"] == 0.5
    assert found["mean_max_cosine"] == pytest.approx(float((1 + 0.71 / lengths[1] + 0.69 / lengths[2]) / 4), abs=1e-6)


def test_an_opposite_direction_is_no_counterpart() -> None:
    assert shared(-torch.eye(3), torch.eye(3))["shared_share"] == 0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_the_token_s_share_is_that_of_its_variance(share: float) -> None:
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(0, 400, (20_000,), generator=generator)
    means, noise = (torch.randn(n, 16, generator=generator) for n in (400, 20_000))
    stream = share**0.5 * means[tokens] + (1 - share) ** 0.5 * noise
    assert token_share(stream, tokens) == pytest.approx(share, abs=0.02)


def test_tokens_that_are_met_seldom_are_left_out() -> None:
    generator = torch.Generator().manual_seed(2)
    often = torch.arange(50).repeat(40)
    seldom = 1000 + torch.arange(500).repeat(4)
    stream = torch.randn(4000, 8, generator=generator)
    stream[2000:] += 10 * torch.randn(500, 8, generator=generator).repeat(4, 1)
    tokens = torch.cat([often, seldom])
    assert token_share(stream, tokens) == pytest.approx(0, abs=0.05)
    assert token_share(stream[:2000], often) == pytest.approx(token_share(stream, tokens), abs=1e-9)
