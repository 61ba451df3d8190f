"""Whether the harvest's latents are SAELens' own, on real windows of the embedded subject: `python -m` writes JSON."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.harvest.batches import batches
from benchmark.harvest.recipe import Recipe
from benchmark.harvest.source import Window
from benchmark.provenance import versions
from benchmark.subjects.catalog import parse_sae, parse_subject, shipped_sae
from benchmark.subjects.embedded import materialise
from benchmark.subjects.features import FeatureSource, feature_source
from benchmark.suites.tables import read_table

SUITE = Path(__file__).parents[1] / "suites" / "embedded-2"
# The cache holds every hook of every layer of a batch; the harvest's side runs in batches of its own.
WINDOWS, BATCH = 1000, 5
# Of values of the order of 1 to 100, in float32: other batches and another attention kernel.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Equality:
    """Two ways to the same latents.

    Attributes:
        windows, tokens, on: how many were compared; `on` counts values above 0 in SAELens' latents.
        seed: of the windows' draw.
        batch_tokens: of the harvest's side, padding included.
        dtype: of both.
        versions: of the packages.
        beyond: values that differ by more than `tolerance`, relative and absolute.
        largest: the greatest absolute difference.
        only_one: latents that are on in one alone; at the k-th place of a TopK SAE, near ties fall either way.
        tolerance: relative and absolute.
    """

    windows: int
    tokens: int
    on: int
    beyond: int
    largest: float
    only_one: int
    tolerance: float
    seed: int
    batch_tokens: int
    dtype: str
    versions: dict[str, str]


def real_windows(source: FeatureSource, count: int, seed: int) -> list[Window]:
    """`count` teach windows of a suite, drawn at random, as the subject takes them."""
    table = read_table(SUITE, "windows")
    texts = [text for text, part in zip(table["text"], table["part"], strict=True) if part == "teach"]
    drawn = np.random.default_rng(seed).permutation(len(texts))[:count]
    return source.whole([texts[place] for place in drawn.tolist()])


def saelens(bridge: Any, sae: Any, rows: Sequence[Sequence[int]], bos: int) -> NDArray[np.float32]:
    """float32 [tokens, latents] by `SAETransformerBridge.run_with_cache_with_saes`; BOS is left out."""
    longest = max(map(len, rows))
    # Padding stands behind the text, where no token of it looks.
    ids = torch.tensor([[bos, *row, *[bos] * (longest - len(row))] for row in rows])
    name = bridge.get_sae_hook_name(sae)
    with torch.no_grad():
        _, cache = bridge.run_with_cache_with_saes(ids, saes=[sae], use_error_term=True)
    return np.concatenate([cache[name][i, 1 : 1 + len(row)].float().numpy() for i, row in enumerate(rows)])


def ours(source: FeatureSource, windows: Sequence[Window]) -> NDArray[np.float32]:
    """float32 [tokens, latents] as the harvest has them."""
    found = source.activations(windows)
    values = np.zeros((len(found.kept), len(source.units)), np.float32)
    values[found.token, found.unit] = found.value
    return values


def compare(windows: int = WINDOWS, tolerance: float = TOLERANCE, seed: int = 0) -> Equality:
    """Compare both ways on windows of the suite's teach part, ours in the batches of a harvest."""
    from sae_lens import SAE, SAETransformerBridge

    source = feature_source(parse_subject("embedded", device="cpu"), parse_sae("shipped"))
    sae: Any = SAE.load_from_disk(str(shipped_sae()), device="cpu", dtype="float32")
    bridge: Any = SAETransformerBridge.boot_transformers(str(materialise()), device="cpu", dtype=torch.float32)
    chosen, recipe = real_windows(source, windows, seed), Recipe()
    parts = []
    for group in batches(list(enumerate(chosen)), recipe.batch_tokens):
        some = [window for _, window in group]
        rows = [saelens(bridge, sae, [each.ids for each in few], source.before[0]) for few in _by(BATCH, some)]
        parts.append(_difference(ours(source, some), np.concatenate(rows), tolerance))
    tokens, on, beyond, only_one = (int(sum(part[i] for part in parts)) for i in range(4))
    largest = float(max(part[4] for part in parts))
    facts = (seed, recipe.batch_tokens, source.subject.spec.dtype, versions())
    return Equality(len(chosen), tokens, on, beyond, largest, only_one, tolerance, *facts)


def _by(count: int, windows: Sequence[Window]) -> list[Sequence[Window]]:
    return [windows[start : start + count] for start in range(0, len(windows), count)]


def _difference(
    mine: NDArray[np.float32], theirs: NDArray[np.float32], tolerance: float
) -> tuple[int, int, int, int, float]:
    """Tokens, values on, values beyond the tolerance, on in one alone, and the greatest difference."""
    one = (mine > 0) != (theirs > 0)
    # A latent that is on in one alone is a tie where it is as weak as that token's weakest one in the other.
    weakest = np.where(theirs > 0, theirs, np.inf).min(axis=1, keepdims=True)
    tie = one & (np.maximum(mine, theirs) <= weakest * (1 + tolerance) + tolerance)
    off = ~np.isclose(mine, theirs, rtol=tolerance, atol=tolerance) & ~tie
    largest = float(np.abs(np.where(tie, 0, mine - theirs)).max())
    return len(mine), int((theirs > 0).sum()), int(off.sum()), int(one.sum()), largest


def main() -> None:
    """Write the comparison beside the other results."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.subjects.equality", description=__doc__)
    parser.add_argument("--windows", type=int, default=WINDOWS, help="how many")
    parser.add_argument("--out", type=Path, default=Path("results/saelens_equality.json"), help="the JSON file")
    chosen = parser.parse_args()
    found = compare(chosen.windows)
    chosen.out.write_text(json.dumps(asdict(found), indent=1) + "\n", "utf-8")
    if found.beyond:
        raise SystemExit(f"{found.beyond} of {found.on} values differ by more than {found.tolerance}")


if __name__ == "__main__":
    main()
