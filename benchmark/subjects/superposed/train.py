"""Make a set of superposed units: `python -m benchmark.subjects.superposed --out FOLDER --seed N`.

SAELens' own parts: `FeatureDictionary` lays N features into d < N dimensions, `FoldedNormalMagnitudeConfig` gives their
magnitudes, `generate_random_low_rank_correlation_matrix` the background's correlations, `HierarchyNode` checks that the
concepts are a hierarchy, `train_toy_sae` trains a `TopKTrainingSAE`, and the metrics of `sae_lens.synthetic` describe
the outcome. The same seed, texts and versions give the same bytes on one machine; torch promises no more than that.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sae_lens import synthetic
from sae_lens.saes.topk_sae import TopKTrainingSAE, TopKTrainingSAEConfig
from safetensors.numpy import save_file

from benchmark.statistics.weighted import weighted_r
from benchmark.subjects.superposed import relations
from benchmark.subjects.superposed.concepts import concepts
from benchmark.subjects.superposed.page import page
from benchmark.subjects.superposed.served import DECIMALS, DEFAULT, SuperposedSet, encode
from benchmark.subjects.superposed.texts import SUITE, digest, texts
from benchmark.subjects.superposed.world import World, WorldConcept
from synthetic_neurons.passages import Floats, Passages

LEAST_SHOWN = 0.3


@dataclass(frozen=True)
class Plan:
    """The numbers of a set.

    Attributes:
        seed: of everything drawn.
        background: how many features mean nothing.
        rate: how often each of them fires, a word.
        dimensions: d; fewer than features.
        latents, k: of the SAE.
        noise: standard deviation on each dimension.
        texts: generated training texts a concept.
        samples, batch, learning_rate: of the training.
    """

    seed: int = 1
    background: int = 20
    rate: float = 0.01
    dimensions: int = 32
    latents: int = 128
    k: int = 3
    noise: float = 0.02
    texts: int = 60
    samples: int = 2_000_000
    batch: int = 512
    learning_rate: float = 3e-3


def roots(planted: Sequence[WorldConcept]) -> list[synthetic.HierarchyNode]:
    """The concepts as SAELens' trees: what has no parent, with what lies below it."""

    def node(index: int) -> Any:
        name = planted[index].name
        below = [node(i) for i, each in enumerate(planted) if each.parent == name]
        return synthetic.HierarchyNode(index, below, feature_id=name)

    return [node(i) for i, each in enumerate(planted) if each.parent is None]


def make_world(planted: tuple[WorldConcept, ...], plan: Plan) -> tuple[World, synthetic.FeatureDictionary]:
    """The world, and SAELens' dictionary that it was made with."""
    count = len(planted) + plan.background
    dictionary = synthetic.FeatureDictionary(count, plan.dimensions, bias=0.5, seed=plan.seed)
    strength = synthetic.FoldedNormalMagnitudeConfig(mean=1.0, std=0.2, min_value=0.5)
    correlation = synthetic.generate_random_low_rank_correlation_matrix(
        plan.background, rank=4, correlation_scale=0.25, seed=plan.seed + 2
    )
    firing = synthetic.ActivationGenerator(plan.background, plan.rate, correlation_matrix=correlation)
    mean = synthetic.generate_magnitudes(count, strength, seed=plan.seed + 1)
    arrays = {
        "feature_vectors": dictionary.feature_vectors,
        "bias": dictionary.bias,
        "mean": mean,
        "std": 0.1 * mean,
        "factor": correlation.correlation_factor,
        "diag": correlation.correlation_diag,
        "threshold": firing.correlation_thresholds,
    }
    plain = {name: value.detach().numpy().astype(np.float32) for name, value in arrays.items()}
    return World(planted, plain, f"superposed/{plan.seed}", plan.noise), dictionary


