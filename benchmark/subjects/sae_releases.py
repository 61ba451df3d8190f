"""SAELens' list of released SAEs, by where they lie on the hub."""

from collections import defaultdict

from sae_lens.loading.pretrained_saes_directory import get_pretrained_saes_directory


def releases_by_repository() -> dict[str, list[str]]:
    """Names of releases by hub repository, as the installed SAELens lists them."""
    found: dict[str, list[str]] = defaultdict(list)
    for release, entry in get_pretrained_saes_directory().items():
        found[entry.repo_id].append(release)
    return dict(found)
