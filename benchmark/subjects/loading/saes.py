"""SAEs of SAELens: from a hub by release and id, at a revision if asked, or from a folder; safetensors only."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.subjects.catalog import FolderSae, HubSae, UnitsError
from benchmark.subjects.loading.checksums import fingerprint
from benchmark.subjects.loading.hub import cached_main, fetch, told

# The loaders of SAELens 6.54 that read safetensors, or numpy's arrays without pickles. The others unpickle.
SAFE_LOADERS = (
    "sae_lens",
    "gemma_2",
    "gemma_3",
    "gemma_2_transcoder",
    "llama_scope",
    "llama_scope_r1_distill",
    "mwhanna_transcoder",
    "mntss_clt_layer_transcoder",
    "temporal",
)
_OWN_FILES = ("cfg.json", "sae_weights.safetensors")


@dataclass(frozen=True, eq=False)
class LoadedSae:
    """An SAE and where it came from.

    Attributes:
        sae: of SAELens, on its device.
        name: for messages and manifests.
        commit: of its repository; empty for a folder.
        sha256: one hash of its files.
    """

    sae: Any
    name: str
    commit: str
    sha256: str


def load_sae(spec: HubSae | FolderSae, device: str = "cpu", dtype: str = "float32") -> LoadedSae:
    """Load an SAE, verified.

    Args:
        spec: see `benchmark.subjects.catalog.parse_sae`.
        device: a torch device.
        dtype: of its weights and of what it computes.

    Raises:
        UnitsError: it is not there, is pickled, or cannot be read.
        HubError: the hub has it not, or is out of reach.
        DamagedFile: its files are not what the hub announced.
    """
    if isinstance(spec, FolderSae):
        return _from_folder(spec.folder, device, dtype)
    return _from_hub(spec, device, dtype)


@contextmanager
def _done_by_us() -> Iterator[None]:
    """SAELens asks, by a warning, for what `sae_word` does or refuses."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="\nThis SAE has non-empty model_from_pretrained_kwargs")
        warnings.filterwarnings("ignore", message="norm_scaling_factor not found")
        yield


def _from_folder(folder: Path, device: str, dtype: str) -> LoadedSae:
    from sae_lens import SAE

    missing = [name for name in _OWN_FILES if not (folder / name).is_file()]
    if missing:
        raise UnitsError(f"the SAE at {folder} lacks {missing[0]}; mend: write it with SAELens' save_model")
    digest = fingerprint(folder / name for name in _OWN_FILES)
    try:
        with _done_by_us():
            sae: Any = SAE.load_from_disk(folder, device=device, dtype=dtype)
    except Exception as error:  # safetensors raises untyped errors on a damaged header, SAELens any on a strange cfg
        raise UnitsError(f"the SAE at {folder} cannot be read ({_line(error)}); mend: get it again") from None
    return LoadedSae(sae.eval(), str(folder), "", digest)


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _from_hub(spec: HubSae, device: str, dtype: str) -> LoadedSae:
    from sae_lens.loading.pretrained_sae_loaders import get_conversion_loader_name
    from sae_lens.loading.pretrained_saes_directory import get_repo_id_and_folder_name

    name = f"{spec.release}/{spec.sae_id}"
    loader = get_conversion_loader_name(spec.release)
    if loader not in SAFE_LOADERS:
        raise UnitsError(f"{name} is read with {loader!r}, which unpickles; mend: choose one in safetensors or npz")
    repository, inside = get_repo_id_and_folder_name(spec.release, spec.sae_id)
    if loader == "sae_lens":
        return _own_layout(spec, name, repository, inside, device, dtype)
    return _other_layout(spec, name, repository, inside, device, dtype)


def _own_layout(spec: HubSae, name: str, repository: str, inside: str, device: str, dtype: str) -> LoadedSae:
    """`SAE.from_pretrained` has no revision, but takes a converter; this one reads a verified folder of one commit."""
    from sae_lens import SAE
    from sae_lens.loading.pretrained_sae_loaders import sae_lens_disk_loader

    commit = fetch(repository, spec.revision, [f"{inside}/{file}" for file in _OWN_FILES])
    folder = commit / inside
    if not all((folder / file).is_file() for file in _OWN_FILES):
        raise UnitsError(f"{repository}@{commit.name[:12]} has no SAE {inside!r}; mend: correct the id, or connect")
    digest = fingerprint(folder / file for file in _OWN_FILES)

    def from_there(device: str, cfg_overrides: dict[str, Any] | None, **_: Any) -> tuple[Any, Any, None]:
        return *sae_lens_disk_loader(folder, device, cfg_overrides), None

    with _done_by_us():
        sae: Any = SAE.from_pretrained(
            release=spec.release, sae_id=spec.sae_id, device=device, dtype=dtype, converter=from_there
        )
    return LoadedSae(sae.eval(), name, commit.name, digest)


def _other_layout(spec: HubSae, name: str, repository: str, inside: str, device: str, dtype: str) -> LoadedSae:
    """Other layouts have converters that read `main` alone; a pinned revision is compared with what was got."""
    from sae_lens import SAE

    with told(repository), _done_by_us():
        sae: Any = SAE.from_pretrained(release=spec.release, sae_id=spec.sae_id, device=device, dtype=dtype)
    folder = cached_main(repository)
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder else []
    # Some ids are a folder or a file of the repository, others a part of several files' names.
    of_it = [path for path in files if folder and path.relative_to(folder).is_relative_to(inside)] or files
    commit = folder.name if folder else ""
    if spec.revision and not commit.startswith(spec.revision):
        raise UnitsError(
            f"{name} is wanted at {spec.revision!r}, and SAELens read {commit or 'an unknown commit'!r}: its layout "
            f"is read from main alone; mend: sae={name}"
        )
    return LoadedSae(sae.eval(), name, commit, fingerprint(of_it))
