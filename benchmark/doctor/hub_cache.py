"""What lies in the cache of the hub's client: subjects, SAEs, and files that are not what they were filed as."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmark.doctor.check import GIGABYTE, Check, size
from benchmark.doctor.known import HUB_SUBJECTS, KNOWN
from benchmark.doctor.machine import disk
from benchmark.subjects.catalog import SubjectSpec
from benchmark.subjects.loading.checksums import DamagedFile, verified

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
    checks += [_subject(spec, models) for spec in HUB_SUBJECTS]
    checks += list(_saes(models))
    return checks + (list(_verified(models)) if verify else [])


def _line(text: str) -> str:
    return " ".join(text.split())


def _subject(spec: SubjectSpec, models: Sequence[Any]) -> Check:
    mine = next((each for each in models if each.repo_id == spec.place), None)
    whole = [each for each in mine.revisions if not lacks(each.snapshot_path)] if mine else []
    data = {"repository": spec.place, "cached": bool(whole), "about_gigabytes": spec.gigabytes, "gated": spec.gated}
    if whole:
        newest = max(whole, key=lambda each: float(each.last_modified))
        found = f"{spec.place} is cached: commit {newest.commit_hash[:12]}, {size(newest.size_on_disk)}"
        return Check(spec.name, "ok", found, data={**data, "commit": newest.commit_hash})
    mend = _mend(spec, models)
    if mine:
        missing = ", ".join(sorted({name for each in mine.revisions for name in lacks(each.snapshot_path)}))
        found = f"{spec.place} is cached in part, without {missing or 'any snapshot'}; whole: {_download(spec)}"
        return Check(spec.name, "note", found, mend, data)
    return Check(spec.name, "absent", f"{spec.place} is not cached: {_download(spec)}", mend, data)


def _download(spec: SubjectSpec) -> str:
    """What a load would fetch, and about how much."""
    known = KNOWN.get(spec.name)
    about = f"about {size(spec.gigabytes * GIGABYTE)}"
    if known is None:
        return about
    return f"{about} ({known.source}); an SAE of {known.sae}: about {size(known.sae_size)} ({known.sae_source})"


def _mend(spec: SubjectSpec, models: Sequence[Any]) -> str:
    """How to have a subject: by downloading it, or as it lies there under another name."""
    also = KNOWN[spec.name].also if spec.name in KNOWN else ()
    for name in (each.repo_id for each in models):
        if name in also:
            return f"it is cached as {name}, which subject=hub:{name} loads"
    gate = f"accept its licence ({spec.licence}) on its page, set HF_TOKEN; " if spec.gated else ""
    return f"{gate}HF_HUB_OFFLINE=0 viva ... subject={spec.name} downloads it, once"


def lacks(snapshot: Path) -> list[str]:
    """Files that a model's snapshot must have and has not: configuration, tokenizer, weights with all their parts."""
    missing = [] if (snapshot / "config.json").is_file() else ["config.json"]
    if not any((snapshot / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "vocab.json")):
        missing.append("tokenizer.json")
    index = snapshot / INDEX
    if index.is_file():
        parts = _parts(index)
        if parts is None:
            return [*missing, f"{INDEX} (it is damaged)"]
        return missing + sorted(name for name in parts if not (snapshot / name).is_file())
    return missing + ([] if (snapshot / "model.safetensors").is_file() else ["model.safetensors"])


def _parts(index: Path) -> set[str] | None:
    """Names of the files that an index lists; None where it cannot be read."""
    try:
        listed = json.loads(index.read_text("utf-8"))["weight_map"].values()
        return {name for name in listed if isinstance(name, str)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


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
    changed = set()
    for revision in repo.revisions:
        for each in revision.files:
            try:
                verified(each.file_path)
            except DamagedFile:
                changed.add(str(each.file_path.relative_to(revision.snapshot_path)))
    return sorted(changed)
