"""A harvested unit as a page: what the store holds of it, with the tokens that it promotes where they can be told."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

import numpy as np

from benchmark.harvest.reading import Exemplar, Harvest
from benchmark.unit_page.from_suite import by_tokens
from benchmark.unit_page.histogram import Histogram
from benchmark.unit_page.page import Group, Truth, UnitPage, Window
from benchmark.unit_page.render import amount, percent

TEXTS = (
    "Windows of the harvest's corpus, strongest first or drawn by a seeded hash, as each heading says. Most were "
    "picked by what the unit does on them, so they are no exam."
)
# What a name begins with says what the unit is.
_KINDS = {"d": ("direction", "A direction at the hook"), "n": ("neuron", "An MLP neuron")}
_LATENT = ("latent", "A latent of an SAE")
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
ACROSS = (
    "Drawn at random from every level of activation, from the greatest to the least; beside each, how many "
    "windows of the corpus it stands for. What is shown above is left out."
)


def harvested_page(
    harvest: Harvest, unit: str, source: str, each: int = 10, promoted: Sequence[str] = (), why_not: str = ""
) -> UnitPage:
    """The page of one unit.

    Args:
        harvest: the store, read.
        unit: one of its units.
        source: what the page calls the store.
        each: windows a group at most.
        promoted: tokens that its direction raises, strongest first.
        why_not: why there are none, if there are none.

    Raises:
        HarvestStoreError: the unit was not harvested.
    """
    family, what = _KINDS.get(unit[:1], _LATENT)
    truth = Truth("unknown", f"{what}: nobody has said what it means, and no description here is checked.")
    facts = facts_of(harvest, unit)
    return UnitPage(
        identifier=unit,
        tier="found",
        family=family,
        source=source,
        source_hash=str(harvest.counts["sha256"]),
        texts=TEXTS,
        resolution="tokens",
        scale=scale_of(harvest, unit),
        facts=(*facts, ("promoted tokens", f"not told: {why_not}")) if why_not else facts,
        truth=truth,
        groups=tuple(groups_of(harvest, unit, each)),
        histogram=histogram_of(harvest, unit),
        promoted=tuple(promoted),
    )


def window_of(exemplar: Exemplar, towards: int = 1, note: str = "") -> Window:
    """An exemplar token by token; see `Window` for `towards`."""
    window = exemplar.window
    return Window(by_tokens(window.text, window.ends, exemplar.values.astype(np.float64)), note, towards)


def stands_for(exemplar: Exemplar) -> str:
    """Of how many windows of the corpus a drawn one is an example."""
    weight = exemplar.weight
    return f"stands for {weight:,.0f}" if weight == round(weight) else f"stands for {weight:,.1f}"


def scale_of(harvest: Harvest, unit: str) -> float:
    """The size of the unit's value furthest from 0; 1 where it is dead."""
    return abs(_furthest(harvest, unit)) or 1.0


def _furthest(harvest: Harvest, unit: str) -> float:
    """The value furthest from 0; 0 where the unit is dead."""
    high = [float(each.values.max()) for each in harvest.strongest(unit)[:1]]
    low = [float(each.values.min()) for each in harvest.most_negative(unit)[:1]]
    return max((*high, *low), key=abs, default=0.0)


def groups_of(harvest: Harvest, unit: str, each: int) -> list[Group]:
    """The strongest windows, the most negative, others from every level, near misses and silent ones.

    No text is shown twice.

    Args:
        harvest: the store.
        unit: one of its units.
        each: windows a group at most.
    """
    level = harvest.firing_level(unit)
    quiet = "Silent" if level is None else f"Below {amount(level)}, which counts as silent"
    near, drawn = f"{quiet}, though like its strongest windows.", f"{quiet}; drawn at random from the whole corpus."
    fresh = _Fresh(each)
    strongest, negative = fresh.first(harvest.strongest(unit)), fresh.first(harvest.most_negative(unit))
    lowest = _group("Most negative", "The windows with the least activation.", negative, -1)
    return [
        _group("Strongest", "The windows with the greatest activation.", strongest),
        *([lowest] if negative else []),
        Group("Across the range", ACROSS, _weighted(fresh.spread(harvest.across(unit)))),
        _group("Near misses", near, fresh.first(harvest.near_misses(unit))),
        _group("Silent", drawn, fresh.first(silent(harvest, unit))),
    ]


def _group(title: str, note: str, found: Sequence[Exemplar], towards: int = 1) -> Group:
    return Group(title, note, tuple(window_of(one, towards) for one in found))


