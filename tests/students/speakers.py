"""A language model that says what a test has written down for it, and keeps every conversation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from benchmark.students.conversation import Message, prompt

# What a question is for, by how the prompt begins that it ends with.
_BEGINS = {
    "choice": "What do you do next?",
    "telling": "Say it to the student",
    "forecast": "You are going to ask the student",
    "belief": "What has the student understood",
    "report": "The lesson is over. Write the final report",
    "notes": "The lesson is over. Write your notes",
    "quiz": "Does the unit fire on any word",
}
Answer = str | None | Sequence[str | None] | Callable[[Sequence[Message]], str | None]


def purpose(conversation: Sequence[Message]) -> str:
    """What the last message of a conversation asks for."""
    if conversation[0].text == prompt("exam"):
        return "exam"
    last = conversation[-1].text
    if last.endswith(prompt("student_reply")):
        return "reply"
    # What was heard in silence stands before it in the same message.
    return max(_BEGINS, key=lambda name: last.rfind(_BEGINS[name]))


@dataclass(frozen=True)
class Call:
    """One call of a model.

    Attributes:
        who: spoke.
        conversations: that it was given.
        longest: tokens of an answer.
    """

    who: str
    conversations: tuple[tuple[Message, ...], ...]
    longest: int

    @property
    def purpose(self) -> str:
        """Of its first conversation; all are alike."""
        (found,) = {purpose(each) for each in self.conversations}
        return found


class Speaker:
    """A model in a role.

    Args:
        who: it is.
        answers: purpose to an answer, to answers in turn and over again, or to what makes one of a conversation.
        calls: where its calls are kept; two models may share it.
    """

    def __init__(self, who: str, answers: Mapping[str, Answer], calls: list[Call] | None = None) -> None:
        self.calls: list[Call] = [] if calls is None else calls
        self._who = who
        self._answers = {
            name: cycle(each) if isinstance(each, Sequence) and not isinstance(each, str) else each
            for name, each in answers.items()
        }

    async def answers(self, conversations: Sequence[Sequence[Message]], longest: int) -> list[str | None]:
        self.calls.append(Call(self._who, tuple(tuple(each) for each in conversations), longest))
        return [self._answer(each) for each in conversations]

    def _answer(self, conversation: Sequence[Message]) -> str | None:
        found = self._answers[purpose(conversation)]
        if found is None or isinstance(found, str):
            return found
        return found(conversation) if callable(found) else next(found)

    def of(self, *purposes: str) -> list[Call]:
        """Its own calls, of these purposes; of all without one."""
        own = [each for each in self.calls if each.who == self._who]
        return [each for each in own if not purposes or each.purpose in purposes]


def texts(calls: Sequence[Call]) -> list[str]:
    """Every message of some calls."""
    return [message.text for call in calls for conversation in call.conversations for message in conversation]
