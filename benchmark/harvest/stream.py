"""The harvest itself: corpus to shards, shards to a summary, with what is already on disk left as it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from benchmark.harvest.batches import Keyed, batches, buckets
from benchmark.harvest.collect import Chunk, Collector, join
from benchmark.harvest.corpora import Corpus, TextDocument, texts_hash
from benchmark.harvest.near_misses import Encoder, near_misses
from benchmark.harvest.progress import LIMIT, OTHER, Outcome, Progress
from benchmark.harvest.recipe import Recipe
from benchmark.harvest.source import Activations, Bare, Closing, Source, Window
from benchmark.harvest.store import (
    HarvestStoreError,
    ShardFacts,
    Shards,
    open_manifest,
    pack,
    read_counts,
    write_whole,
)
from benchmark.harvest.summary import Summary, sampled_below
from benchmark.harvest.texts import LAST_KEY, key_of
from benchmark.memory import peak_memory, release

# After so many passes what they freed is given back; after each it would take a tenth of their time.
RELEASED = 8
# The bare forward pass is timed on one bucket of this many, after the harvest's own passes over it.
TIMED = 4
# As many activations (about 100 bytes each while they are sorted) wait at most to be kept together, and one pass more.
HELD_TRIPLES = 500_000


@dataclass(frozen=True)
class Job:
    """A harvest to be done.

    Attributes:
        source: the subject and its units.
        corpus: documents in a fixed order.
        recipe: how much is read and kept.
        encoder: finds near misses; None leaves them out.
        encoder_sha256: of its weights and tokenizer.
        closing: let go of the subject once it has read everything, so that near misses are not found on top of it; the
            source is of no use afterwards.
        time_limit: also time the bare forward pass, if the source has one.
    """

    source: Source
    corpus: Corpus
    recipe: Recipe
    encoder: Encoder | None = None
    time_limit: bool = False
    encoder_sha256: str = ""
    closing: bool = False

    def manifest(self) -> dict[str, object]:
        """What decides the store's bytes."""
        near = self.encoder is not None and self.recipe.near > 0
        return {
            "source": {**self.source.facts, "selected": str(len(self.source.units))},
            "units": list(self.source.units),
            "corpus": dict(self.corpus.facts),
            "recipe": self.recipe.facts(),
            "encoder": str(getattr(self.encoder, "name", type(self.encoder).__name__)) if near else "none",
            "encoder_sha256": self.encoder_sha256 if near else "",
            "levels": asdict(self.recipe.keep.levels),
            "edges": self.recipe.keep.levels.edges.tolist(),
        }


