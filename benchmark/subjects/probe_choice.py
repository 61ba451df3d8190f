"""Choosing probed units: fitted on teach, chosen on calibration, only then reported on exam (METHOD.md section 8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.subjects.probe_concepts import ProbeConcept
from benchmark.subjects.probe_fit import (
    FIRING_QUANTILE,
    METHODS,
    Agreement,
    Bools,
    Vectors,
    agreement,
    hardest,
    intervals,
    project,
    training_words,
    usual,
)
from benchmark.subjects.word_ends import WordEnds
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Ints
from synthetic_neurons.prose.english import describe

Say = Callable[[str], None]
LEAST_AUPRC = 0.9
# Two units whose values correlate more than this on calibration would be one unit twice.
MOST_ALIKE = 0.9
LEAST_POSITIVES = 20
# A unit whose value follows its concept less than this is known by name alone: its concept is much commoner than the
# one word in a hundred on which the unit fires.
LEAST_R = 0.5
SILENT_WORDS = 40_000
# What the logistic probe took for its concept in a first fit is put before it in a second.
HARD_WORDS = 10_000
BOOTSTRAP_DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Candidate:
    """A direction fitted to a concept, with what was measured on calibration.

    Attributes:
        concept, method: what it was fitted to, and how.
        trained_on: how many teach words it was fitted on, and on how many of them the concept fires.
        vector: float32 [576], scaled so that projections have standard deviation 1 on calibration.
        offset: the 99th percentile of the projections there.
        matched_offset: the percentile there that lets the unit fire as often as its concept.
        calibration: the agreement there.
    """

    concept: ProbeConcept
    method: str
    trained_on: tuple[int, int]
    vector: Vectors
    offset: float
    matched_offset: float
    calibration: Agreement

    def identifier(self, layer: int) -> str:
        """`probed-<concept>-<method>-l<layer>`."""
        return f"probed-{self.concept.slug}-{self.method}-l{layer}"


def fires(concept: ProbeConcept, ends: WordEnds) -> Bools:
    """Bool [words]: where the concept fires."""
    flags: Bools = evaluate(concept.predicate, ends.passages) > 0
    return flags


def fit(
    concepts: Sequence[ProbeConcept], teach: WordEnds, seed: int, say: Say = lambda line: None
) -> list[tuple[ProbeConcept, str, tuple[int, int], Vectors]]:
    """Two directions for each concept that fires often enough on teach words."""
    allowed = teach.whole & usual(teach.stream)
    made = []
    for index, concept in enumerate(concepts):
        flags = fires(concept, teach)
        if min((flags & allowed).sum(), (~flags & allowed).sum()) < LEAST_POSITIVES:
            continue
        words = training_words(flags, allowed, SILENT_WORDS, np.random.default_rng([seed, index]))
        for name in METHODS:
            vector, used = _direction(name, teach.stream, flags, allowed, words)
            made.append((concept, name, (used, int(flags[words].sum())), vector))
        say(f"fitted {concept.slug} on {int(flags[words].sum()):,} words ({index + 1} of {len(concepts)})")
    return made


def _direction(
    name: str, stream: NDArray[np.float16], flags: Bools, allowed: Bools, words: Ints
) -> tuple[Vectors, int]:
    """A direction and on how many words it was fitted; the logistic probe is fitted again with the hardest words."""
    vector = METHODS[name](stream[words].astype(np.float32), flags[words])
    if name != "logistic":
        return vector, len(words)
    others = allowed & ~flags
    others[words] = False
    both = np.sort(np.concatenate([words, hardest(project(stream, vector[None])[:, 0], others, HARD_WORDS)]))
    return METHODS[name](stream[both].astype(np.float32), flags[both]), len(both)


def calibrate(
    fitted: Sequence[tuple[ProbeConcept, str, tuple[int, int], Vectors]], calibration: WordEnds
) -> tuple[list[Candidate], NDArray[np.float32]]:
    """Candidates with scale, offset and agreement from calibration words, and their values there [words, candidates].

    A concept that fires on fewer than 20 calibration words cannot be measured there and is left out.
    """
    whole = calibration.whole
    flags = {concept.slug: fires(concept, calibration)[whole] for concept, *_ in fitted}
    kept = [each for each in fitted if flags[each[0].slug].sum() >= LEAST_POSITIVES]
    vectors = np.array([vector for *_, vector in kept], np.float32).reshape(len(kept), calibration.stream.shape[1])
    along = project(calibration.stream[whole], vectors)
    made = []
    for column, (concept, method, trained_on, vector) in enumerate(kept):
        scale = float(along[:, column].std(dtype=np.float64))
        along[:, column] /= np.float32(scale)
        offset = float(np.quantile(along[:, column], FIRING_QUANTILE))
        measured = agreement(along[:, column], flags[concept.slug], offset)
        matched = float(np.quantile(along[:, column], 1 - measured.base_rate))
        made.append(Candidate(concept, method, trained_on, vector / np.float32(scale), offset, matched, measured))
        along[:, column] = np.maximum(along[:, column] - np.float32(offset), 0)
    return made, along


def _correlations(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Pearson r between all columns; 0 where one is constant."""
    centred = values - values.mean(0, dtype=np.float64)
    length = np.sqrt((centred**2).sum(0))
    standard = centred / np.where(length > 0, length, 1.0)
    correlations: NDArray[np.float64] = standard.T @ standard
    return correlations


