"""Which file of explanations, and which of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from benchmark.errors import UserError
from benchmark.explainers.recorded import Recorded
from benchmark.neuronpedia.line import nearest, shown

SEVERAL = ("refuse", "first")
# It becomes part of a folder's name.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")


class RecordingError(UserError):
    """Recorded explanations cannot be handed in; the message names the file, what is wrong and the mend."""


@dataclass(frozen=True)
class Choice:
    """What a run says of `recorded.…`.

    Attributes:
        file: an export's file or folder, or a file of plain JSON lines.
        kind: of an export: keep this method's (`typeName`).
        model: of an export: keep this language model's (`explanationModelName`).
        several: where a unit has several: "refuse", or take the "first" in file order.
        source: of an export: "modelId/layer", where the suite does not say which features its units are.
        name: what the board calls these explanations, so that it may hold several files'.

    Raises:
        RecordingError: a value without meaning.
    """

    file: str
    kind: str | None = None
    model: str | None = None
    several: str = "refuse"
    source: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        for field, value in vars(self).items():
            if value is not None and (not isinstance(value, str) or not value.strip()):
                raise RecordingError(f"recorded.{field} is {shown(value)}; mend: give it a text, or leave it out")
        if self.several not in SEVERAL:
            raise RecordingError(f"recorded.several is {shown(self.several)}; {nearest(self.several, SEVERAL)}")
        if self.name is not None and not _NAME.fullmatch(self.name):
            raise RecordingError(f"recorded.name is {shown(self.name)}; mend: letters, digits and _ . + - alone")

    @property
    def label(self) -> str:
        """What the board calls the explainer."""
        return f"{Recorded.name} [{self.name}]" if self.name else Recorded.name

    @classmethod
    def of(cls, given: str | Mapping[str, Any]) -> "Choice":
        """Read a file's name, or a mapping of this class's fields; None and "" are as left out.

        Raises:
            RecordingError: an unknown field, no file, or a value without meaning.
        """
        if not isinstance(given, str | Mapping):
            raise RecordingError(f"recorded is {shown(given)}; mend: name one file, or give its choices by their names")
        stated = {"file": given} if isinstance(given, str) else dict(given)
        known = [field.name for field in fields(cls)]
        for name in stated:
            if name not in known:
                raise RecordingError(f"recorded has no {shown(name)}; {nearest(str(name), known)}")
        kept = {name: value for name, value in stated.items() if value not in (None, "")}
        if "file" not in kept:
            raise RecordingError(
                "the explainer recorded hands in what a file says; mend: add recorded.file=<an export's folder, or a "
                "file of JSON lines>"
            )
        return cls(**kept)
