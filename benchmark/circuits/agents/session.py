"""One explainer's session with one behaviour: the laboratories, and one budget for all that is run in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy.stats import binomtest

from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.edge_laboratory import EdgeLaboratory
from benchmark.circuits.edges import EdgeMachine
from benchmark.circuits.laboratory import CircuitLaboratory, OverBudget
from benchmark.circuits.runner import Runner
from benchmark.clock import Clock
from benchmark.laboratory import Budget, Meter, Spend

# Of the teach prompts, the first are for experiments; guardrails look at the others, which no explainer sees.
SHOWN, HELD_OUT = 64, 32
# The model does what it is said to do if it prefers the right answer this clearly more often than not (3 sigma).
LEVEL = 0.00135


@dataclass(frozen=True)
class Preference:
    """How often the model gives the right answer the greater logit than the wrong one.

    Attributes:
        right: on how many prompts.
        prompts: of how many.
    """

    right: int
    prompts: int

    @property
    def clear(self) -> bool:
        """Whether that is more than chance: a one-sided sign test."""
        return bool(binomtest(self.right, self.prompts, 0.5, alternative="greater").pvalue < LEVEL)

    def __str__(self) -> str:
        return f"{self.right} of {self.prompts} prompts"


def _preference(runner: Runner) -> Preference:
    return Preference(int((runner.whole > 0).sum()), len(runner.whole))


class CircuitSession:
    """What an explainer of circuits works in.

    Args:
        machine: the model.
        shown: prompts for experiments.
        held_out: prompts for guardrails alone.
        budget: ceilings; `unit_queries` are prompts run, by experiments and guardrails together.
        clock: counts the seconds; started now unless given.
    """

    def __init__(
        self, machine: EdgeMachine, shown: Behaviour, held_out: Behaviour, budget: Budget, clock: Clock | None = None
    ) -> None:
        self.shown = shown
        experiments, checks = Runner(machine, shown), Runner(machine, held_out)
        self._meter = Meter(budget, clock or Clock())
        self.laboratory = EdgeLaboratory(experiments, budget.unit_queries, self.in_time)
        self.held_out = CircuitLaboratory(checks, budget.unit_queries, self.in_time)
        self.preference, self.held_out_preference = _preference(experiments), _preference(checks)
        # Prompts that experiments leave alone, for the guardrails that a report has to meet.
        self.reserve = 0

    @property
    def layers(self) -> int:
        """How many."""
        return 1 + max(head.layer for head in self.laboratory.heads)

    @property
    def each(self) -> int:
        """Heads in a layer."""
        return 1 + max(head.head for head in self.laboratory.heads)

    @property
    def budget(self) -> Budget:
        """The ceilings."""
        return self._meter.budget

    @property
    def spend(self) -> Spend:
        """What was used so far; unit queries are prompts run."""
        return replace(self._meter.spend, unit_queries=self.laboratory.spent + self.held_out.spent)

    @property
    def prompts_left(self) -> int:
        """Prompts that may still be run, the reserve included."""
        return self.budget.unit_queries - self.spend.unit_queries

    def afford(self, rows: int, from_reserve: bool = False) -> None:
        """See that so many prompts may be run.

        Raises:
            OverBudget: they may not; the message says what is left.
        """
        left = max(0, self.prompts_left - (0 if from_reserve else self.reserve))
        if rows > left:
            raise OverBudget(f"the experiment runs {rows} prompts and {left} of {self.budget.unit_queries} are left")

    def in_time(self) -> None:
        """See that there is time left; an experiment that is being run is not cut short.

        Raises:
            BudgetExceeded: the seconds are used up.
        """
        self._meter.check_time()

    def begin_round(self) -> None:
        """Count a round of a loop.

        Raises:
            BudgetExceeded: the rounds or the seconds are used up.
        """
        self._meter.round()

    def begin_call(self, question: int, answer: int) -> None:
        """Count a call to the explainer's model before it is made; as in `benchmark.laboratory.Laboratory`."""
        self._meter.call(question, answer)

    def charge_tokens(self, number: int, generated: int = 0) -> None:
        """Count tokens of the explainer's model; as in `benchmark.laboratory.Laboratory`."""
        self._meter.tokens(number, generated)


def parted(teach: Behaviour) -> tuple[Behaviour, Behaviour]:
    """Teach prompts for experiments, and those held out for guardrails: two thirds and one third."""
    cut = len(teach) * SHOWN // (SHOWN + HELD_OUT)
    return teach.part(0, cut), teach.part(cut, len(teach))


def nulls(parts: Sequence[Behaviour], seed: int) -> tuple[Behaviour, ...]:
    """Null behaviours of some parts: each is shuffled by tosses of its own.

    Args:
        parts: of one behaviour.
        seed: of the tosses; behaviours that are to be independent need different ones.
    """
    return tuple(part.shuffled(seed + at) for at, part in enumerate(parts))
