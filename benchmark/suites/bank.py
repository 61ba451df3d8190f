"""The null bank: reports about other things, each with its source and writer (METHOD.md section 1)."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from benchmark.explainers.report import Claim, Report
from benchmark.suites.fields import Field
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.ladder.rungs import BORROWED, Ladder
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Predicate, Word

STATEMENT_WORDS = (6, 60)


@dataclass(frozen=True)
class Source:
    """What a bank report is about: an off-suite planted unit or statement (a predicate), or an off-suite latent."""

    name: str
    predicate: Predicate | None = None
    latent: int | None = None

    def words(self, field: Field) -> Floats:
        """float64 [words]: the source's truth on a field."""
        if self.predicate is not None:
            return evaluate(self.predicate, field.passages)
        assert self.latent is not None
        return field.reading("found").words(self.latent)


@dataclass(frozen=True)
class Entry:
    """A bank report before it is written down."""

    report: Report
    source: Source
    writer: str


def distinct(entries: Sequence[Entry]) -> list[Entry]:
    """The entries whose report (text and claims) no earlier entry has."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(json.dumps(entry.report.to_json(), sort_keys=True), entry)
    return list(first.values())


def in_turn(entries: Sequence[Entry]) -> Iterator[Entry]:
    """One entry of each kind of writer after the other, so that no kind of report stands for all."""
    queues: dict[str, list[Entry]] = {}
    for entry in entries:
        queues.setdefault(entry.writer.split("/")[0], []).append(entry)
    yield from (entry for round_ in zip_longest(*queues.values()) for entry in round_ if entry is not None)


def ladder_entries(units: Sequence[PlantedUnit], draw: str, passages: Passages | None = None) -> list[Entry]:
    """The whole ladder of off-suite planted units, but for the rungs that repeat another unit's exact report.

    Args:
        units: the units; not of the suite.
        draw: names this draw in the entries' sources.
        passages: texts on which a rung's step has to matter; None to take each rung's first step.
    """
    ladder, entries = Ladder(units, passages), []
    for unit in units:
        source = Source(f"planted/{draw}/{unit.identifier}", predicate=unit.predicate)
        for rung in ladder.rungs(unit):
            if rung.name not in BORROWED:
                claims = tuple(Claim(claim.text, claim.predicate, claim.level) for claim in rung.claims)
                entries.append(Entry(Report(rung.text, claims), source, f"ladder/{rung.name}"))
    return entries


def _synsets(root: Path) -> dict[str, tuple[list[str], str, list[str]]]:
    """WordNet nouns: offset to (lemmas, gloss, offsets of hyponyms)."""
    table = {}
    for line in (root / "usr/share/wordnet/data.noun").read_text("utf-8").splitlines():
        if line.startswith("  ") or "|" not in line:
            continue
        head, gloss = line.split("|", 1)
        fields = head.split()
        count = int(fields[3], 16)
        lemmas = [fields[4 + 2 * i] for i in range(count)]
        pointers = fields[5 + 2 * count :]
        below = [pointers[i + 1] for i, mark in enumerate(pointers) if mark in ("~", "~i")]
        table[fields[0]] = (lemmas, re.split(r"; \"|\"", gloss.strip())[0].rstrip("; "), below)
    return table


def statement_entries(root: Path, count: int, rng: np.random.Generator) -> list[Entry]:
    """Hypernym statements: "kinds of X: gloss", with the single-word hyponyms as predicate."""
    table = _synsets(root)
    entries: list[Entry] = []
    for offset in rng.permutation(sorted(table)):
        lemmas, gloss, below = table[str(offset)]
        words = {lemma.lower() for child in below for lemma in table[child][0] if lemma.isalpha()}
        if STATEMENT_WORDS[0] <= len(words) <= STATEMENT_WORDS[1]:
            name = lemmas[0].replace("_", " ")
            predicate = Word(tuple(sorted(words)), name=f"kinds of {name}")
            claim = Claim(f"kinds of {name} ({gloss}), such as {', '.join(sorted(words)[:5])}", predicate)
            entries.append(
                Entry(Report(f"kinds of {name}: {gloss}", (claim,)), Source(f"wordnet/{name}", predicate), "wordnet")
            )
        if len(entries) == count:
            break
    return entries
