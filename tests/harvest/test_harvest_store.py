"""The store: resumed after a kill, mended where damaged, refused where it is another's; always the same bytes."""

import errno
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

import numpy as np
import pytest
from filelock import FileLock
from harvest_world import RECIPE, digests, job
from made_up_source import ListCorpus, MadeUpSource, made_up_documents
from plain_harvest import as_plain, keyed, plainly
from safetensors import SafetensorError

from benchmark import cli
from benchmark.harvest import command, store
from benchmark.harvest.corpora import TextDocument
from benchmark.harvest.store import HarvestStoreError, read_whole, unpack
from benchmark.harvest.stream import harvest

HERE = Path(__file__).parent
SUFFIXES = (".json", ".safetensors")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    harvest(job(), folder)
    return folder


def test_the_store_holds_what_the_plain_way_keeps(whole: Path) -> None:
    source, documents = MadeUpSource(), job().corpus.documents()
    windows, tokens = [], 0
    for key, window in keyed(source, documents, RECIPE.seed):
        if tokens < 2100:
            windows.append((key, window))
            tokens += len(window.ids)
    arrays, counts = read_whole(whole)
    found, wanted = as_plain(unpack(arrays)), plainly(source, windows, RECIPE.keep)
    assert vars(found) == vars(wanted)
    assert counts["tokens"] == tokens
    assert counts["seen"] == len(windows)
    assert counts["documents"] == len({window.document for _, window in windows})


