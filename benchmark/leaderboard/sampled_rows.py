"""Rows of the sampled readers, and how they read on the board: in a section of their own, unranked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmark.leaderboard import cells
from benchmark.leaderboard.cells import DAGGER
from benchmark.leaderboard.row import ALPHA, Estimate
from benchmark.readers.finetuned import FinetunedReader
from benchmark.readers.language_model import NAME

NOT_RANKED = "not ranked beside the pool's r"
NOT_ESTIMABLE = "not estimable"


@dataclass(frozen=True)
class SampledRow:
    """One explainer as the sampled reader read it; never ranked beside the pool's r.

    Attributes:
        explainer, model: the contestant.
        reader: the model that read, or the finetuned reader's weights.
        tier: of the units.
        n_units: units, abstentions and failures included: the denominator of all means.
        r_own: mean Pearson r over marked words of own items; an abstention or a failure is 0.
        p: explainer-level, against pre-drawn strangers on the same items; None where nothing was reported.
        p_resolvable: False below 12 units, 3 nulls or 6 strangers, or where no p could be small enough.
        smallest_p: that these units and strangers can give.
        strangers: strangers' reports a unit.
        largest_matching_distance: between a unit's log firing rate and what its strangers predict, in SD of the bank.
        simulation, detection, fuzzing: mean balanced accuracy; None where the mode was not asked.
        abstained: units without a report by choice.
        failures: of the explainer, by kind.
        n_nulls: null units among those read.
        false_claims: reports on null units.
        r_own_nulls: mean r_own over null units with a report.
        items: answers asked for about own reports, all modes, nulls included.
        errors: among them, by kind.
        expected: share of simulation answers that are expectations over log-probabilities.
        unread: reports of whose items too few were answered; they score 0.
        prompts, tokens: of own reports, answers from the cache included.
        dollars: 0 on one's own machine; None where the price is not known.
    """

    explainer: str
    model: str
    reader: str
    tier: str
    n_units: int
    r_own: Estimate
    p: float | None
    p_resolvable: bool
    smallest_p: float | None
    strangers: int
    largest_matching_distance: float
    simulation: Estimate | None
    detection: Estimate | None
    fuzzing: Estimate | None
    abstained: int
    failures: Mapping[str, int]
    n_nulls: int
    false_claims: int
    r_own_nulls: float | None
    items: int
    errors: Mapping[str, int]
    expected: float | None
    unread: int
    prompts: int
    tokens: int
    dollars: float | None


@dataclass(frozen=True)
class SampledReading:
    """One reading: a reader, a cut, its rows and what all of it cost.

    Attributes:
        reader: the model that read.
        cut: how much was read.
        rows: best r_own first; an order for the eye, and no ranks.
        prompts, tokens: of everything, strangers included, answers from the cache as well.
        dollars: likewise.
        stranger_errors: kinds of error among the strangers' answers.
        provenance: of the log.
    """

    reader: str
    cut: Mapping[str, Any]
    rows: tuple[SampledRow, ...]
    prompts: int
    tokens: int
    dollars: float | None
    stranger_errors: Mapping[str, int]
    provenance: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The reader's kind: "finetuned" or "language_model"."""
        return FinetunedReader.name if self.reader.startswith(f"{FinetunedReader.name}/") else NAME

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self) | {"rows": [asdict(row) | {"base_rate_metrics": "not estimable"} for row in self.rows]}


def _contestant(row: SampledRow) -> str:
    return row.explainer if row.model in ("", "none") else f"{row.explainer} \N{MIDDLE DOT} {row.model}"


def _p(row: SampledRow) -> str:
    if row.p is None or not row.p_resolvable:
        return cells.NOT_RESOLVABLE
    return f"{cells.small_p(row.p)} {cells.THREE_SIGMA}" if row.p < ALPHA else cells.small_p(row.p)


def _errors(row: SampledRow) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in row.errors.items())
    return f"{kinds or '0'} of {row.items}"


def _dollars(value: float | None) -> str:
    return "not known" if value is None else f"{value:.2f}"