def harvest(job: Job, folder: Path, say: Callable[[str], None] = lambda line: None) -> Outcome:
    """Harvest a corpus into a folder; what is there and whole is used.

    Args:
        job: what is harvested.
        folder: the store.
        say: told of progress, and of whatever is redone.

    Raises:
        HarvestStoreError: the store was made with something else, or another harvest is at work in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            return _Run(job, folder, say).go()
    except Timeout:
        raise HarvestStoreError(f"another harvest works in {folder}; mend: wait for it, or give folder=") from None


def ranges(documents: Iterator[TextDocument], characters: int) -> Iterator[list[TextDocument]]:
    """Consecutive documents, a range a shard; where one ends depends on the documents alone."""
    held: list[TextDocument] = []
    size = 0
    for document in documents:
        held.append(document)
        size += len(document.text)
        if size >= characters:
            yield held
            held, size = [], 0
    if held:
        yield held


def _solid(text: str) -> int:
    """Characters that are not white space."""
    return sum(map(len, text.split()))


class _Run:
    """One harvest at work."""

    def __init__(self, job: Job, folder: Path, say: Callable[[str], None]) -> None:
        self._job, self._recipe, self._folder, self._say = job, job.recipe, folder, say
        self._shards = Shards(folder, say)
        self._progress = Progress(job.recipe.tokens, say)
        self._watch = self._progress.watch
        self._bare = job.source if job.time_limit and isinstance(job.source, Bare) else None
        self._buckets = 0

    def go(self) -> Outcome:
        """All shards, then the whole; all of it counts as time."""
        start = self._watch.now()
        counts, shards = self._work()
        return self._outcome(counts, shards, self._watch.now() - start)

    def _work(self) -> tuple[dict[str, int], int]:
        open_manifest(self._folder, self._job.manifest())
        made: list[ShardFacts] = []
        for documents in ranges(self._job.corpus.documents(), self._recipe.shard_characters):
            if self._progress.left == 0:
                break
            made.append(self._shard(len(made), documents))
            # What the shard held is free now, and the next passes would lie on top of it.
            release()
        if not sum(shard.tokens for shard in made):
            raise HarvestStoreError("the corpus has no windows to harvest; mend: name another corpus=")
        self._shards.drop_from(len(made))
        return self._whole(made), len(made)

    def _outcome(self, counts: dict[str, int], shards: int, wall: float) -> Outcome:
        # What has no name (reading the corpus, checksums) is told too, so that the parts are the whole.
        progress = self._progress
        seconds = {**self._watch.seconds, OTHER: wall - self._watch.total()}
        limit = progress.timed / seconds[LIMIT] if progress.timed else None
        whole = (counts["tokens"], counts["seen"], counts["documents"], shards)
        counted = (progress.fresh, progress.resumed, progress.left_out)
        return Outcome(*whole, *counted, seconds, limit, peak_memory())

    def _shard(self, index: int, documents: Sequence[TextDocument]) -> ShardFacts:
        """A shard, which is made if it is not there."""
        if there := self._shards.facts(index):
            self._shards.same_texts(index, there, texts_hash(self._read(documents, there)))
            self._progress.there += there.tokens
            self._progress.resumed += 1
            return there
        summary = self._collect(documents, self._recipe.sample_ceiling() if index else LAST_KEY)
        read = documents[: summary.documents]
        first, last = read[0].identifier, read[-1].identifier
        facts = ShardFacts(len(read), first, last, texts_hash(read), summary.tokens)
        with self._watch.during("writing"):
            return self._shards.write(index, summary, facts)

    def _read(self, documents: Sequence[TextDocument], there: ShardFacts) -> Sequence[TextDocument]:
        """The documents that a shard was made from: not all of them if its tokens were the last that were asked for."""
        left = self._progress.left
        cut = left is not None and there.tokens >= left
        return documents[: there.documents] if cut else documents

    def _collect(self, documents: Sequence[TextDocument], ceiling: np.uint64) -> Summary:
        recipe, seen = self._recipe, list[str]()
        collector = Collector(len(self._job.source.units), recipe.keep, ceiling)
        for bucket in buckets(self._windows(documents, seen), recipe.bucket_tokens):
            self._bucket(collector, bucket)
        with self._watch.during("keeping"):
            return replace(collector.summary, documents=len(seen))

    def _windows(self, documents: Sequence[TextDocument], seen: list[str]) -> Iterator[Keyed]:
        """Windows with their keys, until the limit is reached; `seen` gets the documents that were begun."""
        left = self._progress.left
        for document in documents:
            seen.append(document.identifier)
            with self._watch.during("cutting"):
                found = self._job.source.windows(document.identifier, document.text)
                keys = [key_of(window, place, self._recipe.seed) for place, window in enumerate(found)]
                self._progress.left_out += _solid(document.text) - sum(_solid(window.text) for window in found)
            for key, window in zip(keys, found, strict=True):
                yield key, window
                left = None if left is None else left - len(window.ids)
                if left is not None and left <= 0:
                    return

    def _bucket(self, collector: Collector, bucket: Sequence[Keyed]) -> None:
        passes = batches(bucket, self._recipe.batch_tokens)
        held: list[tuple[Sequence[Keyed], Activations]] = []
        for number, group in enumerate(passes, 1):
            with self._watch.during("model"):
                held.append((group, self._job.source.activations([window for _, window in group])))
                if number % RELEASED == 0:
                    release()
            # Neurons and directions are on everywhere: a bucket of them would be gigabytes.
            if sum(len(found.token) for _, found in held) >= HELD_TRIPLES:
                self._keep(collector, held)
                held = []
        self._keep(collector, held)
        self._progress.fresh += sum(len(window.ids) for _, window in bucket)
        self._time_limit([[window for _, window in group] for group in passes])
        self._progress.tell()

    def _keep(self, collector: Collector, held: Sequence[tuple[Sequence[Keyed], Activations]]) -> None:
        if not held:
            return
        with self._watch.during("keeping"):
            key = np.array([key for group, _ in held for key, _ in group], np.uint64)
            collector.add(Chunk.of([([window for _, window in group], found) for group, found in held], key))
            release()

    def _time_limit(self, passes: Sequence[Sequence[Window]]) -> None:
        turn, self._buckets = self._buckets % TIMED == 0, self._buckets + 1
        if self._bare is None or not turn:
            return
        with self._watch.during(LIMIT):
            for windows in passes:
                self._bare.forward(windows)
        self._progress.timed += sum(len(window.ids) for windows in passes for window in windows)

    def _tell_short(self, sampled: int, wanted: int) -> None:
        if sampled < wanted:
            asked = f"the corpus is shorter than tokens={self._recipe.tokens:,}"
            self._say(f"the uniform sample has {sampled:,} windows, not {wanted:,}: {asked}")

    def _whole(self, made: Sequence[ShardFacts]) -> dict[str, int]:
        """Join the shards, find near misses and write; two shards in memory at most, however many there are."""
        if (counts := read_counts(self._folder, made)) is not None:
            return counts
        if self._job.closing and isinstance(self._job.source, Closing):
            self._job.source.close()
            release()
        with self._watch.during("joining"):
            keep = self._recipe.keep
            whole = join(map(self._shards.read, range(len(made))), keep)
            if len(made) > 1:
                whole = sampled_below(whole, self._recipe.sample_ceiling(), keep)
        self._tell_short(len(whole.sampled), min(keep.uniform, whole.seen))
        arrays = pack(whole)
        if self._job.encoder is not None and self._recipe.near:
            self._say("near misses: embedding exemplars and sampled windows")
            with self._watch.during("near misses"):
                recipe = self._recipe
                found = near_misses(whole, self._job.encoder, recipe.near, recipe.near_exemplars, keep.levels)
            arrays["near/window"], arrays["near/cosine"] = found
        with self._watch.during("writing"):
            return write_whole(self._folder, arrays, whole, made)
