"""A run's reports in the place of a tiny subject's latents: what is predicted, what it costs, the table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tiny_weights import save_gpt2, save_saes
from tiny_world import TinyWorld, local

from benchmark import papers
from benchmark.exam.cross_examination import dequantise
from benchmark.exam.items import Pool, Rows
from benchmark.exam.rewriting import mean_value, slope
from benchmark.examiner import Paper
from benchmark.leaderboard.collect import Run
from benchmark.rewrite.errors import RewriteError
from benchmark.rewrite.measure import Bench, UnitLosses, found_units
from benchmark.rewrite.page import figures, to_markdown
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.rewriting import Rewriter
from benchmark.subjects.windows import tokenise
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Ints, Passages

LATENTS = (3, 5)
TEACH = 12
REPORT = {"text": "a report", "claims": [], "confidence": 1.0, "abstained": False}
SAMPLE = {"tokens": 0, "unit_queries": 0, "seconds": 0.0, "declares_predicates": True}


class TinySuite:
    """Forty windows of letters, the first twelve of them teach; units are latents of the tiny SAE."""

    name, hash = "tiny", "0" * 64
    sources: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, rewriter: Rewriter) -> None:
        draw = np.random.default_rng(0)
        self.texts = [" ".join(draw.choice([*"abcdefghij"], 6)) for _ in range(40)]
        self.units = tuple(Unit(f"found-{latent}", "found", "low", {"latent": latent}) for latent in LATENTS)
        self.weight = draw.uniform(1, 20, 40)
        passages = self.passages(np.arange(40))
        coded = tokenise(passages, rewriter.source.tokenizer)
        cached = rewriter.read(coded.ids)
        self.word_of = coded.word_of
        self.starts = np.cumsum([0, *map(len, coded.ids)])
        lengths = np.diff(self.starts)
        self.values = {
            unit.identifier: np.concatenate([cached.values[i, 1 : 1 + n, column] for i, n in enumerate(lengths)])
            for column, unit in enumerate(self.units)
        }

    def passages(self, windows: Ints) -> Passages:
        return Passages.of([self.texts[i] for i in windows])

    def token_values(self, unit: Unit, windows: Ints) -> tuple[Floats, Ints]:
        parts = [self.values[unit.identifier][self.starts[i] : self.starts[i + 1]] for i in windows]
        return np.concatenate(parts), np.cumsum([0, *map(len, parts)])

    def rows(self, unit: Unit, windows: Ints, passages: Passages) -> Rows:
        tokens = np.concatenate([np.arange(self.starts[i], self.starts[i + 1]) for i in windows])
        _, word_of = np.unique(self.word_of[tokens], return_inverse=True)
        return Rows.of_tokens(self.values[unit.identifier][tokens], word_of, len(passages.words))

    def item_windows(self, unit: Unit, which: str) -> tuple[Ints, list[str], Floats]:
        assert which == "teach", "nothing of the exam may be used to scale a prediction"
        return np.arange(TEACH), [], self.weight[:TEACH]

    def pool_windows(self, kind: str) -> tuple[Ints, Floats]:
        return np.arange(TEACH, 40), self.weight[TEACH:]

    def pool(self, kind: str) -> Pool:
        windows, weight = self.pool_windows(kind)
        passages = self.passages(windows)
        return Pool(passages, weight, {unit.identifier: self.rows(unit, windows, passages) for unit in self.units})


@dataclass(frozen=True)
class Letters:
    """A reader that says 10 for one letter, 2 for another, and nothing else."""

    name: str = "lookup"
    threshold: float = 1.0

    def read(self, report: Any, passages: Passages) -> Floats:
        return np.array([{"a": 10.0, "b": 2.0}.get(word, 0.0) for word in passages.words])


@pytest.fixture(scope="module")
def rewriter(tmp_path_factory: pytest.TempPathFactory) -> Rewriter:
    home = tmp_path_factory.mktemp("rewrite")
    world = TinyWorld(boot_subject(local(save_gpt2(home / "model"))), save_saes(home / "saes"))
    return Rewriter(world.source("standard-resid-pre", list(LATENTS)))


@pytest.fixture(scope="module")
def suite(rewriter: Rewriter) -> TinySuite:
    return TinySuite(rewriter)


def bench_of(suite: TinySuite, rewriter: Rewriter, most: int = 99) -> Bench:
    bench = Bench(suite, suite.units, SimpleNamespace(readers={"lookup": Letters()}), most, 0)  # type: ignore[arg-type]
    vars(bench)["_rewriter"] = rewriter
    return bench


def run_of(suite: TinySuite, folder: Path, **changes: Any) -> Run:
    pool = suite.pool("natural").passages
    stored = np.round(Letters().read(None, pool) * 25.5).astype(np.uint8)
    address = papers.store({"lookup": Paper(stored, stored[:0], stored[:0])}, folder)
    sample = {**SAMPLE, "outcome": "report", "report": REPORT, "papers": address, **changes}
    return Run("letters", "none", {unit.identifier: sample for unit in suite.units}, folder)


@pytest.fixture(scope="module")
def losses(suite: TinySuite, rewriter: Rewriter, tmp_path_factory: pytest.TempPathFactory) -> list[UnitLosses]:
    folder = tmp_path_factory.mktemp("papers")
    silent = Run(
        "silent", "none", {unit.identifier: {**SAMPLE, "outcome": "abstained"} for unit in suite.units}, folder
    )
    return list(bench_of(suite, rewriter).losses([run_of(suite, folder), silent], ("lookup", "executable")))


def by_hand(suite: TinySuite, rewriter: Rewriter, unit: int, values: Floats) -> float:
    """Nats a token with the latent at `values` on all tokens of the pool, written out."""
    windows = np.arange(TEACH, 40)
    cached = rewriter.read(tokenise(suite.passages(windows), rewriter.source.tokenizer).ids)
    change = np.zeros(cached.values.shape[:2])
    for row, window in enumerate(windows):
        tokens = slice(suite.starts[window], suite.starts[window + 1])
        own = suite.values[suite.units[unit].identifier][tokens]
        change[row, 1 : 1 + len(own)] = values[tokens] - own
    sums = rewriter.loss(cached, unit, change)
    return float(suite.weight[TEACH:] @ sums / (suite.weight[TEACH:] @ cached.predicted_tokens))


def test_losses_are_those_of_what_is_said(suite: TinySuite, rewriter: Rewriter, losses: Sequence[UnitLosses]) -> None:
    teach, weight = suite.passages(np.arange(TEACH)), suite.weight[:TEACH]
    every = Letters().read(None, suite.passages(np.arange(40)))[suite.word_of]
    told = {(each.explainer, each.unit, each.reader): each for each in losses}
    for column, unit in enumerate(suite.units):
        rows, per_word = suite.rows(unit, np.arange(TEACH), teach), weight[teach.text_of]
        size = slope(dequantise(np.round(Letters().read(None, teach) * 25.5).astype(np.uint8)), rows, per_word)
        found = told["letters", unit.identifier, "lookup"]
        assert found.slope == pytest.approx(size)
        assert found.disagreeing == 0
        own = suite.values[unit.identifier]
        for name, values in (
            ("own", own),
            ("zero", 0 * own),
            ("mean", 0 * own + mean_value(rows, per_word)),
            ("predicted", size * every),
        ):
            assert getattr(found.losses, name) == pytest.approx(by_hand(suite, rewriter, column, values), abs=1e-6)


def test_an_abstention_predicts_nothing(losses: Sequence[UnitLosses]) -> None:
    silent = [each for each in losses if each.explainer == "silent" and each.reader == "lookup"]
    assert len(silent) == len(LATENTS)
    for each in silent:
        assert each.losses.predicted == each.losses.zero
        assert (each.outcome, each.slope) == ("abstained", 0)


def test_who_declares_no_predicates_is_not_read_by_them(suite: TinySuite, rewriter: Rewriter, tmp_path: Path) -> None:
    promised, none = run_of(suite, tmp_path), run_of(suite, tmp_path, declares_predicates=False)
    found = list(bench_of(suite, rewriter).losses([promised], ("executable",)))
    assert {each.outcome for each in found} == {"no_predicate"}
    assert list(bench_of(suite, rewriter).losses([none], ("executable",))) == []


def test_few_windows_are_weighted(suite: TinySuite, rewriter: Rewriter, tmp_path: Path) -> None:
    found = list(bench_of(suite, rewriter, most=3).losses([run_of(suite, tmp_path)], ("lookup",)))
    assert all(3 <= each.windows <= 6 for each in found)


def test_a_subject_that_is_not_its_own_is_refused(
    suite: TinySuite, rewriter: Rewriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = rewriter.own_loss
    monkeypatch.setattr(rewriter, "own_loss", lambda cached: own(cached) + 0.1)
    with pytest.raises(RewriteError, match="off the subject's own"):
        list(bench_of(suite, rewriter).losses([run_of(suite, tmp_path)], ("lookup",)))


def test_logs_without_found_units_are_refused(suite: TinySuite) -> None:
    with pytest.raises(RewriteError, match=r"units\.tiers=\[found\]"):
        found_units(suite, [Run("x", "none", {"planted-1": {}}, Path())])  # type: ignore[arg-type]


def test_the_table(losses: Sequence[UnitLosses]) -> None:
    found = figures(losses, {"suite": "a|b <x>", "windows": 99}, 0)
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    rows = {(row["explainer"], row["reader"]): row for row in found["rows"]}
    mine = [each.losses for each in losses if (each.explainer, each.reader) == ("letters", "lookup")]
    total = sum(each.effect for each in mine)
    score = rows["letters", "lookup"]["score"]
    if total > 0:
        assert score == pytest.approx(sum(each.zero - each.predicted for each in mine) / total, rel=1e-5)
        assert rows["silent", "lookup"]["score"] == 0
    else:
        assert score is None
    assert rows["silent", "lookup"]["reports"] == 0
    page = to_markdown(found)
    assert "# Rewrite: a\\|b &lt;x&gt;" in page
    assert "| letters |" in page
