"""The terminal as a person's console."""

import sys

from benchmark.errors import UserError
from benchmark.printable import harmless


class NobodyThere(UserError):
    """There is no one at the terminal."""


class Terminal:
    """Prints and reads lines; what is shown comes from units and models, and cannot steer the terminal."""

    def say(self, text: str) -> None:
        """Print a text."""
        sys.stdout.write("\n".join(harmless(line) for line in text.split("\n")) + "\n")
        sys.stdout.flush()

    async def ask(self, question: str) -> str:
        """One typed line. It blocks: a chat is alone in its process.

        Raises:
            NobodyThere: the input has ended.
        """
        sys.stdout.write(question)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise NobodyThere("nobody types any more; viva chat needs a terminal, or a file of answers as its input")
        return line.rstrip("\n")
