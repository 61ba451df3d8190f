"""The definitions read aloud: a slow evaluator of JSON trees, word by word, in plain Python.

Written from the docstrings of `predicate.nodes` and `passages`, and sharing no code with the evaluator that it checks;
of the shipped tables it reads the JSON itself.
"""

import json
import string
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

Tree = dict[str, Any]
ALNUM = set(string.ascii_letters + string.digits)
PUNCTUATION = set(string.punctuation) | set("“”‘’«»–—…")
OPENERS = {"parentheses": "(", "brackets": "[", "quotes": "“"}
CLOSERS = {"parentheses": ")", "brackets": "]", "quotes": "”"}


def table(name: str) -> Any:
    return json.loads(files("synthetic_neurons").joinpath(f"tables/{name}.json").read_text("utf-8"))


SCALES, NEIGHBOURS = table("scales"), table("neighbours")


@dataclass
class Text:
    """A text's words, and for each whether white space stands before it."""

    words: list[str] = field(default_factory=list)
    spaced: list[bool] = field(default_factory=list)
    known: dict[tuple[int, int], float] = field(default_factory=dict)


def split(text: str) -> Text:
    """Runs of ASCII letters and digits with inner apostrophes or hyphens, or single other characters."""
    found, at, spaced = Text(), 0, False
    while at < len(text):
        if text[at].isspace():
            at, spaced = at + 1, True
            continue
        end = at + 1
        while text[at] in ALNUM and end < len(text):
            inner = text[end] in "'-" and end + 1 < len(text) and text[end + 1] in ALNUM
            if text[end] not in ALNUM and not inner:
                break
            end += 1
        found.words.append(text[at:end])
        found.spaced.append(spaced)
        at, spaced = end, False
    return found


def shape(word: str) -> str:
    """The definition, one clause after the other."""
    ascii_letters = [c for c in word if c.isascii() and c.isalpha()]
    if any(c.isascii() and c.isdigit() for c in word):
        return "digit"
    if not ascii_letters:
        return "punctuation"
    if word == word.lower():
        return "lower"
    if word[0].isupper() and word[1:] == word[1:].lower():
        return "capitalised"
    return "upper" if word == word.upper() else "mixed"


def open_marks(words: list[str], marks: list[str]) -> int:
    """How many marks are open after `words`."""
    level = 0
    for word in words:
        if word == '"' and "quotes" in marks:
            level = 0 if level else 1
        elif word in [OPENERS[mark] for mark in marks]:
            level += 1
        elif word in [CLOSERS[mark] for mark in marks] and level > 0:
            level -= 1
    return level


def inside(words: list[str], at: int, mark: str) -> bool:
    """Whether a mark is open both before and after the word."""
    return open_marks(words[:at], [mark]) > 0 and open_marks(words[: at + 1], [mark]) > 0


def nested(words: list[str], at: int, n: int, mark: str | None) -> bool:
    marks = ["parentheses", "brackets"] if mark is None else [mark]
    if words[at] in [table[mark] for table in (OPENERS, CLOSERS) for mark in marks]:
        return False
    return open_marks(words[: at + 1], marks) >= n


def begins(text: Text, at: int, part: str) -> bool:
    """Whether a sentence or clause begins at the word."""
    if at == 0:
        return True
    if text.words[at] in PUNCTUATION:
        return False
    for i in reversed(range(at)):
        if text.words[i] not in PUNCTUATION:
            return False
        ends = text.words[i] in (".?!" if part == "sentence" else ".?!,;:-–")
        if ends and any(text.spaced[i + 1 : at + 1]):
            return True
        if part == "clause" and text.words[i] == "—":
            return True
    return False


def place(text: Text, at: int, part: str) -> int:
    start = at
    while not begins(text, start, part):
        start -= 1
    return at - start


def graded(word: str, scale: str) -> float:
    if scale == "magnitude" and all(c in string.digits for c in word):
        number = word.lstrip("0")
        return min(max(len(number), 1), 10) / 10
    return float(SCALES[scale]["words"].get(word, 0) / 10)


def similar(word: str, tree: Tree) -> float:
    near = NEIGHBOURS["neighbours"][tree["to"]].split()[: tree["nearest"]]
    if word == tree["to"]:
        return 1.0
    if word not in near:
        return 0.0
    return float(NEIGHBOURS["steps"][near.index(word)] / 10) if tree.get("graded") else 1.0


def counted(tree: Tree, text: Text, at: int) -> bool:
    number = sum(value(tree["of"], text, i) > 0 for i in range(at))
    return number in range(tree["n"], at + 1, tree["n"]) if tree.get("every") else number >= tree["n"]


def word_value(tree: Tree, word: str) -> float:
    """The ops that look at one word."""
    op, lower, text = tree["op"], word.lower(), tree.get("text", "")
    if op == "word":
        return float(lower in [each.lower() for each in tree["words"]])
    if op == "prefix":
        return float(lower.startswith(text) and lower != text)
    if op == "suffix":
        return float(lower.endswith(text) and lower != text)
    if op == "infix":
        return float(any(lower[i : i + len(text)] == text for i in range(1, len(lower) - len(text))))
    if op == "shape":
        return float(shape(word) == tree["shape"])
    return graded(lower, tree["scale"]) if op == "graded" else similar(lower, tree)


def context_value(tree: Tree, text: Text, at: int) -> float:
    """The ops that look at the word's place and at words before it."""
    op, lower = tree["op"], [word.lower() for word in text.words[: at + 1]]
    if op in ("position", "place"):
        here = at if op == "position" else place(text, at, tree["in"])
        return float(tree["from"] <= here and (tree["to"] is None or here <= tree["to"]))
    if op == "inside":
        return float(inside(text.words, at, tree["mark"]))
    if op == "depth":
        return float(nested(text.words, at, tree["n"], tree.get("mark")))
    if op == "repeats":
        return float(lower[at] in lower[:at])
    if op == "induction":
        return float(any(lower[i - 1 : i + 1] == lower[at - 1 : at + 1] for i in range(1, at)))
    if op == "count":
        return float(counted(tree, text, at))
    if op == "previous":
        return value(tree["of"], text, at - 1) if at else 0.0
    return max((value(tree["of"], text, i) for i in range(max(0, at - tree["k"]), at)), default=0.0)


def joined_value(tree: Tree, text: Text, at: int) -> float:
    """The ops that join values of the same word."""
    op, of = tree["op"], tree["of"]
    if op in ("and", "or"):
        return (min if op == "and" else max)(value(each, text, at) for each in of)
    if op == "unless":
        return min(value(of, text, at), 1 - value(tree["exception"], text, at))
    if op == "not":
        return 1 - value(of, text, at)
    return value(of, text, at) * float(tree["factor"])


def value(tree: Tree, text: Text, at: int) -> float:
    """One word's value; kept, so that nested contexts end in time."""
    key = (id(tree), at)
    if key not in text.known:
        if tree["op"] in ("always", "never"):
            found = float(tree["op"] == "always")
        elif tree["op"] in ("word", "prefix", "suffix", "infix", "shape", "graded", "similar"):
            found = word_value(tree, text.words[at])
        elif tree["op"] in ("and", "or", "not", "unless", "scaled"):
            found = joined_value(tree, text, at)
        else:
            found = context_value(tree, text, at)
        text.known[key] = found
    return text.known[key]


def values(tree: Tree, line: str) -> list[float]:
    """Every word's value."""
    text = split(line)
    return [value(tree, text, at) for at in range(len(text.words))]
