"""What delphi is given beside us: an encoder in the dtype that both are timed in."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from benchmark.harvest.delphi_cache import topk_encoder

CONFIG = {"k": 3, "apply_b_dec_to_input": True, "rescale_acts_by_decoder_norm": True}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_encoder_works_in_the_dtype_asked_for(tmp_path: Path, dtype: str) -> None:
    draw = torch.Generator().manual_seed(0)
    shapes = {"W_enc": (8, 16), "b_enc": (16,), "W_dec": (16, 8), "b_dec": (8,)}
    weights = {name: torch.randn(shape, generator=draw) for name, shape in shapes.items()}
    save_file(weights, tmp_path / "sae_weights.safetensors")
    hidden = torch.randn(5, 8, generator=draw).to(getattr(torch, dtype))
    found = topk_encoder(tmp_path, CONFIG, dtype)(hidden)
    assert found.dtype == getattr(torch, dtype)
    assert (found != 0).sum(-1).max() <= 3
    wide = (hidden.float() - weights["b_dec"]) @ weights["W_enc"] + weights["b_enc"]
    wide = wide * weights["W_dec"].norm(dim=-1)
    assert torch.allclose(found.float().amax(-1), wide.amax(-1).relu(), rtol=0.05, atol=0.05)
