"""Units without an SAE: MLP neurons, and arbitrary directions."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from benchmark.subjects.catalog import Directions, Neurons, UnitsError, did_you_mean
from benchmark.subjects.loading.checksums import sha256
from benchmark.subjects.loading.hooks import find_hook
from benchmark.subjects.loading.sae_word import check_width
from benchmark.subjects.loading.subject import Subject
from benchmark.subjects.selected.measured import Triples, nonzero


class _WithoutSae(ABC):
    """Units that no SAE says anything about: BOS where there is one, every position, nothing centred."""

    prepend_bos: bool | None = None
    excluded: frozenset[int] = frozenset()
    positions = slice(None)
    by_window = False

    @abstractmethod
    def encode(self, hidden: Any) -> Any:
        """Values [..., units]."""

    def triples(self, hidden: Any) -> Triples:
        """The values that are not 0."""
        return nonzero(self.encode(hidden))


class MlpNeurons(_WithoutSae):
    """Neurons of one block, after the activation function: negative where that lets negative values through.

    Args:
        spec: which block.
        subject: the model.
        columns: which neurons; None: all.

    Raises:
        UnitsError: no such block or neuron.
    """

    def __init__(self, spec: Neurons, subject: Subject, columns: Sequence[int] | None = None) -> None:
        layers = int(subject.bridge.cfg.n_layers)
        if not 0 <= spec.layer < layers:
            raise UnitsError(f"neurons:{spec.layer}: the subject has blocks 0 to {layers - 1}; mend: name one of them")
        self.hook = f"blocks.{spec.layer}.mlp.hook_post"
        find_hook(subject.bridge, self.hook)
        width = int(subject.hidden([[subject.bos or 0]], self.hook).shape[-1])
        chosen = range(width) if columns is None else columns
        if wrong := [each for each in chosen if not 0 <= each < width]:
            raise UnitsError(f"block {spec.layer} has no neuron {wrong[0]}; mend: choose from 0 to {width - 1}")
        self.units = tuple(f"n{each}" for each in chosen)
        self._index = torch.tensor(list(chosen), device=subject.device)
        self.facts: Mapping[str, str] = {"units": f"MLP neurons of block {spec.layer}"}

    def encode(self, hidden: Any) -> Any:
        """Neurons [..., units], in the subject's dtype."""
        return hidden[..., self._index]


class NamedDirections(_WithoutSae):
    """Dot products with vectors of a safetensors file, in float32.

    Args:
        spec: the file, one vector [width] a name, and the hook.
        subject: the model.
        names: which vectors; None: all, sorted.
        columns: which of these, by place; None: all.

    Raises:
        UnitsError: a file that cannot be read, an unknown name or place, or vectors of another width.
    """

    def __init__(
        self,
        spec: Directions,
        subject: Subject,
        names: Sequence[str] | None = None,
        columns: Sequence[int] | None = None,
    ) -> None:
        vectors = _vectors(spec.file)
        chosen = _placed(_named(vectors, names, spec.file), columns, spec.file)
        self.hook, self.units = spec.hook, tuple(f"d:{name}" for name in chosen)
        self._matrix = torch.stack([vectors[name] for name in chosen], dim=-1).to(subject.device)
        check_width(len(self._matrix), spec.hook, subject, str(spec.file))
        self.facts: Mapping[str, str] = {
            "units": f"directions of {spec.file.name}",
            "directions_sha256": sha256(spec.file),
        }

    def encode(self, hidden: Any) -> Any:
        """Dot products [..., units], float32."""
        return hidden.float() @ self._matrix


def _named(vectors: Mapping[str, Any], names: Sequence[str] | None, file: Path) -> list[str]:
    unknown = next((name for name in names or () if name not in vectors), None)
    if unknown is not None:
        raise UnitsError(
            f"{file} has no direction {unknown!r}: {did_you_mean(unknown, list(vectors))}mend: name another"
        )
    return sorted(vectors) if names is None else list(names)


def _placed(names: list[str], columns: Sequence[int] | None, file: Path) -> list[str]:
    wrong = next((each for each in columns or () if not 0 <= each < len(names)), None)
    if wrong is not None:
        raise UnitsError(f"{file} has no direction {wrong}; mend: choose from 0 to {len(names) - 1}, by sorted name")
    return names if columns is None else [names[each] for each in columns]


def _vectors(file: Path) -> dict[str, Any]:
    try:
        with safe_open(file, "pt") as handle:
            found = {name: handle.get_tensor(name).float() for name in handle.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise UnitsError(
            f"{file} is no safetensors file ({error}); mend: save one vector a name with safetensors"
        ) from None
    shapes = {tuple(vector.shape) for vector in found.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise UnitsError(f"{file} holds {sorted(shapes)}; mend: one vector a name, all of one width")
    return found
