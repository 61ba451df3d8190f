"""The null bank of the honesty suite: who may be a stranger, and the nulls that a report's r is ranked in."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from benchmark.exam.cross_examination import quantise, report_features, stranger_mask
from benchmark.laboratory import SHIFTED_SLICE, SUBMISSION_SLICES
from benchmark.readers.executable import ExecutableReader
from benchmark.statistics.ranks import PooledNull
from benchmark.statistics.weighted import rows_r_matrix
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.text_sources import fetch
from benchmark.suites.bank import Entry, distinct, ladder_entries, statement_entries
from benchmark.suites.recipe import PLANTED, Recipe
from benchmark.suites.slices import predictions, slice_r
from benchmark.suites.suite import Suite
from benchmark.suites.tables import write_table
from synthetic_neurons.assembly import planted_units
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats

# A guardrail grades a first submission on the one and every submission on the other.
SLICES = (SUBMISSION_SLICES[0], SHIFTED_SLICE)
# Each draw is two units of every family with their ladders, some 300 reports.
DRAWS = 3
STATEMENTS = 160


def entries(recipe: Recipe) -> list[Entry]:
    """Reports about other things: ladders of off-suite planted units, and WordNet statements."""
    ladder: list[Entry] = []
    for step in range(DRAWS):
        seed = recipe.seed + 1000 + step
        ladder += ladder_entries(planted_units(seed, recipe.ladder_per_family, PLANTED), f"{seed}")
    root = fetch(cache_folder() / "text")
    stated = statement_entries(root, STATEMENTS, np.random.default_rng(recipe.seed + 11))
    return [each for each in distinct([*ladder, *stated]) if each.report.has_predicates]


def write_bank(suite: Suite, folder: Path, recipe: Recipe) -> None:
    """Write `bank.parquet` and `bank.safetensors`, as `Suite.bank` reads them; the executable reader's alone."""
    every = entries(recipe)
    reports = [each.report for each in every]
    reader = ExecutableReader(suite.manifest["readers"]["executable"]["threshold"])
    pool = suite.pool("planted")
    truths = list(pool.rows.values())
    stored, _ = predictions(reader, reports, pool.passages)
    r = rows_r_matrix(truths, stored, pool.word_weight)
    mask = stranger_mask(_source_r(suite, every), r)
    features = [
        report_features(each, pool.word_weight, reader.threshold, report.text)
        for each, report in zip(stored, reports, strict=True)
    ]
    arrays = {"mask": mask.astype(np.uint8), "r/executable": r, "features/executable/planted": np.array(features)}
    rates = np.array([pool.firing_rate(name) for name in pool.rows])
    for name in SLICES:
        on_slice, _ = slice_r([suite.items(unit, name) for unit in suite.units], reports, reader)
        null = PooledNull.of_bank(on_slice, mask, rates)
        arrays |= {f"null/{name}/planted/{key}": value for key, value in null.to_arrays().items()}
    (folder / "bank.safetensors").write_bytes(save({k: np.ascontiguousarray(v) for k, v in arrays.items()}))
    texts = [json.dumps(report.to_json(), ensure_ascii=False) for report in reports]
    sources, writers = [each.source.name for each in every], [each.writer for each in every]
    write_table(folder, "bank", {"report": texts, "source": sources, "writer": writers})


def _source_r(suite: Suite, every: list[Entry]) -> Floats:
    """float64 [units, reports]: how each source's truth correlates with each unit's."""
    pool = suite.pool("planted")
    sources = {each.source.name: each.source.predicate for each in every}
    truths = np.stack([quantise(10 * evaluate(each, pool.passages)) for each in sources.values() if each is not None])
    scores = rows_r_matrix(list(pool.rows.values()), truths, pool.word_weight)
    column = {name: place for place, name in enumerate(sources)}
    found: Floats = scores[:, [column[each.source.name] for each in every]]
    return found
