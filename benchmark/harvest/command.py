"""`viva harvest`: which subject, which units, which corpus, how much, and where to."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmark.arguments import KeyValues
from benchmark.errors import UserError
from benchmark.harvest.corpora import parse_corpus
from benchmark.harvest.progress import Outcome
from benchmark.harvest.recipe import SEED, Recipe
from benchmark.harvest.stream import Job, harvest
from benchmark.harvest.summary import Keep
from benchmark.memory import keep_few_kernels

# Each option with what it takes; a default is what stands here.
OPTIONS: dict[str, str] = {
    "subject": "embedded, gpt2_small, gemma_2_2b, pythia_70m, llama_3_1_8b, local:FOLDER or hub:OWNER/NAME (embedded)",
    "sae": "shipped, RELEASE/ID[@REVISION], a folder, neurons:LAYER or directions:FILE:HOOK (shipped)",
    "units": "which columns, as 0-499 or 3,17,256; all of them",
    "dtype": "of the forward pass: float32, bfloat16, float16, or auto: bfloat16 where the processor has it, else the "
    "subject's (auto)",
    "sae_dtype": "float32, bfloat16 or float16, of the SAE (bfloat16 on such a subject, unless it has thresholds)",
    "device": "auto, cpu or cuda (auto)",
    "window_tokens": "tokens a window has at most (32)",
    "corpus": "shipped, a text file, a folder of .txt files, a .parquet file, or dataset:NAME (shipped)",
    "config": "of a dataset",
    "split": "of a dataset (train)",
    "column": "of a dataset or parquet file (text)",
    "revision": "of a dataset",
    "tokens": "stop at this many (2000000); all reads the whole corpus",
    "folder": "where the store lies (harvests/SUBJECT-SAE)",
    "top": "strongest windows a unit (20)",
    "per_level": "windows a unit and level of activation (4)",
    "uniform": "windows of the sample that all units share (2048)",
    "near": "near misses a unit (10); 0 leaves them out",
    "seed": f"of the samples ({SEED})",
    "batch_tokens": "tokens of a forward pass, padding included (2048)",
    "bench": "true also times the bare forward pass, the limit of any harvest (false)",
    "report": "a JSON file for what the last line says",
}
# What is counted, and the least that has a meaning.
_COUNTS = {"window_tokens": 1, "top": 1, "per_level": 1, "uniform": 1, "near": 0, "seed": 0, "batch_tokens": 1}
TOKENS = 2_000_000
SUBJECT, SAE, AUTO = "embedded", "shipped", "auto"
# What decides the encoder's vectors.
ENCODER_FILES = ("config.json", "model.safetensors", "tokenizer.json")


class HarvestOptionError(UserError):
    """An option of `viva harvest` is unknown or has no meaning; the message names the nearest or the mend."""


_READER = KeyValues("viva harvest", OPTIONS, HarvestOptionError)


def usage() -> str:
    """What the options are."""
    what = (
        "Stream a corpus once and keep, for every unit, exemplars, samples, counts and near misses.\n"
        "A harvest that was stopped goes on where it was."
    )
    return _READER.usage(what, 16)


def options(arguments: Sequence[str]) -> dict[str, str]:
    """KEY=VALUE arguments.

    Raises:
        HarvestOptionError: an unknown key, one that is given twice, one without a value, or a value without meaning.
    """
    found = _READER.parse(arguments)
    _check(found)
    return {"folder": str(_place(found)), **found}


def _place(found: Mapping[str, str]) -> Path:
    """Where a store lies of which nothing else is said."""
    name = f"{found.get('subject', SUBJECT)}-{found.get('sae', SAE)}"
    return Path("harvests") / re.sub(r"[^\w.@-]+", "_", name)


def _check(found: Mapping[str, str]) -> None:
    _counts(found)
    if found.get("tokens", "all") != "all":
        _READER.count("tokens", found["tokens"], 1)
    if (bench := found.get("bench", "false")) not in ("true", "false"):
        raise HarvestOptionError(f"viva harvest: bench={bench} has no meaning; mend: bench=true or bench=false")


def _counts(found: Mapping[str, str]) -> dict[str, Any]:
    return {name: _READER.count(name, found[name], least) for name, least in _COUNTS.items() if name in found}


def recipe_of(found: Mapping[str, str]) -> Recipe:
    """The recipe that checked options ask for."""
    counts = _counts(found)
    keep = replace(Keep(), **{name: counts[name] for name in ("top", "per_level", "uniform") if name in counts})
    tokens = found.get("tokens", str(TOKENS))
    rest = {name: counts[name] for name in ("near", "seed", "batch_tokens", "window_tokens") if name in counts}
    return Recipe(tokens=None if tokens == "all" else _READER.count("tokens", tokens, 1), keep=keep, **rest)


def columns_of(text: str | None) -> list[int] | None:
    """Columns such as "3,17,20-24"; None for all.

    Raises:
        HarvestOptionError: it reads otherwise, or names one twice.
    """
    if text is None:
        return None
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or (dash and int(last) < int(first)):
            raise HarvestOptionError(
                f"viva harvest: units={text}: {part!r} is no column; mend: units=0-499 or 3,17,256"
            )
        found += range(int(first), int(last if dash else first) + 1)
    if len(set(found)) < len(found):
        raise HarvestOptionError(f"viva harvest: units={text} names a column twice; mend: give each once")
    return found


def dtype_of(found: Mapping[str, str], has_bfloat16: bool) -> str | None:
    """The dtype of the forward pass; None for the subject's own.

    Args:
        found: checked options.
        has_bfloat16: whether the processor multiplies in bfloat16.
    """
    asked = found.get("dtype", AUTO)
    if asked != AUTO:
        return asked
    return "bfloat16" if has_bfloat16 else None


def job_of(found: Mapping[str, str], say: Callable[[str], None]) -> Job:
    """Load the corpus, the subject and its units.

    Raises:
        UserError: one of them is not to be had.
    """
    from benchmark.doctor.machine import bfloat16
    from benchmark.subjects.catalog import parse_sae, parse_subject
    from benchmark.subjects.embeddings import MiniLM, weights_folder
    from benchmark.subjects.features import feature_source
    from benchmark.subjects.loading.checksums import fingerprint

    recipe, columns = recipe_of(found), columns_of(found.get("units"))
    subject = parse_subject(found.get("subject", SUBJECT), dtype_of(found, bool(bfloat16())), found.get("device"))
    units = parse_sae(found.get("sae", SAE))
    corpus = parse_corpus(
        found.get("corpus", "shipped"), *(found.get(name) for name in ("config", "split", "column", "revision"))
    )
    source = feature_source(subject, units, columns, recipe.window_tokens, found.get("sae_dtype"), say)
    bench = found.get("bench") == "true"
    if not recipe.near:
        return Job(source, corpus, recipe, time_limit=bench, closing=True)
    # Near misses are embedded where the subject runs, and as exactly.
    encoder = MiniLM(device=source.subject.device, dtype=source.subject.spec.dtype)
    encoder_sha256 = fingerprint(weights_folder() / name for name in ENCODER_FILES)
    return Job(source, corpus, recipe, encoder, bench, encoder_sha256, closing=True)


def report(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON, with its rate and ratio."""
    return {**asdict(outcome), "rate": outcome.rate, "ratio": outcome.ratio}


