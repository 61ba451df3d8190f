"""Files from a hub, through its own client: fetched once, at a revision, with errors of one line."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmark.errors import UserError


class HubError(UserError):
    """The hub has not what was asked for, or cannot be reached; the message names the mend."""


@contextmanager
def told(repository: str, revision: str | None = None) -> Iterator[None]:
    """Turn the client's errors about `repository` into one line."""
    from huggingface_hub import errors

    at = f"{repository}@{revision}" if revision else repository
    try:
        yield
    except errors.GatedRepoError:
        page = f"https://huggingface.co/{repository}"
        raise HubError(f"{repository} is gated; mend: accept its licence at {page} and set HF_TOKEN") from None
    except errors.RevisionNotFoundError:
        raise HubError(f"{repository} has no revision {revision!r}; mend: name a branch, tag or commit of it") from None
    except errors.RepositoryNotFoundError:
        raise HubError(
            f"no repository {repository!r} on the hub; mend: correct it, or set HF_TOKEN if private"
        ) from None
    except errors.RemoteEntryNotFoundError as error:
        raise HubError(f"{at} lacks a file: {_line(error)}; mend: correct the SAE's id") from None
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled):
        raise HubError(f"{at} is not in the cache and the hub was not reached; mend: {_way_out()}") from None
    except errors.HfHubHTTPError as error:
        raise HubError(f"the hub refused {at}: {_line(error)}; mend: try again later") from None
    except OSError as error:
        raise HubError(f"{at} could not be loaded: {_line(error)}; mend: run again") from None


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _way_out() -> str:
    """Offline is chosen by a variable or by having no network."""
    offline = os.environ.get("HF_HUB_OFFLINE", "0").upper() in ("1", "TRUE", "ON", "YES")
    return "unset HF_HUB_OFFLINE, or fill the cache where there is a network" if offline else "connect, and run again"


def fetch(repository: str, revision: str | None, patterns: Sequence[str], cached: bool = False) -> Path:
    """The cached folder of one commit, with the files that match `patterns`; its name is the commit.

    Args:
        repository: hub id.
        revision: branch, tag or commit; None: `main`.
        patterns: of file names in the repository, as `fnmatch` has them.
        cached: nothing is fetched, nor is the hub asked: what the cache has of the commit is all there is.

    Raises:
        HubError: what is missing or out of reach.
    """
    from huggingface_hub import snapshot_download

    with told(repository, revision):
        found = snapshot_download(repository, revision=revision, allow_patterns=list(patterns), local_files_only=cached)
        return Path(found)


def cached_main(repository: str) -> Path | None:
    """The folder of the commit that the cache knows as `main`; None where there is none."""
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    home = Path(HF_HUB_CACHE) / repo_folder_name(repo_id=repository, repo_type="model")
    head = home / "refs" / "main"
    folder = home / "snapshots" / head.read_text("utf-8").strip() if head.is_file() else None
    return folder if folder and folder.is_dir() else None
