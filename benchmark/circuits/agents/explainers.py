"""Explainers of circuits as a session meets them: loops under a mind, and functions of the laboratory, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Protocol

from benchmark.circuits import edge_explainers
from benchmark.circuits.agents.desk import Desk
from benchmark.circuits.agents.guardrails.guardrail import CircuitGuardrail
from benchmark.circuits.agents.loop import CircuitLoop
from benchmark.circuits.agents.mind import Evidence, Mind
from benchmark.circuits.agents.model_mind import ModelMind
from benchmark.circuits.agents.report_json import to_json, told
from benchmark.circuits.agents.rule_mind import RuleMind
from benchmark.circuits.agents.session import CircuitSession
from benchmark.circuits.catalog import EXPLAINERS as PLAIN
from benchmark.circuits.kinds.kind import Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.roles import with_roles
from benchmark.errors import UserError
from benchmark.explainers.explainer import Ask, Journal


class CircuitExplainer(Protocol):
    """Given a session, returns a report.

    Attributes:
        name: in logs and tables.
        needs_model: whether `ask` must be there.
    """

    name: str
    needs_model: bool

    async def explain(self, session: CircuitSession, journal: Journal, ask: Ask | None = None) -> CircuitReport:
        """Explain the behaviour.

        Raises:
            NoReport: counted under its kind.
            BudgetExceeded, OverBudget: counted as a limit.
        """
        ...


class LoopedExplainer:
    """A loop under a mind.

    Args:
        name: its own.
        think: makes the mind; from the model and the journal where it needs one.
        needs_model: whether it does.
        guardrails: what its submissions must pass; empty for the free arm.
    """

    def __init__(
        self,
        name: str,
        think: Callable[[Ask | None, Journal], Mind],
        needs_model: bool,
        guardrails: Sequence[CircuitGuardrail] = (),
    ) -> None:
        self.name, self.needs_model = name, needs_model
        self._think, self._guardrails = think, tuple(guardrails)

    async def explain(self, session: CircuitSession, journal: Journal, ask: Ask | None = None) -> CircuitReport:
        """A report, or an abstention.

        Raises:
            ValueError: `ask` is missing and wanted.
            NoReport: the model's answers cannot be read.
            BudgetExceeded, OverBudget: the budget ended before there was a report.
        """
        if self.needs_model and ask is None:
            raise ValueError(f"explainer {self.name!r} asks a model and none was given: --model <provider>/<model>")
        seen = Evidence(Desk(session))
        return await CircuitLoop(seen, journal, self._think(ask, journal), self._guardrails).run()


class PlainExplainer:
    """A function of the laboratory.

    Args:
        name: its own.
        function: returns the report.
    """

    needs_model: bool = False

    def __init__(self, name: str, function: edge_explainers.ExplainEdges) -> None:
        self.name, self._function = name, function

    async def explain(self, session: CircuitSession, journal: Journal, ask: Ask | None = None) -> CircuitReport:
        """What the function returns.

        Raises:
            OverBudget: it wants more prompts than there are.
            BudgetExceeded: it took longer than there was.
        """
        report = self._function(session.laboratory)
        session.in_time()
        journal.note("submission", told(report), circuit=to_json(report))
        return report


@dataclass(frozen=True)
class Supplies:
    """What only the caller of an explainer has.

    Attributes:
        truth: the planted heads, for the oracle; none where nothing is planted.
        edges: the planted edges that carry anything, for the oracle.
        seed: of what is drawn by lot.
        guardrails: of the guarded.
    """

    truth: frozenset[Head]
    edges: frozenset[Edge] = frozenset()
    seed: int = 0
    guardrails: Sequence[CircuitGuardrail] = ()


@dataclass(frozen=True)
class Entry:
    """How to make an explainer.

    Attributes:
        make: makes one.
        summary: one line for people.
        needs_model: whether it asks a model.
        guarded: whether its reports are submitted to guardrails.
    """

    make: Callable[[Supplies], CircuitExplainer]
    summary: str
    needs_model: bool = False
    guarded: bool = False


def _drawn(make: Callable[[int], edge_explainers.ExplainEdges], supplies: Supplies) -> edge_explainers.ExplainEdges:
    return make(supplies.seed)


def _plain(name: str, made: Callable[[Supplies], edge_explainers.ExplainEdges], summary: str) -> Entry:
    return Entry(lambda supplies: PlainExplainer(name, made(supplies)), summary)


def _rules(ask: Ask | None, journal: Journal) -> Mind:
    return RuleMind()


def _model(ask: Ask | None, journal: Journal) -> Mind:
    assert ask is not None
    return ModelMind(ask, journal)


def _looped(name: str, think: Callable[[Ask | None, Journal], Mind], summary: str) -> Entry:
    asks, guarded = think is _model, name.endswith("guardrailed")

    def make(supplies: Supplies) -> CircuitExplainer:
        return LoopedExplainer(name, think, asks, supplies.guardrails if guarded else ())

    return Entry(make, summary, asks, guarded)


def _oracle(supplies: Supplies) -> edge_explainers.ExplainEdges:
    """The truth; where nothing is planted that is to abstain."""
    if not supplies.truth:
        return lambda laboratory: CircuitReport({}, reason="nothing is planted")
    return with_roles(edge_explainers.oracle(supplies.truth, supplies.edges))


_SUMMARIES = {
    "random": "control: heads at random",
    "attention_score": "what heads attend to",
    "copying_score": "whether heads raise what they attend to",
    "logit_attribution": "what heads write of the answer",
    "ablation": "each head ablated by its mean",
    "patching": "each head patched from the twin",
    "greedy_ablation": "heads ablated one by one, the one that counts most first",
    "attribution": "attribution patching, one gradient",
    "attribution_ig": "attribution patching, integrated gradients",
    "eap": "edge attribution patching, one gradient",
    "eap_ig": "edge attribution patching, integrated gradients",
    "path_patching": "each edge patched by itself",
    "acdc": "edges pruned from the logits down",
}
EXPLAINERS: dict[str, Entry] = {
    "oracle": _plain("oracle", _oracle, "ceiling: the truth"),
    **{name: _plain(name, partial(_drawn, make), _SUMMARIES.get(name, name)) for name, make in PLAIN.items()},
    "rules_agentic": _looped("rules_agentic", _rules, "the loop without a model: rules plan and report"),
    "rules_guardrailed": _looped("rules_guardrailed", _rules, "the same, submitted to guardrails"),
    "agentic": _looped("agentic", _model, "a language model plans experiments and reports"),
    "guardrailed": _looped("guardrailed", _model, "the same, submitted to guardrails"),
}


def entry(name: str) -> Entry:
    """An explainer's entry.

    Raises:
        UserError: no such name; the message has the nearest.
    """
    if name not in EXPLAINERS:
        close = get_close_matches(name, EXPLAINERS, n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(map(repr, close))}?" if close else f"valid names: {', '.join(EXPLAINERS)}"
        raise UserError(f"no explainer of circuits {name!r}; {hint}")
    return EXPLAINERS[name]
