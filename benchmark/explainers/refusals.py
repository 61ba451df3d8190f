"""Whether a model's answer declines to answer."""

import re

_REFUSAL = re.compile(
    r"""^(?:unfortunately,?\ )?(?:
      (?:i'?m|i\ am)\ (?:very\ |really\ |so\ |afraid\ )?(?:sorry|unable|not\ able|not\ comfortable|i\ can)
    | unable\ to\b
    | (?:sorry|(?:my\ )?apologies)\b[ .!,;:\u2013\u2014-]*
      (?:$|(?:but|i|i'm|no|not|we|this|that|can(?:'t|not)?|unable|as\ an?|there|it|however)\b)
    | as\ an?\ (?:ai|large\ language\ model|language\ model)\b
    | (?:i|we)\ apologi[sz]e
    | (?:i|we)\ (?:cannot|can\ ?not|can'?t|won'?t|will\ not|must\ decline|am\ unable|am\ not\ able
      |(?:do\ not|don'?t)\ (?:know|have))\b
    | there\ is\ not\ enough
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# The same words may be what a unit fires on: "I cannot and I can't statements".
_OF_LANGUAGE = re.compile(
    r"\b(?:phrases|statements|expressions|sentences|forms|clauses|contractions|utterances)\b", re.IGNORECASE
)


def refuses(line: str) -> bool:
    """Whether the line of an answer that should explain declines to, and is not about such words."""
    return _REFUSAL.match(line) is not None and _OF_LANGUAGE.search(line) is None
