"""The finetuned reader's answers to a sheet: no prompt and no language model, one reading of the sheet's windows."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from benchmark.exam.sampled import Marked, Sheet, marked_places
from benchmark.explainers.report import Claim, Report
from benchmark.readers.finetuned import Cost, FinetunedReader
from benchmark.readers.finetuned_cache import CachedCrossEncoder
from benchmark.readers.language_model import Mode, items_of
from benchmark.runtime.reading_design import Design, Job, sheet_of
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.finetuned.shipped import Shipped
from synthetic_neurons.passages import Floats, Passages


@cache
def shipped_reader() -> FinetunedReader:
    """The reader whose weights ship, with its answers kept in the cache folder.

    Raises:
        UserError: the weights are missing or damaged.
    """
    encoder = Shipped()
    return FinetunedReader(CachedCrossEncoder(encoder, cache_folder() / "finetuned"), encoder.threshold)


def report_of(job: Job) -> Report:
    """The report as a reader of claims takes it; a text without claims is one claim."""
    return Report(job.text, tuple(Claim(text, level=level) for text, level in job.claims))


def answers(reader: FinetunedReader, job: Job, sheet: Sheet) -> dict[str, Any]:
    """Answers as a language model's are kept: by mode, in the order of the sheet, and what they cost.

    Simulation is the level at the marked word; detection asks whether any word of the window reaches the reader's
    threshold, fuzzing whether the marked one does.

    Args:
        reader: of claims.
        job: the report, and what is asked about it.
        sheet: of the unit.
    """
    items = {mode: items_of(sheet, mode) for mode in job.modes}
    passages = Passages.of(tuple(dict.fromkeys(each.text for found in items.values() for each in found)))
    before = reader.meter.passes
    levels = reader.read(report_of(job), passages)
    read = {mode: _values(mode, found, passages, levels, reader.threshold) for mode, found in items.items()}
    return {
        "modes": {
            mode: {"values": values, "errors": [""] * len(values), "expected": 0, "threshold": reader.threshold}
            for mode, values in read.items()
        },
        "prompts": reader.meter.passes - before,
        "tokens": 0,
        "dollars": 0.0,
    }


def _values(mode: Mode, items: Sequence[Marked], passages: Passages, levels: Floats, threshold: float) -> list[float]:
    if mode == "detection":
        peaks = dict(zip(passages.texts, passages.per_text_max(levels).tolist(), strict=True))
        return [float(peaks[item.text] >= threshold) for item in items]
    marked = [float(levels[place]) for place in marked_places(items, passages)]
    return [float(level >= threshold) for level in marked] if mode == "fuzzing" else [round(x, 6) for x in marked]


def estimate(reader: FinetunedReader, design: Design) -> Cost:
    """What a reading will take: its passes are counted, a few of them are timed."""
    sheets = {unit.identifier: sheet_of(design.suite, unit, design.cut) for unit in design.units}
    passes = sum(
        max(1, len(job.claims)) * len({item.text for mode in job.modes for item in items_of(sheets[job.unit], mode)})
        for job in design.jobs
    )
    if not design.jobs:
        return Cost(0, 0, 0.0)
    first = design.jobs[0]
    texts = [item.text for item in sheets[first.unit].marked]
    one = reader.estimate([claim.text for claim in report_of(first).claims] or [first.text], texts)
    share = passes / max(1, one.passes)
    return Cost(passes, round(one.items * share), one.seconds * share)
