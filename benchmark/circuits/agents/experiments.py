"""Experiments of an agent as data: read from a model's JSON, checked, never run as code."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from benchmark.circuits.kinds.kind import LOGITS, TOKENS, Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.runner import ABLATIONS, Ablation

# Tool to what a model is told of it.
TOOLS: Mapping[str, str] = {
    "prompts": "prompts(prompt): prompts as letters with their right and wrong answers, from number `prompt` on; free",
    "direct": "direct(): what each head writes of the answer itself; free",
    "attribution": "attribution(steps): what each head carries, estimated from gradients",
    "attention": "attention(heads): what each head attends to: previous, duplicate or first token, induction",
    "pattern": "pattern(heads, prompt): where one head attends, on one prompt",
    "ablate": "ablate(heads, how): what is lost without these heads together; how: zero, mean or resample",
    "ablate_each": "ablate_each(heads, how): what is lost without each of these heads alone; all if none is named",
    "keep": "keep(heads, how): what is left if all other heads are ablated",
    "keep_without_each": "keep_without_each(heads, how): as keep, but without each of the heads in turn",
    "patch": "patch(heads): what is lost if these heads write what they write on the changed prompt",
    "patch_edges": "patch_edges(edges): what is lost if the second reads of the first what that writes on the changed "
    'prompt; edges are pairs such as ["tokens", "L0H0"], ["L0H0", "L1H1"], ["L1H1", "logits"]',
}
MOST_STEPS, MOST_EXPERIMENTS, MOST_EDGES = 16, 6, 200
LONGEST_QUOTE = 40
_NAMED = re.compile(r"\bL\s*(\d{1,4})\s*[.,]?\s*H\s*(\d{1,4})\b", re.I)


class Declined(ValueError):
    """An experiment that cannot be run as asked for; the message says the nearest that can.

    Attributes:
        kind: "unknown_tool", "unknown_head" or "bad_arguments".
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Experiment:
    """One use of a tool.

    Attributes:
        tool: its name, of `TOOLS`.
        heads: on which; empty where all of them are meant.
        how: ablates.
        steps: of integrated gradients.
        prompt: which prompt, from 0.
        edges: each a sender and a receiver, by name.
        expected: the share of the behaviour that is foretold to be lost, if any is.
    """

    tool: str
    heads: tuple[Head, ...] = ()
    how: Ablation = "mean"
    steps: int = 1
    prompt: int = 0
    edges: tuple[Edge, ...] = ()
    expected: float | None = None

    def __str__(self) -> str:
        named = ", ".join(map(str, self.heads)) if self.heads else "all heads"
        told = {"prompts": str(self.prompt), "direct": "", "attribution": f"steps {self.steps}"}
        told |= {"attention": named, "pattern": f"{named}, prompt {self.prompt}", "patch": named}
        told["patch_edges"] = ", ".join(">".join(edge) for edge in self.edges)
        return f"{self.tool}({told.get(self.tool, f'{named}; {self.how}')})"

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return {
            "tool": self.tool,
            "heads": [str(head) for head in self.heads],
            "how": self.how,
            "steps": self.steps,
            "prompt": self.prompt,
            "edges": [list(edge) for edge in self.edges],
            "expected": self.expected,
        }


def experiment(value: object, layers: int, each: int, prompts: int) -> Experiment:
    """An experiment from a JSON value.

    Args:
        value: an object with "tool" and what the tool takes.
        layers: how many the model has.
        each: heads in a layer.
        prompts: how many prompts there are.

    Raises:
        Declined: it is none; the message has the nearest valid one.
    """
    if not isinstance(value, dict):
        raise Declined("bad_arguments", f"an experiment is an object with a tool, not {_quoted(value)}")
    name = _tool(value.get("tool", value.get("name", "")))
    found = heads_in(value.get("heads", value.get("head", [])), layers, each)
    if name in ("ablate", "keep", "keep_without_each", "patch", "pattern") and not found:
        raise Declined("bad_arguments", f'{name} wants heads, such as ["L0H0"]')
    joined = edges_in(value.get("edges", value.get("edge", [])), layers, each) if name == "patch_edges" else ()
    if name == "patch_edges" and not joined:
        raise Declined("bad_arguments", 'patch_edges wants edges, such as [["tokens", "L0H0"]]')
    return Experiment(
        name,
        found[:1] if name == "pattern" else found,
        _how(value.get("how", "mean")),
        _whole("steps", value.get("steps", 1), 1, MOST_STEPS),
        _whole("prompt", value.get("prompt", 0), 0, prompts - 1),
        joined,
        share(value.get("expected")),
    )


