"""The limit of a harvest, twice: `python -m benchmark.harvest.trunks TOKENS DTYPE` prints one line of JSON.

`bridge`: tokens/s of the forward pass that a harvest itself runs (TransformerLens' bridge, stopped at the hook).
`raw`: tokens/s of the same blocks as Hugging Face runs them, with its own choice of attention and nothing hooked.
Both on the embedded subject and the same batches, in turns; what both do once beforehand is not counted.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmark.harvest.batches import batches, buckets
from benchmark.harvest.corpora import Corpus, ShippedCorpus
from benchmark.harvest.delphi_cache import hooked_layer
from benchmark.harvest.recipe import Recipe
from benchmark.harvest.source import Source, Window
from benchmark.harvest.stopwatch import Stopwatch

BRIDGE, RAW = "bridge", "raw"


def raw_trunk(folder: Path, blocks: int, dtype: str) -> Callable[[Sequence[Sequence[int]]], Any]:
    """The first blocks of a model, as `transformers` runs them.

    Args:
        folder: of the model; it keeps its blocks in `layers`.
        blocks: how many run.
        dtype: of the weights.

    Returns:
        Rows of tokens to [rows, longest, width], padded on the right.
    """
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder, dtype=getattr(torch, dtype), local_files_only=True).eval()
    model.layers = model.layers[:blocks]
    model.norm = torch.nn.Identity()

    @torch.no_grad()
    def forward(rows: Sequence[Sequence[int]]) -> Any:
        longest = max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
        return model(ids, use_cache=False).last_hidden_state

    return forward


def passes(source: Source, corpus: Corpus, tokens: int, recipe: Recipe) -> Iterator[list[Window]]:
    """The batches of a harvest's first `tokens` tokens."""
    texts = corpus.documents()
    windows = ((0, window) for each in texts for window in source.windows(each.identifier, each.text))
    done = 0
    for bucket in buckets(windows, recipe.bucket_tokens):
        for group in batches(bucket, recipe.batch_tokens):
            yield [window for _, window in group]
            done += sum(len(window.ids) for _, window in group)
            if done >= tokens:
                return


def in_turns(
    ways: dict[str, Callable[[list[Window]], Any]], work: Iterator[list[Window]], watch: Stopwatch
) -> dict[str, float]:
    """Tokens/s of each way on the same batches; the first batch only warms them."""
    first = next(work)
    for way in ways.values():
        way(first)
    tokens = 0
    for windows in work:
        for name, way in ways.items():
            with watch.during(name):
                way(windows)
        tokens += sum(len(window.ids) for window in windows)
    return {name: tokens / watch.seconds[name] for name in ways}


def measure(tokens: int, dtype: str) -> dict[str, float]:
    """Both limits on the embedded subject, in tokens/s."""
    from benchmark.subjects.catalog import parse_sae, parse_subject, shipped_sae
    from benchmark.subjects.embedded import materialise
    from benchmark.subjects.features import feature_source

    source = feature_source(parse_subject("embedded", dtype, "cpu"), parse_sae("shipped"))
    config = json.loads((shipped_sae() / "cfg.json").read_text("utf-8"))
    raw = raw_trunk(materialise(), hooked_layer(config) + 1, dtype)
    ways: dict[str, Callable[[list[Window]], Any]] = {
        BRIDGE: source.forward,
        RAW: lambda windows: raw([[*source.before, *window.ids] for window in windows]),
    }
    return in_turns(ways, passes(source, ShippedCorpus.load(), tokens, Recipe()), Stopwatch())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]), sys.argv[2])) + "\n")