def choose(candidates: Sequence[Candidate], values: NDArray[np.float32]) -> list[int]:
    """Places of the candidates that are kept: average precision of at least 0.9, r of at least 0.5, no two alike.

    Two are alike whose concept is the same, or whose values correlate 0.9 or more. The one with the higher average
    precision stays (of equals, the first).

    Args:
        candidates: with their figures on calibration; nothing else is looked at.
        values: float32 [words, candidates], their values on calibration.
    """
    passed = [i for i, each in enumerate(candidates) if passes(each)]
    concept = np.array([candidates[i].concept.slug for i in passed])
    alike = (_correlations(values[:, passed]) >= MOST_ALIKE) | (concept[:, None] == concept[None, :])
    kept: list[int] = []
    for place in sorted(range(len(passed)), key=lambda p: -candidates[passed[p]].calibration.auprc):
        if not alike[place, kept].any():
            kept.append(place)
    return [passed[place] for place in sorted(kept)]


def passes(candidate: Candidate) -> bool:
    """Whether a candidate's figures on calibration suffice."""
    return candidate.calibration.auprc >= LEAST_AUPRC and candidate.calibration.r >= LEAST_R


def entry(
    candidate: Candidate, layer: int, exam: Agreement, matched: Agreement, bounds: dict[str, list[float]]
) -> dict[str, Any]:
    """What `probes.json` says of one unit."""
    return {
        "identifier": candidate.identifier(layer),
        "concept": candidate.concept.slug,
        "kind": candidate.concept.kind,
        "predicate": candidate.concept.predicate.to_json(),
        "text": describe(candidate.concept.predicate),
        "method": candidate.method,
        "layer": layer,
        "offset": candidate.offset,
        "trained_on": {"words": candidate.trained_on[0], "positives": candidate.trained_on[1]},
        "calibration": candidate.calibration.to_json(),
        "exam": {**exam.to_json(), "interval": bounds},
        "matched": {"offset": candidate.matched_offset, **matched.to_json()},
    }


def report(
    candidates: Sequence[Candidate], layer: int, exam: WordEnds, document: Ints, seed: int
) -> list[dict[str, Any]]:
    """Entries of chosen units, with their agreement on exam words and 95% intervals over documents.

    Args:
        candidates: the units chosen.
        layer: the block.
        exam: exam words.
        document: int64 [texts], the document of each exam text, from 0.
        seed: of the bootstrap.
    """
    whole = exam.whole
    along = project(exam.stream[whole], np.stack([each.vector for each in candidates]))
    cluster = document[exam.passages.text_of[whole]]
    made = []
    for column, each in enumerate(candidates):
        flags, projection = fires(each.concept, exam)[whole], along[:, column]
        rng = np.random.default_rng([seed, column])
        bounds = intervals(projection, flags, each.offset, cluster, BOOTSTRAP_DRAWS, rng)
        at, matched = (agreement(projection, flags, offset) for offset in (each.offset, each.matched_offset))
        made.append(entry(each, layer, at, matched, bounds))
    return made