def _report_place(found: Mapping[str, str]) -> Path | None:
    """Where the report goes, refused before the work begins."""
    if "report" not in found:
        return None
    place = Path(found["report"]).expanduser()
    if not place.absolute().parent.is_dir():
        raise HarvestOptionError(f"viva harvest: {place} is in no folder; mend: make it, or give another report=")
    if place.is_dir():
        raise HarvestOptionError(f"viva harvest: {place} is a folder; mend: report={place / 'report.json'}")
    return place


def run(arguments: Sequence[str], say: Callable[[str], None]) -> None:
    """The verb.

    Raises:
        UserError: what is wrong with the options, the subject, the corpus or the store, in one line.
    """
    if {"-h", "--help"} & set(arguments):
        say(usage())
        return
    found = options(arguments)
    folder = Path(found["folder"]).expanduser()
    if any(each.exists() and not each.is_dir() for each in (folder, *folder.parents)):
        raise HarvestOptionError(f"viva harvest: {folder} is not a folder; give folder=<where the store is to lie>")
    place = _report_place(found)
    keep_few_kernels()
    outcome = harvest(job_of(found, say), folder, say)
    if place:
        place.write_text(json.dumps(report(outcome), indent=1) + "\n", "utf-8")
    say(f"{folder}: {outcome.line()}")