def _weighted(found: Sequence[Exemplar]) -> tuple[Window, ...]:
    return tuple(window_of(one, 0, stands_for(one)) for one in found)


class _Fresh:
    """Takes exemplars whose texts were not taken before, a number each time."""

    def __init__(self, each: int) -> None:
        self._each, self._seen = each, set[str]()

    def first(self, found: Sequence[Exemplar]) -> list[Exemplar]:
        """The first of them."""
        return self._take(self._new(found)[: self._each])

    def spread(self, found: Sequence[Exemplar]) -> list[Exemplar]:
        """Some of them, evenly from the first to the last."""
        new = self._new(found)
        places = np.unique(np.linspace(0, len(new) - 1, min(self._each, len(new))).round())
        return self._take([new[int(place)] for place in places])

    def _new(self, found: Sequence[Exemplar]) -> list[Exemplar]:
        texts = {one.window.text: one for one in reversed(found) if one.window.text not in self._seen}
        return [one for one in found if texts.get(one.window.text) is one]

    def _take(self, chosen: list[Exemplar]) -> list[Exemplar]:
        self._seen |= {one.window.text for one in chosen}
        return chosen


def silent(harvest: Harvest, unit: str) -> list[Exemplar]:
    """The windows of the uniform sample in which the unit does not fire."""
    level = harvest.firing_level(unit)
    found = harvest.uniform(unit)
    return [one for one in found if (one.values.max() < level if level is not None else not one.values.any())]


def histogram_of(harvest: Harvest, unit: str) -> Histogram | None:
    """All tokens of the corpus on which the unit is not 0, by levels; None where it is dead."""
    found, tokens = harvest.histogram(unit), int(harvest.counts["kept"])
    on = np.flatnonzero(found.counts)
    if not len(on):
        return None
    # Beyond the outermost levels a bin ends at the greatest value there is.
    outer = max(scale_of(harvest, unit), float(found.edges[-2]))
    edges, some = np.clip(found.edges, -outer, outer)[on[0] : on[-1] + 2], found.counts[on[0] : on[-1] + 1]
    counted = int(some.sum())
    where, axis = "of the whole corpus", f"activation, {harvest.levels.steps} bars an octave"
    shares = tuple(float(share) for share in some / counted)
    fires = harvest.firing_level(unit) is None
    return Histogram(tuple(map(float, edges)), shares, 1 - counted / tokens, counted, "tokens", where, axis, fires)


def facts_of(harvest: Harvest, unit: str) -> tuple[tuple[str, str], ...]:
    """Name and value of what is counted about a unit, and of what the store was made with."""
    source, corpus, counts = (*(dict(harvest.manifest[each]) for each in ("source", "corpus")), harvest.counts)
    on = int(harvest.summary.peaks[harvest.column(unit)].sum())
    facts = [
        ("fires on", _fires(harvest, unit)),
        ("on in", f"{on:,} of {counts['seen']:,} windows"),
        ("furthest from 0", f"an activation of {amount(_furthest(harvest, unit))}"),
        ("corpus", f"{_stated(corpus)}; {counts['tokens']:,} tokens of {counts['documents']:,} documents"),
        ("subject", _origin(source, "subject")),
        ("units", _origin(source, "units", "sae")),
        *((name, str(source[name])) for name in ("hook", "dtype", "device") if source.get(name)),
    ]
    return tuple(facts)


def _fires(harvest: Harvest, unit: str) -> str:
    rate, level = f"{percent(harvest.firing_rate(unit))} of tokens", harvest.firing_level(unit)
    if level is None:
        return rate
    return f"{rate}: from {amount(level)} up, about its 99th percentile, as it is on at more than half of them"


def _stated(facts: Mapping[str, str]) -> str:
    """A corpus: its name, and what else its manifest says."""
    rest = [f"{name} {_short(value)}" for name, value in facts.items() if name != "name"]
    return ", ".join([str(facts.get("name", "unnamed")), *rest])


def _origin(source: Mapping[str, str], what: str, prefix: str = "") -> str:
    """A subject or its units, with commit or hash; of a path on disk its last part alone."""
    before, of, name = str(source.get(what, "not stated")).rpartition(" of ")
    shown = f"{before}{of}{PurePath(name).name if PurePath(name).is_absolute() else name}"
    marks = [(mark, str(source.get(f"{prefix or what}_{mark}", ""))) for mark in ("commit", "sha256")]
    return ", ".join([shown, *(f"{mark} {_short(value)}" for mark, value in marks if value)])


def _short(value: object) -> str:
    """A hash by its first digits, anything else whole."""
    text = str(value)
    return text[:12] if _HASH.fullmatch(text) else text
