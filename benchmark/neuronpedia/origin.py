"""Whose explanations a run's are, and the rows by which the site knows their names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmark.neuronpedia.line import NeuronpediaError, shown

# Methods carry their house's name there ("oai_", "np_", "eleuther_"); so do ours.
PREFIX = "viva_"
_CREATOR = "Viva"


@dataclass(frozen=True)
class Origin:
    """Who wrote a run's explanations.

    Attributes:
        explainer: the explainer's name on the board; `typeName` is "viva_" and this.
        author: the account (`authorId`) in whose name the rows are imported; it must exist there.
        model: the language model as the site names it (`explanationModelName`); None for an explainer without one.
        new_model: the site does not know `model` yet: write a row that makes it known.

    Raises:
        NeuronpediaError: a name is blank, or there is no model to make known.
    """

    explainer: str
    author: str
    model: str | None = None
    new_model: bool = False

    def __post_init__(self) -> None:
        """Refuse blank names: the columns may not be empty."""
        for name, value in (("explainer", self.explainer), ("author", self.author), ("model", self.model)):
            if value is not None and not value.strip():
                raise NeuronpediaError(f"the {name} is {shown(value)}; mend: give {name}=<its name>")
        if self.new_model and self.model is None:
            raise NeuronpediaError("there is no model to make known; mend: give model=<its name>, or new_model=False")

    @property
    def kind(self) -> str:
        """`typeName`."""
        return PREFIX + self.explainer


def name_rows(origin: Origin, metrics: Iterable[str], readers: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Rows for the tables of names that explanations and scores refer to; without them an import is refused.

    Args:
        origin: gives the method, and the model where it is new.
        metrics: metrics of the scores.
        readers: readers of the scores.

    Returns:
        file name in the export's `config/` to rows.
    """
    owner = {"creatorId": origin.author}
    method = f"The explainer {origin.explainer} of the Viva benchmark."
    tables = {
        "explanation_type": [_row(origin.kind, method) | owner],
        "explanation_model_type": [_row(origin.model, "A language model.")]
        if origin.model and origin.new_model
        else [],
        "explanation_score_type": [
            _row(PREFIX + each, f"{each} on Viva's exam.") | owner for each in sorted(set(metrics))
        ],
        "explanation_score_model": [_row(PREFIX + each, f"Viva's {each} reader.") for each in sorted(set(readers))],
    }
    return {name: rows for name, rows in tables.items() if rows}


def _row(name: str, description: str) -> dict[str, Any]:
    # Not featured: a guest stays out of the site's menus.
    return {"name": name, "displayName": name, "description": description, "featured": False, "creatorName": _CREATOR}
