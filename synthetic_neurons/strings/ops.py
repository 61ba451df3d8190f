"""The steps of string functions: small, total, bounded operations on words of the letters a to z.

The kinds are those that FIND's string functions are made of (Schwettmann et al. 2023, arXiv 2309.03886): letters moved
along the alphabet, exchanged, replaced, dropped, put in order, text added, a length or a rank spelled out. FIND's
repository has no licence, so nothing of it is copied: the operations here are written anew, and all are deterministic.
"""

import string
from collections.abc import Callable, Mapping
from types import MappingProxyType

Value = int | str
Arguments = Mapping[str, Value]

ALPHABET = string.ascii_lowercase
VOWELS = "aeiou"
# Spelled without hyphens, so that what comes out is letters again.
_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def spelled(number: int) -> str:
    """A number from 0 to 99 in letters alone, such as "twentyone"."""
    if number < len(_UNITS):
        return _UNITS[number]
    return _TENS[number // 10 - 2] + (_UNITS[number % 10] if number % 10 else "")


def moved(letter: str, by: int) -> str:
    """The letter `by` places on in the alphabet, from z round to a."""
    return ALPHABET[(ALPHABET.index(letter) + by) % len(ALPHABET)]


def _shift(word: str, given: Arguments) -> str:
    return "".join(moved(letter, int(given["by"])) for letter in word)


def _shift_first(word: str, given: Arguments) -> str:
    return moved(word[0], int(given["by"])) + word[1:]


def _shift_last(word: str, given: Arguments) -> str:
    return word[:-1] + moved(word[-1], int(given["by"]))


def _shift_middle(word: str, given: Arguments) -> str:
    middle = len(word) // 2
    return word[:middle] + moved(word[middle], int(given["by"])) + word[middle + 1 :]


def _shift_by_letter(word: str, given: Arguments) -> str:
    """Words without a letter at that place stay as they are."""
    place = int(given["place"])
    if len(word) < place:
        return word
    return _shift(word, {"by": ALPHABET.index(word[place - 1])})


def _stagger(word: str, given: Arguments) -> str:
    return "".join(moved(letter, place) for place, letter in enumerate(word))


def _swap_ends(word: str, given: Arguments) -> str:
    return word if len(word) < 2 else word[-1] + word[1:-1] + word[0]


def _rotate(word: str, given: Arguments) -> str:
    by = int(given["by"]) % len(word)
    return word[by:] + word[:by]


def _replace(word: str, given: Arguments) -> str:
    return word.replace(str(given["old"]), str(given["new"]))


def _drop(word: str, given: Arguments) -> str:
    return "".join(letter for letter in word if letter not in str(given["letters"]))


def _double(word: str, given: Arguments) -> str:
    return "".join(letter * 2 if letter in str(given["letters"]) else letter for letter in word)


def _substitute(word: str, given: Arguments) -> str:
    return word.translate(str.maketrans(ALPHABET, str(given["key"])))


def _vowels_last(word: str, given: Arguments) -> str:
    return "".join(sorted(word, key=lambda letter: letter in VOWELS))


def _spell_initial(word: str, given: Arguments) -> str:
    return spelled(ALPHABET.index(word[0]) + 1)


# op: the fields it needs, and what it does to a word of one or more letters
OPS: Mapping[str, tuple[tuple[str, ...], Callable[[str, Arguments], str]]] = MappingProxyType(
    {
        "reverse": ((), lambda word, given: word[::-1]),
        "shift": (("by",), _shift),
        "shift_first": (("by",), _shift_first),
        "shift_last": (("by",), _shift_last),
        "shift_middle": (("by",), _shift_middle),
        "shift_by_letter": (("place",), _shift_by_letter),
        "stagger": ((), _stagger),
        "swap_ends": ((), _swap_ends),
        "rotate": (("by",), _rotate),
        "append": (("text",), lambda word, given: word + str(given["text"])),
        "prepend": (("text",), lambda word, given: str(given["text"]) + word),
        "replace": (("old", "new"), _replace),
        "drop": (("letters",), _drop),
        "double": (("letters",), _double),
        "sort": ((), lambda word, given: "".join(sorted(word))),
        "substitute": (("key",), _substitute),
        "twice": ((), lambda word, given: word + word),
        "mirror": ((), lambda word, given: word + word[::-1]),
        "every_other": ((), lambda word, given: word[::2]),
        "vowels_last": ((), _vowels_last),
        "spell_length": ((), lambda word, given: spelled(len(word))),
        "spell_initial": ((), _spell_initial),
    }
)
