"""What was chosen to be planted, kept as data: a search of minutes, whose result the study checks but does not repeat.

`planted.json` holds for each unit the latent and its decoy, or the direction, with the strength; the subject, the SAE
and the prompts it was chosen for; and in words how. `python -m benchmark.behaviours --plant` chooses anew.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmark.behaviours.shipped import ToPlant

FILE = Path(__file__).with_name("planted.json")
HOW = (
    "Latents: drawn by the unit's seed from the 60 that raise the difference most by the teach prompts' gradient and "
    "are on by themselves in a tenth of the prompts at most; 16 are tried at strengths from the weakest on, each with "
    "decoys from the flattest quarter. The first is taken with which the behaviour is there, moved by 1 nat on teach "
    "and on exam prompts, beside a decoy that changes a quarter of that at most. Directions: at random, tilted towards "
    "the gradient by a cosine of 0.3. See benchmark/subjects/planting.py."
)


def key(wanted: ToPlant, facts: Mapping[str, str]) -> str:
    """SHA-256 of what a choice depends on: prompts, condition, seed, and the files of the subject and of the SAE."""
    files = [facts.get(name, "") for name in ("subject_sha256", "sae_sha256")]
    return hashlib.sha256(repr((wanted, files)).encode()).hexdigest()


@lru_cache(maxsize=4)
def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8"))["units"]) if path.is_file() else {}


def known(wanted: ToPlant, facts: Mapping[str, str], path: Path = FILE) -> dict[str, Any] | None:
    """What was chosen for a unit; None if its prompts, the subject or the SAE are others than then."""
    found: dict[str, Any] | None = _read(path).get(wanted.unit.identifier)
    return found if found and found["key"] == key(wanted, facts) else None


def keep(found: Mapping[str, Mapping[str, Any]], path: Path = FILE) -> None:
    """Write down what was chosen, by unit."""
    path.write_text(json.dumps({"how": HOW, "units": found}, indent=1, sort_keys=True) + "\n", "utf-8")
    _read.cache_clear()
