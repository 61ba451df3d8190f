"""`viva harvest` as a user types it, against a hub on loopback and with a cache that was empty before."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hub_client import environment
from loopback import LoopbackHub, Request
from sae_lens.loading.pretrained_saes_directory import get_pretrained_saes_directory
from tiny_weights import RESID_PRE, TinySae, save_gpt2, save_old_sae

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.slow]

GPT2, RELEASE = "openai-community/gpt2", "gpt2-small-res-jb"
SAES = get_pretrained_saes_directory()[RELEASE].repo_id
# The audit hook comes first, so that no import of the command's can reach another host.
PROGRAM = "import sys, hub_client; hub_client.stay_on_loopback(); from benchmark.cli import main; main()"
TEXT = "\n\n".join(f"A hub on loopback, number {number}, is as good as any." for number in range(120))


@dataclass(frozen=True)
class Shell:
    """Where the command is typed: a hub, a folder, and a cache in it."""

    hub: LoopbackHub
    place: Path

    def viva(self, *arguments: str, offline: str | None = "0") -> subprocess.CompletedProcess[str]:
        """Run `viva` in a process of its own; `offline` None leaves HF_HUB_OFFLINE unset."""
        chosen = environment(self.hub.url, self.place / "home") | ({"HF_HUB_OFFLINE": offline} if offline else {})
        chosen["PYTHONPATH"] += f":{Path(__file__).parent}"
        command = [sys.executable, "-c", PROGRAM, *arguments]
        return subprocess.run(
            command, env=chosen, cwd=self.place, capture_output=True, text=True, timeout=240, check=False
        )

    def harvest(self, offline: str | None = "0") -> subprocess.CompletedProcess[str]:
        """The documented command, on a small corpus."""
        sae = f"sae={RELEASE}/{RESID_PRE}"
        rest = ["corpus=corpus.txt", "tokens=1000", "window_tokens=60", "near=0", "device=cpu"]
        return self.viva("harvest", "folder=out", "subject=gpt2_small", sae, *rest, offline=offline)

    def digests(self) -> dict[str, str]:
        """Every file of the store and its SHA-256."""
        files = sorted(path for path in (self.place / "out").rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def downloads(self) -> list[Request]:
        """Bytes of weights that left the hub, and small files too."""
        return [*self.hub.requests("GET", server="store"), *self.hub.requests("GET", "/resolve/", "hub")]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    place = tmp_path_factory.mktemp("shell")
    (place / "corpus.txt").write_text(TEXT, "utf-8")
    tiny = TinySae("old", "StandardTrainingSAE", RESID_PRE, "standard")
    sae = save_old_sae(tiny, place / "repository" / RESID_PRE)
    with LoopbackHub(place / "served").serve() as hub:
        hub.publish(GPT2, save_gpt2(place / "model"))
        hub.publish(SAES, sae.parent)
        yield Shell(hub, place)


@pytest.fixture(scope="module")
def harvested(shell: Shell) -> dict[str, Any]:
    """The manifest of the store that the first command made."""
    (shell.place / "home").mkdir()
    refused = shell.harvest(offline=None)
    assert refused.returncode == 2, refused.stderr
    assert "HF_HUB_OFFLINE" in refused.stderr
    assert not shell.hub.requests()
    done = shell.harvest()
    assert done.returncode == 0, done.stderr
    manifest: dict[str, Any] = json.loads((shell.place / "out" / "manifest.json").read_text("utf-8"))
    return manifest


def test_the_manifest_names_both_commits(shell: Shell, harvested: dict[str, Any]) -> None:
    facts = harvested["source"]
    assert facts["subject_commit"] == shell.hub.commit(GPT2)
    assert facts["sae_commit"] == shell.hub.commit(SAES)
    assert (facts["hook"], facts["centred"]) == (RESID_PRE, "True")
    assert shell.downloads()


def test_the_same_command_again_does_nothing_more(shell: Shell, harvested: dict[str, Any]) -> None:
    before, downloads = shell.digests(), shell.downloads()
    again = shell.harvest()
    assert again.returncode == 0, again.stderr
    assert "nothing was left to do" in again.stdout
    assert shell.digests() == before
    assert shell.downloads() == downloads
    assert harvested["source"]["subject_commit"]
