"""Explainers of the subject's own family are flagged: what such a model says of a unit it may know by kinship."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmark.leaderboard.row import Row
from benchmark.subjects.catalog import PRESETS
from benchmark.suites.homes import Home

MARK = "\N{DOUBLE DAGGER}"
# The tiers whose units live in a subject; probed units share the found ones' home.
_HOME_OF = {"probed": "found", "found": "found", "randomised": "randomised"}
# Owners' names that some model names begin with, and a version right behind the name, unless it is a size.
_OWNER = re.compile(r"^(meta|google|openai|mistralai|qwen|microsoft)[-_]+(?=[a-z])")
_NAME = re.compile(r"([a-z]+)(?:[-_ ]?v?(\d+)(?![\d]*(?:\.\d+)?[bmk]\b))?")


def family(label: str) -> str:
    """The family of a model, by its name alone: "hf/SmolLM2-135M-Instruct" and "SmolLM2-1.7B" are "smollm2".

    Provider, owner, minor version, size, quantisation and suffixes such as -Instruct are left out.

    Args:
        label: a model's name, however much of its address stands before it; "" where there is no name in it.
    """
    bare = _OWNER.sub("", label.strip().rstrip("/").rpartition("/")[2].partition("@")[0].casefold())
    found = _NAME.match(bare)
    return f"{found[1]}{found[2] or ''}" if found else bare


def subjects_of(sources: Mapping[str, Any]) -> dict[str, str]:
    """Tier to the model that its units live in.

    Args:
        sources: `Suite.sources`; a suite that states none has the embedded subject alone.
    """
    stated = {home: str(sources.get(home, {}).get("subject", Home().subject)) for home in set(_HOME_OF.values())}
    return {tier: _model(stated[home]) for tier, home in _HOME_OF.items()}


def _model(subject: str) -> str:
    """The model's name, where `subject=` has a word for it."""
    preset = next((each for each in PRESETS if each.name == subject), None)
    if preset is None:
        return subject.partition(":")[2] or subject
    return preset.place or preset.aliases[0]


def flagged(rows: Iterable[Row], subjects: Mapping[str, str]) -> list[Row]:
    """The rows, with `same_family` set where the explainer's model and the tier's subject are of one family."""
    return [replace(row, same_family=_same(row, subjects.get(row.tier))) for row in rows]


def _same(row: Row, subject: str | None) -> bool:
    return subject is not None and row.model not in ("", "none") and family(row.model) == family(subject)


def marked_label(row: Row) -> str:
    """The contestant's name, with a mark behind the explainer where it is flagged."""
    name = f"{row.explainer} {MARK}" if row.same_family else row.explainer
    return name if row.model in ("", "none") else f"{name} · {row.model}"


def why_marked(rows: Sequence[Row]) -> list[str]:
    """What the mark says, where any of these rows bears it."""
    families = sorted({family(row.model) for row in rows if row.same_family})
    if not families:
        return []
    named = ", ".join(families)
    return [f"{MARK} Explained by a model of the subject's own family ({named}), which may know by kinship."]
