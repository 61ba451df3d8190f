"""The reading task: a sampled reader reads a run's reports on a few units, one sample a report and unit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig

from benchmark import provenance
from benchmark.errors import UserError
from benchmark.explainers.report import MAX_LEVEL
from benchmark.leaderboard import SCORE_VERSION
from benchmark.leaderboard.collect import Run, read_logs
from benchmark.readers.language_model import MODES, Mode
from benchmark.runtime.reading import read_by_claims, read_report, reading_score
from benchmark.runtime.reading_design import Cut, Design, Handed, ReadingError
from tasks.explanation.explanation import TaskError

TASK_VERSION = "1-A"
# A level is a number; greedy answers repeat.
GENERATION = GenerateConfig(max_tokens=8, temperature=0.0)


def design_of(logs: Sequence[Path], cut: Cut, by_claims: bool = False) -> Design:
    """The reading of all reports under some logs, by their text or by their claims.

    Raises:
        UserError: no logs, or no report on the tier.
    """
    suite, runs, _ = read_logs(logs)
    return Design(suite, {run.name: _handed(run) for run in runs}, cut, by_claims)


def _handed(run: Run) -> dict[str, Handed]:
    return {name: _one_handed(sample) for name, sample in run.samples.items()}


def _one_handed(sample: Mapping[str, Any]) -> Handed:
    told = sample.get("report") or {}
    claims = tuple((str(each["text"]), float(each.get("level", MAX_LEVEL))) for each in told.get("claims") or ())
    return Handed(str(sample["outcome"]), str(told.get("text", "")), claims)


@task
def reading(
    logs: str | list[str] = "",
    tier: str = "found",
    units: int = 12,
    nulls: int = 3,
    per_stratum: int = 14,
    strangers: int = 6,
    modes: str | list[str] = "simulation,detection,fuzzing",
    items_per_prompt: int = 1,
    top_logprobs: int = 20,
    seed: int = 0,
) -> Task:
    """A language model reads the reports of some logs.

    Args:
        logs: log files or folders, in a comma list.
        tier: of the units.
        units: how many of them.
        nulls: how many null units beside them.
        per_stratum: firing, near-miss and silent items a unit, each.
        strangers: strangers' reports a unit.
        modes: comma list of "simulation", "detection", "fuzzing"; simulation is always asked.
        items_per_prompt: above 1, items may tell of one another.
        top_logprobs: log-probabilities asked for in each place of an answer; 0 asks for none.
        seed: of units, items, marks and strangers.

    Raises:
        TaskError: an argument without meaning, or logs that cannot be read.
    """
    places = [Path(each) for each in _split(logs)]
    try:
        if not places:
            raise ReadingError("the reading task wants the logs of a run: give -T logs=runs/default/logs")
        cut = Cut(tier, units, nulls, per_stratum, strangers, modes_in(_split(modes)), items_per_prompt, seed)
        design = design_of(places, cut)
    except UserError as error:
        raise TaskError(str(error)) from error
    return task_of(design, top_logprobs)


def modes_in(names: Sequence[str]) -> tuple[Mode, ...]:
    """The modes of a list in their fixed order, simulation with them.

    Raises:
        ReadingError: an unknown one.
    """
    for name in names:
        if name not in MODES:
            raise ReadingError(f"no mode {name!r}: choose from {', '.join(MODES)}")
    return tuple(mode for mode in MODES if mode in (*names, "simulation"))


def task_of(design: Design, top_logprobs: int, reader: str = "") -> Task:
    """The Inspect task of a design; which reports it is about stands in its log.

    Args:
        design: a design by claims is read by the finetuned reader, another one by the model of the task.
        top_logprobs: of a model's answers.
        reader: the reader's name on the board; the model's if empty.
    """
    suite, cut = design.suite_word, design.cut.to_json()
    samples = [
        Sample(
            id=job.identifier,
            input=job.text or "(an empty report)",
            metadata={
                "unit": job.unit,
                "tier": design.suite.unit(job.unit).tier,
                "role": job.role,
                "report": job.text,
                "modes": list(job.modes),
                "claims": [list(claim) for claim in job.claims],
            },
        )
        for job in design.jobs
    ]
    return Task(
        dataset=MemoryDataset(samples, name=design.suite.name),
        solver=read_by_claims(suite, cut) if design.by_claims else read_report(suite, cut, top_logprobs),
        scorer=reading_score(suite, cut),
        config=GENERATION,
        version=TASK_VERSION,
        metadata={
            "reading": design.to_json(),
            "reader": reader,
            "score_version": SCORE_VERSION,
            "code_sha256": provenance.code_hash(),
            "commit": provenance.commit(),
            "versions": provenance.versions(),
        },
    )


def _split(value: str | list[str]) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else [str(each) for each in value]
    return [part.strip() for part in parts if part.strip()]
