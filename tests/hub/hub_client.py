"""A process whose hub is whatever HF_ENDPOINT said when it started: the client reads that once, at import.

Run as a program it answers JSON calls on its standard input, one a line, with Hugging Face's, TransformerLens' and
SAELens' own functions. An audit hook refuses, and lists, every host but 127.0.0.1.
"""

import hashlib
import json
import os
import select
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

PATIENCE = 120.0
LOOPBACK = "127.0.0.1"
_hosts: set[str] = set()
_models: dict[tuple[str, str | None], Any] = {}


class HubClient:
    """The parent's end: starts the process, calls it, ends it."""

    def __init__(self, endpoint: str, home: Path, offline: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            env=environment(endpoint, home, offline),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, name: str, /, **arguments: Any) -> Any:
        """What function `name` of this module returns, or {"error": type, "message": text}."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([name, arguments]) + "\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            self.close()
            raise TimeoutError(f"{name} gave no answer in {PATIENCE:.0f} s")
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        self.process.wait()


def environment(endpoint: str, home: Path, offline: bool = False) -> dict[str, str]:
    """This environment without what would lead the client elsewhere: tokens, proxies, other caches, other endpoints."""
    strange = ("HF_", "HUGGING", "TRANSFORMERS_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(strange) and not name.lower().endswith("_proxy")
    }
    chosen = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "NO_PROXY": LOOPBACK, "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    # The packages that are tested are those beside the tests.
    chosen["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    return kept | chosen | ({"HF_HUB_OFFLINE": "1"} if offline else {})


def hosts() -> list[str]:
    """Every host this process asked the operating system for."""
    return sorted(_hosts)


def download(repository: str, name: str, revision: str | None = None, force: bool = False) -> dict[str, str]:
    """Download one file; its SHA-256, and the checksum the cache filed it under."""
    from huggingface_hub import hf_hub_download

    path = Path(hf_hub_download(repository, name, revision=revision, force_download=force))
    return {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "filed": path.resolve().name}


def listed(repositories: list[str]) -> list[dict[str, Any]]:
    """What `viva doctor --online` says of some repositories."""
    from dataclasses import asdict

    from benchmark.doctor.online import online

    return [asdict(check) for check in online(repositories)]


def verify(repository: str) -> dict[str, Any]:
    """The client's own comparison of a cached repository with the checksums in the hub's listing."""
    from huggingface_hub import HfApi

    found = HfApi().verify_repo_checksums(repository)
    return {"checked": found.checked_count, "mismatches": [each["path"] for each in found.mismatches]}


def activations(model: str, text: str, hooks: list[str], revision: str | None = None) -> dict[str, Any]:
    """Activations of a model from the hub at some hooks, by hook, as nested lists."""
    _, cache = _booted(model, revision).run_with_cache(text)
    return {hook: cache[hook].tolist() for hook in hooks}


def latents(release: str, sae_id: str, model: str, text: str) -> dict[str, Any]:
    """An SAE from the hub, on a model from the hub: its configuration and its latents on a text."""
    import torch
    from sae_lens import SAE

    sae: Any = SAE.from_pretrained(release=release, sae_id=sae_id)
    _, cache = _booted(model, None).run_with_cache(text)
    with torch.no_grad():
        values = sae.encode(cache[sae.cfg.metadata.hook_name])
    return {"class": type(sae).__name__, "cfg": sae.cfg.to_dict(), "latents": values.tolist()}


def pinned(repository: str, sae_id: str, revision: str) -> dict[str, Any]:
    """An SAE at a revision: `SAE.from_pretrained` takes none, so its folder is downloaded and read from disk."""
    from huggingface_hub import snapshot_download
    from sae_lens import SAE

    folder = snapshot_download(repository, revision=revision, allow_patterns=f"{sae_id}/*")
    sae: Any = SAE.load_from_disk(f"{folder}/{sae_id}")
    return {"revision": Path(folder).name, "b_enc": sae.b_enc.tolist()}


def source(subject: str, sae: str, texts: list[str], columns: list[int] | None = None) -> dict[str, Any]:
    """What `subject=` and `sae=` lead to: its facts and its activations on texts, sparse."""
    from benchmark.subjects.catalog import parse_sae, parse_subject
    from benchmark.subjects.features import feature_source

    made = feature_source(parse_subject(subject, device="cpu"), parse_sae(sae), columns, window_tokens=60)
    found = made.activations(made.whole(texts))
    triples = {"token": found.token.tolist(), "unit": found.unit.tolist(), "value": found.value.tolist()}
    return {"facts": dict(made.facts), "units": list(made.units), **triples}


def corpus(name: str, revision: str | None = None, column: str = "text") -> dict[str, Any]:
    """What `corpus=dataset:NAME` leads to: its facts and its texts."""
    from benchmark.harvest.corpora import parse_corpus

    found = parse_corpus(f"dataset:{name}", revision=revision, column=column)
    return {"facts": dict(found.facts), "texts": [each.text for each in found.documents()]}


def harvested(arguments: list[str]) -> dict[str, Any]:
    """What `viva harvest` says at the end, and the manifest of its store."""
    from benchmark.harvest.command import options, run
    from benchmark.harvest.store import read_manifest

    said: list[str] = []
    run(arguments, said.append)
    return {"said": said[-1], "manifest": read_manifest(Path(options(arguments)["folder"]))}


def cache_dataset(name: str) -> int:
    """Download a dataset as a user of `datasets` does, into the cache that the environment names."""
    from datasets import load_dataset

    return int(load_dataset(name, split="train").num_rows)


def _booted(model: str, revision: str | None) -> Any:
    from transformer_lens.model_bridge import TransformerBridge

    if (model, revision) not in _models:
        _models[model, revision] = TransformerBridge.boot_transformers(model, device="cpu", revision=revision)
    return _models[model, revision]


def stay_on_loopback() -> None:
    """Refuse every other host from now on, in this process."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = str(arguments[0])
    else:
        return
    _hosts.add(host)
    if host != LOOPBACK:
        raise PermissionError(f"this test may not reach {host}")


def _answer(line: str) -> Any:
    name, arguments = json.loads(line)
    try:
        return globals()[name](**arguments)
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def main() -> None:
    """Answer calls until the input ends."""
    # Answers go to the real standard output; what libraries print must not get between them.
    answers, sys.stdout = sys.stdout, sys.stderr
    stay_on_loopback()
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        print(json.dumps(_answer(line)), file=answers, flush=True)


if __name__ == "__main__":
    main()
