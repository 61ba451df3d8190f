"""The protocol of explainers, and the journal they keep for whoever debugs them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from benchmark.explainers.report import Report
from benchmark.laboratory import Laboratory

EntryKind = Literal[
    "observation", "hypothesis", "experiment", "result", "practice", "submission", "objection", "verdict", "repair"
]


class Ask(Protocol):
    """A question to the language model behind an explainer: metered, and written into the record."""

    def __call__(self, prompt: str, schema: Mapping[str, Any] | None = None) -> Awaitable[str]:
        """The model's answer.

        Args:
            prompt: the whole question; no conversation is kept.
            schema: the JSON schema of the answer, for providers that can be held to one; others are merely asked.

        Raises:
            BudgetExceeded: tokens, calls or seconds are used up.
        """
        ...


@dataclass(frozen=True)
class Entry:
    """One line of the journal: prose for people, data for programs."""

    kind: EntryKind
    text: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Journal:
    """What the agent saw, each hypothesis, each experiment, each objection, in order.

    Attributes:
        entries: every line so far.
        listener: hears of each line as it is written.
    """

    entries: list[Entry] = field(default_factory=list)
    listener: Callable[[Entry], None] | None = None

    def note(self, kind: EntryKind, text: str, /, **data: Any) -> None:
        """Add one line."""
        self.entries.append(Entry(kind, text, data))
        if self.listener is not None:
            self.listener(self.entries[-1])

    def count(self, kind: EntryKind) -> int:
        """How many entries of one kind."""
        return sum(entry.kind == kind for entry in self.entries)


class NoReport(RuntimeError):
    """The explainer ended without a report that can be read; `kind` is the failure's name on the board."""

    def __init__(self, kind: Literal["refusal", "unparsable", "no_report", "limit"], message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Explainer(Protocol):
    """Given a laboratory, returns a report.

    Attributes:
        name: on the board.
        needs_model: whether `ask` must be there.
        declares_predicates: whether every claim of every report carries a predicate.
    """

    name: str
    needs_model: bool
    declares_predicates: bool

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """Explain the unit behind `laboratory`.

        Raises:
            NoReport: counted under its kind.
            BudgetExceeded: counted as a limit.
        """
        ...
