"""Exported explanations: the rows of the table `Explanation`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.neuronpedia.batches import table_lines
from benchmark.neuronpedia.key import FeatureKey
from benchmark.neuronpedia.line import Line
from benchmark.neuronpedia.stream import MAX_LINE


@dataclass(frozen=True)
class Explanation:
    """What we use of an exported explanation. A feature may have several: one for each explainer, or more.

    Attributes:
        key: `modelId`, `layer`, `index`.
        description: `description`, the explanation as it stands there; it may be blank.
        identifier: `id`; None in exports that leave it out.
        kind: `typeName`, the method, such as "oai_token-act-pair"; None for what a person wrote.
        model: `explanationModelName`, the language model that wrote it; None without one.
        author: `authorId`, an account.
        place: file and line it was read from.
    """

    key: FeatureKey
    description: str
    identifier: str | None = None
    kind: str | None = None
    model: str | None = None
    author: str | None = None
    place: str = field(default="", compare=False, repr=False)

    @property
    def writer(self) -> str:
        """Method and model, for messages."""
        return f"kind={self.kind!a} model={self.model!a}"

    @classmethod
    def of(cls, line: Line) -> "Explanation":
        """Read one line; fields that we do not know (`embedding`, `umap_x`, …) are left alone.

        Raises:
            NeuronpediaError: a field that we use is missing or of another type; with file and line.
        """
        return cls(
            key=FeatureKey.of(line),
            description=line.text("description"),
            identifier=line.optional_text("id"),
            kind=line.optional_text("typeName"),
            model=line.optional_text("explanationModelName"),
            author=line.optional_text("authorId"),
            place=line.place,
        )

    def to_row(self) -> dict[str, str | None]:
        """The columns that the import takes; every row has the same, since it reads them off the first line."""
        return {
            "id": self.identifier,
            "modelId": self.key.model,
            "layer": self.key.source,
            "index": self.key.index,
            "authorId": self.author,
            "description": self.description,
            "typeName": self.kind,
            "explanationModelName": self.model,
        }


def read_explanations(place: Path, longest: int = MAX_LINE, table: str = "explanations") -> Iterator[Explanation]:
    """Exported explanations, lazily and in the order of the files.

    Args:
        place: a file of JSON lines (plain or gzip'd), a folder of batches, or a source's folder.
        longest: bytes that a line may have.
        table: the folder in a source's folder; some sources have one for each explainer ("explanations-gpt-4o-mini").

    Raises:
        NeuronpediaError: a file or a line is missing or damaged; with file and line.
    """
    for line in table_lines(place, table, longest):
        yield Explanation.of(line)
