"""Command lines: what is wrong with them is one line, as of every other error."""

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from benchmark.errors import UserError


class Parser(ArgumentParser):
    """Options with dashes."""

    def error(self, message: str) -> NoReturn:
        """One line instead of the usage and an exit.

        Raises:
            UserError: always.
        """
        raise UserError(f"{message}; --help lists the arguments")


@dataclass(frozen=True)
class KeyValues:
    """KEY=VALUE options of a verb.

    Attributes:
        verb: as it is called.
        options: each with what it takes.
        error: what is raised.
    """

    verb: str
    options: Mapping[str, str]
    error: type[UserError]

    def parse(self, arguments: Sequence[str]) -> dict[str, str]:
        """Values by key.

        Raises:
            UserError: an unknown key, one that is given twice, or one without a value.
        """
        found: dict[str, str] = {}
        for argument in arguments:
            key, equals, value = argument.partition("=")
            if key not in self.options:
                raise self.error(f"{self.verb} has no option {argument!r}; {near(key, list(self.options), '=')}")
            if not equals or not value:
                raise self.error(f"{self.verb}: {key} has no value; write {key}=<value>, without blanks")
            if key in found:
                raise self.error(f"{self.verb}: {key}= is given twice; mend: give it once")
            found[key] = value
        return found

    def count(self, name: str, text: str, least: int) -> int:
        """A whole number, which may have underscores.

        Raises:
            UserError: it is none, or less than the least.
        """
        plain = text.replace("_", "")
        if not (plain.isascii() and plain.isdecimal()) or int(plain) < least:
            raise self.error(f"{self.verb}: {name}={text} is no count; give a whole number, {least} or above")
        return int(plain)

    def usage(self, what: str, width: int) -> str:
        """What the verb does and what its options are, their names in a column of some width."""
        lines = (f"  {name + '=':{width}}{help_}" for name, help_ in self.options.items())
        return "\n".join([f"usage: {self.verb} [KEY=VALUE ...]\n\n{what}", *lines])


def near(name: str, choices: Sequence[str], after: str = "") -> str:
    """The choice that a wrong name is nearest to, or all of them."""
    close = get_close_matches(name, choices, n=1, cutoff=0.5)
    return f"did you mean {close[0]}{after}?" if close else f"choose from {', '.join(choices)}"
