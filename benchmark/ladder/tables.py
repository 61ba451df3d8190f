"""The ladder in Markdown: how well each reader orders it, and what it gives each rung."""

from collections.abc import Iterable, Sequence

import numpy as np

from benchmark.ladder.order import ALL, Summary
from benchmark.ladder.scores import Point
from benchmark.ladder.sensitivity import KINDS, Sensitivity
from benchmark.leaderboard.markdown import escape
from benchmark.statistics.bootstrap import Interval
from synthetic_neurons.ladder.rungs import ERRORS

NOTE = (
    "Every planted unit with explanations of known quality. *True agreement* is the correlation of what a report's "
    "predicates say, taken exactly, with the unit, on the suite's pool at base rate: the executable reader's r, by "
    "construction. The others read the text alone. τ is Kendall's tau-b between true agreement and score over a unit's "
    "rungs, the placebo and the constant left out, averaged over units, with a bootstrap interval over units (none "
    "under ten). *Falls* is the share of units whose score is lower with a concept left out (missing label) or with "
    "one too many (extra label). A reader and a metric are *valid* where τ is 0.8 or more and the intervals of both "
    "shares lie above one half."
)


SENSITIVE = (
    "The exact report said otherwise, its predicates and so its true agreement as they were: by how much the score "
    "moves. *Moved* is the mean absolute change, beside what the same reader takes off for a real error. A reader of "
    "prose that moves as far for wording as for an error grades the wording."
)


def markdown(found: Sequence[Point], rows: Sequence[Summary], title: str, moved: Sequence[Sensitivity] = ()) -> str:
    """The page that stands beside the figure; `moved` is its table of sensitivities, left out where there is none."""
    readers = list(found[0].scores)
    whole = [row for row in rows if row.family == ALL]
    by_family = [row for row in rows if row.metric == "r" and row.family != ALL]
    parts = [
        f"# {escape(title)}",
        NOTE,
        "![Score against true agreement, by family](ladder.svg)",
        "## Readers and metrics",
        _table(
            ("reader", "metric", "τ", "falls: missing label", "falls: extra label", "orders the ladder"),
            ((r.reader, r.metric, said(r.tau), said(r.missing_label), said(r.extra_label), r.verdict) for r in whole),
        ),
        "## By family (metric r)",
        _table(
            ("family", "reader", "τ", "falls: missing label", "falls: extra label"),
            ((escape(r.family), r.reader, said(r.tau), said(r.missing_label), said(r.extra_label)) for r in by_family),
        ),
        "## By rung (mean r)",
        _table(("rung", "error", "units", "true agreement", *readers), _by_rung(found, readers)),
        *(("## Sensitivity to wording", SENSITIVE, sensitivity_table(moved)) if moved else ()),
    ]
    return "\n\n".join(parts) + "\n"


def _by_rung(found: Sequence[Point], readers: Sequence[str]) -> Iterable[tuple[str, ...]]:
    for rung, error in ERRORS.items():
        members = [point for point in found if point.rung == rung]
        if members:
            truth = float(np.mean([point.agreement for point in members]))
            means = (float(np.mean([point.scores[reader]["r"] for point in members])) for reader in readers)
            yield rung, error, str(len(members)), f"{truth:.3f}", *(f"{mean:.3f}" for mean in means)


def sensitivity_table(moved: Sequence[Sensitivity]) -> str:
    """By how much each reader's r and simulation accuracy move; the other metrics stand in the JSON."""
    shown = [each for each in moved if each.metric in ("r", "simulation_accuracy")]
    return _table(
        ("reader", "metric", "said otherwise", "change", "moved"),
        ((e.reader, e.metric, f"{e.kind} ({KINDS[e.kind]})", said(e.change), said(e.moved)) for e in shown),
    )


def said(found: Interval) -> str:
    """A mean with its interval and its units."""
    if found.n == 0:
        return "no unit"
    interval = "" if found.low is None else f" [{found.low:.2f}, {found.high:.2f}]"
    return f"{found.mean:.2f}{interval} (n = {found.n})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
