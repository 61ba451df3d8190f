"""The null bank's reports on latents outside the suite: by rule induction, and by SmolLM2's single pass."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.exam.items import STRATA
from benchmark.explainers.explainer import Journal, NoReport
from benchmark.explainers.report import Claim, Report
from benchmark.explainers.rule_induction import RuleInduction
from benchmark.explainers.rule_search import report_of
from benchmark.explainers.single_pass import parse_reply, prompt_for
from benchmark.laboratory import Budget, Exemplar, Laboratory, computed
from benchmark.provenance import sources_hash
from benchmark.subjects.embedded import WHEEL, cache_folder, materialise
from benchmark.subjects.shards import appearing
from benchmark.subjects.writer import write
from benchmark.suites.bank import Entry, Source, distinct
from benchmark.suites.fields import Field
from benchmark.suites.recipe import Recipe
from benchmark.suites.sampling import Population, TypeSimilarity, deal, likeness
from benchmark.suites.tables import content_hash
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats

# What decides the exemplars and a report by rule induction, and so names its place in the cache.
DECIDING = (
    *(f"benchmark/explainers/{name}.py" for name in ("rule_induction", "rule_search", "atoms", "word_data")),
    "benchmark/laboratory.py",
    "benchmark/suites/off_suite.py",
    "benchmark/suites/sampling.py",
    *(f"synthetic_neurons/{name}" for name in ("predicate", "evaluate.py", "word_index.py", "passages.py")),
)
# What decides a model's replies, besides the prompts and its weights.
WRITING = ("benchmark/subjects/writer.py",)
LEAST_FIRING = 10


class _NoPractice:
    """Bank reports are single passes: nothing is practised."""

    def grade(self, report: Report, slice_name: str) -> Any:
        """Never called by a single pass."""
        raise RuntimeError("a single pass does not practise")


def population(field: Field, values: Floats, similarity: TypeSimilarity) -> Population:
    """Windows of a field with near-misses by likeness, as a suite's own units have them."""
    peak = field.passages.per_text_max(values)
    return Population(np.arange(len(peak)), peak, likeness(field.passages, values, similarity))


class OffSuite:
    """Latents that no unit of the suite is, in the order in which they are taken.

    Args:
        recipe: how many reports of each kind, and the seed.
        teach: the teach field.
        similarity: embeddings of word types, for near-misses.
        latents: their indices.
        facts: what decides their values.
        say: told of progress.
    """

    def __init__(
        self,
        recipe: Recipe,
        teach: Field,
        similarity: TypeSimilarity,
        latents: Sequence[int],
        facts: Mapping[str, str],
        say: Callable[[str], None],
    ) -> None:
        self._recipe, self._teach, self._similarity = recipe, teach, similarity
        self._latents, self._facts, self._say = latents, dict(facts), say

    def entries(self) -> tuple[list[Entry], list[Entry], int]:
        """Reports by rule induction, reports by SmolLM2 (no two of a kind alike), and its replies that say nothing."""
        stored = _kept("bank", self._key(), self._induce)
        ruled = [_entry(_retold(report), latent, "rule_induction") for latent, report in stored["ruled"]]
        modelled, unread = self._by_model(stored["shown"])
        return ruled, distinct(modelled)[: self._recipe.latents_by_model], unread

    def _key(self) -> str:
        recipe = self._recipe
        counts = [recipe.latents_by_rules, recipe.latents_shown, *recipe.teach.values()]
        facts = {"home": self._facts, "seed": recipe.seed, "counts": counts, "code": sources_hash(DECIDING)}
        return content_hash({**facts, "latents": list(self._latents), "texts": list(self._teach.passages.texts)})

    def _induce(self) -> dict[str, Any]:
        """Different reports by rule induction, and the latents that a model is then asked about."""
        ruled: list[Entry] = []
        shown: list[int] = []
        for latent in self._latents:
            exemplars = self._exemplars(latent)
            if sum(each.stratum == "firing" for each in exemplars) < LEAST_FIRING:
                continue
            if (entry := self._by_rules(latent, exemplars)) is not None and len(distinct([*ruled, entry])) > len(ruled):
                ruled.append(entry)
                shown.append(latent)
                if len(ruled) % 50 == 0:
                    self._say(f"rule induction on {len(ruled)} off-suite latents")
            if len(ruled) == self._recipe.latents_by_rules:
                break
        pairs = [(entry.source.latent, entry.report.to_json()) for entry in ruled]
        return {"ruled": pairs, "shown": shown[: self._recipe.latents_shown]}

    def _exemplars(self, latent: int) -> list[Exemplar]:
        """Teach exemplars, drawn as a suite's own are."""
        values = self._teach.words(Unit("bank", "found", "", {"latent": latent}))
        scale = max(float(values.max()), 0.01)
        rng = np.random.default_rng([self._recipe.seed, 9, latent])
        drawn = population(self._teach, values, self._similarity)
        passages = self._teach.passages
        made = []
        for stratum in STRATA:
            places, weight = deal(drawn, self._recipe.teach[stratum], 1, rng)[0][stratum]
            for place in places:
                a, b = passages.first[place], passages.first[place + 1]
                levels = np.clip(10 * values[a:b] / scale, 0, 10)
                made.append(Exemplar(passages.texts[place], passages.words[a:b], levels, stratum, weight * 1000))
        return sorted(made, key=lambda exemplar: -exemplar.peak)

    def _by_rules(self, latent: int, exemplars: Sequence[Exemplar]) -> Entry | None:
        laboratory = Laboratory(exemplars, computed(lambda texts: []), _NoPractice(), Budget(seconds=600))
        report = asyncio.run(RuleInduction("single_pass").explain(laboratory, Journal()))
        return None if report.abstained else _entry(report, latent, "rule_induction")

    def _by_model(self, shown: Sequence[int]) -> tuple[list[Entry], int]:
        firing = [[each for each in self._exemplars(latent) if each.stratum == "firing"] for latent in shown]
        prompts = [prompt_for(exemplars) for exemplars in firing]
        asked = {"prompts": prompts, "model": WHEEL, "code": sources_hash(WRITING)}
        replies = _kept("writer", content_hash(asked), lambda: self._written(prompts))
        entries, unread = [], 0
        for latent, reply in zip(shown, replies, strict=True):
            try:
                text = parse_reply(str(reply))
            except NoReport:
                unread += 1
                continue
            entries.append(_entry(Report(text, (Claim(text),)), latent, "SmolLM2 single_pass"))
        return entries, unread

    def _written(self, prompts: Sequence[str]) -> list[str]:
        return write(prompts, materialise(say=self._say), say=self._say)


def _retold(stored: dict[str, Any]) -> Report:
    """A kept report in today's English: what decides its claims is in the cache's key, their prose is not."""
    report = Report.from_json(stored)
    rules = [(claim.predicate, claim.level) for claim in report.claims if claim.predicate is not None]
    return report_of(rules, report.confidence)


def _entry(report: Report, latent: int, writer: str) -> Entry:
    return Entry(report, Source(f"latent/{latent}", latent=latent), writer)


def _kept(shelf: str, key: str, make: Callable[[], Any]) -> Any:
    """What `make` gave the first time it was asked under this key, as JSON."""
    path: Path = cache_folder() / shelf / f"{key[:24]}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(make())
        with appearing(path) as scratch:
            scratch.write_text(text, "utf-8")
    return json.loads(path.read_text("utf-8"))
