"""Making the null bank of a suite: reports, readers' calibration, correlations, mask, and the guardrail's nulls."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from benchmark.exam.cross_examination import report_features, stranger_mask
from benchmark.exam.items import Items
from benchmark.explainers.report import Report
from benchmark.readers.calibration import calibrate, fit_threshold
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.embedding_cache import CachedEncoder
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.lookup import LookupReader
from benchmark.readers.reader import Reader
from benchmark.statistics.ranks import PooledNull
from benchmark.statistics.weighted import rows_r_matrix
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.embeddings import MiniLM
from benchmark.subjects.text_sources import fetch
from benchmark.suites.bank import Entry, Source, distinct, in_turn, ladder_entries, statement_entries
from benchmark.suites.fields import Field
from benchmark.suites.natural import Natural
from benchmark.suites.off_suite import OffSuite, population
from benchmark.suites.recipe import PLANTED, Recipe
from benchmark.suites.sampling import TypeSimilarity, deal
from benchmark.suites.slices import predictions, slice_r, words_of
from benchmark.suites.suite import PRACTICE, Suite, bank_hash
from benchmark.suites.tables import SuiteError, write_table
from benchmark.units.unit import PoolKind
from synthetic_neurons.assembly import planted_units
from synthetic_neurons.passages import Floats, Ints, Passages

POOLS: tuple[PoolKind, ...] = ("planted", "natural")
CALIBRATION_REPORTS = 90


class BankMaker:
    """Makes the bank and writes `bank.parquet` and `bank.safetensors`."""

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        natural: Natural,
        similarity: TypeSimilarity,
        say: Callable[[str], None],
    ) -> None:
        self.recipe, self.folder, self.natural, self.made = recipe, folder, natural.fields, natural
        self.similarity, self.say = similarity, say
        self.suite = Suite.bare(folder)
        self.facts: dict[str, Any] = {}

    def make(self) -> dict[str, Any]:
        """Make everything; return the readers' calibration for the manifest."""
        entries = self._entries()
        readers = self._calibrate(entries)
        self._score(entries, readers)
        kinds: dict[str, int] = {}
        for entry in entries:
            kinds[entry.writer.split("/")[0]] = kinds.get(entry.writer.split("/")[0], 0) + 1
        self.facts |= {"reports": len(entries), "writers": kinds}
        return {
            name: {
                "threshold": reader.threshold,
                **({"weights": reader.weights.to_json()} if isinstance(reader, EmbeddingReader) else {}),
            }
            for name, reader in readers.items()
        }

    def _entries(self) -> list[Entry]:
        """All reports, no two alike; short of the recipe's numbers the suite is refused."""
        recipe, ladder = self.recipe, list[Entry]()
        for step in range(recipe.ladder_draws):
            seed = recipe.seed + 1000 + step
            units = planted_units(seed, recipe.ladder_per_family, PLANTED)
            ladder += ladder_entries(units, f"{seed}", self.natural["calibration"].passages)
        facts = self.made.sources["found"]["facts"]
        off_suite = OffSuite(recipe, self.natural["teach"], self.similarity, self.made.rest, facts, self.say)
        ruled, modelled, self.facts["model_replies_unread"] = off_suite.entries()
        stated = statement_entries(
            fetch(cache_folder() / "text"), recipe.statements, np.random.default_rng(recipe.seed + 11)
        )
        made = {"ladder": distinct(ladder), "rules": ruled, "model": modelled}
        wanted = (recipe.ladder_least, recipe.latents_by_rules, recipe.latents_by_model)
        for (name, entries), least in zip(made.items(), wanted, strict=True):
            if len(entries) < least:
                raise SuiteError(
                    f"only {len(entries)} different bank reports by {name}, not {least}; mend: another seed"
                )
        return distinct([*made["ladder"], *ruled, *modelled, *stated])

    def _calibration_pairs(self, entries: Sequence[Entry]) -> list[tuple[Report, Items]]:
        """Bank reports with items of their own source on the calibration split; no suite unit is involved."""
        source = self.natural["calibration"]
        rng = np.random.default_rng(self.recipe.seed + 12)
        pairs: list[tuple[Report, Items]] = []
        for entry in in_turn([entries[int(place)] for place in rng.permutation(len(entries))]):
            values = entry.source.words(source)
            peak = source.passages.per_text_max(values)
            if (peak > 0).sum() < 20 or entry.writer.startswith("ladder/constant"):
                continue
            hand = deal(population(source, values, self.similarity), self.recipe.items, 1, rng)[0]
            pairs.append((entry.report, _items(source, values, hand)))
            if len(pairs) == CALIBRATION_REPORTS:
                break
        return pairs

    def _calibrate(self, entries: Sequence[Entry]) -> dict[str, Reader]:
        pairs = self._calibration_pairs(entries)
        encoder = CachedEncoder(MiniLM(), cache_folder() / "embeddings")
        with_predicates = [(report, items) for report, items in pairs if report.has_predicates]
        executable, lookup = ExecutableReader(), LookupReader()
        executable.threshold = round(fit_threshold(executable, with_predicates), 6)
        lookup.threshold = round(fit_threshold(lookup, pairs), 6)
        embedding = calibrate(encoder, pairs)
        self.say(f"readers calibrated on {len(pairs)} bank reports")
        return {"executable": executable, "embedding": embedding, "lookup": lookup}

    def _score(self, entries: Sequence[Entry], readers: dict[str, Reader]) -> None:
        reports = [entry.report for entry in entries]
        arrays: dict[str, Any] = {}
        r = {name: np.full((len(self.suite.units), len(entries)), np.nan) for name in readers}
        source_r = np.zeros((len(self.suite.units), len(entries)))
        for kind in POOLS:
            pool = self.suite.pool(kind)
            rows = [self.suite.order[name] for name in pool.rows]
            source_r[rows] = self._source_r(kind, entries)
            for name, reader in readers.items():
                stored, readable = predictions(reader, reports, pool.passages)
                scores = rows_r_matrix(list(pool.rows.values()), stored, pool.word_weight)
                r[name][np.ix_(rows, readable)] = scores[:, : len(readable)]
                features = np.full((len(entries), 2), np.nan)
                for row, place in enumerate(readable):
                    features[place] = report_features(
                        stored[row], pool.word_weight, reader.threshold, reports[place].text
                    )
                arrays[f"features/{name}/{kind}"] = features.astype(np.float32)
            self.say(f"bank examined on the {kind} pool")
        mask = stranger_mask(source_r) & stranger_mask(source_r, np.nan_to_num(r["executable"]))
        arrays["mask"] = mask.astype(np.uint8)
        arrays |= {f"r/{name}": np.round(value, 6).astype(np.float16) for name, value in r.items()}
        arrays |= self._slice_nulls(reports, readers["executable"], mask)
        whole = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
        (self.folder / "bank.safetensors").write_bytes(save(whole))
        texts = [json.dumps(report.to_json(), ensure_ascii=False) for report in reports]
        self.facts["masked_share"] = round(float(1 - mask.mean()), 4)
        write_table(
            self.folder,
            "bank",
            {"report": texts, "source": [e.source.name for e in entries], "writer": [e.writer for e in entries]},
        )
        self.facts["hash"] = bank_hash(self.folder)

    def _source_r(self, kind: PoolKind, entries: Sequence[Entry]) -> Floats:
        """float64 [units on the pool, reports]: how each source's truth correlates with each unit's."""
        pool = self.suite.pool(kind)
        unique: dict[str, Source] = {entry.source.name: entry.source for entry in entries}
        source, gather = self._read(kind, pool.passages)
        truths = np.stack([each.words(source)[gather] for each in unique.values()])
        scores = rows_r_matrix(list(pool.rows.values()), truths, pool.word_weight)
        column = {name: i for i, name in enumerate(unique)}
        return scores[:, [column[entry.source.name] for entry in entries]]

    def _read(self, kind: PoolKind, passages: Passages) -> tuple[Field, Ints]:
        """A field with the values of the units that reports are about, and where in it each word of a pool is."""
        if kind == "natural":
            exam = self.natural["exam"]
            place = {text: i for i, text in enumerate(exam.passages.texts)}
            return exam, words_of(exam.passages, [place[text] for text in passages.texts])
        some = self.natural["teach"].reading("found")
        columns = list(some.columns)
        offsets = np.array([self.made.offsets[each] for each in columns])
        read = self.made.dwelling.read(list(passages.texts), columns, offsets)
        return Field(kind, passages, {"found": read}), np.arange(len(passages.words))

    def _rates(self, kind: PoolKind) -> Floats:
        """float64 [units on the pool]: firing rates at base rate."""
        pool = self.suite.pool(kind)
        return np.array([pool.firing_rate(name) for name in pool.rows])

    def _slice_nulls(self, reports: Sequence[Report], reader: Reader, mask: Any) -> dict[str, Any]:
        """Pooled nulls of every practice slice, for the significance guardrail (executable reader)."""
        arrays: dict[str, Any] = {}
        for slice_name in PRACTICE:
            for kind in POOLS:
                units = [unit for unit in self.suite.units if unit.pool == kind]
                r, readable = slice_r([self.suite.items(unit, slice_name) for unit in units], reports, reader)
                allowed = mask[[self.suite.order[unit.identifier] for unit in units]].copy()
                allowed[:, [i for i in range(len(reports)) if i not in set(readable)]] = False
                null = PooledNull.of_bank(r, allowed, self._rates(kind))
                arrays |= {f"null/{slice_name}/{kind}/{name}": value for name, value in null.to_arrays().items()}
            self.say(f"guardrail null of {slice_name} made")
        return arrays


def _items(source: Field, values: Floats, hand: dict[Any, Any]) -> Items:
    places = np.concatenate([places for places, _ in hand.values()]).astype(int)
    weight = np.concatenate([np.full(len(places), weight) for places, weight in hand.values()])
    strata = tuple(stratum for stratum, (places, _) in hand.items() for _ in places)
    passages = type(source.passages).of([source.passages.texts[i] for i in places])
    return Items(passages, values[words_of(source.passages, places)], strata, weight)
