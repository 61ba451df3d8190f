"""Make the probed units: `python -m benchmark.subjects.probes --out FOLDER`.

Directions in the embedded subject's residual stream that carry a concept whose truth is known. They are fitted on the
teach part, chosen on the calibration part and then reported on what no report has shown of the exam part. What was read
from the subject is cached in shards, so a stopped run goes on where it was.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.subjects.corpus import CORPUS_SEED
from benchmark.subjects.embedded import HOOK_LAYER
from benchmark.subjects.probe_card import page
from benchmark.subjects.probe_choice import (
    HARD_WORDS,
    LEAST_AUPRC,
    LEAST_R,
    MOST_ALIKE,
    SILENT_WORDS,
    Candidate,
    calibrate,
    choose,
    fit,
    passes,
    report,
)
from benchmark.subjects.probe_concepts import ProbeConcept, concepts
from benchmark.subjects.probe_directions import Directions, ProbeError, shipped_probes
from benchmark.subjects.probe_fit import FIRING_QUANTILE, LOGISTIC_C
from benchmark.subjects.windows import Window
from benchmark.subjects.word_ends import Reader, WordEnds, word_ends
from synthetic_neurons.passages import Ints

SEED = 1
PARTS = ("teach", "calibration", "exam")
# An earlier set of units was reported on so many exam windows, and the candidates have changed since.
SEEN_WINDOWS = 6000


def unseen(windows: Sequence[Window], count: int = SEEN_WINDOWS, seed: int = SEED) -> list[Window]:
    """The windows, in their order, but for the `count` that an earlier report drew and showed."""
    kept = np.sort(np.random.default_rng([seed, 0]).permutation(len(windows))[count:])
    return [windows[i] for i in kept]


def document_numbers(windows: Sequence[Window]) -> Ints:
    """int64 [windows]: the number of each window's document, from 0 in order of appearance."""
    number = {name: i for i, name in enumerate(dict.fromkeys(window.document for window in windows))}
    return np.array([number[window.document] for window in windows], dtype=np.int64)


def build(
    candidates: Sequence[ProbeConcept],
    ends: dict[str, WordEnds],
    document: Ints,
    layer: int = HOOK_LAYER,
    seed: int = SEED,
    say: Any = lambda line: None,
) -> Directions:
    """Fit on teach, choose on calibration, report on exam.

    Args:
        candidates: concepts to try.
        ends: word ends of "teach", "calibration" and "exam".
        document: int64 [texts], the document of each exam text.
        layer: the block they were read after.
        seed: of the sample of silent training words, and of the bootstrap.
        say: progress.
    """
    fitted = fit(candidates, ends["teach"], seed, say)
    measured, values = calibrate(fitted, ends["calibration"])
    chosen = [measured[place] for place in choose(measured, values)]
    if not chosen:
        raise ProbeError(
            f"no direction reaches an average precision of {LEAST_AUPRC} on calibration; try another layer"
        )
    say(f"chose {len(chosen)} of {len(measured)} directions on calibration; reporting on exam")
    units = report(chosen, layer, ends["exam"], document, seed)
    parts = {part: {"windows": len(each.passages), "words": int(each.whole.sum())} for part, each in ends.items()}
    card = {
        "layer": layer,
        "seed": seed,
        "corpus_seed": CORPUS_SEED,
        "seen_windows": SEEN_WINDOWS,
        "rule": {
            "least_auprc": LEAST_AUPRC,
            "least_r": LEAST_R,
            "most_alike": MOST_ALIKE,
            "firing_quantile": FIRING_QUANTILE,
        },
        "fitting": {"logistic_c": LOGISTIC_C, "silent_words": SILENT_WORDS, "hard_words": HARD_WORDS},
        "parts": parts,
        "counts": counts(candidates, measured, chosen),
        "exam_auprc": distribution([unit["exam"]["auprc"] for unit in units]),
        "units": units,
        "candidates": [
            {"identifier": each.identifier(layer), "kept": each in chosen, **each.calibration.to_json()}
            for each in measured
        ],
    }
    return Directions(card, np.stack([each.vector for each in chosen]))


def counts(tried: Sequence[ProbeConcept], measured: Sequence[Candidate], chosen: Sequence[Candidate]) -> dict[str, Any]:
    """How many concepts and directions there were at each step."""
    passed = [each for each in measured if each.calibration.auprc >= LEAST_AUPRC]
    return {
        "concepts": len(tried),
        "concepts_too_rare": len(tried) - len({each.concept.slug for each in measured}),
        "directions_measured": len(measured),
        "directions_measured_by_method": dict(Counter(each.method for each in measured)),
        "passed_auprc": len(passed),
        "passed_auprc_by_method": dict(Counter(each.method for each in passed)),
        "too_loose": len(passed) - sum(map(passes, passed)),
        "too_alike": sum(map(passes, passed)) - len(chosen),
        "units": len(chosen),
        "units_by_kind": dict(Counter(each.concept.kind for each in chosen)),
        "units_by_method": dict(Counter(each.method for each in chosen)),
    }


def distribution(auprc: Sequence[float]) -> dict[str, float]:
    """Quantiles of the chosen units' average precision on exam, and the share that is still at least 0.9 there."""
    names = ("least", "q10", "q25", "median", "q75", "greatest")
    quantiles = np.quantile(auprc, (0, 0.1, 0.25, 0.5, 0.75, 1))
    made = {name: round(float(value), 4) for name, value in zip(names, quantiles, strict=True)}
    share = float(np.mean(np.array(auprc) >= LEAST_AUPRC))
    return {**made, "mean": round(float(np.mean(auprc)), 4), "share_at_least_0.9": round(share, 4)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Command-line entry."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.subjects.probes", description=__doc__)
    parser.add_argument("--out", type=Path, default=shipped_probes(), help="folder of the directions and their card")
    parser.add_argument("--layer", type=int, default=HOOK_LAYER, help="the block whose residual stream is read")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    # The suites' windows; imported here because suites are made of subjects, not the other way round.
    from benchmark.suites.sources import natural_windows

    reader = cache(lambda: Reader(chosen.layer, print))
    windows = natural_windows(reader().tokenizer, PARTS)
    windows["exam"] = unseen(windows["exam"])
    ends = {part: word_ends([w.text for w in windows[part]], chosen.layer, reader, print) for part in PARTS}
    candidates = concepts(ends["teach"].passages)
    made = build(candidates, ends, document_numbers(windows["exam"]), chosen.layer, chosen.seed, print)
    made.save(chosen.out)
    (chosen.out / "README.md").write_text(page(made.card), "utf-8")
    print(f"{len(made.identifiers)} probed units in {chosen.out}")


if __name__ == "__main__":
    main()
