"""Random predicates as JSON, and random texts: small ones that make every op fire, and any Unicode."""

from typing import Any

from hypothesis import strategies as st

Tree = dict[str, Any]

WORDS = ["the", "Dog", "dogs", "PUPPY", "unhappy", "running", "ing", "un", "3rd", "McCoy", "I", "don't", "X-ray", "ice"]
LEVELS = [
    "7",
    "0042",
    "1000",
    "million",
    "Twenty-one",
    "very",
    "Utterly",
    "rain",
    "wet",
    "Rainy",
    "snow",
    "eleven",
    "six",
]
LEVELS += ["rainfall", "weather", "drought", "cloudy", "nine", "eight", "dozen", "really", "extremely", "highly"]
MARKS = ["(", ")", "[", "]", '"', "\u201c", "\u201d", ",", ";", ".", "?", "-", "\u2014", "\u2026", "\u00e9"]
LOWER = [word.lower() for word in WORDS + LEVELS] + [",", "(", "\u05e9", "\u00e9"]
# Combining marks, right to left, joined emoji, NUL and other controls, letters whose lower case is odd, long words.
ODD = [
    "e\u0301\u0328cole",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u0645\u0631\u062d\u0628\u0627",
    "\u202eabc\u202c",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\x00",
    "a\x00b",
    "\x1f",
    "\u2028",
    "\u0130I\u0131i\u0307",
    "\u212a\u017f\u00df",
    "\u0663\u00b2\uff11",
    "\U0010ffff",
    "\ufeff",
    "w" * 5000,
    "9" * 5000,
    "(" * 300,
]

_spaced = st.sampled_from([" ", " ", " ", "", "\n"])
_common = st.sampled_from(WORDS + LEVELS + MARKS)
_few = st.sampled_from(["the", "dog", ",", "."])


