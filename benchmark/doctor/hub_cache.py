"""What lies in the cache of the hub's client: subjects, SAEs, and files that are not what they were filed as."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmark.doctor.check import Check, size
from benchmark.doctor.known import SUBJECTS, KnownSubject
from benchmark.doctor.machine import disk

# Names under which SAELens' loaders find an SAE's weights.
SAE_FILES = ("sae_weights.safetensors", "params.npz", "ae.pt", "sae.safetensors", "final.safetensors")
INDEX = "model.safetensors.index.json"
MOST_NAMED = 4


def scan(folder: Path | None = None) -> tuple[list[Any], list[str]]:
    """The models in the cache (huggingface_hub's `CachedRepoInfo`), and what the client says of broken ones.

    Args:
        folder: the cache; default: the client's own, as HF_HOME and HF_HUB_CACHE say.
    """
    from huggingface_hub import CacheNotFound, scan_cache_dir

    try:
        found = scan_cache_dir(folder)
    except CacheNotFound:
        return [], []
    models = sorted((each for each in found.repos if each.repo_type == "model"), key=lambda each: str(each.repo_id))
    return models, [str(warning) for warning in found.warnings]


def hub_cache(folder: Path | None = None, verify: bool = False) -> list[Check]:
    """One line for the cache, one a subject that Viva names, one for each repository with SAEs.

    Args:
        folder: the cache; default: the client's own.
        verify: read every file and compare it with the checksum it is filed under.
    """
    from huggingface_hub.constants import HF_HUB_CACHE

    models, warnings = scan(folder)
    held = sum(each.size_on_disk for each in models)
    found = f"{disk('', folder or Path(HF_HUB_CACHE)).found}; {len(models)} models, {size(held)}"
    checks = [Check("hub cache", "ok", found, data={"models": [each.repo_id for each in models], "bytes": held})]
    checks += [Check("hub cache", "note", _line(warning), "delete that folder") for warning in warnings]
    checks += [_subject(known, models) for known in SUBJECTS]
    checks += list(_saes(models))
    return checks + (list(_verified(models)) if verify else [])


def _line(text: str) -> str:
    return " ".join(text.split())


def _subject(known: KnownSubject, models: Sequence[Any]) -> Check:
    mine = [each for each in models if each.repo_id in known.repositories]
    whole = [(repo, revision) for repo in mine for revision in repo.revisions if not lacks(revision.snapshot_path)]
    data = {"repository": known.repositories[0], "cached": bool(whole), "about_bytes": known.size, "gated": known.gated}
    if whole:
        repo, revision = max(whole, key=lambda each: float(each[1].last_modified))
        found = f"{repo.repo_id} is cached: commit {revision.commit_hash[:12]}, {size(revision.size_on_disk)}"
        return Check(known.name, "ok", found, data={**data, "commit": revision.commit_hash})
    download = f"about {size(known.size)} ({known.source}); an SAE of {known.sae}: about {size(known.sae_size)}"
    gate = "accept its licence on its page, set HF_TOKEN; " if known.gated else ""
    mend = f"{gate}HF_HUB_OFFLINE=0 viva ... subject={known.name} downloads it, once"
    if mine:
        missing = ", ".join(sorted({name for repo in mine for each in repo.revisions for name in _lacking(each)}))
        found = f"{mine[0].repo_id} is cached in part, without {missing or 'any snapshot'}; whole: {download}"
        return Check(known.name, "note", found, mend, data)
    return Check(known.name, "absent", f"{known.repositories[0]} is not cached: {download}", mend, data)


def _lacking(revision: Any) -> list[str]:
    return lacks(revision.snapshot_path)


def lacks(snapshot: Path) -> list[str]:
    """Files that a model's snapshot must have and has not: configuration, tokenizer, weights with all their parts."""
    missing = [] if (snapshot / "config.json").is_file() else ["config.json"]
    if not any((snapshot / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "vocab.json")):
        missing.append("tokenizer.json")
    index = snapshot / INDEX
    if index.is_file():
        parts = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        return missing + sorted(name for name in parts if not (snapshot / name).is_file())
    return missing + ([] if (snapshot / "model.safetensors").is_file() else ["model.safetensors"])


def _saes(models: Sequence[Any]) -> Iterator[Check]:
    with_saes = [(repo, saes) for repo in models if (saes := sae_folders(repo))]
    named = _releases() if with_saes else {}
    for repo, saes in with_saes:
        releases = named.get(repo.repo_id, [])
        of = f" (SAELens: {_some(releases)})" if releases else ""
        found = f"{repo.repo_id}{of}: {len(saes)} cached, {_some(saes)}; {size(repo.size_on_disk)}"
        yield Check("SAEs", "ok", found, data={"repository": repo.repo_id, "releases": releases, "saes": saes})


def _releases() -> dict[str, list[str]]:
    """SAELens' releases by repository; none where SAELens cannot be imported, which the packages' line says."""
    try:
        from benchmark.subjects.sae_releases import releases_by_repository
    except ImportError:
        return {}
    return releases_by_repository()


def sae_folders(repo: Any) -> list[str]:
    """Folders of a cached repository that hold an SAE's weights, over all its revisions."""
    found: set[str] = set()
    for revision in repo.revisions:
        paths = (each.file_path.relative_to(revision.snapshot_path) for each in revision.files)
        found |= {str(path.parent) for path in paths if path.name in SAE_FILES}
    return sorted(found)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _verified(models: Iterable[Any]) -> Iterator[Check]:
    wrong = {repo.repo_id: names for repo in models if (names := changed_files(repo))}
    for repository, names in wrong.items():
        mend = f"hf download {repository} --force-download"
        yield Check("checksums", "note", f"{repository}: {_some(names)} not as filed", mend, {"files": names})
    if not wrong:
        yield Check("checksums", "ok", "every file of the hub cache has the checksum that it is filed under")


def changed_files(repo: Any) -> list[str]:
    """Files of a cached repository whose bytes are not those of the checksum in their blob's name.

    The client files a blob under the hub's ETag: SHA-256 of a large file, git's SHA-1 of a small one. It compares sizes
    alone when it downloads, so a blob of the right size and wrong bytes stays until someone looks.
    """
    names: dict[Path, set[str]] = defaultdict(set)
    for revision in repo.revisions:
        for each in revision.files:
            names[each.blob_path.resolve()].add(str(each.file_path.relative_to(revision.snapshot_path)))
    return sorted(name for blob, mine in names.items() if _checksum(blob) != blob.name for name in mine)


def _checksum(blob: Path) -> str:
    """The checksum of the kind in the blob's name; the name itself where it is none, as without symbolic links."""
    if re.fullmatch(r"[0-9a-f]{64}", blob.name):
        with blob.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    if re.fullmatch(r"[0-9a-f]{40}", blob.name):
        content = blob.read_bytes()
        return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
    return blob.name
