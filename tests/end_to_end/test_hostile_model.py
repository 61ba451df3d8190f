"""A model that answers badly in every way: the run completes, no unit is lost, and every failure has its kind.

A server on 127.0.0.1 speaks OpenAI's protocol; Inspect, its retries and its client are the real ones.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tenacity import wait_none

from benchmark.explainers.quoting import escaped
from benchmark.leaderboard.collect import read_logs
from benchmark.leaderboard.failures import failure_table
from benchmark.run import explain_all, run
from benchmark.runtime.workshop import workshop
from benchmark.settings import BudgetSettings, ModelSettings, Settings, UnitSettings

sys.path.insert(0, str(Path(__file__).parents[1] / "runtime"))
from hostile_server import BROKEN, MODES, PHRASE, HostileServer, hostile_server

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SUITE = "embedded-2"
UNITS = [unit for unit in workshop(SUITE).suite.units if unit.tier == "planted"][: len(MODES)]
DEALT = {unit.identifier: mode for unit, mode in zip(UNITS, MODES, strict=True)}
REPORTED = {"good", "reasoning", "prose", "fenced", "trailing_commas", "long", "orders", "broken"}
# Mode to outcome and the finer kind of its reason, and to the kind of its repair.
FAILED = {
    "wrong_count": ("unparsable", "wrong_shape"),
    "refusal": ("refusal", "refusal"),
    "empty": ("unparsable", "empty"),
    "withheld": ("refusal", "refusal"),
    "unknown_tool": ("unparsable", "empty"),
    "chinese": ("unparsable", "language"),
    "spanish": ("unparsable", "language"),
}
CRASHED = {"malformed"}


def owner(prompt: str) -> str:
    """The unit that a prompt is about: the one of whose firing exemplars it quotes most (units share some texts)."""
    quoted = set(re.findall(r"<text>([^<]*)</text>", prompt))
    return max(DEALT, key=lambda unit: sum(any(text in shown for shown in shown_of(unit)) for text in quoted))


@cache
def shown_of(identifier: str) -> list[str]:
    """A unit's firing exemplars as prompts quote them, whole."""
    suite = workshop(SUITE).suite
    firing = [each for each in suite.exemplars(suite.unit(identifier)) if each.stratum == "firing"]
    return [escaped(" ".join(each.words)) for each in firing]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A hostile server; between two tries Inspect waits no time."""
    monkeypatch.setattr("inspect_ai.model._retry.wait_exponential_jitter", lambda **_: wait_none())
    with hostile_server(lambda prompt: DEALT[owner(prompt)]) as hostile:
        yield hostile


@pytest.fixture
def explained(server: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """The folder of a run of some explainer by some model of the server; with its board, unless told otherwise."""
    monkeypatch.chdir(tmp_path)

    def go(explainer: str, model: str, work: Callable[[Settings], Any] = run) -> Path:
        arguments = {"base_url": server.url, "api_key": "x"}
        settings = Settings(
            run=model,
            suite=SUITE,
            units=UnitSettings(tiers=["planted"], only=list(DEALT)),
            explainers=[explainer],
            readers=["lookup"],
            model=ModelSettings(name=f"openai-api/hostile/{model}", args=arguments),
            # On a busy machine a call takes long, for all samples share one event loop.
            budget=BudgetSettings(seconds=1200.0),
            log_dir=str(tmp_path / model / "logs"),
        )
        work(settings)
        return tmp_path / model

    return go


def outcomes(folder: Path) -> dict[str, dict[str, Any]]:
    """Mode to what became of its unit."""
    _, (only,), _ = read_logs([folder / "logs"])
    return {DEALT[unit]: result for unit, result in only.samples.items()}


@pytest.mark.slow
@pytest.mark.parametrize("explainer", ["single_pass"])
def test_every_unit_of_a_hostile_model_has_its_outcome(
    explainer: str, explained: Callable[..., Path], server: HostileServer, capsys: pytest.CaptureFixture[str]
) -> None:
    stubborn, mended = explained(explainer, "each"), explained(explainer, "each-once", explain_all)
    found, again = outcomes(stubborn), outcomes(mended)
    assert found.keys() == again.keys() == MODES.keys()
    for mode, (outcome, finer) in FAILED.items():
        assert found[mode]["outcome"] == outcome, mode
        assert found[mode]["reason"].startswith(f"{finer}: "), mode
        assert found[mode]["repairs"] == again[mode]["repairs"] == {finer: 1}, mode
        assert again[mode]["outcome"] == "report", mode
        assert again[mode]["report"]["text"] == PHRASE, mode
    for mode in CRASHED:
        assert found[mode]["outcome"] == again[mode]["outcome"] == "crash"
    for mode in REPORTED:
        assert found[mode]["outcome"] == "report", mode
        assert not found[mode]["repairs"], mode
        assert mode in ("long", "orders") or found[mode]["report"]["text"] == PHRASE, mode
    assert len(found["long"]["report"]["text"].split()) == 60
    _assert_counted(stubborn, mended)
    _assert_harmless(stubborn, capsys.readouterr().out)
    assert Counter(status for _, mode, status in server.requests if mode == "broken") == {500: BROKEN, 200: 2}


def _assert_counted(stubborn: Path, mended: Path) -> None:
    """Beside the board stands what failed and what was asked for again; logs of two models have a row each."""
    kinds = {outcome: Counter(f for o, f in FAILED.values() if o == outcome) for outcome in ("refusal", "unparsable")}
    repairs = Counter(finer for _, finer in FAILED.values())
    _, runs, _ = read_logs([stubborn / "logs", mended / "logs"])
    bad, good = failure_table(runs)
    assert json.loads((stubborn / "failures.json").read_text("utf-8")) == {"failures": [bad]}
    for row in (bad, good):
        assert row["n_units"] == len(MODES)
        assert row["repairs"] == repairs
        assert row["n_repaired"] == len(FAILED)
        assert row["failures"]["crash"]["count"] == len(CRASHED)
    for outcome, finer in kinds.items():
        assert bad["failures"][outcome] == {"count": finer.total(), "reasons": finer}
    assert set(good["failures"]) == {"crash"}


def _assert_harmless(folder: Path, printed: str) -> None:
    """What the model wrote stands on the page as text, and nothing of it was done."""
    page = (folder / "leaderboard.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert not re.search(r"href=[\"']?javascript:", page)
    assert "{{7*7}}" in page
    for text in (page, printed, (folder / "leaderboard.md").read_text("utf-8")):
        assert "\x1b]" not in text
        assert "\x1b[31mred" not in text
    assert not list(folder.parent.rglob("owned"))
