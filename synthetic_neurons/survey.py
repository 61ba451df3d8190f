"""What a suite's families hold, counted and measured: `python -m synthetic_neurons survey` writes it down."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from synthetic_neurons.alike import distinct
from synthetic_neurons.assembly import PlantedSuite
from synthetic_neurons.families import FAMILIES
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Predicate
from synthetic_neurons.reference import gloss_like, reference
from synthetic_neurons.texts.coverage import coverage
from synthetic_neurons.texts.generate import generate

TEXTS = 60
SEED = 0
# Pairs below this are not worth a line; where a family has none, its largest r reads as this.
LEAST_R = 0.3


def shape(predicate: Predicate) -> str:
    """The tree's operators alone, such as "and(word,within(word))": what is left when words and numbers go."""
    below = ",".join(shape(child) for child in predicate.children)
    return f"{predicate.op}({below})" if below else predicate.op


def survey(suite: PlantedSuite, texts: int = TEXTS) -> dict[str, Any]:
    """Counts by family: units, shapes of trees, firing, the nearest other unit, and clauses that texts exercise.

    Args:
        suite: any.
        texts: how many exam texts are generated for each unit.
    """
    pairs = distinct(suite.units, reference(), LEAST_R)
    families = [_family(name, units, pairs, texts) for name, units in suite.by_family().items()]
    return {"suite": suite.split, "hash": suite.hash, "units": len(suite), "texts_a_unit": texts, "families": families}


def _family(
    name: str, units: Sequence[PlantedUnit], pairs: Sequence[tuple[str, str, float]], texts: int
) -> dict[str, Any]:
    own = {unit.identifier for unit in units}
    near = [r for one, other, r in pairs if one in own or other in own]
    explained = [unit for unit in units if unit.claims]
    found = [coverage(unit, generate(unit, "exam", texts, SEED)) for unit in explained]
    return {
        "family": name,
        "outside_rule_language": FAMILIES[name].outside,
        "units": len(units),
        "shapes": len({shape(unit.predicate) for unit in units}),
        "fires_per_million_words": round(
            float(np.median([1e6 * (unit.values(gloss_like()) > 0).mean() for unit in units]))
        ),
        "largest_r_with_another": round(max(near, default=LEAST_R), 3),
        "units_with_texts": len(explained),
        "clauses": sum(len(each.atoms) for each in found),
        "clauses_exercised_both_ways": sum(atom.on and atom.off for each in found for atom in each.atoms),
    }


def page(found: dict[str, Any]) -> str:
    """The survey as a Markdown table."""
    columns = [name for name in found["families"][0] if name != "family"]
    lines = [
        f"# Planted units by family: {found['suite']}, {found['units']} units",
        "",
        f"Suite hash {found['hash']}. Clauses are exercised by {found['texts_a_unit']} generated exam texts a unit: "
        "the truth changes with the clause, and it is seen on and off. Null units have no texts of their own.",
        "",
        "| family | " + " | ".join(name.replace("_", " ") for name in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for row in found["families"]:
        cells = ("yes" if row[name] is True else "no" if row[name] is False else str(row[name]) for name in columns)
        lines.append(f"| {row['family']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
