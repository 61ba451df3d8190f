"""What a harvest says while it runs, and what it did in the end."""

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmark.harvest.stopwatch import Stopwatch

# The name under which the limit is timed; it is no part of the harvest's own time.
LIMIT = "bare forward"
# What is under no other name.
OTHER = "other"
EVERY = 10.0


@dataclass
class Progress:
    """Counts of a running harvest.

    Attributes:
        wanted: tokens asked for; None: all of the corpus.
        say: told of progress every ten seconds of work.
        fresh: tokens harvested in this run. `there`: tokens of shards that were whole already.
        resumed: how many shards were.
        timed: tokens on which the bare forward pass was timed.
        left_out: characters, white space aside, that came into no window.
    """

    wanted: int | None
    say: Callable[[str], None]
    watch: Stopwatch = field(default_factory=Stopwatch)
    fresh: int = 0
    there: int = 0
    resumed: int = 0
    timed: int = 0
    left_out: int = 0
    _said: float = 0.0

    @property
    def left(self) -> int | None:
        """Tokens that are still to be read."""
        return None if self.wanted is None else max(0, self.wanted - self.there - self.fresh)

    def tell(self) -> None:
        """Say where the harvest is, unless it was said just now."""
        spent = self.watch.total(LIMIT)
        if spent - self._said < EVERY:
            return
        self._said = spent
        rate = self.fresh / spent
        self.say(f"{self.there + self.fresh:,}{self._ahead(rate)}, {rate:,.0f} tokens/s")

    def _ahead(self, rate: float) -> str:
        if self.left is None:
            return " tokens"
        minutes, seconds = divmod(round(self.left / max(rate, 1)), 60)
        return f" of {self.wanted:,} tokens, {minutes} min {seconds} s left"


@dataclass(frozen=True)
class Outcome:
    """What a harvest did.

    Attributes:
        tokens, windows, documents, shards: of the whole store.
        fresh: tokens that this run harvested. `resumed`: shards that were whole already.
        left_out: characters of the documents it read, white space aside, that came into no window.
        seconds: of this run by kind of work, all of it: together they are its wall time from the first look at the
            store to the written summary. What was loaded before (subject, units, the shipped corpus) is not in.
        limit: tokens/s of the bare forward pass on some of the same batches; None where it was not timed.
        peak_memory: bytes, of the process.
    """

    tokens: int
    windows: int
    documents: int
    shards: int
    fresh: int
    resumed: int
    left_out: int
    seconds: dict[str, float]
    limit: float | None
    peak_memory: int

    @property
    def rate(self) -> float:
        """Tokens/s of this run, everything counted but the timing of the limit."""
        spent = sum(seconds for name, seconds in self.seconds.items() if name != LIMIT)
        return self.fresh / spent if spent else 0.0

    @property
    def ratio(self) -> float | None:
        """The rate over the limit."""
        return self.rate / self.limit if self.limit else None

    def line(self) -> str:
        """One line: what there is, how fast it came, the limit and the memory."""
        kept = f"{self.tokens:,} tokens, {self.windows:,} windows, {self.documents:,} documents, {self.shards} shards"
        parts = [kept + f" ({self.resumed} of them were there)" * bool(self.resumed)]
        parts += [f"{self.rate:,.0f} tokens/s"] if self.fresh else ["nothing was left to do"]
        if self.limit and self.ratio:
            parts.append(f"limit {self.limit:,.0f} tokens/s, ratio {self.ratio:.2f}")
        parts += [f"{self.left_out:,} characters came into no window"] * bool(self.left_out)
        return "; ".join([*parts, f"peak memory {self.peak_memory / 2**20:,.0f} MiB"])
