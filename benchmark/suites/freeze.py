"""`viva freeze`: make a suite from its recipe, with one hash. The same recipe and subject give the same hash."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.exam.items import STRATA
from benchmark.exam.pool import draw, inclusion, unit_probabilities
from benchmark.statistics.weighted import effective_sample_size
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.embeddings import MiniLM
from benchmark.suites.ceiling import supervised_ceilings
from benchmark.suites.fields import DECIMALS, Book, Field, as_shipped
from benchmark.suites.freeze_bank import BankMaker
from benchmark.suites.natural import Natural, Reading, choose_natural, read_natural
from benchmark.suites.planting import choose_planted, planted, teachable, trivial_units
from benchmark.suites.recipe import Recipe
from benchmark.suites.sampling import Population, TypeSimilarity, deal, likeness
from benchmark.suites.suite import PRACTICE, Suite
from benchmark.suites.tables import SuiteError, write_table
from benchmark.units.unit import PoolKind, Unit
from synthetic_neurons.passages import Ints
from synthetic_neurons.planted import PlantedUnit

Say = Callable[[str], None]


@dataclass
class Draft:
    """A suite in the making."""

    recipe: Recipe
    book: Book
    units: list[Unit] = field(default_factory=list)
    items: dict[str, list[Any]] = field(
        default_factory=lambda: {k: [] for k in ("set", "unit", "window", "stratum", "weight")}
    )
    pools: dict[str, list[Any]] = field(default_factory=lambda: {k: [] for k in ("pool", "window", "weight")})
    pool_facts: dict[str, Any] = field(default_factory=dict)

    def add_items(self, which: str, unit: int, hand: dict[Any, tuple[Ints, float]], source: Field) -> None:
        """Enter one item set of one unit."""
        for stratum, (places, weight) in hand.items():
            for window in self.book.numbers(source, places):
                row = (which, unit, int(window), stratum, round(weight, 9))
                for column, value in zip(self.items.values(), row, strict=True):
                    column.append(value)


def type_similarity(fields: Sequence[Field]) -> TypeSimilarity:
    """How like each other the types of word in some fields are, in lower case, by the MiniLM encoder."""
    types = sorted({word.lower() for each in fields for word in each.passages.vocabulary})
    return TypeSimilarity(types, np.asarray(MiniLM().word_types(types), dtype=np.float32))


def population_of(source: Field, unit: Unit, similarity: TypeSimilarity, keep: Ints | None = None) -> Population:
    """What one unit's items are drawn from: a field's windows with its peak and likeness in each.

    Args:
        source: the field.
        unit: whose peaks are asked.
        similarity: of the field's types of word.
        keep: int64, places of the windows that may be drawn; all if None.
    """
    values = source.words(unit)
    places = np.arange(len(source.passages)) if keep is None else keep
    like = likeness(source.passages, values, similarity)
    return Population(places, source.passages.per_text_max(values)[places], like[places])


def _enter_items(
    draft: Draft, index: int, fields: dict[str, Field], similarity: TypeSimilarity, teach: Ints | None
) -> None:
    """Teach exemplars, practice slices, own and shifted items of one unit."""
    unit, recipe = draft.units[index], draft.recipe
    rng = np.random.default_rng([recipe.seed, index])
    population = population_of(fields["teach"], unit, similarity, teach)
    for stratum in STRATA:
        hand = deal(population, recipe.teach[stratum], 1, rng)[0]
        draft.add_items("teach", index, {stratum: hand[stratum]}, fields["teach"])
    hands = deal(population_of(fields["practice"], unit, similarity), recipe.items, len(PRACTICE) - 1, rng)
    for name, hand in zip(PRACTICE[:-1], hands, strict=True):
        draft.add_items(name, index, hand, fields["practice"])
    for name, part in (("P-ood", "ood"), ("own", "exam"), ("shifted", "shifted")):
        draft.add_items(
            name, index, deal(population_of(fields[part], unit, similarity), recipe.items, 1, rng)[0], fields[part]
        )


def enter_pool(draft: Draft, kind: PoolKind, source: Field, similarity: TypeSimilarity, say: Say) -> dict[int, int]:
    """Draw one shared pool; return the positive windows of each unit in it."""
    mine = [i for i, unit in enumerate(draft.units) if unit.pool == kind]
    populations = {i: population_of(source, draft.units[i], similarity) for i in mine}
    p_unit = np.stack(
        [unit_probabilities(p.positive, p.near_miss, draft.recipe.expect) for p in populations.values()], axis=1
    )
    pi = inclusion(p_unit, draft.recipe.floor)
    chosen = draw(pi, draft.recipe.seed * 100 + (kind == "natural"))
    weight = np.round(1 / pi[chosen], 9)
    for window, each in zip(draft.book.numbers(source, np.flatnonzero(chosen)), weight, strict=True):
        for column, value in zip(draft.pools.values(), (kind, int(window), float(each)), strict=True):
            column.append(value)
    positives = {i: int(populations[i].positive[chosen].sum()) for i in mine}
    draft.pool_facts[kind] = {
        "population_windows": len(source.passages),
        "windows": int(chosen.sum()),
        "effective_sample_size": round(effective_sample_size(weight), 1),
        "largest_weight": round(float(weight.max()), 3),
        "positive_windows": {draft.units[i].identifier: n for i, n in positives.items()},
    }
    say(f"{kind} pool: {int(chosen.sum()):,} windows, fewest positives {min(positives.values())}")
    return positives


def _subject_table(draft: Draft, fields: dict[str, Field]) -> dict[str, Any]:
    """Token values of found, randomised and probed units on the windows where they are needed, sparse and rounded."""
    places = {part: {text: i for i, text in enumerate(f.passages.texts)} for part, f in fields.items()}
    natural_pool = [w for pool, w in zip(draft.pools["pool"], draft.pools["window"], strict=True) if pool == "natural"]
    wanted: dict[int, set[int]] = {i: set(natural_pool) for i, unit in enumerate(draft.units) if unit.tier in DECIMALS}
    for unit, window in zip(draft.items["unit"], draft.items["window"], strict=True):
        if unit in wanted:
            wanted[unit].add(window)
    columns: dict[str, list[Any]] = {"unit": [], "window": [], "token": [], "value": []}
    for unit, windows in wanted.items():
        mine = draft.units[unit]
        values = {part: as_shipped(field.tokens(mine), mine) for part, field in fields.items()}
        starts = {part: _token_starts(field) for part, field in fields.items()}
        for window in sorted(windows):
            part = draft.book.parts[window]
            place = places[part][draft.book.texts[window]]
            row = values[part][starts[part][place] : starts[part][place + 1]]
            for token in np.flatnonzero(row > 0):
                entries = (unit, window, int(token), float(row[token]))
                for column, entry in zip(columns.values(), entries, strict=True):
                    column.append(entry)
    kinds = {"unit": np.int16, "window": np.int32, "token": np.int16, "value": np.float32}
    return {name: np.array(values_, dtype=kinds[name]) for name, values_ in columns.items()}


def _unread_table(draft: Draft, fields: dict[str, Field]) -> dict[str, Any]:
    """Tokens of the suite's windows that do not count for latents; most SAEs read all."""
    windows: list[int] = []
    tokens: list[int] = []
    for part, field_ in fields.items():
        starts, places = _token_starts(field_), {text: i for i, text in enumerate(field_.passages.texts)}
        for window, (text, home) in enumerate(zip(draft.book.texts, draft.book.parts, strict=True)):
            if home == part and text in places:
                left_out = np.flatnonzero(~field_.kept[slice(*starts[places[text] : places[text] + 2])])
                windows += [window] * len(left_out)
                tokens += left_out.tolist()
    return {"window": np.array(windows, np.int32), "token": np.array(tokens, np.int16)}


