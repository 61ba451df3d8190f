"""Training the network: AdamW, a warm-up and a cosine; goes on after it was killed, to the same bits.

A step is a function of the seed, the step's number and the weights before it. A checkpoint holds the weights that
training changes, both moments of AdamW and the step, in one file that appears whole or not at all. So a run that was
killed and resumed ends with the weights of one that was not, given the same threads, precision, processor and torch.
"""

import hashlib
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from benchmark.errors import UserError
from benchmark.subjects.finetuned.network import Network
from benchmark.subjects.finetuned.sampling import Lesson, Sampler

STATE = "state.safetensors"
LOSSES = "losses.jsonl"
# Steps that are timed before a plan is made.
TIMED = 6
_SHOWN = 25


class TrainingError(UserError):
    """A training that cannot begin or go on; the message names the mend."""


@dataclass(frozen=True)
class Plan:
    """What decides a training's result.

    Attributes:
        diet: hash of the diet.
        steps: how many.
        size: pairs a step.
        rate: the greatest learning rate.
        warm_up: the share of steps in which the rate rises from 0.
        last: the share of the greatest rate that the cosine ends at.
        decay: AdamW's weight decay, on matrices alone.
        clip: the greatest norm of a gradient.
        seed: of the read-out and of all draws.
        bfloat16: under bfloat16 autocast.
        threads: of torch.
    """

    diet: str
    steps: int
    size: int = 48
    rate: float = 3e-4
    warm_up: float = 0.04
    last: float = 0.03
    decay: float = 0.01
    clip: float = 1.0
    seed: int = 0
    bfloat16: bool = False
    threads: int = 1

    def learning_rate(self, step: int) -> float:
        """Of step `step`, from 0: linear up, then half a cosine down."""
        rising = max(1, round(self.warm_up * self.steps))
        if step < rising:
            return self.rate * (step + 1) / rising
        share = (step - rising) / max(1, self.steps - rising)
        return self.rate * (self.last + (1 - self.last) * (1 + math.cos(math.pi * share)) / 2)


