"""What a language model's answers say, as a student and as a teacher; what cannot be read is a failure of a kind."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from benchmark.explainers.refusals import refuses
from benchmark.explainers.replies import without_reasoning
from benchmark.explainers.report import MAX_LEVEL
from synthetic_neurons.passages import word_spans

Failure = Literal["refusal", "empty", "unparsable"]
# Where it says yes or no and not how sure it is.
SURE = 0.9
# Who says yes, and that it is 30% sure, has said yes.
LEAST_SURE = 0.51
# Characters of an answer that are looked at.
LONGEST_LOOK = 4_000
_YES_NO = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.-])(\d{1,3}(?:\.\d{1,6})?)(?![\d.]*\d)(\s?%)?")
_NONE = re.compile(r"\W{0,20}(?:none|no words?|nothing|it stays silent|silent)\b", re.IGNORECASE)
_ONLY_NONE = re.compile(r"\W{0,20}(?:none|no words?|nothing|it stays silent|silent)\W{0,20}$", re.IGNORECASE)
_AFTER_ALL = re.compile(r"\b(?:but|maybe|perhaps|except|although|though|however)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;\n]")
_AND = re.compile(r"\band\b", re.IGNORECASE)
# A level stands at the end of a part, so no more of it is looked at.
_LEVEL = re.compile(r"(?<![\d.])(\d{1,2}(?:\.\d{1,6})?)\W{0,3}$")
_LEVEL_WITHIN = 16
_TRY = re.compile(r"^[ \t>*-]{0,20}TRY:[ \t]*(\S.*)$", re.MULTILINE)
_BELIEVED = re.compile(r"^[ \t>*#-]{0,20}(UNDERSTOOD|CONFUSED)[*_ ]{0,4}:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)


class Unread(ValueError):
    """An answer that cannot be read; `kind` says why."""

    def __init__(self, kind: Failure) -> None:
        super().__init__(kind)
        self.kind: Failure = kind


def said(answer: str | None) -> str:
    """The text of an answer, without reasoning.

    Raises:
        Unread: it is withheld or declines ("refusal"), or has no word in it ("empty").
    """
    if answer is None:
        raise Unread("refusal")
    text = without_reasoning(answer)[:LONGEST_LOOK].strip()
    if not any(letter.isalnum() for letter in text):
        raise Unread("empty")
    if refuses(text.splitlines()[0].strip().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")):
        raise Unread("refusal")
    return text


def yes_or_no(answer: str | None) -> float:
    """The probability of "yes": as sure as it says it is, 0.9 where it does not say; never beyond the half it chose.

    Raises:
        Unread: as `said`; "unparsable" for neither or both of yes and no.
    """
    text = said(answer)
    words = {found.lower() for found in _YES_NO.findall(text.splitlines()[0])} or {
        found.lower() for found in _YES_NO.findall(text)
    }
    if len(words) != 1:
        raise Unread("unparsable")
    stated = next((each for each in _probabilities(text) if each <= 1.0), SURE)
    sure = max(LEAST_SURE, stated)
    return sure if words == {"yes"} else 1.0 - sure


def percentage(answer: str | None) -> float:
    """A stated percentage, as a probability; a fraction without a sign, such as 0.9, is one already.

    Raises:
        Unread: as `said`; "unparsable" without a number from 0 to 100.
    """
    stated = _probabilities(said(answer))
    if not stated or stated[0] > 1.0:
        raise Unread("unparsable")
    return stated[0]


def _probabilities(text: str) -> list[float]:
    """Stated ones: those with a percent sign first, then fractions, then bare numbers, which may count other things."""
    signed, fractions, bare = list[float](), list[float](), list[float]()
    for number, sign in _NUMBER.findall(text):
        value = float(number)
        if sign:
            signed.append(value / 100)
        elif "." in number and value <= 1.0:
            fractions.append(value)
        else:
            bare.append(value / 100)
    return [*signed, *fractions, *bare]


def named_words(answer: str | None, words: Sequence[str]) -> list[float]:
    """The level of each word of a window, by an answer that lists those that fire.

    A number behind a word is its level; without one it is 10. Parts that are no words of the window are passed over.

    Args:
        answer: a list, or "none".
        words: of the window.

    Raises:
        Unread: as `said`; "unparsable" where nothing of it is "none" or a word of the window.
    """
    text, known = said(answer), frozenset(word.lower() for word in words)
    if _ONLY_NONE.match(text):
        # Even where the word itself stands in the window.
        return [0.0] * len(words)
    levels: dict[str, float] = {}
    for part in _BETWEEN.split(text):
        # "and" may be a word of the window, or stand between two of them.
        for each in [part] if _named(part, known) else _AND.split(part):
            levels.update(_named(each, known))
    if not levels and (not _NONE.match(text) or _AFTER_ALL.search(text)):
        raise Unread("unparsable")
    return [levels.get(word.lower(), 0.0) for word in words]


def _named(part: str, known: frozenset[str]) -> dict[str, float]:
    """Words of the window that a part is made of, with their level; none where anything else stands in it.

    A number may itself be such a word; only where it is not, it is the level of those before it.
    """
    names = _names(part)
    if names and all(name in known for name in names):
        return dict.fromkeys(names, MAX_LEVEL)
    behind = len(part) - _LEVEL_WITHIN
    found = _LEVEL.search(part, max(0, behind))
    names = _names(part[: found.start()]) if found else []
    if found is None or not names or not all(name in known for name in names):
        return {}
    return dict.fromkeys(names, min(MAX_LEVEL, float(found[1])))


def _names(text: str) -> list[str]:
    """Its words, without marks."""
    spans = (text[a:b].lower() for a, b in word_spans(text))
    return [word for word in spans if any(letter.isalnum() for letter in word)]


def choice(answer: str | None, menu: Sequence[str]) -> str:
    """The first choice of a menu that an answer names.

    Raises:
        Unread: as `said`; "unparsable" where it names none.
    """
    found = re.search(rf"\b({'|'.join(map(re.escape, menu))})\b", said(answer).lower())
    if found is None:
        raise Unread("unparsable")
    return found[1]


def proposed(text: str) -> tuple[str, ...]:
    """Texts that a student wants to see measured."""
    return tuple(" ".join(each.split()).strip("\"'") for each in _TRY.findall(text[:LONGEST_LOOK]))


def believed(answer: str | None) -> Mapping[str, str]:
    """What a teacher says that its student has understood and confused; all of it under "said" where it has no form.

    Raises:
        Unread: as `said`.
    """
    text = said(answer)
    found = {name.lower(): " ".join(rest.split()) for name, rest in _BELIEVED.findall(text)}
    return found or {"said": " ".join(text.split())}
