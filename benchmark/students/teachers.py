"""Teachers without a language model: the adaptive tutor, and the scripted ones that the arms are made of."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from benchmark.explainers.report import Claim
from benchmark.laboratory import Exemplar
from benchmark.students.material import Material
from benchmark.students.moves import Kind, Move, Reply, firing_words, quiz, show, talk, tell
from benchmark.students.user_model import UserModel

# Windows shown or asked at a time, half of them firing.
AT_A_TIME = 4
# Windows shown at a time to who is trained on all of them: fewer turns than stop a teacher.
AT_A_DRILL = 8
# Words in the final report that the student did not know.
MOST_MISSED = 12


class Teacher(Protocol):
    """Who holds a lesson.

    Attributes:
        user_model: what it believes of the student; None where it believes nothing.
        failures: kinds of answers that could not be taken, with how many there were.
    """

    user_model: UserModel | None
    failures: Counter[str]

    async def move(self) -> Move | None:
        """Its next move; None where it has nothing left to say.

        Raises:
            NoReport: it refuses to go on.
        """
        ...

    async def hear(self, move: Move, reply: Reply) -> None:
        """The student's reply to a move."""
        ...

    async def report(self) -> Move | None:
        """The final report, for a reader who was not there; None where it has none."""
        ...

    def menu(self) -> Mapping[Kind, Move]:
        """What each move would be, were it chosen now; empty where it has no choice."""
        ...


class Deck:
    """Windows of both labels, dealt in turn and over again."""

    def __init__(self, firing: Sequence[Exemplar], silent: Sequence[Exemplar]) -> None:
        self._piles = firing, silent
        self._dealt = [0, 0]

    def peek(self) -> tuple[Exemplar, ...]:
        """What would be dealt next."""
        half = AT_A_TIME // 2
        found: list[Exemplar] = []
        for pile, at in zip(self._piles, self._dealt, strict=True):
            found += [pile[(at + i) % len(pile)] for i in range(min(half, len(pile)))]
        return tuple(found)

    def deal(self) -> tuple[Exemplar, ...]:
        """The next windows."""
        found = self.peek()
        self._dealt = [at + AT_A_TIME // 2 for at in self._dealt]
        return found

    @property
    def over(self) -> bool:
        """Whether every window was dealt once."""
        return all(at >= len(pile) for at, pile in zip(self._dealt, self._piles, strict=True))


class Tutor:
    """Tells, asks, and mends what the student got wrong: its next move follows from its model of the student.

    Args:
        material: what it teaches.
    """

    def __init__(self, material: Material) -> None:
        self.user_model: UserModel | None = UserModel()
        self._material = material
        self._shown = Deck(material.firing, material.silent)
        self._asked = Deck(material.asked_firing, material.asked_silent)
        self._windows = {each.text: each for each in (*material.asked_firing, *material.asked_silent)}
        self._last: Kind | None = None
        self.failures: Counter[str] = Counter()

    @property
    def model(self) -> UserModel:
        """What it believes of the student."""
        assert self.user_model is not None
        return self.user_model

    def menu(self) -> dict[Kind, Move]:
        """What each move would be, were it chosen now; moves that have nothing to say are not on it."""
        untold = tuple(each for each in self._material.claims if each.text not in self.model.told)
        wrong = tuple(self._windows[text] for text in self.model.confused[:AT_A_TIME] if text in self._windows)
        found: dict[Kind, Move] = {}
        if told := untold[:1] or self._material.claims:
            found["tell"] = tell(told)
        if windows := self._shown.peek():
            found["show"] = show(windows)
        if wrong:
            found["correct"] = show(wrong, "correct")
        if windows := self._asked.peek():
            found["quiz"] = quiz(tuple(each.text for each in windows))
        return found

    async def move(self) -> Move | None:
        """Untold claims first, then what is confused, then a quiz after whatever was taught, then more windows."""
        menu, untold = self.menu(), any(each.text not in self.model.told for each in self._material.claims)
        wish: list[Kind] = ["tell"] if untold else []
        if self.model.confused and self._last == "quiz":
            wish.append("correct")
        if self._last != "quiz":
            wish.append("quiz")
        wish += ["show", "tell"]
        return next((menu[kind] for kind in wish if kind in menu), None)

    async def hear(self, move: Move, reply: Reply) -> None:
        """Learn what the reply says of the student, and what was used up."""
        self._last = move.kind
        if not reply.withheld:
            self.model.tell(move.claims)
            self.model.shown += len(move.shown)
        if move.kind == "show":
            self._shown.deal()
        if move.kind == "quiz":
            windows = self._asked.deal()
            if not reply.withheld:
                self.model.hear(windows, reply.answers)

    async def report(self) -> Move | None:
        """The claims, and the firing words of the quiz windows that this student did not know."""
        missed = [self._windows[each.text] for each in self.model.forecasts if each.fires and not each.right]
        words = dict.fromkeys(word for each in missed for word in firing_words(each))
        found = self._material.claims
        if words:
            named = ", ".join(f'"{word}"' for word in list(words)[:MOST_MISSED])
            found += (Claim(f"Also, and often missed: {named}."),)
        return tell(found) if found else None


class Scripted:
    """Moves that are fixed before the lesson, whoever the student is.

    Args:
        moves: in order.
    """

    user_model: UserModel | None = None

    def __init__(self, moves: Iterable[Move]) -> None:
        self._moves = list(moves)
        self.failures: Counter[str] = Counter()

    async def move(self) -> Move | None:
        """The next one."""
        return self._moves[0] if self._moves else None

    def menu(self) -> Mapping[Kind, Move]:
        """It has no choice."""
        return {}

    async def report(self) -> Move | None:
        """None: what was fixed before the lesson says nothing of it."""
        return None

    async def hear(self, move: Move, reply: Reply) -> None:
        """Go on, whatever was said."""
        if self._moves and move is self._moves[0]:
            self._moves.pop(0)


def reciter(material: Material) -> Scripted:
    """The report, once: a static explanation."""
    return Scripted([tell(material.claims)] if material.claims else [])


def shower(material: Material) -> Scripted:
    """Labelled windows and no word of language about them."""
    deck, moves = Deck(material.firing, material.silent), []
    while (material.firing or material.silent) and not deck.over:
        moves.append(show(deck.deal()))
    return Scripted(moves)


def drill(windows: Sequence[Exemplar]) -> Scripted:
    """Every labelled window there is, some at a time, as they come."""
    return Scripted(show(tuple(windows[at : at + AT_A_DRILL])) for at in range(0, len(windows), AT_A_DRILL) if windows)


def chatterer(text: str) -> Scripted:
    """Something else altogether."""
    return Scripted([talk(text)])