def _token_starts(source: Field) -> Ints:
    text_of_token = source.passages.text_of[source.word_of]
    return np.searchsorted(text_of_token, np.arange(len(source.passages) + 1))


def freeze(recipe: Recipe, folder: Path, say: Say = lambda line: None) -> str:
    """Make the suite and write it to `folder`; return its hash."""
    reading = read_natural(recipe, say)
    chosen, population, redrawn = choose_planted(recipe, reading.fields)
    synthetic = {**population, "shifted": reading.fields["shifted"]}
    say("reading word types")
    similarity = type_similarity([*reading.fields.values(), *population.values()])
    draft, made = _with_pools(recipe, reading, chosen, synthetic["exam"], similarity, say)
    for index, unit in enumerate(draft.units):
        fields = made.fields if unit.pool == "natural" else synthetic
        teach = teachable(fields["teach"], chosen[index]) if unit.tier == "planted" else None
        _enter_items(draft, index, fields, similarity, teach)
    return _write(draft, folder, made, similarity, redrawn, say)


def _with_pools(
    recipe: Recipe,
    reading: Reading,
    chosen: Sequence[PlantedUnit],
    planted_exam: Field,
    similarity: TypeSimilarity,
    say: Say,
) -> tuple[Draft, Natural]:
    """The suite's units with both pools; units of which a pool holds too few positive windows give way to others."""
    without: frozenset[str] = frozenset()
    while True:
        made = choose_natural(recipe, reading, without, say)
        draft = Draft(recipe, Book(made.dwelling.tokens_per_word))
        draft.units = [*map(planted, chosen), *made.units, *trivial_units(recipe), *made.trivial]
        say(f"{len(draft.units)} units; drawing the pools")
        positives: dict[int, int] = {}
        for kind, source in (("planted", planted_exam), ("natural", reading.fields["exam"])):
            positives |= enter_pool(draft, kind, source, similarity, say)  # type: ignore[arg-type]
        short = [draft.units[place] for place, number in positives.items() if number < recipe.minimum_positives]
        if not short:
            return draft, made
        without |= set(_replaceable(short, recipe.minimum_positives))
        say(f"drawn again, for want of positive windows: {', '.join(unit.identifier for unit in short)}")


