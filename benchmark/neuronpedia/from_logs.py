"""A run's explanations, read from its logs and written with their scores."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.examiner import READERS
from benchmark.explainers.report import Report
from benchmark.leaderboard.collect import Run, read_logs
from benchmark.leaderboard.schema import SCORE_VERSION
from benchmark.neuronpedia.line import NeuronpediaError, nearest
from benchmark.neuronpedia.origin import Origin
from benchmark.neuronpedia.sources import source_of
from benchmark.neuronpedia.writing import Score, Written, write_run
from benchmark.suites import Suite

# No account of this name need exist; the site's import wants one that does.
AUTHOR = "viva"


@dataclass(frozen=True)
class Asked:
    """What is to be written.

    Attributes:
        explainer: its name on the board.
        model: the language model behind it; None where it ran with one model alone.
        source: "modelId/layer"; None where the suite says which features its units are.
        author: the account's id; None for "viva".
        reader: whose scores; None for all that read.
    """

    explainer: str
    model: str | None = None
    source: str | None = None
    author: str | None = None
    reader: str | None = None


def write_logs(places: Sequence[Path], out: Path, asked: Asked) -> Iterator[str]:
    """Write one explainer's explanations of found units, with r by reader as the run graded them; say what was done.

    Args:
        places: logs, or folders of logs, of one suite.
        out: a new folder.
        asked: which explainer, and in whose name.

    Raises:
        UserError: no such logs, explainer, model or reader; nobody says which features the units are; nothing to
            write; or the folder cannot be written to.
    """
    suite, runs, _ = read_logs(places)
    run = _chosen(runs, asked)
    readers = _readers(run, asked.reader)
    source = source_of(suite.manifest, asked.source, "--source ")
    samples = {key: run.samples[unit] for key, unit in source.features_of(suite.units).items() if unit in run.samples}
    reports = {key: Report.from_json(each["report"]) for key, each in samples.items() if _is_written(each)}
    left = Counter(_outcome(each) for each in samples.values() if not _is_written(each))
    if not reports:
        raise NeuronpediaError(
            f"{run.explainer} explained none of {len(samples)} found units ({_left(left)}); mend: another --explainer, "
            "or the logs of a run with units.tiers=[found]"
        )
    model = None if run.model == "none" else run.model
    origin = Origin(run.explainer, asked.author or AUTHOR, model, new_model=model is not None)
    scores = {key: _scores(suite, run, samples[key], readers) for key in reports}
    yield from _told(out, write_run(out, reports, origin, scores), left, len(run.samples) - len(samples), asked)


def _is_written(sample: Mapping[str, Any]) -> bool:
    return _outcome(sample) == "report"


def _outcome(sample: Mapping[str, Any]) -> str:
    """How a unit ended; a report of nothing but white space has no place in the table."""
    blank = sample["outcome"] == "report" and not str(sample["report"]["text"]).strip()
    return "blank" if blank else str(sample["outcome"])


def _chosen(runs: Sequence[Run], asked: Asked) -> Run:
    named = [run for run in runs if run.explainer == asked.explainer]
    if not named:
        hint = nearest(asked.explainer, [run.explainer for run in runs])
        raise NeuronpediaError(f"these logs have no explainer {asked.explainer!r}; {hint}")
    kept = [run for run in named if asked.model in (None, run.model)]
    models = [run.model for run in named]
    if not kept:
        raise NeuronpediaError(
            f"{asked.explainer} ran with no model {asked.model!r}; {nearest(str(asked.model), models)}"
        )
    if len(kept) > 1:
        raise NeuronpediaError(f"{asked.explainer} ran with {', '.join(models)}; mend: give --model <one of them>")
    return kept[0]


def _readers(run: Run, reader: str | None) -> tuple[str, ...]:
    if reader is not None and reader not in run.readers:
        raise NeuronpediaError(f"no reader {reader!r} examined {run.explainer}; {nearest(reader, run.readers)}")
    return (reader,) if reader else run.readers


def _scores(suite: Suite, run: Run, sample: dict[str, Any], readers: Sequence[str]) -> list[Score]:
    details = {"suite": suite.name, "suite_hash": suite.hash, "score_version": SCORE_VERSION}
    grades = sample.get("grades", {})
    # As on the board: an explainer that promises no predicates is not read by them.
    read = [each for each in readers if each in grades and (each != READERS[0] or sample.get("declares_predicates"))]
    return [Score("r", each, float(grades[each]["r"]), details) for each in read]


def _left(left: Counter[str]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(left.items())) or "none was met"


def _told(out: Path, written: Written, left: Counter[str], others: int, asked: Asked) -> Iterator[str]:
    yield f"{out}: {written.explanations} explanations, {written.scores} scores (r)"
    failed = sum(left.values()) - left["abstained"]
    yield f"left out: {left['abstained']} abstentions, {failed} failures; {others} units that are no features"
    if asked.author is None:
        yield f"authorId is {AUTHOR!r}; the import wants the id of an account that exists: --author ID"
    yield from map(str, written.files)
