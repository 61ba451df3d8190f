"""`README.md`, `calibration.json` and the figures of one calibration."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmark.calibration import tables
from benchmark.calibration.false_positives import as_json
from benchmark.calibration.figures import Axis, Row, forest, lines
from benchmark.calibration.measure import Measured
from benchmark.ladder.order import ALL
from benchmark.ladder.tables import SENSITIVE, sensitivity_table
from benchmark.leaderboard.markdown import escape
from benchmark.rounding import rounded_json
from benchmark.statistics.headline import THREE_SIGMA

LIMITS = (
    "All bounds hold for this suite's pool, bank and units: they are drawn once, and what another suite would give is "
    "not in the bounds. Headlines of placebos hold for the tier as it is, and cluster by report alone. A null's mask "
    "asks the bank's own predicates, not their sources. Placebos are reports on planted units; none is on an SAE's "
    "latent. The caliper, the fifty neighbours and the deflation of 1.5 were chosen on pilot placebos of another seed. "
    "Readers that sample (a language model, the finetuned reader) are not bounded: at 3σ that takes 2,000 made-up "
    "explainers of 12 units, 7 reports and 42 items each; the size of their test is held by simulation alone."
)


def publish(found: Measured, folder: Path) -> list[Path]:
    """Write everything down.

    Args:
        found: what was measured.
        folder: made if it is not there.

    Returns:
        The files, JSON first.
    """
    texts = {
        "calibration.json": json.dumps(_json(found), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "README.md": markdown(found),
        **figures(found),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def markdown(found: Measured) -> str:
    """The page."""
    facts = found.facts
    parts = [
        f"# The examiners examined, on {escape(str(facts['suite']))}",
        f"Suite `{facts['suite_hash'][:12]}`, bank `{facts['bank_hash'][:12]}`, seed {facts['seed']}. Made by "
        "`viva calibrate`; every figure is in [calibration.json](calibration.json).",
        "## 1. False positives",
        "![Rates of false rejection with their bounds](false_positives.svg)",
        tables.false_positives(found),
        "## 2. Power",
        "Rungs of the ladder whose true agreement with their unit is 0.5 or more: the share with a per-unit p below "
        "0.00135, by the number of the pool's windows that examine them. Intervals are over units.",
        "![Share found at 3σ by number of windows](power.svg)",
        tables.power(found),
        "## 3. Validity",
        "From the ladder, all families together; by family in the suite's own ladder page. The executable reader "
        "defines true agreement, so it stands by construction.",
        "![Kendall's τ with true agreement](validity.svg)",
        tables.validity(found),
        SENSITIVE,
        sensitivity_table(found.sensitivity),
        "## 4. Transfer",
        "Rank correlation of two readers' r over the same reports (rule induction's hypotheses, top tokens), on "
        "planted and on found units; intervals over units.",
        "![Agreement of readers](transfer.svg)",
        tables.transfer(found),
        "## A warning: metrics that fail",
        "By the executable reader's predictions on planted units. A share of 0.9, a correlation of 0.5, or a p below "
        "0.00135 is taken to say that a report explains its unit. An over-broad report does as well where its score is "
        "at least the exact report's (for tests: where it passes too).",
        "![Placebos taken for explanations](exhibit.svg)",
        tables.exhibit(found),
        "## What this does not say",
        LIMITS,
    ]
    return "\n\n".join(parts) + "\n"


def figures(found: Measured) -> dict[str, str]:
    """File name to SVG."""
    return {
        "false_positives.svg": _false_positives(found),
        "power.svg": _power(found),
        "validity.svg": _validity(found),
        "transfer.svg": _transfer(found),
        "exhibit.svg": _exhibit(found),
    }


def _false_positives(found: Measured) -> str:
    rows = [
        Row(tables.WORDS[cell.kind], cell.reader, of.rate, of.lower, of.upper)
        for cell in found.false_positives
        for of in [cell.bound]
        if of.alpha == THREE_SIGMA
    ]
    axis = Axis(1e-5, 1.0, (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0), log=True, marks=(THREE_SIGMA, 3 * THREE_SIGMA))
    return forest("False positives at 3σ", "Rate with both bounds; dashed: α = 0.00135 and 3α.", rows, axis)


def _power(found: Measured) -> str:
    rows = [Row(str(p.windows), p.reader, p.share.mean, p.share.low, p.share.high) for p in found.power]
    most = float(max(p.windows for p in found.power))
    ticks = [tick for tick in (60, 125, 250, 500, 1_000, 2_000) if tick <= most]
    axis = Axis(50.0, most * 1.1, ticks, log=True)
    note = "Rungs of true agreement 0.5 or more found at 3σ, by windows of the pool."
    return lines("Power", note, rows, lambda row: float(row.label), axis)


def _validity(found: Measured) -> str:
    whole = [row for row in found.validity if row.family == ALL]
    rows = [Row(f"τ of {row.metric}", row.reader, row.tau.mean, row.tau.low, row.tau.high) for row in whole]
    for check in ("missing_label", "extra_label"):
        shares = [(row, getattr(row, check)) for row in whole]
        rows += [Row(f"{check.replace('_', ' ')}, {r.metric}", r.reader, s.mean, s.low, s.high) for r, s in shares]
    note = "Kendall's τ with true agreement, and units whose score falls for a missing or an extra concept."
    return forest("Validity on the ladder", note, rows, Axis(-0.2, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), marks=(0.8,)))


def _transfer(found: Measured) -> str:
    rows = [Row(f"{e.first} – {e.second}", e.tier, e.rho, e.low, e.high) for e in found.transfer]
    axis = Axis(-0.5, 1.0, (-0.5, 0.0, 0.5, 1.0), marks=(0.0,))
    return forest("Transfer", "Rank correlation of two readers' r over the same reports.", rows, axis)


def _exhibit(found: Measured) -> str:
    rows = [Row(each.metric, "placebos passed", each.passes_placebo) for each in found.exhibit]
    rows += [Row(each.metric, "over-broad as good", each.over_broad_wins) for each in found.exhibit]
    note = "Shares: unrelated reports taken for explanations; units on which an over-broad report does as well."
    return forest("Metrics that fail", note, rows, Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0)))


def _json(found: Measured) -> dict[str, Any]:
    value = {
        **found.facts,
        "nulls_examined": found.nulls,
        "placebos_examined": found.placebos,
        "false_positives": as_json(found.false_positives),
        "by_breadth": found.breadth,
        "wrong_on_purpose": {"matching": as_json(found.wrong), "paraphrases_in_the_bank": found.paraphrases},
        "power": [each.to_json() for each in found.power],
        "validity": [asdict(each) for each in found.validity],
        "sensitivity": [each.to_json() for each in found.sensitivity],
        "transfer": [each.to_json() for each in found.transfer],
        "exhibit": [each.to_json() for each in found.exhibit],
    }
    rounded: dict[str, Any] = rounded_json(value)
    return rounded
