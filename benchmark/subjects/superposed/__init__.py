"""Superposed units: latents of a SAE trained on features that planted concepts drive, more features than dimensions.

The world is planted: which concept drives which feature is known, so each latent's relation to each concept can be
computed. SAELens' `sae_lens.synthetic` gives dictionary, magnitudes, correlations and training (`train`); a set that
ships is served by NumPy alone (`SuperposedSet`).
"""

from benchmark.subjects.superposed.served import SuperposedError, SuperposedSet
from benchmark.subjects.superposed.world import World, WorldConcept

__all__ = ["SuperposedError", "SuperposedSet", "World", "WorldConcept"]
