"""What is said in a lesson: a teacher's moves and a student's replies."""

from dataclasses import dataclass
from typing import Literal

from benchmark.explainers.quoting import escaped
from benchmark.explainers.report import Claim
from benchmark.laboratory import Exemplar
from synthetic_neurons.passages import word_spans

# Tell a claim; show labelled windows; show labelled windows on which the student was wrong; ask; answer a proposal; or
# talk about something else.
Kind = Literal["tell", "show", "correct", "quiz", "answer", "talk"]


@dataclass(frozen=True)
class Move:
    """One turn of a teacher.

    Attributes:
        kind: what it does.
        text: what a student of language reads; all that the fields below say stands in it.
        claims: the claims that are told.
        shown: labelled windows.
        asked: texts of a quiz; the student says of each how likely the unit fires in it.
    """

    kind: Kind
    text: str
    claims: tuple[Claim, ...] = ()
    shown: tuple[Exemplar, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """Its length."""
        return len(word_spans(self.text))


@dataclass(frozen=True)
class Reply:
    """One turn of a student.

    Attributes:
        text: what it says.
        answers: to a quiz, the probability that the unit fires in each text; None where it gave no answer.
        proposed: texts that it wants to see measured.
        withheld: the move quoted the exam, and it never heard it.
    """

    text: str = ""
    answers: tuple[float | None, ...] = ()
    proposed: tuple[str, ...] = ()
    withheld: bool = False


def firing_words(window: Exemplar) -> tuple[str, ...]:
    """The words of a window on which the unit fires, in order."""
    return tuple(word for word, value in zip(window.words, window.values, strict=True) if value > 0)


def labelled(exemplar: Exemplar) -> str:
    """A labelled window as a line of text, the words that fire with their levels; a silent one says so."""
    fired = [
        f'"{escaped(word)}" ({value:.0f})'
        for word, value in zip(exemplar.words, exemplar.values, strict=True)
        if value > 0
    ]
    return f"<text>{escaped(exemplar.text)}</text> {'fires on ' + ', '.join(fired) if fired else 'it stays silent'}"


def tell(claims: tuple[Claim, ...]) -> Move:
    """Claims, in prose alone: predicates do not pass from a teacher to a student."""
    plain = tuple(Claim(each.text, None, each.level) for each in claims)
    return Move("tell", "\n".join(each.text for each in plain), claims=plain)


def show(windows: tuple[Exemplar, ...], kind: Kind = "show") -> Move:
    """Labelled windows."""
    return Move(kind, "\n".join(map(labelled, windows)), shown=windows)


def quiz(texts: tuple[str, ...]) -> Move:
    """A question for each text."""
    return Move("quiz", "\n".join(f"Does it fire in <text>{escaped(text)}</text>?" for text in texts), asked=texts)


def talk(text: str) -> Move:
    """Something else."""
    return Move("talk", text)
