"""The k largest of each row are those that `topk` finds."""

import pytest
import torch

from benchmark.subjects.selected.latents import GROUP, largest


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("columns", "k"), [(GROUP * 64, 48), (GROUP * 64, 64), (GROUP * 64, 65), (GROUP * 64 + 1, 5), (4096, 1), (8, 8)]
)
def test_the_largest_are_those_of_topk(dtype: torch.dtype, columns: int, k: int) -> None:
    rows = torch.randn(33, columns, generator=torch.Generator().manual_seed(columns + k)).to(dtype)
    value, index = largest(rows, k)
    assert torch.equal(value.sort(descending=True).values, rows.topk(k).values)
    assert torch.equal(rows.gather(1, index), value)
    assert all(len(set(row)) == k for row in index.tolist())


def test_equal_values_and_groups_full_of_large_ones() -> None:
    rows = torch.zeros(3, 512)
    rows[0, 5::64] = torch.arange(1.0, 9.0)
    rows[1] = 1.0
    rows[2, :40] = -1.0
    value, index = largest(rows, 20)
    assert value.sum(1).tolist() == [36.0, 20.0, 0.0]
    assert set(range(5, 512, 64)) <= set(index[0].tolist())


def test_no_number_comes_first() -> None:
    rows = torch.randn(2, 512, generator=torch.Generator().manual_seed(0))
    rows[1, 77] = float("nan")
    value, _ = largest(rows, 10)
    assert value.isnan().sum(1).tolist() == [0, 1]