def _replaceable(short: Sequence[Unit], minimum: int) -> list[str]:
    """The found and randomised units that have to give way; a null goes with the unit it is matched to.

    Raises:
        SuiteError: a unit of another tier is short.
    """
    if other := [unit.identifier for unit in short if unit.tier not in ("found", "randomised", "null")]:
        raise SuiteError(f"fewer than {minimum} positive windows: {', '.join(other)}; mend: another seed")
    return [str(unit.notes["matched"]) if unit.tier == "null" else unit.identifier for unit in short]


def _write(draft: Draft, folder: Path, made: Natural, similarity: TypeSimilarity, redrawn: int, say: Say) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "units.json").write_text(
        json.dumps([unit.to_json() for unit in draft.units], indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    write_table(folder, "windows", draft.book.columns())
    write_table(
        folder,
        "items",
        {
            "set": draft.items["set"],
            "unit": np.array(draft.items["unit"], np.int16),
            "window": np.array(draft.items["window"], np.int32),
            "stratum": draft.items["stratum"],
            "weight": np.array(draft.items["weight"], np.float64),
        },
    )
    write_table(
        folder,
        "pools",
        {
            "pool": draft.pools["pool"],
            "window": np.array(draft.pools["window"], np.int32),
            "weight": np.array(draft.pools["weight"], np.float64),
        },
    )
    write_table(folder, "found", _subject_table(draft, made.fields))
    if len((unread := _unread_table(draft, made.fields))["window"]):
        write_table(folder, "unread", unread)
    say("suite tables written; fitting the supervised ceiling")
    ceilings = supervised_ceilings(draft.units, made.fields, Suite.bare(folder))
    say("making the null bank")
    maker = BankMaker(draft.recipe, folder, made, similarity, say)
    readers = maker.make()
    return _seal(draft, folder, {"readers": readers, "ceilings": ceilings}, maker, redrawn, made)


def _seal(draft: Draft, folder: Path, found: dict[str, Any], maker: BankMaker, redrawn: int, natural: Natural) -> str:
    """Write the manifest with the hash of what is on disk."""
    manifest: dict[str, Any] = {
        "name": draft.recipe.name,
        "seed": draft.recipe.seed,
        "status": "dev",
        "units": dict(Counter(unit.tier for unit in draft.units)),
        "redrawn": redrawn,
        "knobs": draft.recipe.knobs.to_json(),
        "population": {
            "natural": draft.recipe.planted_natural,
            "generated": draft.recipe.planted_generated,
            "generated_firing": draft.recipe.generated_firing,
        },
        "sources": natural.sources,
        "selection": natural.selection,
        "sae_sha256": natural.sources["found"]["facts"].get("sae_sha256", ""),
        **({"probes_sha256": natural.probes_sha256} if natural.probes_sha256 else {}),
        "pools": draft.pool_facts,
        "part_tokens": {part: len(field_.word_of) for part, field_ in natural.fields.items()},
        "stop_r": 0.7,
        "bank": maker.facts,
        "hash": "",
        **found,
    }
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    manifest["hash"] = Suite.hash_of(folder)
    path.write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return str(manifest["hash"])


def default_folder(name: str) -> Path:
    """Where a frozen suite is written unless a folder is given."""
    return cache_folder() / "suites" / name
