"""A teacher's model of its student: what was told, what is understood, what is confused; and forecasts of its answers.

Literal theory of mind is how well the forecasts hold (Riemer et al. 2024, arXiv 2412.19726); whether the teacher acts
on them is another matter (`benchmark.students.regret`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmark.explainers.report import Claim
from benchmark.laboratory import Exemplar

# A student says that a text fires from this probability on.
SAYS_SO = 0.5
# Counts that stand for what is believed of a student before its first answer.
_PRIOR = 1.0


@dataclass(frozen=True)
class Forecast:
    """One quiz answer, as it was foretold in private and as it was given.

    Attributes:
        text: what was asked about.
        fires: what is so.
        foretold: the probability that the student says "fires".
        said: the student's own probability; None where it gave no answer.
    """

    text: str
    fires: bool
    foretold: float
    said: float | None

    @property
    def right(self) -> bool:
        """Whether the student was right; no answer is wrong."""
        return self.said is not None and (self.said >= SAYS_SO) == self.fires


@dataclass
class UserModel:
    """What a teacher keeps of one student.

    Attributes:
        told: texts of claims, each once, in order.
        shown: windows shown, how many.
        forecasts: all quiz answers, in order.
        confused: texts that the student got wrong when it was last asked.
        says: what a teacher with words says of the student's state: "understood" and "confused".
    """

    told: list[str] = field(default_factory=list)
    shown: int = 0
    forecasts: list[Forecast] = field(default_factory=list)
    confused: list[str] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)

    def foretell(self, fires: bool) -> float:
        """The probability that the student says "fires" of a text that does, or does not: by its answers so far."""
        alike = [each for each in self.forecasts if each.fires == fires and each.said is not None]
        yes = sum(each.said is not None and each.said >= SAYS_SO for each in alike)
        return (_PRIOR + yes) / (2 * _PRIOR + len(alike))

    def tell(self, claims: Sequence[Claim]) -> None:
        """Claims were told."""
        self.told += [each.text for each in claims if each.text not in self.told]

    def hear(
        self, windows: Sequence[Exemplar], answers: Sequence[float | None], foretold: Sequence[float] | None = None
    ) -> None:
        """A quiz was answered; every forecast is made before any answer of the quiz is learned from.

        Args:
            windows: that were asked about.
            answers: the student's.
            foretold: the teacher's own forecasts; None for those by the student's answers so far.
        """
        foretold = foretold or [self.foretell(each.peak > 0) for each in windows]
        given = [*answers, *[None] * (len(windows) - len(answers))]
        for window, before, said in zip(windows, foretold, given, strict=False):
            found = Forecast(window.text, window.peak > 0, before, said)
            self.forecasts.append(found)
            if window.text in self.confused:
                self.confused.remove(window.text)
            if not found.right:
                self.confused.append(window.text)

    @property
    def understood(self) -> float:
        """Balanced share of right answers to expect, 0 to 1; half before any answer."""
        return (self.foretell(True) + 1 - self.foretell(False)) / 2

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value, for logs and pages."""
        return {
            "told": list(self.told),
            "shown": self.shown,
            "understood": round(self.understood, 4),
            "confused": list(self.confused),
            "quizzed": len(self.forecasts),
            **({"says": dict(self.says)} if self.says else {}),
        }
