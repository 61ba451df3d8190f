"""Explainers of circuits as a session meets them: loops under a mind, and functions of the laboratory, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from benchmark.circuits import edge_explainers
from benchmark.circuits import explainers as plain
from benchmark.circuits.agents.desk import Desk
from benchmark.circuits.agents.guardrails.guardrail import CircuitGuardrail
from benchmark.circuits.agents.loop import CircuitLoop
from benchmark.circuits.agents.mind import Evidence, Mind
from benchmark.circuits.agents.model_mind import ModelMind
from benchmark.circuits.agents.report_json import to_json, told
from benchmark.circuits.agents.rule_mind import RuleMind
from benchmark.circuits.agents.session import CircuitSession
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
        """
        report = self._function(session.laboratory)
        journal.note("submission", told(report), circuit=to_json(report))
        return report


@dataclass(frozen=True)
class Supplies:
    """What only the caller of an explainer has.

    Attributes:
        truth: the planted heads, for the oracle.
        edges: the planted edges, for the oracle.
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


def _plain(name: str, made: Callable[[Supplies], edge_explainers.ExplainEdges], summary: str) -> tuple[str, Entry]:
    return name, Entry(lambda supplies: PlainExplainer(name, with_roles(made(supplies))), summary)


def _rules(ask: Ask | None, journal: Journal) -> Mind:
    return RuleMind()


def _model(ask: Ask | None, journal: Journal) -> Mind:
    assert ask is not None
    return ModelMind(ask, journal)


def _looped(name: str, think: Callable[[Ask | None, Journal], Mind], summary: str) -> tuple[str, Entry]:
    asks, guarded = think is _model, name.endswith("guardrailed")

    def make(supplies: Supplies) -> CircuitExplainer:
        return LoopedExplainer(name, think, asks, supplies.guardrails if guarded else ())

    return name, Entry(make, summary, asks, guarded)


EXPLAINERS: dict[str, Entry] = dict(
    (
        _plain("random", lambda has: plain.random(has.seed), "control: heads at random"),
        _plain(
            "oracle", lambda has: edge_explainers.oracle(has.truth, has.edges), "ceiling: the planted heads and edges"
        ),
        _plain("attention_score", lambda has: plain.attention_score(), "what heads attend to"),
        _plain("logit_attribution", lambda has: plain.logit_attribution(), "what heads write of the answer"),
        _plain("ablation_zero", lambda has: plain.ablation("zero"), "each head ablated by zero"),
        _plain("ablation_mean", lambda has: plain.ablation("mean"), "each head ablated by its mean"),
        _plain("patching", lambda has: plain.ablation("resample"), "each head patched from the twin"),
        _plain("attribution", lambda has: plain.attribution(), "attribution patching, one gradient"),
        _plain("attribution_ig", lambda has: plain.attribution(5), "attribution patching, integrated gradients"),
        _plain("greedy", lambda has: plain.greedy("mean"), "heads ablated one by one, the one that counts most first"),
        _plain("eap", lambda has: edge_explainers.eap(), "edge attribution patching, one gradient"),
        _plain("eap_ig", lambda has: edge_explainers.eap(5), "edge attribution patching, integrated gradients"),
        _plain("path_patching", lambda has: edge_explainers.path_patching(), "each edge patched by itself"),
        _plain("acdc", lambda has: edge_explainers.acdc(), "edges pruned from the logits down"),
        _looped("rules_agentic", _rules, "the loop without a model: rules plan and report"),
        _looped("rules_guardrailed", _rules, "the same, submitted to guardrails"),
        _looped("agentic", _model, "a language model plans experiments and reports"),
        _looped("guardrailed", _model, "the same, submitted to guardrails"),
    )
)


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
