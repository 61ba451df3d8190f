"""The task through Inspect itself, on the shipped suite: samples, sidecar, board, resume, errors."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log

from benchmark import provenance
from benchmark.errors import UserError
from benchmark.leaderboard.collect import LogError, read_logs
from benchmark.leaderboard.publish import board_of, publish
from benchmark.papers import PaperError
from tasks.explanation import explanation

UNITS = 3


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    for explainer, per_tier in (
        ("constant", "planted=12,null=2"),
        ("placebo", "planted=12,null=2"),
        ("oracle", "planted=12"),
        ("rule_induction", "planted=12,null=2"),
        (f"{Path('examples/most_frequent_word.py').resolve()}:MostFrequentWord", "planted=12,null=2"),
    ):
        task = explanation(explainer=explainer, tiers="planted,null", per_tier=per_tier, papers=str(folder / "papers"))
        inspect_eval(task, model="none", log_dir=str(folder / "logs"), display="none")
    return folder


def test_every_sample_ends_with_a_report(run: Path) -> None:
    for path in (run / "logs").glob("*.eval"):
        log = read_eval_log(str(path))
        assert log.status == "success"
        assert all(sample.error is None and sample.scores for sample in log.samples or [])


def test_the_oracle_is_perfect_and_the_constant_scores_nothing(run: Path) -> None:
    board = json.loads((publish([run / "logs"], run), (run / "leaderboard.json").read_text("utf-8"))[1])
    rows = {
        (row["explainer"], row["reader"]): row
        for row in board["rows"]
        if row["tier"] == "planted" and row["family"] == "all"
    }
    assert rows["oracle", "executable"]["r"]["mean"] == pytest.approx(1, abs=1e-3)
    assert rows["constant", "executable"]["r"]["mean"] == 0
    assert rows["constant", "executable"]["p"] > 0.00135
    assert rows["rule_induction", "executable"]["p"] < 0.00135
    own = next(row for (name, reader), row in rows.items() if "most_frequent_word" in name and reader == "executable")
    assert own["n_units"] == 12
    assert (run / "leaderboard.html").exists()


def test_the_board_rebuilds_bit_for_bit(run: Path, tmp_path: Path) -> None:
    publish([run / "logs"], tmp_path / "one")
    publish([run / "logs"], tmp_path / "two")
    for name in ("leaderboard.json", "leaderboard.md", "leaderboard.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_provenance_is_of_the_run_and_not_of_the_machine_that_rebuilds(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = provenance.versions()
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.0")
    monkeypatch.setattr("platform.python_version", lambda: "0.0")
    monkeypatch.setattr(provenance, "version", lambda name: "0.0")
    stated = board_of([run / "logs"]).provenance
    assert stated["versions"] == made
    assert stated["code_sha256"] == provenance.code_hash()
    assert stated["commit"] == (provenance.commit() or "not recorded")
    assert len(stated["sae_sha256"]) == 64


def test_a_constant_explainer_makes_false_claims_on_nulls(run: Path) -> None:
    board = board_of([run / "logs"])
    row = next(row for row in board.rows if row.explainer == "constant" and row.tier == "null")
    assert row.nulls is not None
    assert row.nulls.share == 1


def test_a_sample_is_readable(run: Path) -> None:
    log = next(
        log
        for log in map(lambda path: read_eval_log(str(path)), (run / "logs").glob("*.eval"))
        if (log.eval.metadata or {})["explainer"] == "rule_induction"
    )
    sample = (log.samples or [])[0]
    text = "\n".join(message.text for message in sample.messages)
    assert "teach windows" in text
    assert "**observed**" in text
    assert "**hypotheses**" in text
    assert "**report**" in text or "**abstains**" in text


def test_a_missing_sidecar_is_named(run: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(run / "logs", tmp_path / "logs")
    hidden = run / "hidden"
    (run / "papers").rename(hidden)
    try:
        with pytest.raises(PaperError, match=r"sidecar .* is missing; mend"):
            board_of([tmp_path / "logs"])
    finally:
        hidden.rename(run / "papers")


def test_a_damaged_log_is_named(run: Path, tmp_path: Path) -> None:
    victim = sorted((run / "logs").glob("*.eval"))[0]
    (tmp_path / victim.name).write_bytes(victim.read_bytes()[:200])
    with pytest.raises(LogError, match=f"{victim.name} is damaged"):
        read_logs([tmp_path])


def test_the_same_unit_twice_is_refused(run: Path, tmp_path: Path) -> None:
    _, runs, _ = read_logs([run / "logs", run / "logs"])
    assert all(len(each.samples) <= 14 for each in runs)
    task = explanation(explainer="constant", tiers="planted", per_tier="planted=1", papers=str(tmp_path / "papers"))
    inspect_eval(task, model="none", log_dir=str(tmp_path / "logs"), display="none")
    with pytest.raises(LogError, match="twice"):
        read_logs([run / "logs", tmp_path / "logs"])


def test_an_explainer_that_crashes_costs_its_units_only(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "class Broken:\n"
        "    name, needs_model, declares_predicates = 'broken', False, True\n"
        "    async def explain(self, laboratory, journal, ask=None):\n"
        "        raise KeyError('oops')\n",
        "utf-8",
    )
    spec = f"{tmp_path / 'broken.py'}:Broken"
    task = explanation(explainer=spec, tiers="planted", per_tier=f"planted={UNITS}", papers=str(tmp_path / "papers"))
    log = inspect_eval(task, model="none", log_dir=str(tmp_path / "logs"), display="none")[0]
    assert log.status == "success"
    board = board_of([tmp_path / "logs"])
    row = next(row for row in board.rows if row.reader == "executable" and row.family == "all")
    assert row.failures["crash"] == UNITS
    assert row.n_units == UNITS


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"explainer": "oracel"}, "oracle"),
        ({"units": "planted-concret-00"}, "planted-concrete"),
        ({"guardrails": "without_adverserial"}, "without_adversarial"),
        ({"suite": "embedded-7"}, "embedded-1"),
        ({"tiers": "plantd"}, "planted"),
    ],
)
def test_wrong_names_are_met_with_the_nearest(options: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        explanation(**options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rum"], "did you mean run"),
        (["run", "explainer=oracel"], "oracle"),
        (["run", "guardrail=none"], "guardrails"),
        (["run", "model.name=openai/gpt-5", "explainer=single_pass"], "OPENAI_API_KEY"),
        (["leaderboard", "no/such/folder"], "is not there; mend"),
        (["freeze", "suite=embedded-9"], "embedded-2"),
        (["unit", "found-99999"], "found-"),
    ],
)
def test_the_console_script_says_one_line_and_exits_2(arguments: list[str], message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from benchmark.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home())},
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


ENDINGS = {
    "leaves": ("raise SystemExit(3)", "crash"),
    "waits": ("await asyncio.sleep(60)", "limit"),
    "peeks": ("laboratory.practise(Report('x'), 'own')", "crash"),
    "resets": ("laboratory.spend.unit_queries = 0", "crash"),
}


@pytest.mark.parametrize("name", sorted(ENDINGS))
def test_whatever_an_explainer_does_costs_its_unit_only(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, outcome = ENDINGS[name]
    monkeypatch.setattr("benchmark.runtime.solver.GRACE_SECONDS", 0.5)
    (tmp_path / "other.py").write_text(
        "import asyncio\n"
        "from benchmark.explainers.report import Report\n"
        "class Other:\n"
        f"    name, needs_model, declares_predicates = {name!r}, False, True\n"
        "    async def explain(self, laboratory, journal, ask=None):\n"
        f"        {act}\n",
        "utf-8",
    )
    task = explanation(
        explainer=f"{tmp_path / 'other.py'}:Other",
        tiers="planted",
        per_tier="planted=1",
        papers=str(tmp_path / "papers"),
        seconds=0.5,
    )
    log = inspect_eval(task, model="none", log_dir=str(tmp_path / "logs"), display="none")[0]
    assert log.status == "success"
    found = (log.samples or [])[0].scores["examination"].metadata["viva"]  # type: ignore[index]
    assert found["outcome"] == outcome
    assert found["reason"]


def test_guardrails_are_counted_in_the_sample(tmp_path: Path) -> None:
    where = {"papers": str(tmp_path / "papers"), "tiers": "planted", "per_tier": "planted=1"}
    results = []
    for rounds in (8, 2):
        task = explanation(explainer="rule_induction_guardrailed", guardrails="all", rounds=rounds, **where)
        log = inspect_eval(task, model="none", log_dir=str(tmp_path / "logs"), display="none")[0]
        results.append((log.samples or [])[0].scores["examination"].metadata["viva"])  # type: ignore[index]
    full, short = results
    assert (full["outcome"], full["ended_by_veto"]) == ("report", False)
    for count in full["guardrails"].values():
        assert count["asked"] == count["objections"] + count["approvals"] > 0
    assert full["guardrails"]["verbosity"]["queries"] == 60 * full["guardrails"]["verbosity"]["asked"]
    assert full["guardrails"]["independence"]["queries"] == full["guardrails"]["min_rounds"]["queries"] == 0
    assert sum(count["queries"] for count in full["guardrails"].values()) < full["unit_queries"]
    assert short["guardrails"]["min_rounds"]["units_changed"] == 1
    assert (short["outcome"], short["ended_by_veto"]) == ("abstained", True)
    assert short["guardrails"]["min_rounds"]["ended_by_veto"] == 1
