"""Which heads of a behaviour are drawn, and on which prompt."""

from collections.abc import Mapping
from typing import Any

from benchmark.circuits.found.behaviours import BEHAVIOURS
from benchmark.circuits.found.figure import figure
from benchmark.circuits.found.study import Study
from benchmark.circuits.layered import LayeredRunner
from benchmark.circuits.nodes import Head

EACH = 3
HOW = "A row is a token that looks, a column one that is looked at; the darker, the more. Hover for the share."


def of_behaviour(study: Study, name: str, found: Mapping[str, Any]) -> str:
    """Attention on one exam prompt: of induction and previous-token heads, else of the heads with most effect."""
    captions = _induction(found) if name == "induction" else _strongest(found)
    prompts = BEHAVIOURS[name](study.tokenizer, 1, study.seed, "exam")
    patterns = LayeredRunner(study.machine, prompts).patterns()
    shown = {}
    for each in captions:
        head = Head.parse(each)
        shown[each] = patterns[head.layer][0, head.head]
    tokens = [study.tokenizer.decode([int(token)]).strip() or "·" for token in prompts.prompts[0]]
    return figure(tokens, shown, captions, f"{name}: attention on one exam prompt", HOW)


def _induction(found: Mapping[str, Any]) -> dict[str, str]:
    """Those of the common circuit that match prefixes most, and those that look at the previous token most."""
    scores = {"prefix matching": found["prefix_matching"], "previous token": found["previous_token"]}
    captions: dict[str, str] = {}
    for told, by_head in scores.items():
        members = found["common"] or list(by_head)
        best = sorted(members, key=lambda head: -by_head[head])[:EACH]
        captions |= {head: f"{told} {by_head[head]:.2f}" for head in best if head not in captions}
    return captions


def _strongest(found: Mapping[str, Any]) -> dict[str, str]:
    """Those of the common circuit that patching finds strongest."""
    scores = found["methods"]["patching"]["scores"]
    members = [head for head in found["common"] if head in scores] or list(scores)
    best = sorted(members, key=lambda head: -scores[head])[: 2 * EACH]
    return {head: f"patching {scores[head]:.2f}" for head in best}