def _lines(pieces: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    """Pieces with white space or nothing after each."""
    return st.lists(st.tuples(pieces, _spaced).map("".join), max_size=most).map("".join)


_dense = _lines(st.sampled_from(MARKS), 12) | _lines(st.sampled_from(LEVELS), 12) | _lines(st.sampled_from("()[]a"), 12)
texts = st.lists(_lines(_common, 14) | _lines(_few, 12) | _dense, min_size=1, max_size=4)
unicode_texts = st.lists(_lines(st.sampled_from(ODD) | st.text(max_size=6) | _common, 6), min_size=1, max_size=3)


def _node(op: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    return st.fixed_dictionaries({"op": st.just(op), **fields})


def _optional(tree: Tree, name: str, value: Any) -> Tree:
    """Canonical JSON leaves out what has its default."""
    return {**tree, name: value} if value else tree


def _span(tree: Tree, first: int, more: int | None) -> Tree:
    return {**tree, "from": first, "to": None if more is None else first + more}


_spans = (st.integers(0, 6), st.none() | st.integers(0, 5))
_words = st.lists(st.sampled_from(LOWER), min_size=1, max_size=4, unique=True)

_odd_name = st.sampled_from([None, "kinds of things"])
_parts, _numbers = st.sampled_from(["clause", "sentence"]), st.integers(1, 12)
_similar = _node("similar", to=st.sampled_from(["rain", "seven", "very"]), nearest=_numbers)
_bracket = st.sampled_from([None, "parentheses", "brackets"])

LEAVES: dict[str, st.SearchStrategy[Tree]] = {
    "word": st.builds(_optional, _node("word", words=_words), st.just("name"), _odd_name),
    "prefix": _node("prefix", text=st.sampled_from(["un", "d", "x-", "ing", "i"])),
    "suffix": _node("suffix", text=st.sampled_from(["ing", "s", "y", "un", "\u0307"])),
    "infix": _node("infix", text=st.sampled_from(["n", "pp", "-", "o", "d", "in"])),
    "shape": _node("shape", shape=st.sampled_from(["capitalised", "upper", "digit", "punctuation", "lower", "mixed"])),
    "graded": _node("graded", scale=st.sampled_from(["magnitude", "intensity"])),
    "similar": st.builds(_optional, _similar, st.just("graded"), st.booleans()),
    "position": st.builds(_span, _node("position"), *_spans),
    "place": _parts.flatmap(lambda part: st.builds(_span, st.just({"op": "place", "in": part}), *_spans)),
    "inside": _node("inside", mark=st.sampled_from(["parentheses", "quotes", "brackets"])),
    "depth": st.builds(_optional, _node("depth", n=st.integers(1, 3)), st.just("mark"), _bracket),
    **{op: st.just({"op": op}) for op in ("repeats", "induction", "always", "never")},
}


def _grown(inner: st.SearchStrategy[Tree]) -> dict[str, st.SearchStrategy[Tree]]:
    counted = _node("count", n=st.integers(1, 4), of=inner)
    return {
        "previous": _node("previous", of=inner),
        "not": _node("not", of=inner),
        "within": _node("within", k=st.integers(1, 9), of=inner),
        "count": st.builds(_optional, counted, st.just("every"), st.booleans()),
        "and": _node("and", of=st.lists(inner, min_size=1, max_size=3)),
        "or": _node("or", of=st.lists(inner, min_size=1, max_size=3)),
        "unless": _node("unless", of=inner, exception=inner),
        "scaled": _node("scaled", of=inner, factor=st.sampled_from([0.25, 0.5, 0.75, 1.0])),
    }


# Each op by itself, over parts that fire often, and any tree.
single: dict[str, st.SearchStrategy[Tree]] = {
    **LEAVES,
    **_grown(LEAVES["word"] | LEAVES["shape"] | LEAVES["graded"]),
}
trees: st.SearchStrategy[Tree] = st.recursive(
    st.one_of(*LEAVES.values()), lambda inner: st.one_of(*_grown(inner).values()), max_leaves=8
)

# What a model might send: the fields of an op, some left out, some strange.
_whole = st.integers(-1, 70) | st.sampled_from([3.0, 2.5, True, None, 2**53, 1e300, "3"])
_text = st.sampled_from([*WORDS, *ODD[:8], "", " ", "a b", "ab\n", "rain", "wether"]) | st.text(max_size=3)
_name = st.sampled_from(
    ["clause", "sentence", "quotes", "brackets", "parentheses", "lower", "magnitude", "intensity", "x", None]
)
_ITEMS = {"words": st.lists(_text, max_size=3), "text": _text, "name": _text | st.none(), "to": _whole}
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **_ITEMS,
    **dict.fromkeys(("from", "k", "n", "nearest"), _whole),
    **dict.fromkeys(("shape", "mark", "in", "scale"), _name),
    **dict.fromkeys(("every", "graded"), st.booleans() | st.none() | st.just(1)),
    "factor": st.sampled_from([0.5, 1, 0, 1.5, True, "1", None]),
}


@st.composite
def loose_trees(draw: st.DrawFn, ops: dict[str, tuple[str, ...]], levels: int = 3) -> Tree:
    """Trees that are mostly but not always valid. `ops`: op to all its fields, as the schema has them."""
    op = draw(st.sampled_from(sorted(ops) if levels > 1 else [op for op in sorted(ops) if "of" not in ops[op]]))
    tree: Tree = {"op": op}
    for field in ops[op]:
        if draw(st.integers(0, 19)) == 0:
            continue
        if field in ("of", "exception"):
            child = loose_trees(ops, levels - 1)
            many = op in ("and", "or")
            tree[field] = draw((st.lists(child, max_size=2) if many else child) | st.sampled_from([[], 3]))
        else:
            tree[field] = draw(_text if (op, field) == ("similar", "to") else _FIELDS[field])
    return tree if draw(st.integers(0, 29)) else {**tree, "odd": 1}
