"""The plain form: JSON lines that name a suite's units, which anybody can write."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from benchmark.explainers.report import Claim, Report
from benchmark.neuronpedia.encoding import storable
from benchmark.neuronpedia.line import MAX_TEXT, Line
from benchmark.neuronpedia.stream import read_lines
from benchmark.recordings.choice import RecordingError

FIELDS = ("unit", "text", "claims", "abstained")
_MOST_CLAIMS = 100
_MISSPELT = 0.75


@dataclass(frozen=True)
class PlainLine:
    """One line.

    Attributes:
        unit: the unit's identifier in its suite.
        report: what is said of it.
        place: file and line.
    """

    unit: str
    report: Report
    place: str

    @classmethod
    def of(cls, line: Line) -> "PlainLine":
        """Read `{"unit": …, "text": …}`, `{"unit": …, "claims": […]}`, both, or `{"unit": …, "abstained": true}`.

        Fields of other names are left alone, unless they look like one of these misspelt.

        Raises:
            NeuronpediaError: a field is missing, misspelt or of another type; with file and line.
        """
        for name in line.fields:
            if name not in FIELDS and (close := get_close_matches(str(name), FIELDS, n=1, cutoff=_MISSPELT)):
                raise line.wrong(f"there is a field {name[:40]!a}", f"did you mean {close[0]!r}?")
        return cls(line.text("unit"), _report(line), line.place)


def read_plain(path: Path) -> Iterator[PlainLine]:
    """The lines of a plain file, lazily.

    Raises:
        NeuronpediaError: the file or a line is damaged; with file and line.
    """
    for line in read_lines(path):
        yield PlainLine.of(line)


def _report(line: Line) -> Report:
    text = storable(line.optional_text("text") or "").strip()
    claims = tuple(storable(claim).strip() for claim in line.texts("claims"))
    abstained = line.fields.get("abstained")
    if abstained is not None and not isinstance(abstained, bool):
        raise line.wrong("'abstained' is neither true nor false", "give true, or leave it out")
    if abstained:
        if claims:
            raise line.wrong("an abstention claims nothing, and here are claims", "leave one of them out")
        return Report.abstain(text or "the file says that there is nothing to explain")
    if not all(claims) or not (text or claims):
        raise line.wrong("an explanation is blank", "give a 'text' or 'claims', or leave the line out")
    if len(claims) > _MOST_CLAIMS or sum(map(len, claims)) > MAX_TEXT:
        raise line.wrong(f"there are {len(claims)} long claims", f"at most {_MOST_CLAIMS} of {MAX_TEXT} characters")
    return Report(text or "; ".join(claims), tuple(map(Claim, claims or (text,))))


def plain_reports(path: Path, wanted: frozenset[str], several: str) -> tuple[dict[str, Report], set[str]]:
    """Reports of some units.

    Args:
        path: a plain file.
        wanted: identifiers of the units.
        several: what to do with two different reports of a unit: "refuse", or take the "first".

    Returns:
        unit to report, and all units that the file names.

    Raises:
        RecordingError: a unit has two reports.
        NeuronpediaError: as `read_plain`.
    """
    found: dict[str, PlainLine] = {}
    named: set[str] = set()
    for each in read_plain(path):
        named.add(each.unit)
        if each.unit not in wanted:
            continue
        first = found.setdefault(each.unit, each)
        if first.report != each.report and several == "refuse":
            raise RecordingError(
                f"{each.place}: {each.unit} has another explanation at {first.place}; mend: keep one of them, or give "
                "recorded.several=first"
            )
    return {unit: line.report for unit, line in found.items()}, named
