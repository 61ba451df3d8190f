"""What a student was told and shown, word by word; the shared memory of the deterministic students."""

from collections import defaultdict
from dataclasses import dataclass, field

from benchmark.explainers.report import MAX_LEVEL
from benchmark.students.moves import Move


@dataclass
class Seen:
    """One word's labels so far.

    Attributes:
        fired: the levels it fired with.
        silent: how often it stood there and did not fire.
    """

    fired: list[float] = field(default_factory=list)
    silent: int = 0

    @property
    def share(self) -> float:
        """The share of its labels that are firing."""
        return len(self.fired) / max(1, len(self.fired) + self.silent)

    @property
    def level(self) -> float:
        """The mean level where it fired, 0 to 10."""
        return sum(self.fired) / len(self.fired) if self.fired else 0.0


@dataclass
class Experience:
    """Everything that a lesson has put before a student.

    Attributes:
        words: lower-case word to its labels.
        claims: texts of claims, each once, in the order in which they were last told.
    """

    words: dict[str, Seen] = field(default_factory=lambda: defaultdict(Seen))
    claims: list[str] = field(default_factory=list)

    def take(self, move: Move) -> None:
        """Remember a move."""
        for claim in move.claims:
            if claim.text in self.claims:
                self.claims.remove(claim.text)
            self.claims.append(claim.text)
        for window in move.shown:
            for word, value in zip(window.words, window.values, strict=True):
                seen = self.words[word.lower()]
                if value > 0:
                    seen.fired.append(min(MAX_LEVEL, float(value)))
                else:
                    seen.silent += 1

    def firing(self, least: float = 0.5) -> list[str]:
        """Words at least this share of whose labels are firing, the strongest first."""
        found = [(-each.level, word) for word, each in self.words.items() if each.fired and each.share >= least]
        return [word for _, word in sorted(found)]
