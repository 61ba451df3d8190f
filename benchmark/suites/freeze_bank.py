"""Making the null bank of a suite: reports, readers' calibration, correlations, mask, and the guardrail's nulls."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from benchmark.exam.cross_examination import quantise, report_features, stranger_mask
from benchmark.exam.items import STRATA, Items, Rows
from benchmark.explainers.explainer import Journal, NoReport
from benchmark.explainers.report import Claim, Report
from benchmark.explainers.rule_induction import RuleInduction
from benchmark.explainers.single_pass import parse_reply, prompt_for
from benchmark.laboratory import Budget, Exemplar, Laboratory
from benchmark.readers.calibration import calibrate, fit_threshold
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.embedding_cache import CachedEncoder
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.lookup import LookupReader
from benchmark.readers.reader import Reader
from benchmark.statistics.ranks import PooledNull
from benchmark.statistics.weighted import rows_r_matrix
from benchmark.subjects.embedded import cache_folder, materialise
from benchmark.subjects.embeddings import MiniLM
from benchmark.subjects.text_sources import fetch
from benchmark.subjects.writer import write
from benchmark.suites.bank import Entry, Source, distinct, in_turn, ladder_entries, statement_entries
from benchmark.suites.fields import Field
from benchmark.suites.recipe import Recipe
from benchmark.suites.sampling import Population, TypeSimilarity, deal, likeness
from benchmark.suites.sources import Subject
from benchmark.suites.suite import PRACTICE, Suite, bank_hash
from benchmark.suites.tables import SuiteError, content_hash, write_table
from benchmark.units.unit import PoolKind, Unit
from synthetic_neurons.passages import Floats
from synthetic_neurons.suite import planted_units

POOLS: tuple[PoolKind, ...] = ("planted", "natural")
CALIBRATION_REPORTS = 90


class _NoPractice:
    """Bank reports are single passes: nothing is practised."""

    def grade(self, report: Report, slice_name: str) -> Any:
        """Never called by a single pass."""
        raise RuntimeError("a single pass does not practise")


class BankMaker:
    """Makes the bank and writes `bank.parquet` and `bank.safetensors`."""

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        natural: dict[str, Field],
        subject: Subject,
        rest: list[int],
        similarity: TypeSimilarity,
        say: Callable[[str], None],
    ) -> None:
        self.recipe, self.folder, self.natural = recipe, folder, natural
        self.subject, self.rest, self.similarity, self.say = subject, rest, similarity, say
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

    def _exemplars(self, latent: int) -> list[Exemplar]:
        """Teach exemplars of an off-suite latent, drawn as a suite's own are."""
        unit = Unit("bank", "found", "", {"latent": latent})
        teach = self.natural["teach"]
        values = teach.words(unit)
        population, scale = self._population(teach, values), max(float(values.max()), 0.01)
        rng = np.random.default_rng([self.recipe.seed, 9, latent])
        made = []
        for stratum in STRATA:
            places, weight = deal(population, self.recipe.teach[stratum], 1, rng)[0][stratum]
            for place in places:
                a, b = teach.passages.first[place], teach.passages.first[place + 1]
                levels = np.clip(10 * values[a:b] / scale, 0, 10)
                made.append(
                    Exemplar(teach.passages.texts[place], teach.passages.words[a:b], levels, stratum, weight * 1000)
                )
        return sorted(made, key=lambda exemplar: -exemplar.peak)

    def _population(self, field: Field, values: Floats) -> Population:
        """Windows of a field with near-misses by likeness, as a suite's own units have them."""
        peak = field.passages.per_text_max(values)
        return Population(np.arange(len(peak)), peak, likeness(field.passages, values, self.similarity))

    def _by_rules(self, latent: int, exemplars: Sequence[Exemplar]) -> Entry | None:
        laboratory = Laboratory(exemplars, lambda texts: [], _NoPractice(), Budget(seconds=600))
        report = asyncio.run(RuleInduction("single_pass").explain(laboratory, Journal()))
        return None if report.abstained else Entry(report, Source(f"latent/{latent}", latent=latent), "rule_induction")

    def _entries(self) -> list[Entry]:
        """All reports, no two alike; short of the recipe's numbers the suite is refused."""
        ladder: list[Entry] = []
        for step in range(self.recipe.ladder_draws):
            seed = self.recipe.seed + 1000 + step
            units = planted_units(seed, per_family=self.recipe.ladder_per_family)
            ladder += ladder_entries(units, f"{seed}", self.natural["calibration"].passages)
        ruled, shown = self._ruled()
        modelled = distinct(self._by_model(shown))[: self.recipe.latents_by_model]
        rng = np.random.default_rng(self.recipe.seed + 11)
        stated = statement_entries(fetch(cache_folder() / "text"), self.recipe.statements, rng)
        wanted = (self.recipe.ladder_least, self.recipe.latents_by_rules, self.recipe.latents_by_model)
        for name, made, least in zip(
            ("ladder", "rules", "model"), (distinct(ladder), ruled, modelled), wanted, strict=True
        ):
            if len(made) < least:
                raise SuiteError(f"only {len(made)} different bank reports by {name}, not {least}; mend: another seed")
        return distinct([*ladder, *ruled, *modelled, *stated])

    def _ruled(self) -> tuple[list[Entry], list[tuple[int, list[Exemplar]]]]:
        """Different reports by rule induction, and the latents that a model is then asked about."""
        ruled: list[Entry] = []
        shown: list[tuple[int, list[Exemplar]]] = []
        for latent in self.rest:
            exemplars = self._exemplars(latent)
            if sum(each.stratum == "firing" for each in exemplars) < 10:
                continue
            if (entry := self._by_rules(latent, exemplars)) is not None and len(distinct([*ruled, entry])) > len(ruled):
                ruled.append(entry)
                if len(ruled) % 50 == 0:
                    self.say(f"rule induction on {len(ruled)} off-suite latents")
                if len(shown) < self.recipe.latents_shown:
                    shown.append((latent, exemplars))
            if len(ruled) == self.recipe.latents_by_rules:
                break
        return ruled, shown

    def _by_model(self, shown: Sequence[tuple[int, list[Exemplar]]]) -> list[Entry]:
        prompts = [prompt_for([each for each in exemplars if each.stratum == "firing"]) for _, exemplars in shown]
        entries, unread = [], 0
        for (latent, _), reply in zip(shown, self._cached_replies(prompts), strict=True):
            try:
                text = parse_reply(reply)
            except NoReport:
                unread += 1
                continue
            entries.append(
                Entry(Report(text, (Claim(text),)), Source(f"latent/{latent}", latent=latent), "SmolLM2 single_pass")
            )
        self.facts["model_replies_unread"] = unread
        return entries

    def _cached_replies(self, prompts: Sequence[str]) -> list[str]:
        path = cache_folder() / "writer" / f"{content_hash({'prompts': list(prompts)})[:24]}.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            replies = write(prompts, materialise(say=self.say), say=self.say)
            scratch = path.with_suffix(".part")
            scratch.write_text(json.dumps(replies), "utf-8")
            scratch.replace(path)
        return [str(reply) for reply in json.loads(path.read_text("utf-8"))]

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
            hand = deal(self._population(source, values), self.recipe.items, 1, rng)[0]
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
                stored, readable = _predictions(reader, reports, pool.passages)
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
        arrays |= {f"r/{name}": np.round(value, 6).astype(np.float32) for name, value in r.items()}
        arrays |= self._slice_nulls(reports, readers["executable"], mask)
        save_file(
            {name: np.ascontiguousarray(value) for name, value in arrays.items()}, self.folder / "bank.safetensors"
        )
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
        source = self.subject.field(kind, pool.passages.texts)
        unique: dict[str, Source] = {entry.source.name: entry.source for entry in entries}
        truths = np.stack([each.words(source) for each in unique.values()])
        scores = rows_r_matrix(list(pool.rows.values()), truths, pool.word_weight)
        column = {name: i for i, name in enumerate(unique)}
        return scores[:, [column[entry.source.name] for entry in entries]]

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
                r = np.zeros((len(units), len(reports)))
                readable: list[int] = []
                for row, unit in enumerate(units):
                    items = self.suite.items(unit, slice_name)
                    stored, readable = _predictions(reader, reports, items.passages)
                    weight = items.weight[items.passages.text_of]
                    r[row, readable] = rows_r_matrix([Rows.of_words(items.values)], stored, weight)[0]
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
    gather = np.concatenate([np.arange(source.passages.first[i], source.passages.first[i + 1]) for i in places])
    return Items(passages, values[gather], strata, weight)


def _predictions(reader: Reader, reports: Sequence[Report], passages: Any) -> tuple[Any, list[int]]:
    """uint8 [readable reports, words], and which reports the reader can read."""
    if isinstance(reader, EmbeddingReader):
        return np.stack([quantise(levels) for levels in reader.read_many(reports, passages)]), list(range(len(reports)))
    read = [(i, levels) for i, report in enumerate(reports) if (levels := reader.read(report, passages)) is not None]
    return np.stack([quantise(levels) for _, levels in read]), [i for i, _ in read]
