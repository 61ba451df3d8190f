"""Readers of prose beside one another: the ladder's rungs, read on each unit's 42 own items, one marked word each.

    python -m benchmark.comparison.readers_beside embedded-2-reference --out results/readers_beside.json

A language model answers a prompt an item, so neither it nor the finetuned reader reads a pool. Here all readers answer
the same items, of units whose families the finetuned reader was not trained on, and their seconds are measured.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from inspect_ai.model import GenerateConfig, Model

from benchmark.comparison.readers_page import Read, publish
from benchmark.errors import USAGE_ERROR, UserError
from benchmark.exam.sampled import Sheet, draw_sheet, marked_places
from benchmark.exam.sampled_grades import Sheetful
from benchmark.examiner import Examiner
from benchmark.explainers.report import Report
from benchmark.ladder.publish import TEXT_READERS
from benchmark.ladder.sampled import Choice
from benchmark.ladder.scores import Point, planted_units, report_of
from benchmark.readers.diet.division import JUDGED
from benchmark.readers.finetuned import FinetunedReader
from benchmark.readers.language_model import questions, right_answers
from benchmark.readers.reader import Reader
from benchmark.runtime.models import EMBEDDED, label, make
from benchmark.runtime.reading import answer_of, messages
from benchmark.subjects.finetuned.shipped import Shipped
from benchmark.suites import Suite, load
from synthetic_neurons.arguments import at_least
from synthetic_neurons.ladder.rungs import Ladder
from synthetic_neurons.passages import Passages

Levels = list[float | None]


class ItemReader(Protocol):
    """Answers items one by one.

    Attributes:
        name: in the tables.
    """

    name: str

    def levels(self, report: Report, sheet: Sheet) -> Levels:
        """A level for each marked word, None for an answer that cannot be read."""
        ...


class OnWindows:
    """A reader of windows, asked for the marked words alone."""

    def __init__(self, reader: Reader) -> None:
        self.name, self._reader = reader.name, reader

    def levels(self, report: Report, sheet: Sheet) -> Levels:
        """As the protocol says."""
        passages = Passages.of(tuple(dict.fromkeys(item.text for item in sheet.marked)))
        found = self._reader.read(report, passages)
        assert found is not None, f"the {self.name} reader reads text"
        return [float(found[place]) for place in marked_places(sheet.marked, passages)]


class ByModel:
    """A language model, asked for the level of one marked word a prompt; no answer comes from a cache."""

    CONFIG = GenerateConfig(max_tokens=8, temperature=0.0, logprobs=True, top_logprobs=20)

    def __init__(self, model: Model, name: str) -> None:
        self.name, self._model = name, model

    def levels(self, report: Report, sheet: Sheet) -> Levels:
        """As the protocol says."""
        return asyncio.run(self._levels(report, sheet))

    async def _levels(self, report: Report, sheet: Sheet) -> Levels:
        asked = questions(report.text, sheet, "simulation")
        outputs = await asyncio.gather(*(self._model.generate(messages(each), config=self.CONFIG) for each in asked))
        pairs = zip(asked, outputs, strict=True)
        return [question.read(answer_of(output))[0].value for question, output in pairs]


@dataclass
class Count:
    """What one reader has answered.

    Attributes:
        items, unread: answers, and those that could not be read.
        seconds: spent.
    """

    items: int = 0
    unread: int = 0
    seconds: float = 0.0


def compare(
    suite: Suite, readers: Sequence[ItemReader], choice: Choice, say: Callable[[str], None] = lambda line: None
) -> Read:
    """Every rung of the chosen units, read by every reader on the unit's own items.

    Args:
        suite: a frozen suite.
        readers: to compare.
        choice: of units; its windows are not used.
        say: told of progress.
    """
    every, pool = planted_units(suite), suite.pool("planted")
    ladder, counts, points = Ladder(every, pool.passages, pool.word_weight), {r.name: Count() for r in readers}, []
    chosen = list(choice.units(every))
    for number, unit in enumerate(chosen, start=1):
        sheet = draw_sheet(suite.items(suite.unit(unit.identifier), "own"), unit.identifier, choice.seed)
        rungs = ladder.rungs(unit)
        if number == 1:
            _warm(readers, report_of(rungs[0]), sheet)
        for rung in rungs:
            scores = {r.name: {"r_own": _score(r, report_of(rung), sheet, counts[r.name])} for r in readers}
            assert rung.agreement is not None
            points.append(Point(unit.identifier, unit.family, rung.name, rung.error, rung.agreement, rung.text, scores))
        say(f"{unit.identifier}: {number} of {len(chosen)} units")
    rates = {name: count.items / max(count.seconds, 1e-9) for name, count in counts.items()}
    return Read(points, rates, {name: count.unread / max(1, count.items) for name, count in counts.items()})


def _warm(readers: Sequence[ItemReader], report: Report, sheet: Sheet) -> None:
    """Let every reader load its weights before its seconds are counted."""
    for reader in readers:
        reader.levels(report, replace(sheet, marked=sheet.marked[:1]))


def _score(reader: ItemReader, report: Report, sheet: Sheet, count: Count) -> float:
    begun = time.perf_counter()
    found = reader.levels(report, sheet)
    count.seconds += time.perf_counter() - begun
    count.items += len(found)
    count.unread += found.count(None)
    return Sheetful(np.array(right_answers(sheet, "simulation")), tuple(found)).r()


def _readers(suite: Suite, model: bool, cache: Path) -> list[ItemReader]:
    encoder, own = Shipped(), Examiner(suite, cache=cache).readers
    ours: list[ItemReader] = [OnWindows(FinetunedReader(encoder, encoder.threshold))]
    # Who runs the predicates shows how well 42 items can order the rungs at all.
    ours += [OnWindows(own[name]) for name in (*TEXT_READERS, "executable")]
    return [*ours, ByModel(make(EMBEDDED), label(EMBEDDED).rpartition("/")[2])] if model else ours


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, compare, and name the files."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmark.comparison.readers_beside", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("suite", nargs="?", default="embedded-2-reference", help="a suite that ships, or a folder")
    parser.add_argument("--per-family", type=at_least(1), default=3, help="units of each judged family")
    parser.add_argument("--no-model", action="store_true", help="leave out SmolLM2, which takes most of the time")
    parser.add_argument("--out", type=Path, default=Path("results/readers_beside.json"), help="the JSON file")
    chosen = parser.parse_args(arguments)
    try:
        suite = load(chosen.suite)
        choice = Choice(JUDGED, chosen.per_family)
        # Embeddings are kept in a folder that is empty: what an earlier run left would be no speed of this one.
        with tempfile.TemporaryDirectory(prefix="viva-readers-") as cache:
            readers = _readers(suite, not chosen.no_model, Path(cache))
            written = publish(chosen.out, suite, compare(suite, readers, choice, _say))
    except UserError as error:
        sys.stderr.write(f"readers_beside: {error}\n")
        sys.exit(USAGE_ERROR)
    for path in written:
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
