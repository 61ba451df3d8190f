"""Made-up points with a known order."""

from collections.abc import Callable

from benchmark.ladder.scores import METRICS, Point

TRUE = {"exact": 1.0, "paraphrase_1": 1.0, "too_broad_1": 0.6, "missing_concept": 0.5, "extra_concept": 0.8}
TRUE |= {"placebo": 0.0, "constant": 0.0}


def ladder_of(unit: str, family: str, score: Callable[[str, float], float], reader: str = "kind") -> list[Point]:
    """One unit's points; `score` maps a rung's name and true agreement to a reader's score, the same in all metrics."""
    return [
        Point(unit, family, name, "", true, "text", {reader: dict.fromkeys(METRICS, score(name, true))})
        for name, true in TRUE.items()
    ]
