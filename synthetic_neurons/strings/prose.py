"""String functions in English."""

from synthetic_neurons.strings.function import Step, StringFunction
from synthetic_neurons.strings.ops import ALPHABET

_PROSE = {
    "reverse": "its letters are put in reverse order",
    "shift": "each letter is moved {by} on in the alphabet (z is followed by a)",
    "shift_first": "its first letter is moved {by} on in the alphabet (z is followed by a)",
    "shift_last": "its last letter is moved {by} on in the alphabet (z is followed by a)",
    "shift_middle": "its middle letter is moved {by} on in the alphabet (z is followed by a)",
    "shift_by_letter": "each letter is moved on in the alphabet by as many places as letter number {place} is past a",
    "stagger": "its second letter is moved one place on in the alphabet, its third two, and so on",
    "swap_ends": "its first and its last letter change places",
    "rotate": "its first {by} to the end",
    "append": 'the letters "{text}" are added at the end',
    "prepend": 'the letters "{text}" are put in front',
    "replace": 'every "{old}" becomes "{new}"',
    "drop": "{letters} dropped",
    "double": "{letters} doubled",
    "sort": "its letters are put in alphabetical order",
    "substitute": "its letters are replaced by a fixed table (a to z become {key})",
    "twice": "it is written twice without a space",
    "mirror": "its mirror image is added at the end",
    "every_other": "every second letter is left out",
    "vowels_last": "its vowels go to the end, in their order",
    "spell_length": "the number of its letters is spelled out instead",
    "spell_initial": "the place of its first letter in the alphabet is spelled out instead",
}


def _plural(number: object, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _letters(letters: str) -> str:
    if set(letters) == set("aeiou"):
        return "its vowels are"
    if set(letters) == set(ALPHABET) - set("aeiou"):
        return "its consonants are"
    return f"every {' and '.join(letters)} is" if len(letters) < 3 else f"the letters {', '.join(letters)} are"


def _phrase(step: Step) -> str:
    given = dict(step.arguments)
    shown = {name: str(value) for name, value in given.items()}
    if "by" in given:
        shown["by"] = _plural(given["by"], "place")
    if step.op == "rotate":
        shown["by"] = "letter goes" if given["by"] == 1 else f"{given['by']} letters go"
    if "letters" in given:
        shown["letters"] = _letters(str(given["letters"]))
    return _PROSE[step.op].format(**shown)


def describe(function: StringFunction) -> str:
    """What a unit of the function fires on, to follow "Fires on": one clause a step, in order."""
    first, *others = (_phrase(step) for step in function.steps)
    if not others:
        return f"a word that is what the word before it becomes when {first}"
    steps = ", then ".join((f"first {first}", *others))
    return f"a word that is what the word before it becomes in {len(others) + 1} steps, one upon the other: {steps}"
