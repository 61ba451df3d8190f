"""Explainers that score edges: by gradients, by patching each, and by pruning."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from benchmark.circuits import explainers
from benchmark.circuits.edge_laboratory import EdgeLaboratory
from benchmark.circuits.explainers import abstention
from benchmark.circuits.kinds.kind import LOGITS, TOKENS, Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport

ExplainEdges = Callable[[EdgeLaboratory], CircuitReport]
# An edge belongs to the circuit from this share of the behaviour on.
EDGE_SHARE = 0.01


def eap(steps: int = 1) -> ExplainEdges:
    """Edge attribution patching from one gradient (Syed et al. 2023, arXiv 2310.10348), or from several.

    With several it is EAP with integrated gradients (Hanna et al. 2024, arXiv 2403.17806).
    """
    return _scored(lambda laboratory: laboratory.edge_attribution(steps))


def path_patching() -> ExplainEdges:
    """Every edge patched by itself, and nothing else: exact, and the dearest."""

    def lost(laboratory: EdgeLaboratory) -> dict[Edge, float]:
        left = laboratory.patch([frozenset({edge}) for edge in laboratory.edges])
        return dict(zip(laboratory.edges, (laboratory.whole - left).tolist(), strict=True))

    return _scored(lost)


def _scored(lost: Callable[[EdgeLaboratory], Mapping[Edge, float]]) -> ExplainEdges:
    def explain(laboratory: EdgeLaboratory) -> CircuitReport:
        if laboratory.change_to_twin.is_nothing:
            return abstention(laboratory.change_to_twin)
        whole = laboratory.change_to_twin.mean
        scores = {edge: value / whole for edge, value in lost(laboratory).items()}
        kept = connected(edge for edge, score in scores.items() if abs(score) >= EDGE_SHARE)
        return _report(laboratory, scores, kept)

    return explain


def acdc(share: float = EDGE_SHARE) -> ExplainEdges:
    """Edges patched one after the other, from the logits down, and left patched where that changes next to nothing.

    After Conmy et al. 2023 (arXiv 2304.14997), algorithm 1, with the logit difference in the place of their divergence.
    What no longer reaches the logits is patched without being run.

    Args:
        share: of the behaviour, below which a change is next to nothing.
    """

    def explain(laboratory: EdgeLaboratory) -> CircuitReport:
        if laboratory.change_to_twin.is_nothing:
            return abstention(laboratory.change_to_twin)
        whole = laboratory.change_to_twin.mean
        gone: frozenset[Edge] = frozenset()
        scores: dict[Edge, float] = {}
        now = laboratory.whole
        for receiver in (LOGITS, *map(str, reversed(laboratory.heads))):
            live = receiver == LOGITS or any(one == receiver and (one, other) not in gone for one, other in scores)
            for edge in reversed([edge for edge in laboratory.edges if edge[1] == receiver]):
                then = float(laboratory.patch([gone | {edge}])[0]) if live else now
                scores[edge] = (now - then) / whole
                if abs(scores[edge]) < share:
                    gone, now = gone | {edge}, then
        return _report(laboratory, scores, connected(frozenset(laboratory.edges) - gone))

    return explain


def oracle(heads: frozenset[Head], edges: frozenset[Edge]) -> ExplainEdges:
    """A ceiling: the planted heads and edges, each head with the share that is lost without it."""

    def explain(laboratory: EdgeLaboratory) -> CircuitReport:
        return replace(explainers.oracle(heads)(laboratory), edges=dict.fromkeys(edges, 1.0), wired=edges)

    return explain


def connected(some: Iterable[Edge]) -> frozenset[Edge]:
    """Those edges that lie on a way from the tokens to the logits."""
    kept = frozenset(some)
    while True:
        fed = {other for _, other in kept} | {TOKENS}
        heard = {one for one, _ in kept} | {LOGITS}
        fewer = frozenset(edge for edge in kept if edge[0] in fed and edge[1] in heard)
        if fewer == kept:
            return kept
        kept = fewer


def _report(laboratory: EdgeLaboratory, scores: Mapping[Edge, float], kept: frozenset[Edge]) -> CircuitReport:
    """A head's score is the sum over the edges by which it is read: to first order, what is lost without it."""
    by_name = {str(head): head for head in laboratory.heads}
    of_heads = dict.fromkeys(laboratory.heads, 0.0)
    for (sender, _), score in scores.items():
        if sender in by_name:
            of_heads[by_name[sender]] += score
    circuit = frozenset(by_name[sender] for sender, _ in kept if sender in by_name)
    effects = {head: max(-1.0, min(1.0, of_heads[head])) for head in circuit}
    return CircuitReport(of_heads, circuit, effects=effects, edges=dict(scores), wired=kept)
