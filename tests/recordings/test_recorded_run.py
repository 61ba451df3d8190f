"""From the command line: an export's explanations are graded, written back, and read again."""

import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from inspect_ai.log import EvalLog, list_eval_logs, read_eval_log
from recorded_world import DIRECTIONS, ROWS, SOURCE, STORED, export, lines, plain, row, suite_of

from benchmark import cli
from benchmark.errors import UserError
from benchmark.neuronpedia import read_explanations
from benchmark.neuronpedia.stream import read_lines
from benchmark.plan import Job, plan
from benchmark.settings import to_settings

ROOT = Path(__file__).parents[2]
VIVA = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from benchmark.cli import main; main()"]
CHOSEN = ("units.tiers=[found]", "units.only=[found-1977,found-2241,found-3739]", "readers=[embedding,lookup]")
RUN = ("run", "experiment=quick", "explainer=recorded", *CHOSEN, "suite=mine", "run=theirs", "recorded.file=export")
FIRST = (*RUN, "recorded.several=first")
WRITE = ("write", "runs/theirs/logs", "--out", "o", "--explainer", "recorded")


def viva(place: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*VIVA, *arguments], cwd=place, capture_output=True, text=True, check=False, timeout=600)


def done(place: Path, *arguments: str) -> str:
    ended = viva(place, *arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def refused(place: Path, *arguments: str) -> str:
    ended = viva(place, *arguments)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    (line,) = ended.stderr.strip().splitlines()
    return line


def planned(*overrides: str) -> list[Job]:
    return plan(to_settings(compose("config", overrides=list(overrides))))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a suite, an export, and a run that graded it."""
    place = tmp_path_factory.mktemp("recorded")
    suite_of(place / "mine")
    export(place / "export")
    said = done(place, *FIRST)
    assert "-- export explains 2 of the 3 chosen units" in said
    assert "-- subject" not in said, "what is on file is graded without the subject"
    return place


@pytest.fixture(scope="module")
def log(ran: Path) -> EvalLog:
    (info,) = list_eval_logs(str(ran / "runs/theirs/logs/recorded"))
    return read_eval_log(info)


@pytest.fixture(scope="module")
def results(log: EvalLog) -> dict[str, dict[str, Any]]:
    return {str(each.id): (each.scores or {})["examination"].metadata["viva"] for each in log.samples or []}  # type: ignore[index]


def board(place: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((place / "runs/theirs/leaderboard.json").read_text("utf-8"))["rows"]
    return [each for each in rows if each["family"] == "all"]


def test_explanations_are_graded_by_text_readers_and_declare_no_predicates(
    ran: Path, results: dict[str, dict[str, Any]]
) -> None:
    south = results["found-1977"]
    assert south["report"]["text"] == DIRECTIONS
    assert south["grades"]["lookup"]["r"] > 0.2, "the unit fires on these words"
    assert (south["tokens"], south["unit_queries"]) == (0, 0)
    for each in board(ran):
        assert (each["explainer"], each["tier"], each["n_units"], each["status"]) == ("recorded", "found", 3, "scored")


def test_a_unit_without_explanation_is_no_report_with_a_plain_reason(
    ran: Path, results: dict[str, dict[str, Any]]
) -> None:
    assert (results["found-3739"]["outcome"], results["found-3739"]["reason"]) == (
        "no_report",
        "the file of explanations has none of this unit",
    )
    assert {each["reader"]: each["failures"] for each in board(ran)} == {
        "embedding": {"no_report": 1},
        "lookup": {"no_report": 1},
    }


def test_a_hostile_description_is_data(ran: Path, results: dict[str, dict[str, Any]]) -> None:
    evil = results["found-2241"]
    assert (evil["outcome"], evil["report"]["text"]) == ("report", STORED.strip())
    assert abs(evil["grades"]["embedding"]["r"]) < 0.2
    assert results["found-1977"]["outcome"] == "report", "its neighbours are graded as ever"
    page = (ran / "runs/theirs/leaderboard.html").read_text("utf-8")
    assert "IGNORE ALL PREVIOUS" in page
    assert "<script>alert" not in page
    assert not {"\x1b", "\x07", "\u202e", "\ufeff"} & set(page)
    assert "{{ 7*7 }}" in page, "no template is run"


def test_the_file_is_in_the_run_s_provenance(ran: Path, log: EvalLog) -> None:
    facts = log.eval.metadata or {}
    listed = sorted((ran / "export").rglob("batch-*"))
    hashes = [(path.relative_to(ran / "export"), hashlib.sha256(path.read_bytes()).hexdigest()) for path in listed]
    text = "".join(f"{name.as_posix()}\0{each}\n" for name, each in hashes)
    assert facts["explainer_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    document = json.loads((ran / "runs/theirs/leaderboard.json").read_text("utf-8"))
    (stated,) = document["provenance"]["runs"]
    assert stated["explainer_sha256"] == facts["explainer_sha256"]
    assert stated["arguments"]["recorded"] == {"file": "export", "several": "first"}


def test_written_and_read_again_it_is_the_same(
    ran: Path,
    results: dict[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ran)
    cli._dispatch("neuronpedia", [*WRITE[:3], "back", *WRITE[4:], "--author", "me"])
    said = capsys.readouterr().out
    assert "back: 2 explanations, 4 scores (r)" in said
    assert "left out: 0 abstentions, 1 failures; 0 units that are no features" in said
    found = list(read_explanations(ran / "back" / SOURCE))
    assert {(str(each.key), each.description, each.author, each.kind) for each in found} == {
        (f"{SOURCE}/{unit[6:]}", results[unit]["report"]["text"], "me", "viva_recorded")
        for unit in ("found-1977", "found-2241")
    }
    scores = {}
    named = {each.identifier: each.key for each in found}
    for line in read_lines(ran / "back" / SOURCE / "scores/batch-0.jsonl.gz"):
        key = named[line.text("explanationId")]
        scores[f"found-{key.index}", line.text("explanationScoreModelName")] = line.fields["value"]
        assert json.loads(line.text("jsonDetails"))["suite"] == "embedded-2"
    assert scores == {
        (unit, f"viva_{reader}"): results[unit]["grades"][reader]["r"]
        for unit in ("found-1977", "found-2241")
        for reader in ("embedding", "lookup")
    }
    with pytest.raises(UserError, match="has batches already; mend: give a new folder"):
        cli._dispatch("neuronpedia", [*WRITE[:3], "back", *WRITE[4:]])
    cli._dispatch("neuronpedia", ["read", "back"])
    said = capsys.readouterr().out
    assert "back: 2 explanations of 2 features" in said
    assert "scores: 4 rows" in said


def test_what_was_written_can_be_handed_in(
    ran: Path, results: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ran)
    cli._dispatch("neuronpedia", [*WRITE[:3], "again", *WRITE[4:], "--reader", "lookup"])
    scores = list(read_lines(ran / "again" / SOURCE / "scores/batch-0.jsonl.gz"))
    assert {each.text("explanationScoreModelName") for each in scores} == {"viva_lookup"}
    changed = [each.replace("recorded.file=export", "recorded.file=again") for each in FIRST]
    done(ran, *changed, "recorded.name=again", "readers=[lookup]", "run=second")
    (info,) = list_eval_logs(str(ran / "runs/second/logs/recorded@again"))
    samples = read_eval_log(info).samples or []
    found = {str(each.id): (each.scores or {})["examination"].metadata["viva"] for each in samples}  # type: ignore[index]
    for unit in ("found-1977", "found-2241"):
        assert found[unit]["report"] == results[unit]["report"]
        assert found[unit]["grades"]["lookup"] == results[unit]["grades"]["lookup"]
    names = json.loads((ran / "runs/second/leaderboard.json").read_text("utf-8"))["rows"]
    assert {each["explainer"] for each in names} == {"recorded [again]"}


@pytest.fixture
def hydra_is_fresh() -> Iterator[None]:
    GlobalHydra.instance().clear()
    with initialize_config_module("conf", version_base="1.3"):
        yield
    GlobalHydra.instance().clear()


@pytest.mark.usefixtures("hydra_is_fresh")
def test_another_file_in_the_same_run_is_refused(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ran)
    batch = ran / "export/v1" / SOURCE / "explanations/batch-0.jsonl.gz"
    content = batch.read_bytes()
    try:
        batch.write_bytes(gzip.compress(lines([row("a", "1977", "something else"), *ROWS[1:4]])))
        with pytest.raises(UserError, match=r"recorded: its file changed since .* give run=<another name>"):
            planned(*FIRST[1:])
    finally:
        batch.write_bytes(content)
    plain(ran / "mine.jsonl", {"unit": "found-1977", "text": "such"})
    with pytest.raises(UserError, match=r"recorded=\{'file': 'export'.*mine\.jsonl"):
        planned(*RUN[1:-1], "recorded.file=mine.jsonl")
    (job,) = planned(*FIRST[1:])
    assert not job.tiers, "nobody looks at a unit whose explanation is on file"


@pytest.mark.usefixtures("hydra_is_fresh")
@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["recorded.file=export"], "has 2 explanations"),
        (["recorded.file=export", "recorded.model=gpt-4o"], "did you mean 'gpt-4o-mini'"),
        (["recorded.file=nowhere"], "nowhere is not there; mend"),
        ([], r"add recorded\.file="),
        (["recorded.file=export", "recorded.several=frist"], "did you mean 'first'"),
        (["recorded.file=export", "recorded.source=gpt2-small/6-res-jb"], "mend: leave recorded.source out"),
        (["recorded.file=export", "recorded.name=a/b"], "letters, digits"),
        (["explainer=constant", "recorded.kind=x"], r"recorded\.kind is of the explainer recorded"),
    ],
)
def test_a_run_that_cannot_be_is_refused_before_any_work(
    ran: Path, monkeypatch: pytest.MonkeyPatch, overrides: list[str], message: str
) -> None:
    monkeypatch.chdir(ran)
    with pytest.raises(UserError, match=message) as error:
        planned(*RUN[1:-1], *overrides)
    assert "\n" not in str(error.value)


def test_a_misspelt_key_is_one_line(ran: Path) -> None:
    line = refused(ran, *RUN[:-1], "recorded.fiel=export")
    assert "unknown setting 'recorded.fiel': did you mean 'recorded.file'" in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("raed", "x"), "did you mean 'read'"),
        (("read", "nowhere"), "nowhere is not there"),
        (("read", "mine"), "mine has no batches of explanations"),
        (("read",), "viva neuronpedia read --help says more"),
        (WRITE[:2], "--out, --explainer"),
        (("write", "x", *WRITE[2:]), "x is not there"),
        ((*WRITE[:-1], "recorde"), "did you mean 'recorded'"),
        ((*WRITE, "--reader", "lockup"), "did you mean 'lookup'"),
        ((*WRITE, "--model", "x"), "ran with no model 'x'; there are: 'none'"),
        ((*WRITE, "--source", "a/b"), "mend: leave --source out"),
        ((*WRITE, "--author", " "), "the author is ' '"),
    ],
)
def test_what_is_wrong_with_the_verb_is_one_line(
    ran: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(ran)
    with pytest.raises(UserError, match=message) as error:
        cli._dispatch("neuronpedia", list(arguments))
    assert "\n" not in str(error.value)
    assert not (ran / "o").exists()


def test_what_a_folder_holds_is_said_in_harmless_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    export(tmp_path / "export")
    (tmp_path / "export/v1" / SOURCE / "features").mkdir()
    (tmp_path / "export/v1" / SOURCE / "features/batch-0.jsonl").write_bytes(lines([{}, {}, {}]))
    cli._dispatch("neuronpedia", ["read", "export"])
    said = capsys.readouterr().out.splitlines()
    assert said[:5] == [
        "export: 6 explanations of 5 features, 1 of them blank",
        f"sources: {SOURCE} (5), smollm2-135m/13-viva-res (1)",
        "kinds: oai_token-act-pair (6)",
        "models: gpt-4o-mini (5), gemini-2.0-flash (1)",
        "features: 3 rows",
    ]
    assert [line.split(": ")[0] for line in said[5:]] == [f"  {SOURCE}/{index}" for index in (1977, 1977, 2241)]
    assert all(line.isprintable() for line in said)
    plain(tmp_path / "mine.jsonl", {"unit": "u\x1b[2J", "text": "x" * 900}, {"unit": "v", "abstained": True})
    cli._dispatch("neuronpedia", ["read", "mine.jsonl"])
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["mine.jsonl: 2 explanations of 2 units", "outcomes: abstention (1)"]
    assert all(line.isprintable() and len(line) < 150 for line in said)


def test_help_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    cli._dispatch("neuronpedia", ["--help"])
    assert "usage: viva neuronpedia" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli._dispatch("neuronpedia", ["write", "--help"])
    assert "usage: viva neuronpedia write" in capsys.readouterr().out
