"""What is on of a TopK SAE is what `topk` finds, on whichever device."""

import numpy as np
import pytest
import torch

from benchmark.subjects.selected import topk
from benchmark.subjects.selected.topk import Triples, strongest

DTYPES = [torch.float32, torch.float16, torch.bfloat16, torch.float64]


def laid_out(found: Triples, rows: torch.Tensor) -> torch.Tensor:
    dense = torch.zeros_like(rows)
    dense[found.row, found.unit] = found.value
    return dense


def in_order(found: Triples, columns: int) -> bool:
    return bool((np.diff((found.row * columns + found.unit).numpy()) > 0).all())


@pytest.mark.parametrize("way", [strongest, topk._by_topk])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("columns", "k"), [(512, 48), (512, 400), (513, 5), (4096, 1), (8, 8)])
def test_what_is_on_is_what_topk_finds(way: object, dtype: torch.dtype, columns: int, k: int) -> None:
    # Few values in all, so that many are equal to the k-th.
    generator = torch.Generator().manual_seed(columns + k)
    rows = (torch.randn(33, columns, generator=generator) * 50).round().to(dtype) / 16
    found = way(rows, k)  # type: ignore[operator]
    dense = laid_out(found, rows)
    assert in_order(found, columns)
    assert torch.equal(dense.sort(descending=True).values[:, :k], rows.topk(k).values.relu())
    assert torch.equal(dense[dense > 0], rows[dense > 0])
    assert int((dense > 0).sum(1).max()) <= k


def test_values_that_differ_are_chosen_as_topk_chooses_them() -> None:
    rows = torch.randn(200, 700, generator=torch.Generator().manual_seed(1))
    assert all(map(torch.equal, strongest(rows, 30), topk._by_topk(rows, 30)))


def test_rows_of_ties_of_zeros_and_below_zero() -> None:
    rows = torch.full((4, 512), -0.0)
    rows[0, 5::64] = torch.arange(1.0, 9.0)
    rows[1] = 1.0
    rows[2, :40] = -1.0
    rows[3] = torch.finfo(torch.float32).tiny / 4
    found = strongest(rows, 20)
    dense = laid_out(found, rows)
    assert np.bincount(found.row.numpy(), minlength=4).tolist() == [8, 20, 0, 20]
    assert (float(dense[0].sum()), float(dense[1].sum())) == (36.0, 20.0)


def test_no_rows_and_rows_that_are_views() -> None:
    assert [len(each) for each in strongest(torch.zeros(0, 9), 3)] == [0, 0, 0]
    wide = torch.randn(6, 40, generator=torch.Generator().manual_seed(2))
    assert all(map(torch.equal, strongest(wide[:, ::2], 3), strongest(wide[:, ::2].clone(), 3)))
