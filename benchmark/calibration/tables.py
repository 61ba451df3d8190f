"""The tables of a calibration in Markdown, with what they do not say."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmark.calibration.false_positives import ALPHAS, Cell
from benchmark.calibration.measure import Measured
from benchmark.ladder.order import ALL
from benchmark.leaderboard.markdown import escape
from benchmark.statistics.bootstrap import Interval
from benchmark.statistics.error_rates import MOST_TIMES_ALPHA, fewest_decisions

WORDS = {
    "null": "null units, best hypothesis",
    "null_submitted": "null units, as handed in",
    "null_headline": "headline over null units",
    "placebo_found": "placebos on found units",
    "placebo_planted": "placebos on planted units",
    "placebo_headline_found": "headline of placebos, found",
    "placebo_headline_planted": "headline of placebos, planted",
}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rows])


def _share(found: Interval) -> str:
    interval = "" if found.low is None else f" [{found.low:.2f}, {found.high:.2f}]"
    return f"{found.mean:.2f}{interval} (n = {found.n})"


def _bounded(cell: Cell) -> tuple[str, ...]:
    of = cell.bound
    return (
        WORDS.get(cell.kind, escape(cell.kind)),
        cell.reader,
        f"{of.alpha:g}",
        f"{of.rejected:,} / {of.decisions:,}",
        f"{of.effective:,.0f}",
        f"{of.rate:.5f}",
        f"{of.lower:.5f}",
        f"{of.upper:.5f}",
        f"{cell.resolvable:.0%}",
        f"**{of.verdict}**",
    )


BOUND_HEAD = (
    "decision", "reader", "α", "rejected", "worth", "rate", "lower", "upper", "resolvable", "verdict",
)  # fmt: skip


def false_positives(found: Measured) -> str:
    """The first table, the breadth beside it, and 3 sigma made wrong on purpose."""
    family = int(found.facts["family_of_bounds"])
    needed = ", ".join(f"{fewest_decisions(alpha, family):,} at α = {alpha:g}" for alpha in ALPHAS)
    nulls, placebos = found.nulls, found.placebos
    writers = ", ".join(f"{count:,} {escape(name)}" for name, count in placebos["writers"].items())
    parts = [
        f"{nulls['units']:,} null units, keyed anew; a single pass of rule induction ranked "
        f"{nulls['hypotheses_ranked']:.2f} hypotheses for each, handed in one (k = 1) for {nulls['claims']:,} "
        f"({nulls['claim_rate']:.2%}) and abstained on the others, whose best hypothesis is examined all the same. "
        f"Headlines are over {nulls['units_of_a_headline']} units. {placebos['reports']:,} placebo reports on "
        f"{placebos['sources']:,} planted units that no suite or bank holds ({writers}).",
        f"Bounds are one-sided: the {family} upper ones (readers × kinds × levels) hold together with 99%, and so do "
        "the lower ones. Rates are over the decisions that could be resolved, whose share stands beside them. *Worth*: "
        "independent decisions of the same variance, since placebos share units and reports, and headlines share "
        f"reports. **passes**: the upper bound is at most {MOST_TIMES_ALPHA:g}α and the lower at most α; **too few**: "
        f"even without a rejection the bound could not come so low (that takes {needed}); else **fails**.",
        _table(BOUND_HEAD, (_bounded(cell) for cell in found.false_positives)),
        "### By breadth",
        "The share of words on which a report (for headlines: the median one) is predicted to fire. Shown, not judged.",
        _by_breadth(found.breadth),
        "### Made wrong on purpose",
        "Headlines of placebos that fire on 5% of the words or more, with strangers chosen rightly and wrongly, "
        "over the headlines that could be resolved. These bounds hold with 99% each.",
        _table(BOUND_HEAD, (_bounded(cell) for cell in found.wrong)),
        "A bank that holds the paraphrases of the reports it judges makes the test blind, which no false positive can "
        "show: the share of exact reports found at 3σ falls. Counted among the bank's strangers they are placebos that "
        "are no placebos: the rate of rejections rises, and fails the bound where the reader finds paraphrases at all.",
        _paraphrases(found.paraphrases),
    ]
    return "\n\n".join(parts)


def _by_breadth(rows: Sequence[dict[str, Any]]) -> str:
    levels = [f"{alpha:g}" for alpha in ALPHAS]
    head = ("decision", "reader", "breadth", "decisions", "resolvable", *(f"rejected at {level}" for level in levels))
    return _table(
        head,
        (
            (
                WORDS[row["kind"]],
                row["reader"],
                row["breadth"],
                f"{row['decisions']:,}",
                f"{row['resolvable']:.0%}",
                *(f"{row['rejected'][level]:.4f}" for level in levels),
            )
            for row in rows
            if row["kind"] != "null_submitted"
        ),
    )


def _paraphrases(rows: Sequence[dict[str, Any]]) -> str:
    head = (
        "reader", "units", "exact found", "found with paraphrases in the bank", "paraphrases as placebos: rate",
        "lower", "upper", "verdict",
    )  # fmt: skip
    return _table(
        head,
        (
            (
                row["reader"],
                str(row["units"]),
                f"{row['exact_found']['bank']:.0%}",
                f"{row['exact_found']['bank with paraphrases']:.0%}",
                f"{row['as_placebos']['rate']:.5f}",
                f"{row['as_placebos']['lower']:.5f}",
                f"{row['as_placebos']['upper']:.5f}",
                f"**{row['as_placebos']['verdict']}**",
            )
            for row in rows
        ),
    )


def power(found: Measured) -> str:
    """The second table."""
    head = ("reader", "windows", "found at 3σ", "rungs", "smallest p")
    rows = ((p.reader, f"{p.windows:,}", _share(p.share), str(p.rungs), f"{p.smallest_p:.1e}") for p in found.power)
    return _table(head, rows)


def validity(found: Measured) -> str:
    """The third table: the ladder's."""
    head = ("reader", "metric", "τ", "falls: missing label", "falls: extra label", "orders the ladder")
    whole = (row for row in found.validity if row.family == ALL)
    return _table(
        head,
        ((r.reader, r.metric, _share(r.tau), _share(r.missing_label), _share(r.extra_label), r.verdict) for r in whole),
    )


def transfer(found: Measured) -> str:
    """The fourth table."""
    head = ("tier", "readers", "ρ", "reports", "units")
    return _table(
        head,
        (
            (
                each.tier,
                f"{each.first} – {each.second}",
                f"{each.rho:.2f}" + ("" if each.low is None else f" [{each.low:.2f}, {each.high:.2f}]"),
                str(each.reports),
                str(each.units),
            )
            for each in found.transfer
        ),
    )


def exhibit(found: Measured) -> str:
    """The warning."""
    head = (
        "metric",
        "takes a placebo for an explanation",
        "τ with true agreement",
        "an over-broad report does as well",
    )
    return _table(
        head,
        (
            (
                escape(each.metric),
                f"{each.passes_placebo:.2%} of {each.placebos:,}",
                "–" if each.tau is None else f"{each.tau:.2f}",
                f"{each.over_broad_wins:.0%} of {each.units} units",
            )
            for each in found.exhibit
        ),
    )
