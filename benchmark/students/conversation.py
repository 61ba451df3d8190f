"""Conversations with a language model, as students and teachers hold them; whoever runs them brings the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, Protocol


@dataclass(frozen=True)
class Message:
    """One message. The model's own are the assistant's, so each side of a lesson keeps its own list."""

    role: Literal["system", "user", "assistant"]
    text: str


class Interlocutor(Protocol):
    """A language model in a role."""

    async def answers(self, conversations: Sequence[Sequence[Message]], longest: int) -> list[str | None]:
        """One answer to each conversation, none of which knows of the others.

        Args:
            conversations: each ends with a user's message.
            longest: tokens of an answer, at most, where a model takes such a limit.

        Returns:
            texts, in order; None where the provider withheld the answer.
        """
        ...


def alternating(messages: Sequence[Message]) -> list[Message]:
    """Messages in which neighbours of one role are one: whoever listens in silence says nothing in between."""
    found: list[Message] = []
    for each in messages:
        if found and found[-1].role == each.role:
            found[-1] = Message(each.role, f"{found[-1].text}\n\n{each.text}")
        else:
            found.append(each)
    return found


@cache
def prompt(name: str) -> str:
    """A prompt that ships, with its places in braces."""
    return resources.files("benchmark.students").joinpath("prompts", f"{name}.txt").read_text("utf-8").strip()


def filled(name: str, **places: object) -> str:
    """A prompt with its places filled, all at once: what stands in one may hold braces."""
    parts = prompt(name).split("{")
    text = parts[0]
    for part in parts[1:]:
        key, _, rest = part.partition("}")
        text += f"{places[key]}{rest}"
    return text
