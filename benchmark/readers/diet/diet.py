"""The whole diet: groups to train on and groups to judge on, made from generators and WordNet alone."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from benchmark.readers.diet.apart import Shut, assert_apart, dev_suites, runs, shut_windows
from benchmark.readers.diet.breadth import breadth_groups, list_groups
from benchmark.readers.diet.division import JUDGED, TRAINED, DietError, assert_families_divided
from benchmark.readers.diet.group import PARTS, Group, Taught, content_hash
from benchmark.readers.diet.natural import corpora, open_documents, shut_texts
from benchmark.readers.diet.planted import Draw, Planting
from benchmark.readers.diet.wordnet import Nouns, Teaching
from benchmark.subjects.text_sources import Document
from synthetic_neurons.passages import Passages

# A change in what the same sizes and seed give is a new version.
VERSION = 1
# Of units, cuts and wordings; no suite has it.
SEED = 20_265_000
WORDNET = "usr/share/wordnet"


@dataclass(frozen=True)
class Sizes:
    """How much of each kind.

    Attributes:
        written: planted units a trained family with generated texts, which cost most of the time.
        found: planted units a trained family over natural windows alone.
        texts: generated texts a unit.
        breadth: groups a lexicon or list of markers.
        lists: groups of word lists.
        synsets: groups of WordNet's nouns.
        judged: planted units a family of each judged part; the other judged groups are in proportion.
        staged: natural windows that claims are tried on.
        windows: natural windows of each side; None for all.
    """

    written: int = 60
    found: int = 240
    texts: int = 20
    breadth: int = 12
    lists: int = 400
    synsets: int = 2_400
    judged: int = 12
    staged: int = 3_000
    windows: int | None = None


@dataclass(frozen=True, eq=False)
class Diet:
    """Groups and what is known about them.

    Attributes:
        groups: of all parts.
        facts: sizes, seed, counts, what was left out, and the suites whose texts and units it was held apart from.
    """

    groups: tuple[Group, ...]
    facts: dict[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 of all groups."""
        return str(self.facts["hash"])

    def part(self, name: str) -> tuple[Group, ...]:
        """The groups of one part."""
        return tuple(group for group in self.groups if group.part == name)


def make(
    root: Path, sizes: Sizes | None = None, seed: int = SEED, say: Callable[[str], None] = lambda line: None
) -> Diet:
    """Make the diet from WordNet's package and the suites that ship.

    Args:
        root: the unpacked text packages.
        sizes: how much.
        seed: of all draws.
        say: told of progress.

    Raises:
        DietError: a promise is not kept.
    """
    suites = dev_suites()
    say(f"diet: staying apart from {', '.join(suite.name for suite in suites)}")
    forbidden = runs(chain(shut_texts(root), *(shut_windows([suite]) for suite in suites)))
    made = Making(open_documents(root), Nouns(root / WORDNET), forbidden, sizes or Sizes(), seed, say)
    return made.diet({suite.name: suite.hash for suite in suites}, Shut.of(suites, made.stage))


