"""The board in a terminal: one table per tier, at most 116 columns, plain text."""

from collections.abc import Callable, Sequence
from textwrap import wrap

from benchmark.leaderboard import cells
from benchmark.leaderboard.board import Board
from benchmark.leaderboard.columns import Section, sections
from benchmark.leaderboard.results import TRIVIAL
from benchmark.leaderboard.row import GROUPS, Row
from benchmark.leaderboard.same_family import marked_label
from benchmark.leaderboard.sampled_rows import SampledReading
from benchmark.leaderboard.sampled_rows import section as sampled_section

WIDTH = 112
NAME_WIDTH = 28
NARROWEST_NAME = 26
Shown = Sequence[tuple[str, Callable[[Row], str]]]


def _interval(row: Row) -> str:
    return cells.r(row).replace("[no interval]", f"[n {row.n_units}]")


def _significance(row: Row) -> str:
    return cells.significance(row).replace("not resolvable", "n.r.")


def _empty(row: Row) -> str:
    return f"{row.abstained}/{cells.failed(row)}"


_SPEND: Shown = (
    ("query", lambda row: cells.amount(row.cost.unit_queries)),
    ("token", lambda row: cells.amount(row.cost.tokens)),
    ("sec", lambda row: cells.amount(row.cost.seconds)),
    ("abst/fail", _empty),
)
_SCORED: Shown = (
    ("r [95% CI]", _interval),
    ("acc", lambda row: cells.mean(row.simulation_accuracy)),
    ("p", _significance),
    ("nulls", cells.null_claims),
    ("gain", lambda row: cells.mean(row.comprehension_gain)),
    *_SPEND,
)
_NULLS: Shown = (
    ("false claims", cells.null_claims),
    ("significant", lambda row: str(row.nulls.significant_claims) if row.nulls else cells.NOTHING),
    ("rejected", lambda row: str(row.abstained)),
    ("p, nulls as units", lambda row: cells.small_p(row.p_nulls_as_units)),
    *_SPEND,
)


_TRIVIAL: Shown = (
    ("right", lambda row: f"{row.trivial.right}/{row.trivial.n}" if row.trivial else cells.NOTHING),
    *_SPEND,
)


def to_terminal(board: Board) -> str:
    """Each tier by its most exact reader (executable, embedding, lookup, others), then gates and limits."""
    lines = [f"Viva leaderboard · {_clean(board.provenance['suite'])} · {_clean(board.provenance['suite_hash'])[:12]}"]
    lines += _gates(board)
    tiers: set[str] = set()
    for section in sections(board):
        if section.tier not in tiers:
            tiers.add(section.tier)
            lines += ["", *_section(section)]
    for reading in board.sampled:
        lines += ["", *_sampled(reading)]
    lines += ["", *(f"{tier}: not delivered" for tier in board.not_delivered)]
    lines += ["acc: simulation accuracy; n.r.: not resolvable; nulls: claims on null units; spend is a mean per unit"]
    families = {row.family for row in board.rows}
    lines += [legend for group, legend in _LEGENDS.items() if GROUPS[group] in families]
    for limit in board.limits:
        lines += wrap(_clean(limit), WIDTH, initial_indent="· ", subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def _clean(value: object) -> str:
    return cells.harmless(str(value)).replace("\n", " ")


def _gates(board: Board) -> list[str]:
    failed = [gate for gate in board.gates if gate.passed is False]
    lines = [f"hard gates: {cells.gate_counts(board.gates)}"]
    for gate in failed:
        text = f"FAIL {gate.name}: {gate.explainer}, {gate.tier}, {gate.reader}: {cells.gate_value(gate)}"
        lines += wrap(_clean(text), WIDTH, subsequent_indent="     ")
    return lines


_GROUPS = {"inside": "in", "outside": "out", "lexical": "lex", "contextual": "ctx"}
_LEGENDS = {
    "inside": "in, out: r over units whose truth lies inside, outside what rule induction's language can express",
    "lexical": "lex, ctx: r over the halves of each stratum that words alone predict better, worse (not from the exam)",
}


def _section(section: Section) -> list[str]:
    apart = {"null": _NULLS, TRIVIAL: _TRIVIAL}
    scored = section.tier not in apart
    shown = apart.get(section.tier) or (*_SCORED[:1], *_groups(section), *_SCORED[1:])
    head = ["rank", "explainer", *(name for name, _ in shown)] if scored else ["explainer", *dict(shown)]
    body = [_line(row, shown, scored) for row in section.rows]
    title = wrap(_clean(f"{section.tier.upper()} · {section.title} · {section.note}"), WIDTH)
    return [*title, *_grid(head, body)]


# Of the sampled section, what fits beside a name.
_SAMPLED = ("r_own [95% CI]", "p", "simulation", "detection", "fuzzing", "nulls", "prompts", "tokens")


def _sampled(reading: SampledReading) -> list[str]:
    shown = sampled_section(reading)
    kept = [0, *(place for place, name in enumerate(shown.head) if name in _SAMPLED)]
    body = [[_terse(_clean(line[place])) for place in kept] for line in shown.body]
    title = wrap(_clean(f"{str(reading.cut['tier']).upper()} \N{MIDDLE DOT} {shown.title}"), WIDTH)
    return [*title, *_grid([shown.head[place] for place in kept], body), *wrap(_clean(shown.note), WIDTH)]


def _terse(cell: str) -> str:
    return cell.replace(" [no interval]", "").replace("not resolvable", "n.r.")


def _groups(section: Section) -> Shown:
    return [(_GROUPS[column.key], column.text) for column in section.columns if column.key in _GROUPS]


def _line(row: Row, shown: Shown, scored: bool) -> list[str]:
    values = [_clean(marked_label(row)), *(text(row) for _, text in shown)]
    return [{"control": "ctrl"}.get(cells.rank(row), cells.rank(row)), *values] if scored else values


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"


def _grid(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[i]) for line in (head, *body)) for i in range(len(head))]
    left = head.index("explainer")
    room = WIDTH - (sum(widths) - widths[left] + len(widths) - 1)
    widths[left] = min(widths[left], NAME_WIDTH, max(room, NARROWEST_NAME))

    def text(line: Sequence[str]) -> str:
        padded = (
            _cut(cell, width).ljust(width) if i <= left + 1 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        return " ".join(padded).rstrip()

    return [text(head), "─" * (sum(widths) + len(widths) - 1), *map(text, body)]
