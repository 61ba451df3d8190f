"""What bfloat16 does to latents, against float32, on real windows of the embedded subject: `python -m` writes JSON."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.harvest.source import Window
from benchmark.provenance import versions
from benchmark.subjects.catalog import parse_sae, parse_subject
from benchmark.subjects.equality import ours, real_windows
from benchmark.subjects.features import FeatureSource, measured
from benchmark.subjects.loading.subject import Subject, boot_subject
from synthetic_neurons.arguments import at_least
from synthetic_neurons.passages import Floats

WINDOWS, BATCH = 200, 20
FULL, HALF = "float32", "bfloat16"
# Subject and SAE; the first is what the others are compared with.
DTYPES = ((FULL, FULL), (HALF, FULL), (HALF, HALF))
# Units that are on at fewer tokens say little of a rate or a correlation.
LEAST = 10

Latents = NDArray[np.float32]


@dataclass(frozen=True)
class Difference:
    """Latents of one precision beside those of float32, on the same tokens.

    Attributes:
        subject, sae: dtypes.
        stay_on: share of the values above 0 that are above 0 here too.
        relative_error, relative_error_95: median and 95th percentile of the relative difference where both are above 0.
        squared_error: sum of squared differences over the sum of squares, all latents.
        rate_change, rate_change_95: median and 95th percentile over units of the relative change of their firing rate.
        r, r_5: median and 5th percentile over units of Pearson's r between both values, over all tokens.
    """

    subject: str
    sae: str
    stay_on: float
    relative_error: float
    relative_error_95: float
    squared_error: float
    rate_change: float
    rate_change_95: float
    r: float
    r_5: float


@dataclass(frozen=True)
class Precision:
    """What was compared, and how it came out.

    Attributes:
        windows, tokens, on: how many; `on` counts the values above 0 in float32.
        units: how many are on at `least` tokens or more; rates and correlations are of these.
        least: as above.
        differences: one a pair of dtypes.
        machine, versions: processors round differently.
    """

    windows: int
    tokens: int
    on: int
    units: int
    least: int
    differences: list[Difference]
    machine: str
    versions: dict[str, str]


def compare(windows: int = WINDOWS) -> Precision:
    """Compare on windows of a suite's teach part, on the CPU."""
    reference, *others = latents_of(windows)
    often = (reference > 0).sum(0) >= LEAST
    found = [difference(reference, other, often, *names) for other, names in zip(others, DTYPES[1:], strict=True)]
    on = int((reference > 0).sum())
    return Precision(windows, len(reference), on, int(often.sum()), LEAST, found, platform.machine(), versions())


def latents_of(count: int) -> list[Latents]:
    """Float32 [tokens, latents] of the same windows in each pair of dtypes."""
    subjects = {name: boot_subject(parse_subject("embedded", name, "cpu")) for name in (FULL, HALF)}
    sources = [_source(subjects[subject], sae) for subject, sae in DTYPES]
    chosen = real_windows(sources[0], count, seed=0)
    return [_latents(source, chosen) for source in sources]


def _source(subject: Subject, sae_dtype: str) -> FeatureSource:
    return FeatureSource(subject, measured(parse_sae("shipped"), subject, sae_dtype=sae_dtype))


def _latents(source: FeatureSource, windows: Sequence[Window]) -> Latents:
    parts = [ours(source, windows[start : start + BATCH]) for start in range(0, len(windows), BATCH)]
    return np.concatenate(parts)


def difference(
    reference: Latents, other: Latents, often: NDArray[np.bool_], subject: str = HALF, sae: str = HALF
) -> Difference:
    """One precision beside the reference.

    Args:
        reference: float32 [tokens, latents], 0 or above.
        other: the same tokens.
        often: bool [latents], those that rates and correlations are told of.
        subject: dtype of the subject that `other` came from.
        sae: dtype of the SAE.
    """
    on, both = reference > 0, (reference > 0) & (other > 0)
    error = np.abs(other[both] - reference[both]) / reference[both]
    rate, changed = on[:, often].sum(0), (other > 0)[:, often].sum(0)
    change, r = np.abs(changed / rate - 1), correlations(reference[:, often], other[:, often])
    gap = other.astype(np.float64) - reference
    shares = {
        "stay_on": both.sum() / on.sum(),
        "relative_error": np.median(error),
        "relative_error_95": np.quantile(error, 0.95),
        "squared_error": (gap**2).sum() / (reference.astype(np.float64) ** 2).sum(),
        "rate_change": np.median(change),
        "rate_change_95": np.quantile(change, 0.95),
        "r": np.median(r),
        "r_5": np.quantile(r, 0.05),
    }
    return Difference(subject, sae, **{name: round(float(share), 5) for name, share in shares.items()})


def correlations(one: Latents, other: Latents) -> Floats:
    """float64 [units]: Pearson's r of each column; 0 where one of them does not vary."""
    a, b = (each - each.mean(0, dtype=np.float64) for each in (one, other))
    lengths = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    r: Floats = np.divide((a * b).sum(0), lengths, out=np.zeros(a.shape[1]), where=lengths > 0)
    return r


def rows(found: Precision) -> list[str]:
    """The table of docs/subjects.md."""
    return [_row(each) for each in found.differences]


def _row(each: Difference) -> str:
    errors = (each.stay_on, each.relative_error, each.relative_error_95, each.squared_error)
    shares = (f"{share:.1%}" for share in errors)
    rate, r = f"{each.rate_change:.1%}, {each.rate_change_95:.1%}", f"{each.r:.3f}, {each.r_5:.3f}"
    return f"| {' | '.join([each.subject, each.sae, *shares, rate, r])} |"


def read(path: Path) -> Precision:
    """What `main` wrote."""
    found = json.loads(path.read_text("utf-8"))
    return Precision(**{**found, "differences": [Difference(**each) for each in found["differences"]]})


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the comparison beside the other results, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.subjects.precision", description=__doc__)
    parser.add_argument("--windows", type=at_least(1), default=WINDOWS, help="how many")
    parser.add_argument("--out", type=Path, default=Path("results/precision.json"), help="the JSON file")
    chosen = parser.parse_args(arguments)
    found = compare(chosen.windows)
    chosen.out.write_text(json.dumps(asdict(found), indent=1) + "\n", "utf-8")
    sys.stdout.write("\n".join(rows(found)) + "\n")


if __name__ == "__main__":
    main()
