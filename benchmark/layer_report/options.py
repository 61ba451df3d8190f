"""What `viva report` takes, checked before anything heavy is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.arguments import KeyValues, near
from benchmark.errors import UserError
from benchmark.explainers.loading import entry_or_custom, is_own
from benchmark.explainers.registry import EXPLAINERS, nearest
from benchmark.suites.homes import Home

# Each option with what it takes; a default is what stands here.
OPTIONS: dict[str, str] = {
    "subject": "embedded or randomised (embedded)",
    "layer": "the layer whose SAE is read (12)",
    "explainer": "rule_induction, top_tokens, constant, none, or path/to/mine.py@mine; none that asks a model or "
    "measures (rule_induction)",
    "sample": "so many latents, drawn by lot; all (all)",
    "nulls": "null units beside them: what is reported on these is false (a fifth of the sample, at most 200)",
    "seed": "of the sample and of every draw (1)",
    "seconds": "that an explainer may take for one latent (120)",
    "windows": "windows of each part of the split at most, for a quick look; all (all)",
    "workers": "processes that explain (1)",
    "out": "folder of the report (report-SUBJECT-LAYER)",
}
# The SAEs that are here, by subject and layer.
LAYERS: dict[str, dict[int, Home]] = {
    "embedded": {12: Home()},
    "randomised": {12: Home("randomised", "shipped_randomised")},
}
MOST_NULLS = 200
MOST_WORKERS = 64
_COUNTS = {"layer": 0, "sample": 1, "nulls": 0, "seed": 0, "seconds": 1, "windows": 1, "workers": 1}
_MAY_BE_ALL = ("sample", "windows")


class ReportError(UserError):
    """A layer report cannot begin or go on; the message names the mend."""


_READER = KeyValues("viva report", OPTIONS, ReportError)


@dataclass(frozen=True)
class Options:
    """One layer report.

    Attributes:
        subject, layer: whose latents; `home` is where they live.
        explainer: a built-in one, or a file's.
        sample: how many latents; None: all that can be explained.
        nulls: null units; None: a fifth of the sample.
        seed: of every draw.
        seconds: the explainer's ceiling for one latent.
        windows: windows of each part of the split at most; None: all.
        workers: processes that explain.
        out: the report's folder.
    """

    subject: str = "embedded"
    layer: int = 12
    explainer: str = "rule_induction"
    sample: int | None = None
    nulls: int | None = None
    seed: int = 1
    seconds: int = 120
    windows: int | None = None
    workers: int = 1
    out: Path = Path("report-embedded-12")

    @property
    def home(self) -> Home:
        """The subject and its SAE."""
        return LAYERS[self.subject][self.layer]

    def null_units(self, sampled: int) -> int:
        """How many null units stand beside a sample."""
        return min(MOST_NULLS, -(-sampled // 5)) if self.nulls is None else self.nulls


def usage() -> str:
    """What the options are."""
    what = (
        "Explain the latents of a layer, examine every report on held-out documents, and write\n"
        "HTML, Markdown and JSON. A report that was stopped goes on where it was."
    )
    return _READER.usage(what, 12)


def parse(arguments: Sequence[str]) -> Options:
    """KEY=VALUE arguments.

    Raises:
        ReportError: an unknown key, one given twice or without a value, or a value that leads nowhere.
    """
    found = _READER.parse(arguments)
    given = (name for name in _COUNTS if found.get(name, "all") != "all")
    counts = {name: _READER.count(name, found[name], _COUNTS[name]) for name in given}
    return _checked(found, counts)


def _checked(found: dict[str, str], counts: dict[str, int]) -> Options:
    for name in _COUNTS:
        if found.get(name) == "all" and name not in _MAY_BE_ALL:
            raise ReportError(f"viva report: {name}=all has no meaning; give a whole number, {_COUNTS[name]} or above")
    subject, layer = found.get("subject", "embedded"), counts.get("layer", 12)
    _there(subject, layer)
    if counts.get("workers", 1) > MOST_WORKERS:
        raise ReportError(f"viva report: workers={counts['workers']} is too many; give 1 to {MOST_WORKERS}")
    explainer = found.get("explainer", "rule_induction")
    _able(explainer)
    out = Path(found.get("out", f"report-{subject}-{layer}")).expanduser()
    return Options(
        subject,
        layer,
        explainer,
        counts.get("sample"),
        counts.get("nulls"),
        counts.get("seed", 1),
        counts.get("seconds", 120),
        counts.get("windows"),
        counts.get("workers", 1),
        out,
    )


def _there(subject: str, layer: int) -> None:
    """Refuse a subject or layer without an SAE here; the message has the nearest."""
    if subject not in LAYERS:
        raise ReportError(f"viva report: no subject {subject!r} with an SAE here; {near(subject, list(LAYERS))}")
    if layer not in LAYERS[subject]:
        closest = min(LAYERS[subject], key=lambda each: abs(each - layer))
        raise ReportError(f"viva report: {subject} has no SAE at layer {layer}; the nearest is layer={closest}")


def _able(explainer: str) -> None:
    """Refuse an explainer that needs what a layer report does not give: a model, measuring, practice, or a truth.

    Raises:
        ReportError: with those that need none of these.
        UserError: no such explainer, or its file cannot be loaded.
    """
    able = [name for name, each in EXPLAINERS.items() if _needs(name) == ""]
    if not is_own(explainer) and explainer not in EXPLAINERS:
        raise ReportError(f"viva report: no explainer {explainer!r}; {nearest(explainer, able)}")
    if needs := _needs(explainer):
        raise ReportError(
            f"viva report: explainer={explainer} {needs}, which a layer report does not give; choose from "
            f"{', '.join(able)}, or viva run explainer={explainer} on a suite"
        )


def _needs(explainer: str) -> str:
    """What an explainer asks for beyond exemplars; empty for one that does with them."""
    entry = entry_or_custom(explainer)
    if entry.needs_model:
        return "asks a language model"
    if "found" not in entry.applies_to or entry.injected:
        return "needs what is known of a suite's units"
    return "measures texts of its own" if entry.cost in ("queries", "loop") and not is_own(explainer) else ""
