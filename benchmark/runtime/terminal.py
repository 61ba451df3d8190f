"""The terminal as a person's console."""

import os
import select
import sys

import anyio

from benchmark.errors import UserError
from benchmark.printable import harmless

# Seconds between two looks for a line; while it waits, Ctrl-C ends the chat.
_LOOK = 0.05
_INPUT = 0


class NobodyThere(UserError):
    """There is no one at the terminal."""


def _write(text: str) -> None:
    """Past whatever stands for the output meanwhile: a display of progress would swallow it."""
    out = sys.__stdout__ or sys.stdout
    out.write(text)
    out.flush()


class Terminal:
    """Prints and reads lines; what is shown comes from units and models, and cannot steer the terminal."""

    # What was typed and not asked for yet: of the process, as its input is.
    _typed = b""

    def say(self, text: str) -> None:
        """Print a text."""
        _write("\n".join(harmless(line) for line in text.split("\n")) + "\n")

    async def ask(self, question: str) -> str:
        """One typed line.

        Raises:
            NobodyThere: the input has ended.
        """
        _write(question)
        while b"\n" not in Terminal._typed:
            if not select.select([_INPUT], [], [], 0)[0]:
                await anyio.sleep(_LOOK)
                continue
            if not (more := os.read(_INPUT, 4096)):
                raise NobodyThere(
                    "nobody types any more; viva chat needs a terminal, or a file of answers as its input"
                )
            Terminal._typed += more
        line, _, Terminal._typed = Terminal._typed.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")
