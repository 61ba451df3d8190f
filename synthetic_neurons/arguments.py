"""What command lines have in common: numbers within bounds, refused in one line."""

import argparse
from collections.abc import Callable


def at_least(least: int) -> Callable[[str], int]:
    """A converter for `argparse`: whole numbers of `least` or more."""

    def whole(text: str) -> int:
        if not text.removeprefix("-").isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"give a whole number of {least} or more, not {text!r}")
        return int(text)

    return whole
