"""Whether a line is English, told by its letters and its function words; a small table, no model."""

import re
import unicodedata
from collections import Counter

# A shorter text has too few function words to tell.
LEAST_WORDS = 6
# The commonest words of each language; those of one letter, and those that are English too, tell nothing.
WORDS = {
    "English": "the of and to that is are with for from by which or not when where it its this these those as at any "
    "such like before after about followed words word names in on an be has have used related",
    "Spanish": "el la los las un una del que en por para con se es su al como lo sobre cuando palabras",
    "French": "le la les des du une et de que dans en par avec est qui au aux ce sur se mots ou dont",
    "German": "der die das und ein eine einen von mit auf für ist sind zu im dem nicht oder wörter sich als wenn",
    "Italian": "il lo la gli le un una di che con della dei delle si sono come parole quando per",
    "Portuguese": "os um uma de do da dos das que em na para com por se palavras ou quando sobre",
    "Dutch": "de het een en van dat met op voor zijn niet te aan wordt woorden bij ook naar als",
    "Polish": "na się jest nie to że jak za od przez dla słowa lub oraz",
    "Swedish": "och att det som en på av för med den till inte ett om ord eller när",
}
_BOTH = frozenset({"do", "come", "die", "den", "till", "per", "to"})
_TABLES = {name: frozenset(words.split()) - (_BOTH if name != "English" else set()) for name, words in WORDS.items()}
# What stands in quotation marks, or alone between commas, is what a unit fires on, and may be of any language.
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^']*'(?!\w)|(?<!\w)‘[^’]*’(?!\w)|`[^`]*`")
_WORD = re.compile(r"([^\W\d_]+)(\s?,)?")


def foreign(text: str) -> str | None:
    """What a text is written in if it is not English: a language, or "another script"; None for English.

    Args:
        text: a line; at most some thousand characters.
    """
    plain = _QUOTED.sub(" ", text)
    if _other_script(plain):
        return "another script"
    words = _WORD.findall(plain.lower())
    if len(words) < LEAST_WORDS:
        return None
    said = Counter(word for word, listed in words if not listed)
    counts = {name: sum(said[word] for word in table) for name, table in _TABLES.items()}
    # English comes first, and so wins a tie; one word of another language is a word that somebody quotes.
    name = max(counts, key=lambda each: counts[each])
    return name if name != "English" and counts[name] > 1 else None


def _other_script(text: str) -> bool:
    """Whether fewer than half of the letters are Latin."""
    letters = [sign for sign in text if sign.isalpha()]
    latin = sum(sign.isascii() or unicodedata.name(sign, "").startswith("LATIN") for sign in letters)
    return 2 * latin < len(letters)
