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
from benchmark.subjects.loading.sae_files import SAFE_LOADERS, files_of, is_weights

OWN_FILES = ("cfg.json", "sae_weights.safetensors")


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
        # Activations are all that is wanted of it.
        warnings.filterwarnings("ignore", message="This loads the CLT layer as a single layer transcoder")
        yield


def _from_folder(folder: Path, device: str, dtype: str) -> LoadedSae:
    from sae_lens import SAE

    missing = [name for name in OWN_FILES if not (folder / name).is_file()]
    if missing:
        raise UnitsError(f"the SAE at {folder} lacks {missing[0]}; mend: write it with SAELens' save_model")
    digest = fingerprint(folder / name for name in OWN_FILES)
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
    return _other_layout(spec, name, repository, files_of(loader, inside), device, dtype)


def _own_layout(spec: HubSae, name: str, repository: str, inside: str, device: str, dtype: str) -> LoadedSae:
    """`SAE.from_pretrained` has no revision, but takes a converter; this one reads a verified folder of one commit."""
    from sae_lens import SAE
    from sae_lens.loading.pretrained_sae_loaders import sae_lens_disk_loader

    commit = fetch(repository, spec.revision, [f"{inside}/{file}" for file in OWN_FILES])
    folder = commit / inside
    if not all((folder / file).is_file() for file in OWN_FILES):
        raise UnitsError(f"{repository}@{commit.name[:12]} has no SAE {inside!r}; mend: correct the id, or connect")
    digest = fingerprint(folder / file for file in OWN_FILES)

    def from_there(device: str, cfg_overrides: dict[str, Any] | None, **_: Any) -> tuple[Any, Any, None]:
        return *sae_lens_disk_loader(folder, device, cfg_overrides), None

    with _done_by_us():
        sae: Any = SAE.from_pretrained(
            release=spec.release, sae_id=spec.sae_id, device=device, dtype=dtype, converter=from_there
        )
    return LoadedSae(sae.eval(), name, commit.name, digest)


def _other_layout(spec: HubSae, name: str, repository: str, files: list[str], device: str, dtype: str) -> LoadedSae:
    """Other layouts have converters that read `main` alone: its files are fetched and verified before they do."""
    from sae_lens import SAE

    folder = fetch(repository, None, files)
    if spec.revision and not folder.name.startswith(spec.revision):
        raise UnitsError(
            f"{name} is wanted at {spec.revision!r}, and main is {folder.name!r}: its layout is read from main alone; "
            f"mend: sae={name}"
        )
    missing = [each for each in files if is_weights(each) and not (folder / each).is_file()]
    if missing:
        raise UnitsError(f"{repository}@{folder.name[:12]} has no {missing[0]}; mend: choose another SAE, or connect")
    digest = fingerprint(folder / each for each in files if (folder / each).is_file())
    with told(repository), _done_by_us():
        sae: Any = SAE.from_pretrained(release=spec.release, sae_id=spec.sae_id, device=device, dtype=dtype)
    if (now := cached_main(repository)) != folder:
        raise UnitsError(f"{repository} moved to {now.name if now else 'nothing'!r} meanwhile; mend: run again")
    return LoadedSae(sae.eval(), name, folder.name, digest)
