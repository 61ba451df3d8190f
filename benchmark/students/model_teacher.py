"""A teacher that is a language model: it chooses its moves, words what it tells, and foretells its student."""

from collections import Counter
from collections.abc import Sequence

from benchmark.explainers.explainer import NoReport
from benchmark.explainers.quoting import escaped
from benchmark.explainers.report import Claim
from benchmark.laboratory import Exemplar
from benchmark.students.answers import Unread, believed, choice, percentage, said
from benchmark.students.conversation import Interlocutor, Message, filled, prompt
from benchmark.students.material import Material
from benchmark.students.moves import Kind, Move, Reply, quiz, show, tell
from benchmark.students.student import cut_notes
from benchmark.students.teachers import AT_A_TIME, Deck
from benchmark.students.user_model import SAYS_SO, UserModel

# Words in what it tells, and in its final report; tokens of an answer.
MOST_TOLD, MOST_REPORTED = 60, 100
LONGEST_CHOICE, LONGEST_TOLD, LONGEST_BELIEF = 8, 100, 80
WITHHELD = "(The student did not hear this: it quotes the exam.)"
NOTHING_KNOWN = "Nothing: no explanation of the unit could be given. You have labelled texts to show and to ask about."
# What a teacher does whose choices nobody can read.
_ROUND = ("tell", "show", "quiz", "correct")
_MENU = {
    "tell": "tell the student something in your own words",
    "show": "show it texts with what fires in them",
    "quiz": "ask it whether the unit fires in some texts",
    "correct": "show it what fires in the texts that it got wrong",
    "end": "end the lesson",
}


class ModelTeacher:
    """A language model that teaches one unit.

    Args:
        model: who speaks.
        material: what it teaches.
        words: it may use in all.
    """

    def __init__(self, model: Interlocutor, material: Material, words: int) -> None:
        self.user_model: UserModel | None = UserModel()
        self.failures: Counter[str] = Counter()
        self._model, self._material = model, material
        self._shown = Deck(material.firing, material.silent)
        self._asked = Deck(material.asked_firing, material.asked_silent)
        self._windows = {each.text: each for each in (*material.asked_firing, *material.asked_silent)}
        known = escaped(" ".join(each.text for each in material.claims)) or NOTHING_KNOWN
        self._said = [Message("system", filled("teacher", report=known, words=words))]
        self._foretold: list[float] = []
        self._unread = 0

    @property
    def known(self) -> UserModel:
        """What it believes of the student."""
        assert self.user_model is not None
        return self.user_model

    def menu(self) -> dict[Kind, Move]:
        """What each move would be, were it chosen now; telling would be telling the claims."""
        found: dict[Kind, Move] = {"tell": tell(self._material.claims)} if self._material.claims else {}
        wrong = tuple(self._windows[text] for text in self.known.confused[:AT_A_TIME] if text in self._windows)
        if windows := self._shown.peek():
            found["show"] = show(windows)
        if windows := self._asked.peek():
            found["quiz"] = quiz(tuple(each.text for each in windows))
        if wrong:
            found["correct"] = show(wrong, "correct")
        return found

    async def move(self) -> Move | None:
        """What it chooses. What cannot be read as a choice is counted, and the move is the next of a fixed round.

        Raises:
            NoReport: "refusal".
        """
        menu = self.menu()
        chosen = await self._chosen(["tell", *(kind for kind in menu if kind != "tell"), "end"])
        if chosen == "end":
            return None
        move = next((each for kind, each in menu.items() if kind == chosen and kind != "tell"), None)
        if move is None:
            return await self._told("teacher_tell", MOST_TOLD)
        if move.kind == "quiz":
            await self._foretell(move)
        return move

    async def hear(self, move: Move, reply: Reply) -> None:
        """Learn what the reply says of the student, and what was used up."""
        windows = self._asked.deal() if move.kind == "quiz" else ()
        if move.kind == "show":
            self._shown.deal()
        if reply.withheld:
            self._said += [Message("assistant", move.text), Message("user", WITHHELD)]
            return
        self.known.tell(move.claims)
        self.known.shown += len(move.shown)
        answer = _marked(windows, reply.answers) if windows else escaped(reply.text or "(listens)")
        self._said += [Message("assistant", move.text), Message("user", answer)]
        if windows:
            self.known.hear(windows, reply.answers, self._foretold)
            await self._believe()

    async def report(self) -> Move | None:
        """The final report; None where it writes none."""
        try:
            return await self._told("teacher_report", MOST_REPORTED)
        except NoReport:
            return None

    async def _chosen(self, kinds: Sequence[str]) -> str:
        options = "\n".join(f"{kind}: {_MENU[kind]}" for kind in kinds)
        try:
            return choice(await self._ask(filled("teacher_choose", menu=options), LONGEST_CHOICE), kinds)
        except Unread as error:
            if error.kind == "refusal":
                self._refused()
            self.failures[f"choice: {error.kind}"] += 1
            self._unread += 1
            round_ = [kind for kind in _ROUND if kind in kinds]
            return round_[(self._unread - 1) % len(round_)]

    async def _told(self, name: str, most: int) -> Move | None:
        answer = await self._ask(filled(name, words=most), LONGEST_TOLD if most == MOST_TOLD else 2 * LONGEST_TOLD)
        try:
            text = cut_notes(said(answer), most)
        except Unread as error:
            if error.kind == "refusal":
                self._refused()
            self.failures[f"telling: {error.kind}"] += 1
            return None
        return tell((Claim(" ".join(text.split())),))

    def _refused(self) -> None:
        self.failures["refusal"] += 1
        raise NoReport("refusal", "the teacher's model declined to teach")

    async def _foretell(self, move: Move) -> None:
        """In private, before the student is asked; a forecast that cannot be read is that of nobody: half."""
        questions = [filled("teacher_foretell", text=escaped(text)) for text in move.asked]
        conversations = [[*self._said, Message("user", each)] for each in questions]
        self._foretold = [self._percent(each) for each in await self._model.answers(conversations, LONGEST_CHOICE)]

    def _percent(self, answer: str | None) -> float:
        try:
            return percentage(answer)
        except Unread as error:
            self.failures[f"forecast: {error.kind}"] += 1
            return 0.5

    async def _believe(self) -> None:
        try:
            self.known.says = dict(believed(await self._ask(prompt("teacher_believe"), LONGEST_BELIEF)))
        except Unread as error:
            self.failures[f"user model: {error.kind}"] += 1

    async def _ask(self, question: str, longest: int) -> str | None:
        (answer,) = await self._model.answers([[*self._said, Message("user", question)]], longest)
        return answer


def _marked(windows: Sequence[Exemplar], answers: Sequence[float | None]) -> str:
    """The student's quiz answers, each beside what is so."""
    lines = []
    for place, window in enumerate(windows):
        given = answers[place] if place < len(answers) else None
        told = "no answer" if given is None else "yes" if given >= SAYS_SO else "no"
        lines.append(f"<text>{escaped(window.text)}</text> {told}; right is {'yes' if window.peak > 0 else 'no'}")
    return "\n".join(lines)