def optimizer_for(network: Network, plan: Plan) -> torch.optim.AdamW:
    """AdamW over what training changes (Loshchilov and Hutter 2019, algorithm 2)."""
    learned = network.learned().values()
    groups = [
        {"params": [each for each in learned if each.ndim > 1], "weight_decay": plan.decay},
        {"params": [each for each in learned if each.ndim == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98))


def loss_of(network: Network, lesson: Lesson, bfloat16: bool) -> torch.Tensor:
    """Weighted binary cross-entropy against the claim's own value on each word of known truth."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        odds = network(lesson.batch)
    seen = lesson.weight > 0
    each = torch.nn.functional.binary_cross_entropy_with_logits(odds[seen], lesson.target[seen], reduction="none")
    return (lesson.weight[seen] * each).sum() / lesson.weight[seen].sum().clamp(min=1)


def seconds_a_step(network: Network, sampler: Sampler, bfloat16: bool, steps: int = TIMED) -> float:
    """The time of a forward and a backward pass, measured on the first lessons; no weight is changed."""
    begun = 0.0
    for step in range(-1, steps):
        if step == 0:
            begun = time.perf_counter()
        loss_of(network, sampler.lesson(max(step, 0)), bfloat16).backward()  # type: ignore[no-untyped-call]
        network.zero_grad(set_to_none=True)
    return (time.perf_counter() - begun) / steps


class Training:
    """One training in a folder.

    Args:
        network: fresh, with the plan's seed.
        sampler: with the plan's seed and size.
        plan: what decides the result.
        folder: where checkpoints lie; made if it is not there.
        say: told of progress.
    """

    def __init__(
        self,
        network: Network,
        sampler: Sampler,
        plan: Plan,
        folder: Path,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.network, self.sampler, self.plan, self.folder, self.say = network, sampler, plan, folder, say
        self.optimizer = optimizer_for(network, plan)
        self.step, self.seconds, self._recent = 0, 0.0, [0.0, 0]
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, until: int | None = None, every: float = 60.0) -> None:
        """Train to the plan's last step, or to an earlier one; a checkpoint every so many seconds and at the end."""
        torch.set_num_threads(self.plan.threads)
        self.network.train()
        last = self.plan.steps if until is None else min(until, self.plan.steps)
        kept, begun, before = time.monotonic(), time.monotonic(), self.seconds
        while self.step < last:
            self._step()
            self.seconds = before + time.monotonic() - begun
            if self.step % _SHOWN == 0 or self.step == last:
                self._tell(last, (time.monotonic() - begun))
            if time.monotonic() - kept > every:
                self.save()
                kept = time.monotonic()
        self.save()

    def _step(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.learning_rate(self.step)
        loss = loss_of(self.network, self.sampler.lesson(self.step), self.plan.bfloat16)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(list(self.network.learned().values()), self.plan.clip)
        self.optimizer.step()
        self.step += 1
        self._recent = [self._recent[0] + loss.item(), self._recent[1] + 1]

    def _tell(self, last: int, spent: float) -> None:
        mean, self._recent = self._recent[0] / max(1, self._recent[1]), [0.0, 0]
        rate = self.plan.size * self.step / max(self.seconds, 1e-9)
        left = (last - self.step) * self.seconds / max(1, self.step)
        self.say(f"step {self.step:,}/{last:,}: loss {mean:.4f}, {rate:.0f} pairs/s, {left / 60:.1f} minutes left")
        with (self.folder / LOSSES).open("a", encoding="utf-8") as log:
            log.write(json.dumps({"step": self.step, "loss": round(mean, 6), "seconds": round(self.seconds, 1)}) + "\n")

    def save(self) -> None:
        """Write a checkpoint."""
        tensors = {f"weight/{name}": each.detach() for name, each in self.network.learned().items()}
        for name, each in self.network.learned().items():
            held = self.optimizer.state.get(each)
            if held:
                tensors |= {f"{moment}/{name}": held[moment] for moment in ("exp_avg", "exp_avg_sq")}
        facts = {"plan": asdict(self.plan), "step": self.step, "seconds": self.seconds}
        write_whole(self.folder / STATE, lambda part: save_file(tensors, part, {"facts": json.dumps(facts)}))

    def resume(self) -> bool:
        """Go on from the checkpoint, if there is one; whether there was.

        Raises:
            TrainingError: it is of another plan.
        """
        found = checkpoint_of(self.folder)
        if found is None:
            return False
        if found.plan != self.plan:
            name = next(name for name, value in asdict(self.plan).items() if asdict(found.plan)[name] != value)
            raise TrainingError(
                f"{self.folder} holds a training with another {name} ({asdict(found.plan)[name]} is not "
                f"{asdict(self.plan)[name]}); mend: the same arguments, or --folder with another"
            )
        found.load(self.network, self.optimizer)
        self.step, self.seconds = found.step, found.seconds
        self.say(f"going on from step {self.step:,} of {self.plan.steps:,}")
        return True


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk."""

    path: Path
    plan: Plan
    step: int
    seconds: float

    def load(self, network: Network, optimizer: torch.optim.AdamW | None = None) -> None:
        """Put its weights into a network, and its moments into an optimizer."""
        with safe_open(str(self.path), framework="pt") as file:
            there = set(file.keys())
            with torch.no_grad():
                for name, each in network.learned().items():
                    each.copy_(file.get_tensor(f"weight/{name}"))
                    if optimizer is not None and f"exp_avg/{name}" in there:
                        moments = {moment: file.get_tensor(f"{moment}/{name}") for moment in ("exp_avg", "exp_avg_sq")}
                        optimizer.state[each] = {"step": torch.tensor(float(self.step)), **moments}


def checkpoint_of(folder: Path) -> Checkpoint | None:
    """The folder's checkpoint; None where there is none."""
    path = folder / STATE
    if not path.exists():
        return None
    with safe_open(str(path), framework="pt") as file:
        facts = json.loads(file.metadata()["facts"])
    return Checkpoint(path, Plan(**facts["plan"]), facts["step"], facts["seconds"])


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` write a file beside, then put it in place: it appears whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
