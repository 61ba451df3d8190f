"""The folder on disk: a manifest, shards by document range, and at the end a summary of the whole.

```
manifest.json                  what the store was made with
shards/00000.safetensors       what is kept of the first documents
shards/00000.json              its checksum, its documents and its counts
summary.safetensors, .json     all shards joined, with near misses
```

Nothing in a store tells when or how often it was interrupted: two runs of the same harvest write the same bytes.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from benchmark.errors import UserError
from benchmark.harvest.ragged import Ragged
from benchmark.harvest.summary import Entries, Summary
from benchmark.harvest.texts import WindowTable
from benchmark.subjects.shards import save_arrays

Arrays = dict[str, NDArray[Any]]


class HarvestStoreError(UserError):
    """A store does not fit what is asked for; the message names the file, both values and the mend."""


def open_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest of a new store, or compare with the one that is there.

    Raises:
        HarvestStoreError: the store was made with something else.
    """
    path = folder / "manifest.json"
    (folder / "shards").mkdir(parents=True, exist_ok=True)
    if not path.exists():
        if any((folder / "shards").glob("*.safetensors")):
            raise HarvestStoreError(f"{folder} holds shards and no manifest.json; mend: give another folder=")
        _write(path, (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode())
        return
    for section, wanted in facts.items():
        _compare(path, section, read_manifest(folder).get(section, {}), wanted)


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a store was made with.

    Raises:
        HarvestStoreError: there is no store, or its manifest cannot be read.
    """
    path = folder / "manifest.json"
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise HarvestStoreError(f"{folder} is no harvest: it has no manifest.json; mend: viva harvest") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise HarvestStoreError(f"{path} is damaged ({error}); mend: give another folder=, or delete it") from None
    if not isinstance(found, dict):
        raise HarvestStoreError(f"{path} is damaged (not an object); mend: give another folder=, or delete it")
    return found


def _compare(path: Path, section: str, there: Any, wanted: Any) -> None:
    if not isinstance(wanted, Mapping) or not isinstance(there, Mapping):
        if there != wanted:
            shown = f"{section} {_short(there)}, and this is {section} {_short(wanted)}"
            raise HarvestStoreError(f"{path} was made with {shown}; mend: give another folder=")
        return
    for name in sorted({*there, *wanted}):
        if there.get(name) != wanted.get(name):
            was, now = (_short(each.get(name)) for each in (there, wanted))
            raise HarvestStoreError(
                f"{path} was made with {section}.{name} {was}, and this is {section}.{name} {now}; "
                "mend: give another folder=, or what it was made with"
            )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)"


@dataclass(frozen=True)
class ShardFacts:
    """What stands beside a shard.

    Attributes:
        documents: how many, and `first`, `last`: their identifiers.
        texts_sha256: over their identifiers and texts, as the corpus gave them.
        tokens: tokens of their windows.
        sha256: of the shard's file.
    """

    documents: int
    first: str
    last: str
    texts_sha256: str
    tokens: int
    sha256: str = ""


@dataclass(frozen=True)
class Shards:
    """The shards of a store; `say` is told of the damaged ones."""

    folder: Path
    say: Callable[[str], None] = lambda line: None

    def path(self, index: int) -> Path:
        """Where a shard lies."""
        return self.folder / "shards" / f"{index:05d}.safetensors"

    def facts(self, index: int) -> ShardFacts | None:
        """What stands beside a whole shard; None where it is missing or damaged."""
        path = self.path(index)
        if not path.exists():
            return None
        try:
            found = ShardFacts(**json.loads(path.with_suffix(".json").read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            self.say(f"{path.name} has no readable checksum beside it: redoing it")
            return None
        if (digest := _digest(path)) != found.sha256:
            self.say(f"{path.name} is damaged (sha256 {digest[:12]}…, not {found.sha256[:12]}…): redoing it")
            return None
        return found

    def same_texts(self, index: int, there: ShardFacts, digest: str) -> None:
        """Refuse a corpus that has changed since a shard was made.

        Raises:
            HarvestStoreError: with both hashes.
        """
        if there.texts_sha256 != digest:
            was, now = there.texts_sha256[:12], digest[:12]
            raise HarvestStoreError(
                f"{self.path(index)} was made from texts with sha256 {was}…, and the corpus now has {now}…; "
                "mend: give another folder="
            )

    def write(self, index: int, summary: Summary, facts: ShardFacts) -> ShardFacts:
        """Write a shard, then what stands beside it; a run killed between the two redoes the shard."""
        path = self.path(index)
        # What stands beside it goes first, so that a run killed in between leaves none that fits.
        path.with_suffix(".json").unlink(missing_ok=True)
        stated = replace(facts, sha256=_write_arrays(path, pack(summary)))
        _write(path.with_suffix(".json"), (json.dumps(vars(stated), indent=1) + "\n").encode())
        return stated

    def read(self, index: int) -> Summary:
        """A shard that `facts` found whole."""
        return unpack(load(self.path(index).read_bytes()))

    def drop_from(self, index: int) -> None:
        """Remove halves of files that a killed run left, and whatever else is numbered `index` or above."""
        for path in (self.folder / "shards").iterdir():
            if path.suffix == ".part" or (path.stem.isdecimal() and int(path.stem) >= index):
                path.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _write(path: Path, data: bytes) -> None:
    """The file appears by one rename, so a killed run leaves either all of it or none."""
    scratch = path.with_name(path.name + ".part")
    scratch.write_bytes(data)
    scratch.replace(path)


def _write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> str:
    """As `_write`; returns the file's SHA-256.

    Raises:
        HarvestStoreError: the disk is full or closed to us; the library gives no number for it.
    """
    scratch = path.with_name(path.name + ".part")
    # What a killed run left may have another mode.
    scratch.unlink(missing_ok=True)
    scratch.touch()
    try:
        save_arrays(arrays, scratch)
    except SafetensorError as error:
        raise HarvestStoreError(f"{path} cannot be written ({error}); mend it, and the same command goes on") from None
    digest = _digest(scratch)
    scratch.replace(path)
    return digest


def write_whole(
    folder: Path, arrays: Mapping[str, NDArray[Any]], whole: Summary, shards: Sequence[ShardFacts]
) -> dict[str, int]:
    """Write the summary of all shards; returns its counts."""
    (folder / "summary.json").unlink(missing_ok=True)
    digest = _write_arrays(folder / "summary.safetensors", arrays)
    counts = {name: int(getattr(whole, name)) for name in ("documents", "seen", "tokens", "kept")}
    stated = {**counts, "shards_sha256": _of_shards(shards), "sha256": digest}
    _write(folder / "summary.json", (json.dumps(stated, indent=1, sort_keys=True) + "\n").encode())
    return counts


def _of_shards(shards: Sequence[ShardFacts]) -> str:
    return hashlib.sha256("\n".join(shard.sha256 for shard in shards).encode()).hexdigest()


def read_counts(folder: Path, shards: Sequence[ShardFacts]) -> dict[str, int] | None:
    """Counts of a whole summary of these very shards; None where it has to be made."""
    try:
        stated = json.loads((folder / "summary.json").read_text("utf-8"))
        fits = stated.pop("shards_sha256") == _of_shards(shards)
        whole = stated.pop("sha256") == _digest(folder / "summary.safetensors")
    except (FileNotFoundError, ValueError, KeyError, AttributeError):
        return None
    return stated if fits and whole else None


def read_whole(folder: Path) -> tuple[Arrays, dict[str, Any]]:
    """The summary of all shards and what stands beside it.

    Raises:
        HarvestStoreError: the harvest is not finished, or the file is damaged.
    """
    path = folder / "summary.safetensors"
    try:
        stated, data = json.loads(path.with_suffix(".json").read_text("utf-8")), path.read_bytes()
    except FileNotFoundError:
        raise HarvestStoreError(f"{folder} has no whole summary: the harvest was stopped; mend: run it again") from None
    except ValueError as error:
        beside = path.with_suffix(".json")
        raise HarvestStoreError(
            f"{beside} is damaged ({error}); mend: run the harvest again, its shards are used"
        ) from None
    if not isinstance(stated, dict) or hashlib.sha256(data).hexdigest() != stated.get("sha256"):
        raise HarvestStoreError(f"{path} is damaged; mend: run the harvest again, its shards are used")
    return dict(load(data)), stated


def pack(summary: Summary) -> Arrays:
    """A summary as named arrays; unpack reads them back. Levels that nothing reached are left out."""
    levels = np.flatnonzero((summary.values > 0).any(0) | (summary.peaks > 0).any(0))
    counts = [summary.documents, summary.seen, summary.tokens, summary.kept, *summary.values.shape]
    windows, entries = summary.windows, summary.entries
    return {
        "counts": np.array(counts, np.int64),
        "levels": levels.astype(np.int32),
        "values": summary.values[:, levels],
        "peaks": summary.peaks[:, levels],
        "windows/key": windows.key,
        "windows/text_key": windows.text_key,
        **_flat("windows/text", windows.text),
        **_flat("windows/document", windows.document),
        **_flat("windows/tokens", windows.tokens),
        "entries/unit": entries.unit,
        "entries/window": entries.window,
        "entries/role": entries.role,
        **_flat("entries/tokens", entries.tokens),
        "sample/windows": summary.sampled,
        **_flat("sample/on", summary.on),
    }


def unpack(arrays: Mapping[str, NDArray[Any]]) -> Summary:
    """Read what `pack` made."""
    documents, seen, tokens, kept, units, levels = arrays["counts"].tolist()
    values, peaks = (np.zeros((units, levels), np.int64) for _ in range(2))
    values[:, arrays["levels"]], peaks[:, arrays["levels"]] = arrays["values"], arrays["peaks"]
    windows = WindowTable(
        arrays["windows/key"],
        arrays["windows/text_key"],
        *(_ragged(f"windows/{name}", arrays) for name in ("text", "document", "tokens")),
    )
    unit, window, role = (arrays[f"entries/{name}"] for name in ("unit", "window", "role"))
    entries = Entries(unit, window, role, _ragged("entries/tokens", arrays))
    on = _ragged("sample/on", arrays)
    return Summary(documents, seen, tokens, kept, values, peaks, windows, entries, arrays["sample/windows"], on)


def _flat(name: str, rows: Ragged) -> Arrays:
    columns = {f"{name}/{column}": values for column, values in rows.columns.items()}
    return {f"{name}/counts": rows.counts.astype(np.int32), **columns}


def _ragged(name: str, arrays: Mapping[str, NDArray[Any]]) -> Ragged:
    columns = {each.removeprefix(f"{name}/"): values for each, values in arrays.items() if each.startswith(f"{name}/")}
    return Ragged(columns.pop("counts").astype(np.int64), columns)
