"""A run's explanations as files that the site imports: the layout of its export."""

import gzip
import io
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.explainers.report import Report
from benchmark.neuronpedia.batches import BATCH
from benchmark.neuronpedia.encoding import encode, identifier, storable
from benchmark.neuronpedia.explanations import Explanation
from benchmark.neuronpedia.key import FeatureKey
from benchmark.neuronpedia.line import MAX_TEXT, NeuronpediaError, shown
from benchmark.neuronpedia.origin import PREFIX, Origin, name_rows

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Score:
    """One figure about one explanation; none stands without the name of its reader.

    Attributes:
        metric: such as "r"; `explanationScoreTypeName` is "viva_" and this.
        reader: such as "embedding"; `explanationScoreModelName` is "viva_" and this.
        value: finite. The site's own scores lie in 0 to 1; r may be negative and is written as it is.
        details: what else should be known, such as the suite's hash; `jsonDetails`.

    Raises:
        NeuronpediaError: a name is blank or the value is not finite.
    """

    metric: str
    reader: str
    value: float
    details: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what the tables do not take."""
        what = f"the score {shown(self.metric)} by {shown(self.reader)}"
        if not self.metric.strip() or not self.reader.strip() or not math.isfinite(self.value):
            raise NeuronpediaError(f"{what} is {self.value}; mend: name both, and leave out a score that is no number")
        try:
            encode(self.details)
        except (TypeError, ValueError) as error:
            raise NeuronpediaError(f"{what} has details that are no JSON ({error}); mend: plain values alone") from None


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        files: in the order of writing.
        explanations: rows of explanations.
        scores: rows of scores.
        abstained: features without a row, since their report is an abstention, which the site cannot hold.
    """

    files: tuple[Path, ...]
    explanations: int
    scores: int
    abstained: tuple[FeatureKey, ...]


def from_report(key: FeatureKey, report: Report, origin: Origin) -> Explanation:
    """A report as an explanation: its text, without claims, predicates and confidence, for which there are no columns.

    Raises:
        NeuronpediaError: the report is an abstention, is blank, or is longer than 20,000 characters.
    """
    text = storable(report.text)
    if report.abstained or not text.strip():
        raise NeuronpediaError(f"{key}: an abstention or a blank report is no explanation; mend: leave it out")
    if len(text) > MAX_TEXT:
        raise NeuronpediaError(f"{key}: the report has {len(text)} characters, more than {MAX_TEXT}; mend: shorten it")
    name = identifier(str(key), origin.kind, origin.model, origin.author, text)
    return Explanation(key, text, name, origin.kind, origin.model, origin.author)


def write_run(
    folder: Path,
    reports: Mapping[FeatureKey, Report],
    origin: Origin,
    scores: Mapping[FeatureKey, Sequence[Score]] | None = None,
    packed: bool = True,
) -> Written:
    """Write a run's explanations, their scores and the names they use; everything is checked before the first byte.

    Args:
        folder: where `<model>/<source>/explanations/batch-0.jsonl.gz`, `…/scores/…` and `config/*.jsonl` shall lie.
        reports: feature to what the explainer handed in.
        origin: who wrote them.
        scores: feature to its figures, as far as they are known.
        packed: gzip'd, as the import wants them; False to look at them.

    Raises:
        NeuronpediaError: a report or score cannot be written, a score has no report, the folder has batches already,
            or it cannot be written to.
    """
    abstained = tuple(sorted((key for key, each in reports.items() if each.abstained)))
    rows = [from_report(key, reports[key], origin) for key in sorted(reports.keys() - set(abstained))]
    given = {key: each for key, each in (scores or {}).items() if each}
    if missing := given.keys() - {each.key for each in rows}:
        raise NeuronpediaError(
            f"{min(missing)} has a score and no explanation; mend: give its report, or leave the score out"
        )
    tables = _tables(rows, given)
    _assert_free(folder, tables)
    flat = [score for each in given.values() for score in each]
    names = name_rows(origin, [each.metric for each in flat], [each.reader for each in flat])
    files = [path for place, table in tables.items() for path in _batches(folder / place, table, packed)]
    files += [_write(folder / "config" / f"{name}.jsonl", table) for name, table in names.items()]
    return Written(tuple(files), len(rows), len(flat), abstained)


def _tables(
    rows: Sequence[Explanation], scores: Mapping[FeatureKey, Sequence[Score]]
) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in rows:
        source = f"{each.key.model}/{each.key.source}"
        tables[f"{source}/explanations"].append(each.to_row())
        for score in scores.get(each.key, ()):
            tables[f"{source}/scores"].append(_score_row(each, score))
    return dict(tables)


def _score_row(explanation: Explanation, score: Score) -> dict[str, Any]:
    kind, reader = PREFIX + score.metric, PREFIX + score.reader
    # The site parses the details of every score it shows; an empty text is no JSON.
    details = encode(score.details).decode().strip()
    return {
        "id": identifier(explanation.identifier, kind, reader, repr(score.value), details),
        "initiatedByUserId": explanation.author,
        "value": score.value,
        "explanationId": explanation.identifier,
        "explanationScoreTypeName": kind,
        "explanationScoreModelName": reader,
        "jsonDetails": details,
    }


def _assert_free(folder: Path, tables: Mapping[str, Rows]) -> None:
    for place in tables:
        if any((folder / place).glob("batch-*.jsonl*")):
            raise NeuronpediaError(f"{folder / place} has batches already; mend: give a new folder, one for each run")


def _batches(folder: Path, rows: Rows, packed: bool) -> Iterator[Path]:
    for number, start in enumerate(range(0, len(rows), BATCH)):
        yield _write(folder / f"batch-{number}.jsonl{'.gz' if packed else ''}", rows[start : start + BATCH])


def _write(path: Path, rows: Rows) -> Path:
    content = b"".join(map(encode, rows))
    if path.suffix == ".gz":
        content = _pack(content)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(path.name + ".part")
        scratch.write_bytes(content)
        scratch.replace(path)
    except OSError as error:
        raise NeuronpediaError(f"{path} cannot be written ({error.strerror}); mend: give another folder") from None
    return path


def _pack(content: bytes) -> bytes:
    # Neither name nor time inside: the same run gives the same bytes.
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
        stream.write(content)
    return packed.getvalue()
