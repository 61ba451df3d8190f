"""What the hub itself says of the subjects that Viva names: exact sizes, and whether this account may have them."""

import os
from collections.abc import Iterable

from benchmark.doctor.check import Check, size
from benchmark.doctor.known import HUB_SUBJECTS
from benchmark.errors import UserError

NAMED = tuple(spec.place for spec in HUB_SUBJECTS)
PATIENCE = 10.0
# What a load fetches: weights, configuration, tokenizer.
WANTED = (".safetensors", ".json", ".txt", ".model")


class OfflineError(UserError):
    """The hub was to be asked while the environment forbids it; the message names the variable."""


def may_ask() -> None:
    """Refuse where the environment forbids the hub; to be called before the hub's client is imported.

    Raises:
        OfflineError: HF_HUB_OFFLINE is set.
    """
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() not in ("", "0", "false", "no", "off"):
        raise OfflineError("--online: HF_HUB_OFFLINE forbids it; mend: HF_HUB_OFFLINE=0 viva doctor --online")


def online(repositories: Iterable[str] = NAMED) -> list[Check]:
    """One line a repository; the hub is asked for listings, nothing is downloaded."""
    return [_listed(name) for name in repositories]


def _listed(repository: str) -> Check:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError

    try:
        # One request, without retries: a listing by `list_repo_tree` waits half a minute for a hub that is not there.
        listing = HfApi().model_info(repository, files_metadata=True, timeout=PATIENCE)
    except GatedRepoError:
        mend = "accept the licence on its page with your account, then set HF_TOKEN"
        return Check("hub", "note", f"{repository} is gated, and this account may not have it", mend)
    except Exception as error:  # the transport raises errors of its own library, whose messages hold the address
        found = f"{repository}: no answer ({type(error).__name__})"
        return Check("hub", "note", found, "check the network, and HF_ENDPOINT if it is set")
    count = fetched({each.rfilename: each.size or 0 for each in listing.siblings or ()})
    found = f"{repository}: {count:,} bytes ({size(count)}) would be fetched"
    return Check("hub", "ok", found, data={"repository": repository, "bytes": count})


def fetched(files: dict[str, int]) -> int:
    """Bytes that a load fetches of a repository's files: those at its top in the formats that are read."""
    return sum(count for name, count in files.items() if "/" not in name and name.endswith(WANTED))
