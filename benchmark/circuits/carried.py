"""Which edges of a planted circuit carry what differs between prompts and their twins.

An edge over which the same thing flows on both cannot be found by patching, however exact. Of the core, whose edges are
few, every subset is tried: an edge carries something if there are edges beside which it matters (as minimality is
defined by Wang et al. 2022, arXiv 2211.00593, section 4). What holds of the core holds of all parts of its heads.
"""

from itertools import product

from benchmark.circuits.edges import EdgeRunner
from benchmark.circuits.kinds.kind import Edge

# Of the behaviour: from this share on an edge matters.
MATTERS = 0.05


def carried(core: EdgeRunner, edges: frozenset[Edge]) -> frozenset[Edge]:
    """Those of a core's edges that matter beside some of the others.

    Args:
        core: the core's model on prompts of the behaviour.
        edges: of the core, at most a dozen.
    """
    own, others = sorted(edges), frozenset(core.edges) - edges
    sets = [frozenset(edge for edge, there in zip(own, bits, strict=True) if there) for bits in _bits(len(own))]
    run = core.runner
    span = float(run.whole.mean() - run.twin.mean())
    means = core.patched([others | frozenset(own) - some for some in sets]).mean(1)
    kept = dict(zip(sets, (means / span).tolist(), strict=True))
    return frozenset(edge for edge in own if max(abs(kept[some] - kept[some - {edge}]) for some in sets) >= MATTERS)


def _bits(number: int) -> list[tuple[bool, ...]]:
    return list(product((False, True), repeat=number))
