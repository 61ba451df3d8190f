"""What names a feature on the site: model, source and index."""

import re
from dataclasses import dataclass

from benchmark.neuronpedia.line import Line, NeuronpediaError, shown

# The three parts also become folders when a run is written, so no part may be "..", empty or hold a slash.
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")


@dataclass(frozen=True)
class FeatureKey:
    """A feature's name.

    Attributes:
        model: `modelId`, such as "gpt2-small".
        source: `layer`, which is the id of the source and not a number, such as "6-res-jb".
        index: `index`; a text in the schema, and a whole number for all but vectors that people uploaded.

    Raises:
        NeuronpediaError: a part is empty, or holds what no name on the site holds.
    """

    model: str
    source: str
    index: str

    def __post_init__(self) -> None:
        """Refuse what is no name."""
        for name, part in (("modelId", self.model), ("layer", self.source), ("index", self.index)):
            if not _PART.fullmatch(part):
                raise NeuronpediaError(
                    f"{name!r} is {shown(part)}; mend: letters, digits and _ . + - alone, as in gpt2-small/6-res-jb/204"
                )

    def __str__(self) -> str:
        """As in the site's addresses: model/source/index."""
        return f"{self.model}/{self.source}/{self.index}"

    @property
    def latent(self) -> int:
        """The index as a number: the latent's place in its SAE.

        Raises:
            NeuronpediaError: the index is no whole number.
        """
        if not self.index.isdecimal():
            raise NeuronpediaError(f"{self}: the index is no whole number; mend: name a latent of an SAE")
        return int(self.index)

    def __lt__(self, other: "FeatureKey") -> bool:
        """Indices that are numbers by their size, the others after them."""
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, str, bool, int, str]:
        number = self.index.isdecimal()
        return self.model, self.source, not number, int(self.index) if number else 0, self.index

    @classmethod
    def parse(cls, text: str) -> "FeatureKey":
        """Read "model/source/index".

        Raises:
            NeuronpediaError: the text does not have three parts, or one of them is no name.
        """
        parts = text.split("/")
        if len(parts) != 3:
            raise NeuronpediaError(
                f"{shown(text)} is no feature; mend: write model/source/index, such as gpt2-small/6-res-jb/204"
            )
        return cls(*parts)

    @classmethod
    def of(cls, line: Line) -> "FeatureKey":
        """The feature that a line is about.

        Raises:
            NeuronpediaError: with file and line.
        """
        index = line.required("index")
        # The schema says text; dashboards converted to the export's form have numbers.
        whole = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < 2**63
        parts = line.text("modelId"), line.text("layer"), str(index) if whole else line.text("index")
        try:
            return cls(*parts)
        except NeuronpediaError as error:
            raise NeuronpediaError(f"{line.place}: {error}") from None