class Replay(torch.nn.Module):
    """Vectors of a world's words, drawn without end, where SAELens expects a generator of activations.

    Half of a batch are words on which a concept holds, and half are any words: most words of running text have no
    concept, and would teach the SAE nothing else.

    Args:
        vectors: float32 [words, d]; noise is in them, so the dictionary has been applied.
        planted: bool [words], where a concept holds.
        seed: of the draws.
    """

    def __init__(self, vectors: torch.Tensor, planted: torch.Tensor, seed: int) -> None:
        super().__init__()
        self._vectors, self._generator = vectors, torch.Generator().manual_seed(seed)
        self._planted = torch.nonzero(planted).flatten()

    def forward(self, batch_size: int) -> torch.Tensor:
        """A batch drawn with replacement, [batch_size, d]."""
        some = self._planted[self._draw(len(self._planted), batch_size // 2)]
        return self._vectors[torch.cat([some, self._draw(len(self._vectors), batch_size - len(some))])]

    def _draw(self, below: int, count: int) -> torch.Tensor:
        return torch.randint(below, (count,), generator=self._generator)


class AsTheyAre(torch.nn.Module):
    """A dictionary for vectors that are made already; `train_toy_sae` asks for one."""

    def __init__(self, dictionary: synthetic.FeatureDictionary) -> None:
        super().__init__()
        self.feature_vectors = dictionary.feature_vectors

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """What is given."""
        return vectors


def train_sae(part: "Part", planted: int, dictionary: synthetic.FeatureDictionary, plan: Plan) -> TopKTrainingSAE:
    """SAELens' TopK SAE, trained by `train_toy_sae`, with decoder norms folded into the encoder.

    Args:
        part: the words to train on.
        planted: how many of the features are concepts'.
        dictionary: the world's.
        plan: sizes and seed.
    """
    torch.manual_seed(plan.seed)
    config = TopKTrainingSAEConfig(d_in=plan.dimensions, d_sae=plan.latents, k=plan.k, device="cpu", dtype="float32")
    sae = TopKTrainingSAE(config)
    sae.cfg.metadata.model_name = "superposed world"
    synthetic.train_toy_sae(
        sae,
        AsTheyAre(dictionary),
        Replay(
            torch.tensor(part.vectors, dtype=torch.float32),
            torch.tensor(part.truth[:, :planted].max(axis=1) > 0),
            plan.seed + 3,
        ),
        training_samples=plan.samples,
        batch_size=plan.batch,
        lr=plan.learning_rate,
        lr_decay_steps=plan.samples // plan.batch // 4,
    )
    sae.fold_W_dec_norm()
    return sae


def below(planted: Sequence[WorldConcept]) -> dict[int, tuple[int, ...]]:
    """Concept to the concepts directly below it, by number."""
    found = {
        index: tuple(i for i, each in enumerate(planted) if each.parent == concept.name)
        for index, concept in enumerate(planted)
    }
    return {index: children for index, children in found.items() if children}


def check_hierarchy(planted: Sequence[WorldConcept], truth: Floats) -> None:
    """Refuse concepts that do not lie within their parents: SAELens' hierarchy must leave their truth as it is.

    Raises:
        ValueError: somewhere a concept holds and its parent does not.
    """
    given = torch.tensor(truth[:, : len(planted)], dtype=torch.float32)
    if not torch.equal(synthetic.hierarchy_modifier(roots(planted))(given.clone()), given):
        raise ValueError("a concept holds where its parent does not; mend the parent's words in concepts.py")


@torch.no_grad()
def _figures(sae: TopKTrainingSAE, dictionary: synthetic.FeatureDictionary, held: "Part") -> dict[str, float]:
    """What SAELens measures of dictionary and SAE, and the reconstruction on held-out words."""
    vectors = torch.tensor(held.vectors, dtype=torch.float32)
    latents = sae.encode(vectors)
    error = ((vectors - sae.decode(latents)) ** 2).sum()
    overlap = synthetic.compute_superposition_stats(dictionary)
    spread = ((vectors - vectors.mean(dim=0)) ** 2).sum()
    return {
        "mean_max_abs_cosine": overlap.mean_max_abs_cos_sim,
        "mean_abs_cosine": overlap.mean_abs_cos_sim,
        "mean_correlation_coefficient": synthetic.mean_correlation_coefficient(sae.W_dec, dictionary.feature_vectors),
        "feature_uniqueness": synthetic.feature_uniqueness(sae.W_dec, dictionary.feature_vectors),
        "fvu": float(error / spread),
        "true_l0": float((held.truth > 0).sum(axis=1).mean()),
        "sae_l0": float((latents > 0).sum(dim=1).float().mean()),
    }


@dataclass(frozen=True, eq=False)
class Part:
    """Words of one part with all that is known of them."""

    truth: Floats
    vectors: Floats

    @classmethod
    def of(cls, world: World, given: Sequence[str]) -> "Part":
        passages = Passages.of(given)
        truth = world.truth(passages)
        return cls(truth, world.vectors(passages, world.activations(passages, truth)))


def _cards(
    world: World, matrices: Mapping[str, Floats], fit: tuple[Floats, Floats], report: tuple[Floats, Floats], scale: Any
) -> list[dict[str, Any]]:
    """One card a latent: claims are fitted on one part, everything else is measured on the other."""
    planted, children = len(world.concepts), below(world.concepts)
    levels_fit, levels = np.clip(10 * fit[0] / scale, 0, 10), np.clip(10 * report[0] / scale, 0, 10)
    measured = relations.Measured(levels >= relations.ON_LEVEL, report[1], matrices["r"], children, planted)
    cards = []
    for latent in range(levels.shape[1]):
        claims = relations.fit_claims(levels_fit[:, latent], fit[1][:, :planted], children)
        claimed = relations.claimed(claims, report[1])
        agreement = weighted_r(levels[:, latent], claimed, np.ones(len(levels)))
        cards.append(_card(world, matrices, measured, latent, claims, agreement) | {"scale": float(scale[latent])})
    return cards


def _card(
    world: World,
    matrices: Mapping[str, Floats],
    measured: relations.Measured,
    latent: int,
    claims: Sequence[relations.Fitted],
    agreement: float,
) -> dict[str, Any]:
    best, names = measured.best(latent), world.names
    near = np.flatnonzero(matrices["cosine"][latent] >= LEAST_SHOWN)
    return {
        "latent": latent,
        "label": measured.label(latent, claims, agreement),
        "best": names[best],
        "r": round(float(matrices["r"][latent, best]), 4),
        "cosine": round(float(matrices["cosine"][latent, best]), 4),
        "auprc": round(float(matrices["auprc"][latent, best]), 4),
        "precision": round(measured.precision(latent), 4),
        "recall": round(measured.recall(latent), 4),
        "on_rate": round(float(measured.on[:, latent].mean()), 6),
        "holes": [names[each] for each in measured.holes(latent)],
        "decoder_near": {names[i]: round(float(matrices["cosine"][latent, i]), 3) for i in near},
        "claims": [{"concept": c.concept, "without": list(c.without), "level": c.level} for c in claims],
        "agreement": round(agreement, 4),
    }


def make(out: Path, plan: Plan, planted: tuple[WorldConcept, ...] | None = None) -> SuperposedSet:
    """Make a set, write it to `out`, and load it again.

    Args:
        out: the folder; files of an earlier set are replaced.
        plan: its numbers.
        planted: the concepts; those of `concepts` if None.
    """
    planted = concepts() if planted is None else planted
    parts = texts(plan.seed, plan.texts)
    world, dictionary = make_world(planted, plan)
    train, fit, report = (Part.of(world, given) for given in parts.values())
    for part in (train, fit, report):
        check_hierarchy(planted, part.truth)
    sae = train_sae(train, len(planted), dictionary, plan)
    _, config = sae.save_inference_model(out)
    # SAELens writes the keys in the order of a set, which differs from run to run.
    config.write_text(json.dumps(json.loads(config.read_text("utf-8")), indent=1, sort_keys=True) + "\n", "utf-8")
    return _write(out, plan, world, parts, {"sae": sae, "dictionary": dictionary}, (train, fit, report))


def _write(
    out: Path,
    plan: Plan,
    world: World,
    parts: Mapping[Any, list[str]],
    made: Mapping[str, Any],
    words: tuple[Part, Part, Part],
) -> SuperposedSet:
    sae, (train, fit, report) = made["sae"], words
    config = json.loads((out / "cfg.json").read_text("utf-8"))
    weights = {name: value.detach().numpy() for name, value in sae.state_dict().items()}
    latents = [np.round(encode(part.vectors, weights, config), DECIMALS) for part in words]
    greatest = latents[0].max(axis=0)
    matrices = {
        "r": relations.correlations(latents[2], report.truth),
        "cosine": relations.cosines(weights["W_dec"].astype(float), world.arrays["feature_vectors"].astype(float)),
        "auprc": relations.precisions(latents[2], report.truth),
    }
    cards = _cards(
        world,
        matrices,
        (latents[1], fit.truth),
        (latents[2], report.truth),
        np.round(np.where(greatest > 0, greatest, 1.0), DECIMALS),
    )
    counts = {name: sum(card["label"] == name for card in cards) for name in relations.LABELS}
    card = {
        "plan": asdict(plan),
        "versions": {name: version(name) for name in ("sae-lens", "torch", "numpy")},
        "texts": {"suite": SUITE, "hash": digest(parts), **{part: len(given) for part, given in parts.items()}},
        "words": {"train": len(train.truth), "fit": len(fit.truth), "report": len(report.truth)},
        "features": len(world.names),
        "figures": {name: round(value, 5) for name, value in _figures(sae, made["dictionary"], report).items()},
        "labels": counts,
        "rules": relations.RULES,
        "secret": world.secret,
        "noise": world.noise,
        "concepts": [concept.to_json() for concept in world.concepts],
        "latents": cards,
    }
    save_file(dict(world.arrays), out / "world.safetensors")
    save_file({name: value.astype(np.float32) for name, value in matrices.items()}, out / "relations.safetensors")
    (out / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (out / "README.md").write_text(page(card), "utf-8")
    return SuperposedSet.load(out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command-line entry."""
    default, plan = Path(__file__).parent / DEFAULT, Plan()
    parser = argparse.ArgumentParser(prog="python -m benchmark.subjects.superposed", description=__doc__)
    parser.add_argument("--out", type=Path, default=default)
    for name, value in asdict(plan).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    chosen = vars(parser.parse_args(arguments))
    out = chosen.pop("out")
    made = make(out, Plan(**chosen))
    print(json.dumps({"figures": made.card["figures"], "labels": made.card["labels"]}, indent=1))
    print(f"wrote {out}")


if __name__ == "__main__":
    main()
