"""The ladder for a sampled reader: some units of the families it was not tuned on, on a sample of each unit's windows.

True agreement is still that of the whole pool. A unit's windows are drawn in strata (the unit fires; only some other
rung does; neither) and carry the pool's weight times the stratum's share, so scores stay Hájek estimates at base rate.
All readers of one table read the same windows, whose seconds are measured.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.exam.items import Pool
from benchmark.explainers.report import Report
from benchmark.ladder.order import summaries
from benchmark.ladder.scores import Point, planted_units, point_of
from benchmark.ladder.tables import markdown
from benchmark.readers.reader import Reader
from benchmark.suites.suite import Suite
from synthetic_neurons.ladder.agreement import claimed
from synthetic_neurons.ladder.rungs import Ladder, Rung
from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.planted import PlantedUnit

# A rung that fires in more of the windows than this says nothing about which of them are near.
WIDE = 0.5


def thinned(pool: Pool, strata: Ints, windows: int, seed: int) -> Pool:
    """About `windows` windows of a pool, as many of each stratum as there are, with weights that restore the pool.

    Args:
        pool: the whole.
        strata: int64 [windows of the pool], each window's stratum.
        windows: how many in all, shared evenly over the strata.
        seed: of the draw.
    """
    rng, kept, weight = np.random.default_rng(seed), [], []
    names = np.unique(strata)
    for at, name in enumerate(names):
        members = np.flatnonzero(strata == name)
        some = rng.permutation(members)[: windows * (at + 1) // len(names) - windows * at // len(names)]
        kept.append(np.sort(some))
        weight.append(pool.weight[some[np.argsort(some)]] * len(members) / max(1, len(some)))
    return _part(pool, np.concatenate(kept), np.concatenate(weight))


def _part(pool: Pool, kept: Ints, weight: Floats) -> Pool:
    first = pool.passages.first
    words = np.concatenate([np.arange(first[i], first[i + 1]) for i in kept.tolist()])
    rows = {name: each.on(words) for name, each in pool.rows.items()}
    return Pool(Passages.of([pool.passages.texts[i] for i in kept.tolist()]), weight, rows)


def strata_of(unit: PlantedUnit, rungs: Sequence[Rung], pool: Pool) -> Ints:
    """int64 [windows]: 0 where the unit fires, 1 where only a rung does that is not wide, 2 elsewhere."""
    own = pool.passages.per_text_max(unit.values(pool.passages)) > 0
    said = [pool.passages.per_text_max(claimed(rung.claims, pool.passages)) > 0 for rung in rungs]
    near = np.any([each for each in said if each.mean() < WIDE] or [own], axis=0)
    return np.where(own, 0, np.where(near, 1, 2))


@dataclass
class Timed:
    """A reader whose words and seconds are counted.

    Attributes:
        reader: the reader.
        words: that it has answered for.
        seconds: that it took.
    """

    reader: Reader
    words: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Bear the reader's name and threshold."""
        self.name, self.threshold = self.reader.name, self.reader.threshold

    def read(self, report: Report, passages: Passages) -> Floats | None:
        """As the reader does."""
        begun = time.perf_counter()
        found = self.reader.read(report, passages)
        self.seconds += time.perf_counter() - begun
        self.words += len(passages.words)
        return found

    @property
    def words_per_second(self) -> float:
        """Throughput."""
        return self.words / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class Choice:
    """Which ladders are read.

    Attributes:
        families: those of the suite that the readers were not tuned on.
        per_family: units of each, the first ones.
        windows: of each unit.
        seed: of the windows.
    """

    families: tuple[str, ...]
    per_family: int = 3
    windows: int = 240
    seed: int = 0

    def units(self, every: Sequence[PlantedUnit]) -> Iterator[PlantedUnit]:
        """The chosen units, family by family."""
        for family in self.families:
            yield from [unit for unit in every if unit.family == family][: self.per_family]


def sampled_points(
    suite: Suite, readers: Sequence[Reader], choice: Choice, say: Callable[[str], None] = lambda line: None
) -> list[Point]:
    """One point a rung of the chosen units.

    Args:
        suite: a frozen suite.
        readers: text readers.
        choice: which ladders.
        say: told of progress.
    """
    pool, every = suite.pool("planted"), planted_units(suite)
    ladder, chosen, found = Ladder(every, pool.passages, pool.word_weight), list(choice.units(every)), []
    begun = time.monotonic()
    for number, unit in enumerate(chosen, start=1):
        rungs = ladder.rungs(unit)
        some = thinned(pool, strata_of(unit, rungs, pool), choice.windows, choice.seed)
        found += [point_of(unit, rung, some, readers) for rung in rungs]
        left = (time.monotonic() - begun) / number * (len(chosen) - number)
        say(f"{unit.identifier}: {number} of {len(chosen)} units, {left / 60:.1f} minutes left")
    return found


def publish_sampled(
    suite: Suite, folder: Path, readers: Sequence[Reader], choice: Choice, say: Callable[[str], None]
) -> list[Path]:
    """Write `ladder-sampled.json` and `.md`: the ladder's tables for readers of some windows, and their throughput.

    Returns:
        The files, JSON first.
    """
    timed = [Timed(reader) for reader in readers]
    found = sampled_points(suite, timed, choice, say)
    rows, speed = summaries(found, seed=0), {each.name: round(each.words_per_second, 1) for each in timed}
    whole: dict[str, Any] = {
        "suite": suite.name,
        "suite_hash": suite.hash,
        "choice": asdict(choice),
        "words_per_second": speed,
        "summaries": [asdict(row) for row in rows],
        "points": [asdict(replace(point)) for point in found],
    }
    title = f"The ladder on {suite.name}, sampled: {', '.join(choice.families)}"
    texts = {
        "ladder-sampled.json": json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "ladder-sampled.md": _page(markdown(found, rows, title), choice, speed),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def _page(text: str, choice: Choice, speed: dict[str, float]) -> str:
    """The ladder's page without a figure, with what was sampled and how fast each reader was."""
    kept = [part for part in text.rstrip().split("\n\n") if not part.startswith("![")]
    rates = ", ".join(f"{name} {rate:,.0f}" for name, rate in speed.items())
    kept.insert(
        2,
        f"At most {choice.per_family} units of each family, {choice.windows} windows of each unit's pool (seed "
        f"{choice.seed}), the same for all readers. Words a second, with what each reader keeps in its cache: {rates}.",
    )
    return "\n\n".join(kept) + "\n"