class Making:
    """The making of one diet.

    Args:
        documents: natural text that may be used.
        nouns: WordNet.
        forbidden: hashes of the eight-word runs that no text of the training part may have.
        sizes: how much.
        seed: of all draws.
        say: told of progress.

    Raises:
        DietError: a family is on both sides, or on none.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        nouns: Nouns,
        forbidden: frozenset[int],
        sizes: Sizes,
        seed: int,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        assert_families_divided()
        self.nouns, self.forbidden, self.sizes, self.seed, self.say = nouns, forbidden, sizes, seed, say
        self.open, self.judged, self.dropped = corpora(documents, forbidden, sizes.staged, seed, sizes.windows)
        self.stage = Passages.of(self.open.texts[: self.open.staged])

    def diet(self, suites: dict[str, str], shut: Shut) -> Diet:
        """All groups, with the promises asserted.

        Args:
            suites: name to hash of the suites that it stays apart from, for the record.
            shut: their planted units, over `stage`.

        Raises:
            DietError: a promise is not kept.
        """
        planting = Planting(self.open, self.stage, self.forbidden, shut)
        groups = []
        for number, group in enumerate(chain(self._train(planting, shut), self._judge(shut))):
            groups.append(group)
            if number % 250 == 249:
                self.say(f"diet: {number + 1} groups, the last {group.name} to {group.part}")
        trained = [text for group in groups if group.part == "train" for text in group.texts]
        assert_apart(list(dict.fromkeys(trained)), self.forbidden)
        _assert_parts_apart(groups)
        facts = {
            "version": VERSION,
            "seed": self.seed,
            "sizes": asdict(self.sizes),
            "hash": content_hash(groups),
            "apart_from": suites,
            "trained_families": list(TRAINED),
            "judged_families": list(JUDGED),
            "groups": {part: sum(group.part == part for group in groups) for part in PARTS},
            "claims": {part: sum(len(group.claims) for group in groups if group.part == part) for part in PARTS},
            "kinds": dict(sorted(Counter(c.kind for g in groups if g.part == "train" for c in g.claims).items())),
            "left_out": {**planting.left_out, "window overlaps an exam": self.dropped},
        }
        return Diet(tuple(groups), facts)

    def _train(self, planting: Planting, shut: Shut) -> Iterator[Group]:
        size, seed, families = self.sizes, self.seed, len(TRAINED)
        yield from planting.groups(Draw("train", TRAINED, size.written * families, seed + 1, size.texts))
        yield from planting.groups(Draw("train", TRAINED, size.found * families, seed + 2))
        yield from breadth_groups(self.open, "train", size.breadth, seed + 3, shut)
        yield from list_groups(self.open, "train", size.lists, seed + 4)
        yield from Teaching(self.nouns, self.open, "train", shut).groups(size.synsets, seed + 5)

    def _judge(self, shut: Shut) -> Iterator[Group]:
        """Other units, other documents, the exam's templates; nothing that is judged needs to be unlike a suite's."""
        size, seed, corpus = self.sizes, self.seed + 100, self.judged
        stage = Passages.of(corpus.texts[: corpus.staged])
        planting = Planting(corpus, stage, frozenset(), Shut(shut.units, stage))
        for at, (part, families) in enumerate((("families", JUDGED), ("concepts", TRAINED), ("phrasings", TRAINED))):
            draw = Draw(part, families, size.judged * len(families), seed + at, size.texts, "exam")
            yield from planting.groups(draw)
        for at, part in enumerate(("concepts", "phrasings"), start=3):
            yield from breadth_groups(corpus, part, max(1, size.judged // 4), seed + at)
            yield from Teaching(self.nouns, corpus, part).groups(10 * size.judged, seed + at)
        yield from list_groups(corpus, "phrasings", size.judged, seed + 9)


def _assert_parts_apart(groups: Sequence[Group]) -> None:
    """No text and no claim that is judged was trained on; where phrasings are judged, concepts may come again.

    Raises:
        DietError: one was.
    """
    trained = [group for group in groups if group.part == "train"]
    texts = {text for group in trained for text in group.texts}
    families = {group.name.removeprefix("planted/") for group in trained if group.name.startswith("planted/")}
    if families & set(JUDGED):
        raise DietError(f"units of {min(families & set(JUDGED))!r}, a judged family, are trained on")
    for group in groups:
        if group.part != "train" and not texts.isdisjoint(group.texts):
            raise DietError(f"a text of {group.name} is both trained and judged on; mend the division of documents")


def write(diet: Diet, path: Path) -> None:
    """Write a diet to one safetensors file; it appears whole or not at all."""
    heads = [
        {"name": g.name, "part": g.part, "texts": g.texts, "claims": [[c.text, c.kind, c.about] for c in g.claims]}
        for g in diet.groups
    ]
    arrays = {
        "values": np.concatenate([group.values.ravel() for group in diet.groups]),
        "heads": np.frombuffer(json.dumps(heads, ensure_ascii=True).encode(), dtype=np.uint8),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(save(arrays, {"facts": json.dumps(diet.facts)}))
    os.replace(part, path)


def read(path: Path) -> Diet:
    """Read what `write` wrote.

    Raises:
        DietError: the file is not what its facts say.
    """
    raw = path.read_bytes()
    arrays = load(raw)
    facts = json.loads(json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])["__metadata__"]["facts"])
    groups, at = [], 0
    for head in json.loads(arrays["heads"].tobytes()):
        words, count = len(Passages.of(head["texts"]).words), len(head["claims"])
        values = arrays["values"][at : at + words * count].reshape(count, words)
        at += words * count
        told = zip(head["claims"], values, strict=True)
        claims = tuple(Taught(text, kind, about, row) for (text, kind, about), row in told)
        groups.append(Group(head["name"], head["part"], tuple(head["texts"]), claims))
    if content_hash(groups) != facts["hash"]:
        raise DietError(f"{path} is damaged; remove it, and it is made again")
    return Diet(tuple(groups), facts)
