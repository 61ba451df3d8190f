"""Every explainer of circuits that asks no language model, by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from benchmark.circuits import edge_explainers, explainers
from benchmark.circuits.copying import copying_score
from benchmark.circuits.edge_explainers import ExplainEdges
from benchmark.circuits.roles import with_roles

STEPS = 5

_MADE: Mapping[str, Callable[[int], ExplainEdges]] = {
    "random": explainers.random,
    "attention_score": lambda seed: explainers.attention_score(),
    "copying_score": lambda seed: copying_score,
    "logit_attribution": lambda seed: explainers.logit_attribution(),
    "ablation": lambda seed: explainers.ablation("mean"),
    "patching": lambda seed: explainers.ablation("resample"),
    "greedy_ablation": lambda seed: explainers.greedy("mean"),
    "attribution": lambda seed: explainers.attribution(),
    "attribution_ig": lambda seed: explainers.attribution(STEPS),
    "eap": lambda seed: edge_explainers.eap(),
    "eap_ig": lambda seed: edge_explainers.eap(STEPS),
    "path_patching": lambda seed: edge_explainers.path_patching(),
    "acdc": lambda seed: edge_explainers.acdc(),
}


def _told(make: Callable[[int], ExplainEdges]) -> Callable[[int], ExplainEdges]:
    return lambda seed: with_roles(make(seed))


# Of a seed; each says what the heads it names do.
EXPLAINERS: Mapping[str, Callable[[int], ExplainEdges]] = MappingProxyType(
    {name: _told(make) for name, make in _MADE.items()}
)
