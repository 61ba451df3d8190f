"""How fast a harvest is: `python -m benchmark.harvest.bench` writes into `results/bench.json`.

`harvest_over_limit`: tokens/s of a whole harvest over tokens/s of the bare truncated forward pass, timed in turns in
one process on the same batches; and over those of the trunk as Hugging Face runs it (`raw_ratio`).
`harvest_memory_10x`: peak memory at all tokens over that at a tenth of them, each in a process of its own.
`harvest_over_delphi`: tokens/s over those of delphi's cache on the same subject, SAE, dtype and batch, in turns, if
`--delphi` names the Python of an environment that has it (`benchmark.harvest.delphi_cache` says how to make one).
`measure_over_batched_limit`: texts/s of 32 agents that measure 8 short texts each, round after round, over those of the
same texts in batches without agents; and how long one agent alone waits (`benchmark.subjects.measuring_bench`).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmark.errors import UserError
from benchmark.harvest import delphi_cache, trunks
from benchmark.harvest.recipe import WINDOW_TOKENS, Recipe
from benchmark.provenance import versions
from synthetic_neurons.arguments import at_least
from synthetic_neurons.bench import record

TOKENS = 2_000_000
DELPHI_TOKENS = 200_000
ROUNDS = 2


class BenchError(UserError):
    """A measured process failed; its last words are in the message."""


def harvest_run(folder: Path, tokens: int, dtype: str, *more: str) -> dict[str, Any]:
    """`viva harvest` on the embedded subject in a process of its own; what its report says."""
    report = folder.with_suffix(".json")
    options = [f"folder={folder}", f"tokens={tokens}", f"dtype={dtype}", f"report={report}", *more]
    code = "from benchmark.cli import main; main()"
    _run([sys.executable, "-c", code, "harvest", *options], {})
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def _run(command: Sequence[str], environment: dict[str, str]) -> str:
    """What a process printed.

    Raises:
        BenchError: it failed.
    """
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["nothing was said"]
        raise BenchError(f"{Path(command[0]).name} ended with {done.returncode}: {words[-1]}")
    return done.stdout


def both_limits(tokens: int, dtype: str) -> dict[str, float]:
    """Tokens/s of the bridge's truncated forward pass and of the raw trunk, in turns in a process of their own."""
    printed = _run([sys.executable, "-m", trunks.__name__, str(tokens), dtype], {"HF_HUB_OFFLINE": "1"})
    found: dict[str, float] = json.loads(printed.splitlines()[-1])
    return found


def over_limit(whole: dict[str, Any], limits: dict[str, float]) -> dict[str, Any]:
    """The ratio, the same over the raw trunk, and where the time went.

    The bridge's pass is timed in turns with the harvest, and the raw trunk in turns with the bridge's; so the one ratio
    times the other is the harvest over the raw trunk.
    """
    share = limits[trunks.BRIDGE] / limits[trunks.RAW]
    spent = {name: round(seconds, 2) for name, seconds in whole["seconds"].items()}
    return {
        "ratio": round(whole["ratio"], 3),
        "tokens_per_s": round(whole["rate"], 1),
        "limit_tokens_per_s": round(whole["limit"], 1),
        "raw_ratio": round(whole["ratio"] * share, 3),
        "raw_limit_tokens_per_s": round(whole["limit"] / share, 1),
        "tokens": whole["tokens"],
        "peak_memory_bytes": whole["peak_memory"],
        "seconds": spent,
    }


