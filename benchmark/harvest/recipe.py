"""The recipe of a harvest: everything that decides the store's bytes, besides the source and the corpus."""

from dataclasses import asdict, dataclass, field

import numpy as np

from benchmark.harvest.levels import Levels
from benchmark.harvest.summary import Keep
from benchmark.harvest.texts import LAST_KEY

SEED = 20261121
# 2: windows of every text, however short and in any language.
FORMAT = 2
WINDOW_TOKENS = 32
# How much more than its expected share of the uniform sample a shard may keep: with 2,048 windows, a sample that comes
# out short would be 20 standard deviations away.
SAMPLE_SLACK = 1.5


@dataclass(frozen=True)
class Recipe:
    """How much is read and kept.

    Attributes:
        tokens: stop at the window with which this many tokens are reached; None reads the whole corpus.
        seed: of every sample.
        batch_tokens: tokens of one forward pass, padding included.
        bucket_tokens: windows of about this many tokens are ordered by length before they are batched.
        shard_characters: a shard ends with the document that reaches this many characters.
        window_tokens: of the source's windows, at most; it decides how much of the uniform sample a shard keeps.
        near: near-miss windows a unit; 0 leaves them out.
        near_exemplars: strongest windows of a unit whose mean embedding its near misses are nearest to.
        keep: how much of each kind is kept.
    """

    tokens: int | None = None
    seed: int = SEED
    batch_tokens: int = 2048
    bucket_tokens: int = 32_768
    shard_characters: int = 1_000_000
    window_tokens: int = WINDOW_TOKENS
    near: int = 10
    near_exemplars: int = 2
    keep: Keep = field(default_factory=Keep)

    def sample_ceiling(self) -> np.uint64:
        """The greatest key that the uniform sample of a corpus of several shards may hold.

        The sample is uniform whatever the ceiling; the ceiling spares every shard a whole sample of its own. The first
        shard keeps one, since a corpus may turn out to be shorter than what is asked for.
        """
        # No window is longer, so there are as many of them at least.
        expected = (self.tokens or 0) / self.window_tokens
        share = SAMPLE_SLACK * self.keep.uniform / expected if expected else 1.0
        return LAST_KEY if share >= 1 else np.uint64(int(share * 2**64))

    def facts(self) -> dict[str, str]:
        """As a manifest states it."""
        plain = asdict(self)
        levels: Levels = self.keep.levels
        kept = plain.pop("keep")
        kept["levels"] = f"2**{levels.lowest}..2**{levels.highest}, {levels.steps} an octave, both sides of 0"
        return {name: str(value) for name, value in {"format": FORMAT, **plain, **kept}.items()}
