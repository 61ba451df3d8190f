"""The circuit laboratory of a model whose edges can be patched one by one."""

from collections.abc import Callable, Sequence

from benchmark.circuits.edges import EdgeMachine, EdgeRunner
from benchmark.circuits.kinds.kind import LOGITS, Edge
from benchmark.circuits.laboratory import CircuitLaboratory, along
from benchmark.circuits.runner import Runner
from synthetic_neurons.passages import Floats


class EdgeLaboratory(CircuitLaboratory):
    """Experiments on heads and on edges, out of one budget.

    Args:
        runner: the model on the teach prompts; its machine is an `EdgeMachine`.
        budget: how many prompts may be run.
        in_time: asked before each experiment; raises where time is up.

    Attributes:
        edges: of the model.
        machine: whose weights may be read; that costs nothing.
    """

    def __init__(self, runner: Runner, budget: int, in_time: Callable[[], None] = lambda: None) -> None:
        super().__init__(runner, budget, in_time)
        self._edges = EdgeRunner(runner)
        self.edges = self._edges.edges
        self.machine: EdgeMachine = self._edges.machine

    def patch(self, sets: Sequence[frozenset[Edge]]) -> Floats:
        """float64 [sets]: the mean logit difference with each set's edges patched from the twin.

        Raises:
            OverBudget: it costs more than is left.
        """
        # The logits' own edges add up, and nothing has to be run for them.
        run = sum(any(receiver != LOGITS for _, receiver in some) for some in sets)
        self._afford(run * self.prompts)
        found: Floats = self._edges.patched(sets).mean(1)
        return found

    def edge_attribution(self, steps: int = 1) -> dict[Edge, float]:
        """What the mean logit difference would lose with each edge patched, to first order; see `attribution`.

        Raises:
            OverBudget: it costs more than is left.
        """
        self._afford(2 * steps * self.prompts)
        found: dict[Edge, float] = dict.fromkeys(self.edges, 0.0)
        for at in along(steps):
            for edge, value in self._edges.attribution(at).items():
                found[edge] += value / steps
        return found
