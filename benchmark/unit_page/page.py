"""What a unit's page shows, as plain data: a suite fills it, and so can a harvest's store."""

from dataclasses import dataclass

from benchmark.unit_page.histogram import Histogram


@dataclass(frozen=True)
class Piece:
    """A stretch of a window.

    Attributes:
        text: its characters; the pieces of a window join to the window's text.
        value: the unit's raw activation on it; None where there is none to have, as between words.
    """

    text: str
    value: float | None = None


@dataclass(frozen=True)
class Window:
    """One window, cut into tokens or words.

    Attributes:
        pieces: in order.
        note: what is to be said of it beside its peak, if anything.
        towards: its peak is the activation furthest from 0; the greatest where this is 1, the least where it is -1.
    """

    pieces: tuple[Piece, ...]
    note: str = ""
    towards: int = 0

    @property
    def text(self) -> str:
        """The window's text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def strongest(self) -> Piece:
        """The piece that has the peak; the first piece where nothing fires."""

        def height(piece: Piece) -> float:
            value = piece.value or 0.0
            return self.towards * value or abs(value) * (not self.towards)

        return max(self.pieces, key=height, default=Piece(""))

    @property
    def peak(self) -> float:
        """The activation of the strongest piece; 0 where nothing fires."""
        return self.strongest.value or 0.0


@dataclass(frozen=True)
class Group:
    """Windows under one heading, such as the strongest ones.

    Attributes:
        title: the heading.
        note: how they were chosen.
        windows: in the order in which they are shown.
    """

    title: str
    note: str
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Truth:
    """What is known of the unit.

    Attributes:
        status: how well it is known, as a heading: "exact", "measured", "unknown", "nothing to explain".
        text: in English.
        predicate: the same as JSON, where there is one.
    """

    status: str
    text: str
    predicate: str | None = None


@dataclass(frozen=True)
class Said:
    """What one explainer said of the unit.

    Attributes:
        who: the explainer, with its model where one drives it.
        outcome: such as "graded" or "abstained", then r by each reader and what is wrong with the report, in words.
        text: the report; written by a model and never trusted.
    """

    who: str
    outcome: str
    text: str


@dataclass(frozen=True)
class UnitPage:
    """One unit.

    Attributes:
        identifier: its name.
        tier: planted, probed, found, randomised, null or trivial.
        family: its family or stratum.
        source: the suite or the store that it was read from.
        source_hash: that one's hash, hexadecimal.
        texts: which texts are shown, and which are not.
        resolution: "tokens" or "words": what the pieces with values are.
        scale: the activation that takes the strongest colour; above 0.
        facts: name and value, in order.
        truth: what is known of the unit.
        groups: the windows.
        histogram: of its activations; None where it never fires.
        promoted: tokens that its direction raises, strongest first; empty where none are known.
        said: what explainers said of it, best first; empty without a board.
    """

    identifier: str
    tier: str
    family: str
    source: str
    source_hash: str
    texts: str
    resolution: str
    scale: float
    facts: tuple[tuple[str, str], ...]
    truth: Truth
    groups: tuple[Group, ...]
    histogram: Histogram | None = None
    promoted: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
