"""A set of superposed units as it ships: values of any latent on any text, with NumPy alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.subjects.superposed.relations import Fitted
from benchmark.subjects.superposed.world import World, WorldConcept
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import Or, Predicate, Unless
from synthetic_neurons.prose.english import describe

DEFAULT = "set-1"
# Latents are rounded, so that the last bits of a matrix product do not differ between machines' libraries.
DECIMALS = 6


class SuperposedError(ValueError):
    """A set is missing or damaged, or has no such latent; the message has the mend."""


def encode(vectors: Floats, weights: Mapping[str, NDArray[np.float32]], config: Mapping[str, Any]) -> Floats:
    """float64 [words, latents]: what SAELens' `TopKSAE.encode` or `StandardSAE.encode` gives, up to rounding.

    Args:
        vectors: float64 [words, d].
        weights: W_enc [d, latents], b_enc [latents], W_dec [latents, d], b_dec [d].
        config: SAELens' own, with "architecture" "topk" or "standard".

    Raises:
        SuperposedError: another architecture.
    """
    if config["architecture"] not in ("topk", "standard"):
        raise SuperposedError(f"no encoder for {config['architecture']!r} SAEs; train 'topk' or 'standard'")
    given = vectors - weights["b_dec"].astype(float) * bool(config["apply_b_dec_to_input"])
    before: Floats = given @ weights["W_enc"].astype(float) + weights["b_enc"].astype(float)
    if config["architecture"] == "standard":
        return np.maximum(before, 0.0)
    if config.get("rescale_acts_by_decoder_norm"):
        before = before * np.linalg.norm(weights["W_dec"].astype(float), axis=1)
    kept = np.argsort(-before, axis=1, kind="stable")[:, : int(config["k"])]
    latents = np.zeros_like(before)
    np.put_along_axis(latents, kept, np.maximum(np.take_along_axis(before, kept, axis=1), 0.0), axis=1)
    return latents


@dataclass(frozen=True, eq=False)
class SuperposedSet:
    """Latents with their world.

    Attributes:
        world: what a word's vector is made of.
        weights, config: the SAE, in SAELens' names.
        card: what was measured: "latents" (label, best concept, claims, figures of each), "rules", "figures".
        relations: float32 [latents, features] each: "r", "cosine", "auprc".
    """

    world: World
    weights: Mapping[str, NDArray[np.float32]]
    config: Mapping[str, Any]
    card: Mapping[str, Any]
    relations: Mapping[str, NDArray[np.float32]]

    @classmethod
    def load(cls, folder: Path | None = None) -> "SuperposedSet":
        """A set in `folder`, or the one that ships.

        Raises:
            SuperposedError: a file is missing or damaged.
        """
        where = folder or Path(str(files(__package__).joinpath(DEFAULT)))
        try:
            card, config = (json.loads((where / name).read_text("utf-8")) for name in ("card.json", "cfg.json"))
            arrays, weights, relations = (
                dict(load_file(where / f"{name}.safetensors")) for name in ("world", "sae_weights", "relations")
            )
        except (OSError, ValueError, SafetensorError) as error:
            raise SuperposedError(
                f"{where} holds no whole set ({error}); mend: python -m benchmark.subjects.superposed --out {where}"
            ) from None
        concepts = tuple(map(WorldConcept.from_json, card["concepts"]))
        return cls(World(concepts, arrays, card["secret"], card["noise"]), weights, config, card, relations)

    @property
    def size(self) -> int:
        """How many latents."""
        return int(self.weights["b_enc"].shape[0])

    def activations(self, passages: Passages) -> Floats:
        """float64 [words, latents]: every latent on every word."""
        return np.round(encode(self.world.vectors(passages), self.weights, self.config), DECIMALS)

    def values(self, latent: int, passages: Passages) -> Floats:
        """float64 [words]: one latent on every word.

        Raises:
            SuperposedError: no such latent.
        """
        self._check(latent)
        return self.activations(passages)[:, latent]

    def levels(self, latent: int, passages: Passages) -> Floats:
        """float64 [words], 0 to 10: 10 is the latent's greatest value in training."""
        return np.clip(MAX_LEVEL * self.values(latent, passages) / self.scale(latent), 0.0, MAX_LEVEL)

    def scale(self, latent: int) -> float:
        """The value that counts as level 10; 1 for a latent that never fired in training."""
        self._check(latent)
        return float(self.card["latents"][latent]["scale"])

    def label(self, latent: int) -> str:
        """Its label; `card["rules"]` says by which rule."""
        self._check(latent)
        return str(self.card["latents"][latent]["label"])

    def report(self, latent: int) -> Report:
        """The oracle's report: a claim for each concept with its level; an abstention where there is none.

        What the report cannot hold (background features, noise, small values) is why its agreement is below 1; the
        card has the measured one.
        """
        self._check(latent)
        stated = self.card["latents"][latent]
        claims = tuple(self._claim(Fitted(c["concept"], tuple(c["without"]), c["level"])) for c in stated["claims"])
        if not claims or stated["label"] in ("dead", "background"):
            return Report.abstain("this latent stands for no concept")
        text = " ".join(f"Fires at level {claim.level:g} of 10 on {claim.text}." for claim in claims)
        return Report(text, claims, confidence=min(1.0, max(0.0, float(stated["agreement"]))))

    def _claim(self, fitted: Fitted) -> Claim:
        predicate = self._predicates[fitted.concept]
        if fitted.without:
            excepted = [self._predicates[each] for each in fitted.without]
            predicate = Unless(predicate, excepted[0] if len(excepted) == 1 else Or(tuple(excepted)))
        return Claim(describe(predicate), predicate, fitted.level)

    @cached_property
    def _predicates(self) -> tuple[Predicate, ...]:
        return tuple(concept.predicate for concept in self.world.concepts)

    def _check(self, latent: int) -> None:
        if not 0 <= latent < self.size:
            raise SuperposedError(f"no latent {latent}; give 0 to {self.size - 1}")
