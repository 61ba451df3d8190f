"""Exported features: the rows of the table `Neuron`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.neuronpedia.batches import table_lines
from benchmark.neuronpedia.key import FeatureKey
from benchmark.neuronpedia.line import Line
from benchmark.neuronpedia.stream import MAX_LINE


@dataclass(frozen=True)
class Feature:
    """What we use of an exported feature.

    Attributes:
        key: `modelId`, `layer`, `index`.
        max_activation: `maxActApprox`, the largest activation seen, in the SAE's units; 0 if none was seen, None
            if absent.
        firing_rate: `frac_nonzero`, the share of tokens with a non-zero activation, 0 to 1; None if absent.
        promoted: `pos_str`, the tokens whose logits it raises most, strongest first.
        suppressed: `neg_str`, the tokens whose logits it lowers most.
        hook: `hookName`, where in the model it lives; None if absent.
        place: file and line it was read from.
    """

    key: FeatureKey
    max_activation: float | None = None
    firing_rate: float | None = None
    promoted: tuple[str, ...] = ()
    suppressed: tuple[str, ...] = ()
    hook: str | None = None
    place: str = field(default="", compare=False, repr=False)

    @classmethod
    def of(cls, line: Line) -> "Feature":
        """Read one line; fields that we do not know are left alone.

        Raises:
            NeuronpediaError: a field that we use is missing or of another type; with file and line.
        """
        rate = line.optional_number("frac_nonzero")
        if rate is not None and not 0 <= rate <= 1:
            raise line.wrong(f"'frac_nonzero' is {rate:g} and no share", "give the share of tokens it fires on, 0 to 1")
        return cls(
            key=FeatureKey.of(line),
            max_activation=line.optional_number("maxActApprox"),
            firing_rate=rate,
            promoted=line.texts("pos_str"),
            suppressed=line.texts("neg_str"),
            hook=line.optional_text("hookName"),
            place=line.place,
        )


def read_features(place: Path, longest: int = MAX_LINE) -> Iterator[Feature]:
    """Exported features, lazily and in the order of the files.

    Args:
        place: a file of JSON lines (plain or gzip'd), a folder of batches, or a source's folder.
        longest: bytes that a line may have.

    Raises:
        NeuronpediaError: a file or a line is missing or damaged; with file and line.
    """
    for line in table_lines(place, "features", longest):
        yield Feature.of(line)
