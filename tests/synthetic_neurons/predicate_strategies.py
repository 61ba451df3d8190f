"""Random predicates and texts, and a slow reading of the definitions to check the fast one against."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

# A busy machine must not fail a test for being slow.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

WORDS = ["the", "Dog", "dogs", "PUPPY", "unhappy", "running", "ing", "un", "3rd", "McCoy", "I", "don't", "X-ray", "ice"]
MARKS = ["(", ")", '"', "\u201c", "\u201d", ",", ";", "\u00e9"]
LOWER = [word.lower() for word in WORDS] + [",", "("]

texts = st.lists(st.lists(st.sampled_from(WORDS + MARKS), max_size=14).map(" ".join), min_size=1, max_size=4)

_leaves: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(
        lambda words, name: {"op": "word", "words": words, **({"name": name} if name else {})},
        st.lists(st.sampled_from(LOWER), min_size=1, max_size=4, unique=True),
        st.sampled_from([None, "kinds of things"]),
    ),
    st.builds(lambda text: {"op": "prefix", "text": text}, st.sampled_from(["un", "d", "x-", "ing"])),
    st.builds(lambda text: {"op": "suffix", "text": text}, st.sampled_from(["ing", "s", "y", "un"])),
    st.builds(
        lambda shape: {"op": "shape", "shape": shape},
        st.sampled_from(["capitalised", "upper", "digit", "punctuation", "lower", "mixed"]),
    ),
    st.builds(
        lambda first, more: {"op": "position", "from": first, "to": None if more is None else first + more},
        st.integers(0, 6),
        st.none() | st.integers(0, 5),
    ),
    st.builds(lambda mark: {"op": "inside", "mark": mark}, st.sampled_from(["parentheses", "quotes"])),
    st.sampled_from([{"op": "repeats"}, {"op": "always"}, {"op": "never"}]),
)


def _grow(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.builds(lambda op, of: {"op": op, "of": of}, st.sampled_from(["previous", "not"]), inner),
        st.builds(lambda k, of: {"op": "within", "k": k, "of": of}, st.integers(1, 9), inner),
        st.builds(
            lambda op, of: {"op": op, "of": of}, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)
        ),
        st.builds(lambda of, exception: {"op": "unless", "of": of, "exception": exception}, inner, inner),
        st.builds(
            lambda of, factor: {"op": "scaled", "of": of, "factor": factor},
            inner,
            st.sampled_from([0.25, 0.5, 0.75, 1.0]),
        ),
    )


trees: st.SearchStrategy[dict[str, Any]] = st.recursive(_leaves, _grow, max_leaves=8)


def slow_shape(word: str) -> str:
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


def slow_inside(words: list[str], at: int, mark: str) -> bool:
    """Whether a mark is open both before and after the word."""

    def depth(count: int) -> int:
        level = 0
        for word in words[:count]:
            if mark == "parentheses":
                level = max(0, level + {"(": 1, ")": -1}.get(word, 0))
            elif word == '"':
                level = 0 if level else 1
            else:
                level = max(0, level + {"\u201c": 1, "\u201d": -1}.get(word, 0))
        return level

    return depth(at) > 0 and depth(at + 1) > 0


def slow_value(tree: dict[str, Any], words: list[str], at: int) -> float:
    """One word's value from the definitions, with no sharing of work."""
    of: Any = tree.get("of")
    op, word = tree["op"], words[at].lower()
    if op == "word":
        return float(word in tree["words"])
    if op in ("prefix", "suffix"):
        hit = word.startswith(tree["text"]) if op == "prefix" else word.endswith(tree["text"])
        return float(hit and len(word) > len(tree["text"]))
    if op == "shape":
        return float(slow_shape(words[at]) == tree["shape"])
    if op == "position":
        return float(tree["from"] <= at and (tree["to"] is None or at <= tree["to"]))
    if op == "inside":
        return float(slow_inside(words, at, tree["mark"]))
    if op == "repeats":
        return float(word in [each.lower() for each in words[:at]])
    if op == "previous":
        return slow_value(of, words, at - 1) if at else 0.0
    if op == "within":
        return max((slow_value(of, words, i) for i in range(max(0, at - tree["k"]), at)), default=0.0)
    if op in ("and", "or"):
        return (min if op == "and" else max)(slow_value(each, words, at) for each in of)
    if op == "unless":
        return min(slow_value(of, words, at), 1 - slow_value(tree["exception"], words, at))
    if op == "not":
        return 1 - slow_value(of, words, at)
    if op == "scaled":
        return slow_value(of, words, at) * float(tree["factor"])
    return float(op == "always")