# Heading, what it means, and the cell.
COLUMNS: Sequence[tuple[str, str, Callable[[SampledRow], str]]] = (
    (
        "r_own [95% CI]",
        "Pearson r of the reader's levels with the unit's values over the marked words of its own items, drawn one to "
        "one to one; no estimate of r at base rate",
        lambda row: cells.score(row.r_own, row.n_units),
    ),
    ("p", "of the mean r_own against the pre-drawn strangers' on the same items", _p),
    (
        "simulation",
        "balanced accuracy on the same words of a level that reaches the threshold: 5 for a language model, fixed "
        "and not calibrated; the finetuned reader's own, set on claims that it was trained on",
        lambda row: cells.mean(row.simulation, row.n_units),
    ),
    (
        "detection",
        "balanced accuracy of yes or no to: does any word of the window fire",
        lambda row: cells.mean(row.detection, row.n_units),
    ),
    (
        "fuzzing",
        "balanced accuracy of yes or no to: is the marked word the one; half of the marks in firing windows are wrong",
        lambda row: cells.mean(row.fuzzing, row.n_units),
    ),
    ("base rate", "precision, F1 and AUPRC at base rate", lambda row: NOT_ESTIMABLE),
    (
        "abstained, failed",
        "units without a report: r_own 0, accuracies 0.5 and 0",
        lambda row: f"{row.abstained}, {sum(row.failures.values())}",
    ),
    ("nulls", "reports on null units, of all that were read", lambda row: f"{row.false_claims}/{row.n_nulls}"),
    ("errors", "answers that could not be read, by kind; they are left out and never count as zeros", _errors),
    (
        "prompts",
        "about own reports, answers from the cache included; pairs of a claim and a text",
        lambda row: cells.amount(row.prompts),
    ),
    ("tokens", "in and out, likewise", lambda row: cells.amount(row.tokens)),
    ("dollars", "0 on one's own machine", lambda row: _dollars(row.dollars)),
)


@dataclass(frozen=True)
class SampledSection:
    """One reading as text: what every rendering shows.

    Attributes:
        title: names the reader and says that it is sampled.
        note: how much was read, and what it cost.
        head: headings.
        body: one line an explainer.
    """

    title: str
    note: str
    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]


# What the reader's scores are; none is validated for a reader that samples.
_SCORED = ("r_own", "simulation", "detection", "fuzzing")


def section(reading: SampledReading) -> SampledSection:
    """A reading's section; its order is for the eye and ranks nothing."""
    lines = tuple((_contestant(row), *(text(row) for _, _, text in COLUMNS)) for row in reading.rows)
    title = f"{reading.kind} reader (sampled): {reading.reader}, {NOT_RANKED}"
    names = (f"{name} {DAGGER}" if name.startswith(_SCORED) else name for name, _, _ in COLUMNS)
    return SampledSection(title, _note(reading), ("explainer", *names), lines)


def _note(reading: SampledReading) -> str:
    cut = reading.cut
    widest = max((row.largest_matching_distance for row in reading.rows), default=0.0)
    strange = ", ".join(f"{count} {kind}" for kind, count in reading.stranger_errors.items()) or "none"
    several = "" if cut["items_per_prompt"] == 1 else f" {cut['items_per_prompt']} items shared a prompt and may leak."
    unread = sum(row.unread for row in reading.rows)
    return (
        f"{cut['units']} {cut['tier']} and {cut['nulls']} null units were asked for, {3 * cut['per_stratum']} own "
        f"items a unit with one marked word each, {cut['strangers']} strangers' reports on the same items (largest "
        f"matching distance {cells.number(widest)} SD of log firing rate).{several} In all {_cost(reading)}. Errors in "
        f"strangers' answers: {strange}. "
        f"Reports of which under half of the answers could be read, and which score 0: {unread}. {DAGGER} Not "
        f"validated: {_EXAMINED[reading.kind]}."
    )


def _cost(reading: SampledReading) -> str:
    if reading.kind == FinetunedReader.name:
        return f"{reading.prompts:,} pairs of a claim and a text, and no tokens or dollars"
    return f"{reading.prompts:,} prompts and {reading.tokens:,} tokens, dollars {_dollars(reading.dollars)}"


_EXAMINED = {
    NAME: "its threshold is not calibrated; no ladder was read by this model, but for SmolLM2's in "
    "results/readers_beside.md",
    FinetunedReader.name: "its threshold was set on claims that it was trained on; how it orders families that it was "
    "not tuned on stands in docs/finetuned.md",
}


def sampled_limits(readings: Sequence[SampledReading]) -> list[str]:
    """What these readings cannot say."""
    found = [
        f"The {reading.kind} reader ({reading.reader}) is sampled: its r_own rests on few units and items drawn one to "
        f"one to one, and is {NOT_RANKED}; base-rate metrics are {NOT_ESTIMABLE}; {_EXAMINED[reading.kind]}."
        for reading in readings
    ]
    if any("SmolLM2-135M" in reading.reader for reading in readings):
        found.append(
            "SmolLM2-135M-Instruct is a poor reader: its levels hardly follow what a report says "
            "(results/readers_beside.md), so its r_own says little about an explainer."
        )
    return found
