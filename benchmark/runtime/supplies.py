"""What only the caller of an explainer has, one unit at a time: truths, other units' reports, guardrails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.explainers.report import Report
from benchmark.guardrails.guardrail import Guardrail
from benchmark.guardrails.registry import select
from benchmark.laboratory import Laboratory, ReservedPractice
from benchmark.units.unit import Unit

if TYPE_CHECKING:
    from benchmark.runtime.workshop import Workshop


@dataclass(frozen=True)
class Supplies:
    """The supplies for one explainer on one unit; each is made when it is asked for.

    Attributes:
        shop: the suite's workshop.
        unit: what is explained.
        laboratory: the explainer's; guardrails spend from its budget.
        chosen: which guardrails (`benchmark.guardrails.registry.names_in`).
        on_file: what a file says of the unit.
    """

    shop: "Workshop"
    unit: Unit
    laboratory: Laboratory
    chosen: str
    on_file: Report | None = None

    def of(self, injected: Mapping[str, str]) -> dict[str, Any]:
        """Argument names to supplies, from argument names to the supplies' names."""
        return {argument: getattr(self, name)() for argument, name in injected.items()}

    def placebo(self) -> Report:
        """Another unit's report."""
        return self.shop.placebo(self.unit)

    def truth(self) -> Report | None:
        """The truth's own report."""
        return truth_report(self.unit)

    def promoted(self) -> Sequence[str]:
        """Tokens that a latent's decoder direction promotes."""
        tokens: Sequence[str] = self.unit.notes.get("promoted", [])
        return tokens

    def recorded(self) -> Report | None:
        """What a file says of the unit."""
        return self.on_file

    def guardrails(self) -> list[Guardrail]:
        """The guardrails, with practice slices that the explainer's laboratory does not give."""
        return select(self.chosen, ReservedPractice(self.laboratory, self.shop.examiner.practice(self.unit)))


def truth_report(unit: Unit) -> Report | None:
    """The report of the truth itself; found and null units have none."""
    return Report.from_json(unit.report) if unit.report is not None else None