def heads_in(value: object, layers: int, each: int) -> tuple[Head, ...]:
    """Heads of a JSON value: a list of names, or names in a text; each once.

    Raises:
        Declined: one of them is none of the model's.
    """
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple):
        raise Declined("bad_arguments", f"heads are a list of names such as L0H0, not {_quoted(value)}")
    found: dict[Head, None] = {}
    for name in names[: 4 * layers * each]:
        found |= dict.fromkeys(_named(name, layers, each))
    return tuple(found)


def edges_in(value: object, layers: int, each: int) -> tuple[Edge, ...]:
    """Edges of a JSON value: pairs of names of heads, `tokens` and `logits`, the lower layer's first; each once.

    Raises:
        Declined: one of them is none of the model's.
    """
    if not isinstance(value, list | tuple):
        raise Declined("bad_arguments", f"edges are a list of pairs, not {_quoted(value)}")
    return tuple(dict.fromkeys(_edge(pair, layers, each) for pair in value[:MOST_EDGES]))


def _edge(pair: object, layers: int, each: int) -> Edge:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise Declined("bad_arguments", f"an edge is a pair of names, not {_quoted(pair)}")
    one, other = (_end(name, layers, each) for name in pair)
    if _depth(one, layers) >= _depth(other, layers) or (one, other) == (TOKENS, LOGITS):
        raise Declined("bad_arguments", f"nothing goes from {one} to {other}: the first stands in a lower layer")
    return one, other


def _end(name: object, layers: int, each: int) -> str:
    text = name.strip().lower() if isinstance(name, str) else ""
    return text if text in (TOKENS, LOGITS) else str(_named(name, layers, each)[0])


def _depth(end: str, layers: int) -> int:
    return -1 if end == TOKENS else layers if end == LOGITS else Head.parse(end).layer


def _named(name: object, layers: int, each: int) -> list[Head]:
    text = name if isinstance(name, str) else _quoted(name)
    found = [Head(int(layer), int(head)) for layer, head in _NAMED.findall(text[: 16 * layers * each])]
    if not found:
        raise Declined("unknown_head", f"{_quoted(name)} is no head; write L0H0 to L{layers - 1}H{each - 1}")
    for head in found:
        if head.layer >= layers or head.head >= each:
            near = Head(min(head.layer, layers - 1), min(head.head, each - 1))
            raise Declined("unknown_head", f"there is no head {head}; the nearest is {near}")
    return found


def _tool(value: object) -> str:
    if isinstance(value, str) and value.strip().lower() in TOOLS:
        return value.strip().lower()
    near = get_close_matches(str(value)[:LONGEST_QUOTE].lower(), TOOLS, n=1, cutoff=0.4)
    hint = f"the nearest is {near[0]}" if near else f"the tools are {', '.join(TOOLS)}"
    raise Declined("unknown_tool", f"there is no tool {_quoted(value)}; {hint}")


def _how(value: object) -> Ablation:
    if value in ABLATIONS:
        return value
    near = get_close_matches(str(value)[:LONGEST_QUOTE].lower(), ABLATIONS, n=1, cutoff=0.4)
    hint = f"the nearest is {near[0]}" if near else f"choose from {', '.join(ABLATIONS)}"
    raise Declined("bad_arguments", f"there is no ablation {_quoted(value)}; {hint}")


def _whole(name: str, value: object, low: int, high: int) -> int:
    """A whole number in a range; JSON's may be of any length, and true is none."""
    fits = isinstance(value, int) and not isinstance(value, bool)
    if fits and low <= cast(int, value) <= high:
        return cast(int, value)
    near = f"; the nearest is {low if cast(int, value) < low else high}" if fits else ""
    raise Declined("bad_arguments", f"{name} is a whole number from {low} to {high}{near}")


def share(value: object) -> float | None:
    """A share from 0 to 1; per cent are taken for what they are, and what is no number for nothing."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    return min(1.0, max(0.0, number / 100 if 1 < number <= 100 else number))


def _quoted(value: object) -> str:
    """The beginning of what a model wrote; it may be megabytes long."""
    text = value if isinstance(value, str) else type(value).__name__
    return repr(text[:LONGEST_QUOTE])


def experiments(
    stated: Sequence[object], layers: int, each: int, prompts: int
) -> tuple[list[Experiment], list[Declined]]:
    """The first experiments of a list that can be run, each once, and what is wrong with the others among them."""
    made: dict[Experiment, None] = {}
    wrong: list[Declined] = []
    for value in stated[:MOST_EXPERIMENTS]:
        try:
            made[experiment(value, layers, each, prompts)] = None
        except Declined as error:
            wrong.append(error)
    return list(made), wrong
