"""The subject with random weights: what it keeps of the embedded one, and what it does not."""

import pytest
import torch

from benchmark.subjects.randomised import redraw


@pytest.fixture
def weights() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {
        "mlp.weight": 3 + 0.5 * torch.randn(300, 200, generator=generator),
        "embed.weight": torch.randn(500, 64, generator=generator).cumsum(0) / 10,
        "norm.weight": torch.rand(64, generator=generator),
    }


def test_a_matrix_keeps_its_moments_and_nothing_else(weights: dict[str, torch.Tensor]) -> None:
    made = redraw(weights, 0)
    for name in ("mlp.weight", "embed.weight"):
        # 32,000 draws at least: the mean is within 0.03 standard deviations of its own.
        assert made[name].mean().item() == pytest.approx(
            weights[name].mean().item(), abs=0.03 * weights[name].std().item()
        )
        assert made[name].std().item() == pytest.approx(weights[name].std().item(), rel=0.03)
        assert abs(torch.corrcoef(torch.stack([made[name].flatten(), weights[name].flatten()]))[0, 1]) < 0.03
    rows = made["embed.weight"]
    assert abs(torch.corrcoef(torch.stack([rows[:-1].flatten(), rows[1:].flatten()]))[0, 1]) < 0.03


def test_gains_stay(weights: dict[str, torch.Tensor]) -> None:
    assert torch.equal(redraw(weights, 0)["norm.weight"], weights["norm.weight"])


def test_a_seed_gives_the_same_weights_whatever_the_order(weights: dict[str, torch.Tensor]) -> None:
    first, again = redraw(weights, 3), redraw(dict(reversed(weights.items())), 3)
    assert all(torch.equal(first[name], again[name]) for name in weights)
    assert not torch.equal(first["mlp.weight"], redraw(weights, 4)["mlp.weight"])
