"""`corpus=dataset:NAME` against a hub on loopback: an unpinned data set is read, and written down, at one commit."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_client import HubClient
from loopback import DATASETS, LoopbackHub
from tiny_weights import save_gpt2

from benchmark.harvest.corpora import CorpusError, parse_corpus

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

NAME, OLD, NEW = "viva-tests/pond", ["one fish", "two fish"], ["red fish"]
NOBODY = "http://127.0.0.1:9"


def publish(hub: LoopbackHub, home: Path, texts: list[str], name: str = NAME) -> str:
    """A data set of one file; its commit."""
    home.mkdir()
    (home / "train.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return hub.publish(DATASETS + name, home)


@pytest.fixture(scope="module")
def pond(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackHub]:
    with LoopbackHub(tmp_path_factory.mktemp("served")).serve() as hub:
        yield hub


@pytest.fixture(scope="module")
def commits(pond: LoopbackHub, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The older commit and `main`."""
    home = tmp_path_factory.mktemp("pond")
    return publish(pond, home / "old", OLD), publish(pond, home / "new", NEW)


@pytest.fixture(scope="module")
def client(pond: LoopbackHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubClient]:
    client = HubClient(pond.url, tmp_path_factory.mktemp("client"))
    yield client
    client.close()


def facts(commit: str) -> dict[str, str]:
    return {"name": NAME, "split": "train", "column": "text", "commit": commit}


def one_line(found: dict[str, Any], *words: str) -> None:
    assert found.get("error") == "CorpusError", found
    assert "\n" not in found["message"]
    assert all(word in found["message"] for word in (*words, "mend: "))


def test_no_revision_becomes_the_commit_of_main(client: HubClient, commits: tuple[str, str]) -> None:
    assert client.call("corpus", name=NAME) == {"facts": facts(commits[1]), "texts": NEW}


@pytest.mark.parametrize("which", [0, 1])
def test_a_named_commit_is_read_and_has_the_same_facts(client: HubClient, commits: tuple[str, str], which: int) -> None:
    found = client.call("corpus", name=NAME, revision=commits[which])
    assert found == {"facts": facts(commits[which]), "texts": (OLD, NEW)[which]}


def test_a_branch_becomes_its_commit(client: HubClient, commits: tuple[str, str]) -> None:
    assert client.call("corpus", name=NAME, revision="main")["facts"] == facts(commits[1])


@pytest.mark.parametrize(
    ("asked", "word"),
    [({"name": "viva-tests/nothing"}, "viva-tests/nothing"), ({"name": NAME, "revision": "0" * 40}, "0" * 40)],
)
def test_what_is_missing_is_one_line(
    client: HubClient, commits: tuple[str, str], asked: dict[str, str], word: str
) -> None:
    one_line(client.call("corpus", **asked), "cannot be streamed", word, "correct its name or revision=")


@pytest.fixture(scope="module")
def filled(pond: LoopbackHub, commits: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the data set as it is on `main`."""
    home = tmp_path_factory.mktemp("filled")
    client = HubClient(pond.url, home)
    assert client.call("cache_dataset", name=NAME) == 1
    client.close()
    assert commits
    return home


def test_offline_the_cached_one_keeps_its_commit(filled: Path, commits: tuple[str, str]) -> None:
    offline = HubClient(NOBODY, filled, offline=True)
    try:
        assert offline.call("corpus", name=NAME) == {"facts": facts(commits[1]), "texts": NEW}
        assert offline.call("corpus", name=NAME, revision=commits[1])["texts"] == NEW
        one_line(offline.call("corpus", name=NAME, revision=commits[0]), *commits, "HF_HUB_OFFLINE=0")
        one_line(offline.call("corpus", name="viva-tests/sea"), "cannot be streamed", "HF_HUB_OFFLINE=0")
        assert offline.call("hosts") == []
    finally:
        offline.close()


@pytest.mark.slow
def test_a_hub_out_of_reach_leaves_the_cached_one(filled: Path, commits: tuple[str, str]) -> None:
    cut_off = HubClient(NOBODY, filled)
    try:
        assert cut_off.call("corpus", name=NAME) == {"facts": facts(commits[1]), "texts": NEW}
    finally:
        cut_off.close()


def test_a_hub_out_of_reach_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_reach(*_: Any, **__: Any) -> None:
        raise ConnectionError("Couldn't reach it\nat all")

    monkeypatch.setattr("datasets.load_dataset_builder", out_of_reach)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with pytest.raises(CorpusError, match=r"\(Couldn't reach it\); mend: connect, and run again$"):
        parse_corpus(f"dataset:{NAME}")


def test_a_store_goes_on_at_its_commit_alone(pond: LoopbackHub, client: HubClient, tmp_path: Path) -> None:
    old = publish(pond, tmp_path / "old", OLD, "viva-tests/lake")
    model = f"subject=local:{save_gpt2(tmp_path / 'model')}"
    rest = ["sae=neurons:1", "units=0-3", "near=0", "device=cpu", f"folder={tmp_path / 'out'}"]
    command = [model, *rest, "corpus=dataset:viva-tests/lake"]
    first = client.call("harvested", arguments=command)
    assert first["manifest"]["corpus"]["commit"] == old
    new = publish(pond, tmp_path / "new", NEW, "viva-tests/lake")
    moved = client.call("harvested", arguments=command)
    assert moved["error"] == "HarvestStoreError"
    assert all(word in moved["message"] for word in ("corpus.commit", old, new))
    again = client.call("harvested", arguments=[*command, f"revision={old}"])
    assert "nothing was left to do" in again["said"]
    assert again["manifest"] == first["manifest"]
