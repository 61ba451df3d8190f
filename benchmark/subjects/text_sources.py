"""Plain-text documents out of Debian packages: what the SAE is trained on and what suites are cut from.

The packages are downloaded by name with apt and unpacked into a folder of ours; nothing is installed and no root
is needed. Licences differ: `SHIPPABLE` names the sources whose text a suite may ship (docs/decisions.md).
"""

import gzip
import html.parser
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import UserError

PACKAGES = (
    "wordnet-base",
    "dict-gcide",
    "dict-foldoc",
    "dict-jargon",
    "bible-kjv",
    "bible-kjv-text",
    "anarchism",
    "debian-handbook",
)
SHIPPABLE = ("wordnet", "jargon", "bible")
DOCUMENT_CHARACTERS = 1200
_WORDNET_PARTS = ("noun", "verb", "adj", "adv")


@dataclass(frozen=True)
class Document:
    """One document; `identifier` is stable across machines for the same package version."""

    identifier: str
    source: str
    text: str


class TextSourceError(UserError):
    """The text packages cannot be had; the message names the mend."""


def fetch(folder: Path) -> Path:
    """Download and unpack every package into `folder`, once; return the unpacked root."""
    root = folder / "root"
    if (root / ".complete").exists():
        return root
    for tool in ("apt-get", "dpkg"):
        if shutil.which(tool) is None:
            raise TextSourceError(f"{tool} is not on this machine: the text sources come as Debian packages")
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        done = subprocess.run(["apt-get", "download", *PACKAGES], cwd=scratch, capture_output=True, text=True)
        if done.returncode:
            raise TextSourceError(f"apt-get download failed: {done.stderr.strip()[-300:]} (try: apt-get update)")
        for package in sorted(Path(scratch).glob("*.deb")):
            subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    (root / ".complete").touch()
    return root


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _pack(source: str, passages: Iterator[str], characters: int = DOCUMENT_CHARACTERS) -> Iterator[Document]:
    """Join consecutive passages into documents of at least `characters` characters."""
    held: list[str] = []
    count = 0
    for passage in passages:
        clean = _squeeze(passage)
        if clean:
            held.append(clean)
        if sum(map(len, held)) >= characters:
            yield Document(f"{source}-{count:06d}", source, " ".join(held))
            held, count = [], count + 1
    if held:
        yield Document(f"{source}-{count:06d}", source, " ".join(held))


def _wordnet_passages(root: Path) -> Iterator[str]:
    for part in _WORDNET_PARTS:
        for line in (root / f"usr/share/wordnet/data.{part}").read_text("utf-8").splitlines():
            if line.startswith("  ") or "|" not in line:
                continue
            head, gloss = line.split("|", 1)
            fields = head.split()
            lemmas = [fields[4 + 2 * i].replace("_", " ") for i in range(int(fields[3], 16))]
            yield f"{', '.join(re.sub(r'[(].*?[)]$', '', lemma) for lemma in lemmas[:3])}: {gloss.strip()}."


def _dict_passages(root: Path, name: str) -> Iterator[str]:
    with gzip.open(root / f"usr/share/dictd/{name}.dict.dz", "rt", encoding="utf-8", errors="replace") as lines:
        body = lines.read()
    body = re.sub(r"\[(1913 Webster|PJC|WordNet [\d.]+)[^\]]*\]|\\[^\\\n]*\\|[{}]", "", body)
    yield from re.split(r"\n\s*\n", body)


def _bible_passages(root: Path) -> Iterator[str]:
    binary, data = root / "usr/bin/bible", root / "usr/lib"
    done = subprocess.run(
        [str(binary), "-p", str(data), "-f", "-l1000", "gen1:1-rev22:21"], capture_output=True, text=True, check=True
    )
    for line in done.stdout.splitlines():
        yield re.sub(r"^\s*(\w+ ?\d*:?)?\d+:?\d*\s*", "", line)


class _Paragraphs(html.parser.HTMLParser):
    """The text of a page's paragraphs and list items; scripts, code and navigation are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.passages: list[str] = []
        self._depth = 0
        self._held: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "li"):
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "li") and self._depth:
            self._depth -= 1
            self.passages.append("".join(self._held))
            self._held = []

    def handle_data(self, data: str) -> None:
        if self._depth:
            self._held.append(data)


def _html_passages(folder: Path) -> Iterator[str]:
    for page in sorted(folder.glob("*.html")):
        parser = _Paragraphs()
        parser.feed(page.read_text("utf-8", errors="replace"))
        yield from parser.passages


def documents(root: Path, source: str) -> list[Document]:
    """All documents of one source, in a fixed order.

    Raises:
        KeyError: an unknown source.
    """
    readers: dict[str, Callable[[], Iterator[str]]] = {
        "wordnet": lambda: _wordnet_passages(root),
        "gcide": lambda: _dict_passages(root, "gcide"),
        "foldoc": lambda: _dict_passages(root, "foldoc"),
        "jargon": lambda: _dict_passages(root, "jargon"),
        "bible": lambda: _bible_passages(root),
        "anarchism": lambda: _html_passages(root / "usr/share/doc/anarchism/html"),
        "handbook": lambda: _html_passages(root / "usr/share/doc/debian-handbook/html/en-US"),
    }
    return list(_pack(source, readers[source]()))


TRAINING_SOURCES = ("gcide", "foldoc", "anarchism", "handbook", "wordnet")