@pytest.mark.parametrize("passes", [0, 9, 20])
def test_a_killed_harvest_goes_on_to_the_same_bytes(tmp_path: Path, whole: Path, passes: int) -> None:
    command = [sys.executable, str(HERE / "killed_harvest.py"), str(tmp_path), str(passes)]
    root = Path(__file__).parents[2]
    environment = {"PYTHONPATH": str(root), "PATH": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -9, done.stderr
    left = len(list((tmp_path / "shards").glob("*.safetensors")))
    assert left == {0: 0, 9: 1, 20: 2}[passes]
    source = MadeUpSource()
    outcome = harvest(job(source), tmp_path)
    assert outcome.resumed == left
    assert 0 < outcome.fresh <= outcome.tokens - left * 300
    assert digests(tmp_path) == digests(whole)


def test_a_finished_harvest_is_left_as_it_is(tmp_path: Path) -> None:
    harvest(job(), tmp_path)
    before, source = digests(tmp_path), MadeUpSource()
    outcome = harvest(job(source), tmp_path)
    assert source.passes == outcome.fresh == 0
    assert outcome.resumed == outcome.shards == 5
    assert digests(tmp_path) == before
    assert "nothing was left to do" in outcome.line()


@pytest.mark.parametrize("how", ["a bit", "cut off", "no checksum", "a checksum that is no JSON", "gone"])
def test_a_damaged_shard_is_redone_and_said(tmp_path: Path, whole: Path, how: str) -> None:
    harvest(job(), tmp_path)
    shard = tmp_path / "shards" / "00002.safetensors"
    data = bytearray(shard.read_bytes())
    if how == "a bit":
        data[-3] ^= 4
        shard.write_bytes(data)
    elif how == "cut off":
        shard.write_bytes(data[:-9])
    elif how == "no checksum":
        shard.with_suffix(".json").unlink()
    elif how == "gone":
        shard.unlink()
    else:
        shard.with_suffix(".json").write_text("{")
    said: list[str] = []
    outcome = harvest(job(), tmp_path, said.append)
    assert outcome.resumed == 4
    assert digests(tmp_path) == digests(whole)
    assert how == "gone" or any("00002.safetensors" in line and "redoing" in line for line in said)


def test_a_damaged_summary_is_refused_by_readers_and_made_again(tmp_path: Path, whole: Path) -> None:
    harvest(job(), tmp_path)
    path = tmp_path / "summary.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(HarvestStoreError, match="damaged"):
        read_whole(tmp_path)
    source = MadeUpSource()
    harvest(job(source), tmp_path)
    assert not source.passes
    assert digests(tmp_path) == digests(whole)


def test_halves_and_leftovers_are_cleared(tmp_path: Path, whole: Path) -> None:
    harvest(job(), tmp_path)
    (tmp_path / "shards" / "00001.safetensors.part").write_bytes(b"half")
    (tmp_path / "shards" / "00009.safetensors").write_bytes(b"of a longer corpus")
    harvest(job(), tmp_path)
    assert digests(tmp_path) == digests(whole)


@pytest.mark.parametrize(
    ("source", "changes", "said"),
    [
        (
            MadeUpSource(told={"subject": "made up", "hook": "blocks.2.hook_out"}),
            {},
            ["source.hook", "blocks.1", "blocks.2"],
        ),
        (MadeUpSource(width=5), {}, ["source.selected", "'6'", "'5'"]),
        (None, {"tokens": 900}, ["recipe.tokens", "'2100'", "'900'"]),
        (None, {"seed": 5}, ["recipe.seed", str(RECIPE.seed), "'5'"]),
        (None, {"near": 0}, ["recipe.near", "'3'", "'0'"]),
    ],
)
def test_another_harvest_in_the_folder_is_refused_with_both_values(
    tmp_path: Path, source: MadeUpSource | None, changes: dict[str, int], said: list[str]
) -> None:
    harvest(job(), tmp_path)
    before = digests(tmp_path)
    with pytest.raises(HarvestStoreError) as refused:
        harvest(job(source, **changes), tmp_path)
    assert all(part in str(refused.value) for part in said), refused.value
    assert "\n" not in str(refused.value)
    assert digests(tmp_path) == before


def test_a_changed_corpus_is_refused(tmp_path: Path) -> None:
    harvest(job(), tmp_path)
    changed = replace(job(), corpus=ListCorpus(made_up_documents(60, seed=2)))
    with pytest.raises(HarvestStoreError, match=r"corpus\.sha256"):
        harvest(changed, tmp_path)


class Renamed(ListCorpus):
    """A corpus whose facts say nothing of its texts, as those of a streamed dataset do."""

    @property
    def facts(self) -> dict[str, str]:
        return {"name": "a dataset"}


def test_a_shard_states_the_documents_it_read_and_no_others(tmp_path: Path) -> None:
    harvest(job(), tmp_path)
    shards = [json.loads(path.read_text()) for path in sorted((tmp_path / "shards").glob("*.json"))]
    whole = read_whole(tmp_path)[1]["documents"]
    assert sum(each["documents"] for each in shards) == whole < 60
    assert shards[-1]["last"] == f"d-{whole - 1:05d}"
    assert harvest(job(), tmp_path).fresh == 0


def test_texts_beyond_the_last_token_may_change_and_those_before_may_not(tmp_path: Path) -> None:
    documents = made_up_documents(60)
    harvest(replace(job(), corpus=Renamed(documents)), tmp_path)
    last = read_whole(tmp_path)[1]["documents"] - 1
    beyond = [*documents[: last + 1], replace(documents[last + 1], text="other words here"), *documents[last + 2 :]]
    assert harvest(replace(job(), corpus=Renamed(beyond)), tmp_path).fresh == 0
    documents[last] = replace(documents[last], text=documents[last].text + " more")
    with pytest.raises(HarvestStoreError, match="from texts with sha256"):
        harvest(replace(job(), corpus=Renamed(documents)), tmp_path)


def test_a_corpus_that_has_grown_is_found(tmp_path: Path) -> None:
    """The last shard ended with the corpus; it is no part of a longer one that goes on in the same shard."""
    documents = made_up_documents(10)
    all_of_it = job(tokens=None, shard_characters=10**9)
    harvest(replace(all_of_it, corpus=Renamed(documents[:9])), tmp_path)
    with pytest.raises(HarvestStoreError, match="from texts with sha256"):
        harvest(replace(all_of_it, corpus=Renamed(documents)), tmp_path)


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    harvest(replace(job(), encoder_sha256="a" * 64), tmp_path)
    with pytest.raises(HarvestStoreError, match="encoder_sha256 'a"):
        harvest(replace(job(), encoder_sha256="b" * 64), tmp_path)


def test_a_dataset_that_changed_is_found_by_its_texts(tmp_path: Path) -> None:
    documents = made_up_documents(60)
    harvest(replace(job(), corpus=Renamed(documents)), tmp_path)
    documents[30] = replace(documents[30], text="other words here")
    with pytest.raises(HarvestStoreError, match="from texts with sha256"):
        harvest(replace(job(), corpus=Renamed(documents)), tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_damaged_manifest_is_one_line(tmp_path: Path, text: str) -> None:
    harvest(job(), tmp_path)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(HarvestStoreError, match=r"manifest\.json is damaged"):
        harvest(job(), tmp_path)


def test_shards_without_a_manifest_are_nobodys(tmp_path: Path) -> None:
    harvest(job(), tmp_path)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(HarvestStoreError, match="no manifest"):
        harvest(job(), tmp_path)


def test_a_corpus_shorter_than_asked_for_still_has_a_whole_sample(tmp_path: Path) -> None:
    """With 2 million tokens to come, a shard keeps few windows; the corpus of one shard has a sample all the same."""
    asked = job(tokens=2_000_000, shard_characters=10**9)
    harvest(asked, tmp_path / "one")
    one = unpack(read_whole(tmp_path / "one")[0])
    assert len(one.sampled) == RECIPE.keep.uniform
    harvest(job(tokens=20_000), tmp_path / "many")
    many, ceiling = unpack(read_whole(tmp_path / "many")[0]), job(tokens=20_000).recipe.sample_ceiling()
    keys = sorted(key for key, _ in keyed(MadeUpSource(), asked.corpus.documents(), RECIPE.seed))
    below = [key for key in keys if key <= ceiling][: RECIPE.keep.uniform]
    assert many.windows.key[many.sampled].tolist() == below
    assert 0 < len(below) < RECIPE.keep.uniform


@pytest.mark.parametrize("length", [8, 32, 128])
def test_the_sample_is_whole_however_long_the_windows_are(tmp_path: Path, length: int) -> None:
    """30 windows of 128 tokens would be 120 of 32: a ceiling for these leaves too few of those."""
    texts = made_up_documents(30, words=length)
    said: list[str] = []
    asked = job(MadeUpSource(length=length), tokens=30 * length, window_tokens=length, shard_characters=4 * length)
    harvest(replace(asked, corpus=ListCorpus(texts)), tmp_path, said.append)
    found = unpack(read_whole(tmp_path)[0])
    assert found.seen == 30
    assert len(found.sampled) == RECIPE.keep.uniform
    assert not any("the uniform sample has" in line for line in said)


def test_a_short_sample_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    harvest(job(tokens=20_000, window_tokens=8), tmp_path, said.append)
    found = unpack(read_whole(tmp_path)[0])
    assert len(found.sampled) < RECIPE.keep.uniform < found.seen
    line = f"the uniform sample has {len(found.sampled)} windows, not {RECIPE.keep.uniform}: the corpus is shorter"
    assert any(said_line.startswith(line) for said_line in said)


def test_two_harvests_do_not_share_a_folder(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".lock"), pytest.raises(HarvestStoreError, match="another harvest works"):
        harvest(job(), tmp_path)


def test_an_empty_corpus_is_said(tmp_path: Path) -> None:
    with pytest.raises(HarvestStoreError, match="no windows"):
        harvest(replace(job(), corpus=ListCorpus([])), tmp_path)


def test_files_have_the_mode_that_the_umask_gives(tmp_path: Path) -> None:
    """safetensors' own would be the writer's alone, so that nobody else could read a store."""
    old = os.umask(0o027)
    try:
        harvest(job(), tmp_path)
    finally:
        os.umask(old)
    modes = {path.name: S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.suffix in SUFFIXES}
    assert {"summary.safetensors", "manifest.json", "00000.safetensors"} <= set(modes)
    assert set(modes.values()) == {0o640}


@pytest.mark.parametrize("broken", ["save_arrays", "_write"])
def test_a_full_disk_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    def full(*given: object) -> None:
        if broken == "save_arrays":
            raise SafetensorError("I/O error: No space left on device (os error 28)")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "manifest.json")

    monkeypatch.setattr(command, "job_of", lambda found, say: job())
    monkeypatch.setattr(store, broken, full)
    monkeypatch.setattr(sys, "argv", ["viva", "harvest", f"folder={tmp_path}"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    err = capsys.readouterr().err
    assert "No space left on device" in err
    assert err.startswith("viva: ")
    assert err.count("\n") == 1


def test_the_limit_is_timed_beside_and_not_counted(tmp_path: Path) -> None:
    source = MadeUpSource()
    outcome = harvest(replace(job(source), time_limit=True), tmp_path)
    assert source.bare
    assert outcome.limit
    assert outcome.ratio == pytest.approx(outcome.rate / outcome.limit)
    assert sum(outcome.seconds.values()) - outcome.seconds["bare forward"] == pytest.approx(
        outcome.fresh / outcome.rate
    )


def test_the_rate_is_of_wall_time_whatever_takes_it(tmp_path: Path) -> None:
    """A corpus that is slow to read, and a source that is slow to say what it is, make a harvest slow."""

    class Slow(ListCorpus):
        def documents(self) -> Iterator[TextDocument]:
            for document in super().documents():
                time.sleep(0.02)
                yield document

    begun = time.perf_counter()
    outcome = harvest(replace(job(), corpus=Slow(made_up_documents(60))), tmp_path)
    wall = time.perf_counter() - begun
    assert outcome.seconds["other"] > 50 * 0.02
    assert 0.9 * wall <= sum(outcome.seconds.values()) <= wall
    assert outcome.rate == pytest.approx(outcome.fresh / sum(outcome.seconds.values()))


def test_a_manifest_says_what_the_store_was_made_with(whole: Path) -> None:
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["units"] == list("012345")
    assert manifest["source"]["hook"] == "blocks.1.hook_out"
    assert manifest["recipe"]["tokens"] == "2100"
    assert manifest["encoder"] == "letters"
    assert manifest["edges"] == RECIPE.keep.levels.edges.tolist()
    shards = [json.loads(path.read_text()) for path in sorted((whole / "shards").glob("*.json"))]
    assert Counter(each["documents"] for each in shards)
    assert sum(each["tokens"] for each in shards) == read_whole(whole)[1]["tokens"] >= 2100
    assert all(np.isfinite(each["tokens"]) for each in shards)