def memory(tenth: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """The ratio of peaks."""
    names = ("tokens", "peak_memory")
    return {
        "ratio": round(whole["peak_memory"] / tenth["peak_memory"], 4),
        "small": {name: tenth[name] for name in names},
        "large": {name: whole[name] for name in names},
    }


def contexts_file(path: Path, tokens: int) -> None:
    """int64 [contexts, 32] of the shipped corpus, each beginning with BOS."""
    from transformers import AutoTokenizer

    from benchmark.harvest.corpora import ShippedCorpus
    from benchmark.subjects.corpus import contexts
    from benchmark.subjects.embedded import materialise

    tokenizer = AutoTokenizer.from_pretrained(materialise())
    texts = (document.text for document in ShippedCorpus.load().documents())
    rows = islice(contexts(texts, tokenizer, WINDOW_TOKENS), tokens // WINDOW_TOKENS)
    np.save(path, np.array(list(rows), np.int64), allow_pickle=False)


def over_delphi(python: Path, scratch: Path, tokens: int, dtype: str) -> dict[str, Any]:
    """Ours and delphi's in turns; medians."""
    from benchmark.subjects.catalog import shipped_sae
    from benchmark.subjects.embedded import materialise

    contexts_file(scratch / "contexts.npy", tokens)
    batch = str(Recipe().batch_tokens // WINDOW_TOKENS)
    what = [str(materialise()), str(shipped_sae()), str(scratch / "contexts.npy"), dtype, batch]
    ours, theirs = [], []
    for turn in range(ROUNDS):
        ours.append(harvest_run(scratch / f"ours-{turn}", tokens, dtype))
        script = [str(python), delphi_cache.__file__, *what, str(scratch / f"delphi-{turn}")]
        printed = _run(script, {"HF_HUB_OFFLINE": "1"})
        theirs.append(json.loads(printed.splitlines()[-1]))
    rate, rival = median(each["rate"] for each in ours), median(each["tokens"] / each["seconds"] for each in theirs)
    return {
        "ratio": round(rate / rival, 3),
        "tokens_per_s": round(rate, 1),
        "delphi_tokens_per_s": round(rival, 1),
        "tokens": tokens,
        "rounds": ROUNDS,
        "peak_memory_bytes": max(each["peak_memory"] for each in ours),
        "delphi_peak_memory_bytes": max(each["peak_memory"] for each in theirs),
    }


def harvests(tokens: int, dtype: str, delphi: Path | None, delphi_tokens: int) -> dict[str, Any]:
    """What concerns the harvest."""
    with tempfile.TemporaryDirectory(prefix="viva-bench-") as name:
        scratch = Path(name)
        tenth = harvest_run(scratch / "small", tokens // 10, dtype, "bench=true")
        whole = harvest_run(scratch / "large", tokens, dtype, "bench=true")
        found = {
            "harvest_over_limit": over_limit(whole, both_limits(tokens // 10, dtype)),
            "harvest_memory_10x": memory(tenth, whole),
        }
        if delphi:
            found["harvest_over_delphi"] = over_delphi(delphi, scratch, delphi_tokens, dtype)
    return found


def agents(dtype: str) -> dict[str, Any]:
    """What concerns agents' texts, in a process of its own."""
    printed = _run([sys.executable, "-m", "benchmark.subjects.measuring_bench", dtype], {"HF_HUB_OFFLINE": "1"})
    return {"measure_over_batched_limit": json.loads(printed.splitlines()[-1])}


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """All that is asked for, with what it was made on."""
    found: dict[str, Any] = {}
    if chosen.only != "measure":
        found |= harvests(chosen.tokens, chosen.dtype, chosen.delphi, chosen.delphi_tokens)
    if chosen.only != "harvest":
        found |= agents(chosen.dtype)
    made_on = {"machine": platform.machine(), "cores": os.cpu_count(), "dtype": chosen.dtype, "versions": versions()}
    return {name: {**figures, **made_on} for name, figures in found.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write beside what is there."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmark.harvest.bench", description="Speed of the harvest and of agents that measure."
    )
    parser.add_argument("--out", type=Path, default=Path("results/bench.json"), help="where the figures go")
    parser.add_argument("--tokens", type=at_least(10), default=TOKENS, help="of the large harvest")
    parser.add_argument("--dtype", default="float32", help="of the forward pass")
    parser.add_argument("--delphi", type=Path, help="the Python of an environment that has delphi")
    parser.add_argument(
        "--delphi-tokens", type=at_least(2048), default=DELPHI_TOKENS, help="of each turn beside delphi"
    )
    parser.add_argument("--only", choices=("harvest", "measure"), help="one part alone")
    chosen = parser.parse_args(arguments)
    try:
        found = measure(chosen)
    except UserError as error:
        raise SystemExit(f"bench: {error}") from None
    record(chosen.out, found)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
