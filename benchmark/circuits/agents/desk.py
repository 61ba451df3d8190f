"""The circuit laboratory's tools: each experiment becomes a finding, as numbers for programs and as bounded text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from torch import Tensor

from benchmark.circuits.agents.experiments import Experiment
from benchmark.circuits.agents.session import CircuitSession
from benchmark.circuits.explainers import MATCHES, mass, templates
from benchmark.circuits.kinds.kind import Edge
from benchmark.circuits.laboratory import NOTHING
from benchmark.circuits.nodes import Head
from benchmark.circuits.runner import Ablation

# Heads in a finding's text, prompts shown at a time, places in a pattern; and letters of a text altogether.
MOST_HEADS, MOST_PROMPTS, MOST_PLACES, MOST_LETTERS = 12, 4, 8, 900


@dataclass(frozen=True, eq=False)
class Finding:
    """What an experiment showed.

    Attributes:
        experiment: which.
        text: what it showed, in a few lines of our own; only prompts' letters stand in it beside them.
        values: by head, signed, where the experiment is about single heads: shares of the behaviour, or of attention.
        lost: the share of the behaviour that is lost, where it is about a set of heads.
        names: by head, what it attends to.
        edges: by edge, the share that is lost with it.
        cost: prompts run.
    """

    experiment: Experiment
    text: str
    values: Mapping[Head, float] = field(default_factory=dict)
    lost: float | None = None
    names: Mapping[Head, str] = field(default_factory=dict)
    edges: Mapping[Edge, float] = field(default_factory=dict)
    cost: int = 0


def letters(token: int) -> str:
    """A token as a letter; token 0, which begins every prompt, as ^."""
    return "^" if token == 0 else chr(ord("A") + (token - 1) % 26) + "'" * ((token - 1) // 26)


class Desk:
    """Runs experiments of one session; what was run once is free the second time.

    Args:
        session: pays.
        spell: a token's text.
    """

    def __init__(self, session: CircuitSession, spell: Callable[[int], str] = letters) -> None:
        self.session, self._spell = session, spell
        self._laboratory = session.laboratory
        self._known: dict[tuple[object, ...], Finding] = {}
        self._empty: dict[Ablation, float] = {}
        self._patterns: list[Tensor] | None = None

    def run(self, experiment: Experiment) -> Finding:
        """What it shows.

        Raises:
            OverBudget: it costs more than is left; nothing was run.
        """
        key = (experiment.tool, experiment.heads, experiment.how, experiment.steps, experiment.prompt, experiment.edges)
        if key not in self._known:
            self.session.afford(self.cost(experiment))
            before = self._laboratory.spent
            found: Finding = getattr(self, f"_{experiment.tool}")(experiment)
            text = found.text if len(found.text) <= MOST_LETTERS else f"{found.text[:MOST_LETTERS]}…"
            self._known[key] = replace(found, text=text, cost=self._laboratory.spent - before)
        return self._known[key]

    def cost(self, experiment: Experiment) -> int:
        """The most prompts that it may run."""
        each, prompts = len(experiment.heads or self._laboratory.heads), self._laboratory.prompts
        runs = {"prompts": 0, "direct": 0, "attention": 1, "pattern": 1, "ablate": 1, "keep": 1, "patch": 1}
        runs |= {"ablate_each": each, "keep_without_each": each + 1}
        runs |= {"attribution": 2 * experiment.steps, "patch_edges": len(experiment.edges)}
        known = experiment.tool in ("attention", "pattern") and self._patterns is not None
        return prompts * (0 if known else runs[experiment.tool] + self._owed(experiment))

    def _owed(self, experiment: Experiment) -> int:
        """Whether what all heads together change has still to be run."""
        if experiment.tool in ("prompts", "attention", "pattern"):
            return 0
        return int(self._way(experiment) not in self._empty)

    @staticmethod
    def _way(experiment: Experiment) -> Ablation:
        return "resample" if experiment.tool in ("patch", "patch_edges") else experiment.how

    def range(self, how: Ablation = "mean") -> float:
        """What all heads together change of the logit difference.

        Raises:
            OverBudget: it is not known yet, and cannot be paid.
        """
        if how not in self._empty:
            self.session.afford(self._laboratory.prompts)
            self._empty[how] = float(self._laboratory.keep([frozenset()], how)[0])
        return self._laboratory.whole - self._empty[how]

    def nothing(self) -> str:
        """Why there is no circuit to be found, if that is plain; empty where there may be one.

        What all heads together change is no measure of it: a model that prefers some answer whatever it reads changes
        by that when they are ablated, and answers that are shuffled have no circuit all the same.
        """
        if not self.session.preference.clear:
            return f"the model prefers the right answer on {self.session.preference}, which is chance"
        if abs(self.range()) < NOTHING:
            return f"all heads together change the logit difference by {self.range():.2f}"
        return ""

    def _share(self, amount: float, how: Ablation) -> float:
        """A change of the logit difference as a share of what all heads change; of 1 logit where that is nothing."""
        whole = self.range(how)
        return amount / (whole if abs(whole) >= NOTHING else 1.0)

    def _unit(self, how: Ablation) -> str:
        """Of what `_share` is a share."""
        return _unit(self.range(how))

    def behaviour(self) -> str:
        """What the model does, in numbers: what every explainer is told first.

        Raises:
            OverBudget: it cannot be paid.
        """
        whole = self._laboratory.whole
        return (
            "Logit of the right answer less that of the wrong one, on average over "
            f"{self._laboratory.prompts} prompts: {whole:.2f}; on the changed prompts {self._laboratory.twin:.2f}; "
            f"with all heads ablated {whole - self.range():.2f}. It is the greater one on {self.session.preference}."
        )

    def _prompts(self, experiment: Experiment) -> Finding:
        behaviour = self.session.shown
        last = min(experiment.prompt + MOST_PROMPTS, len(behaviour))
        rows = [
            f"{at}. {self._spelled(behaviour.prompts[at])} -> {self._spell(int(behaviour.answer[at]))}, "
            f"not {self._spell(int(behaviour.wrong[at]))}; changed: {self._spelled(behaviour.corrupted[at])}"
            for at in range(experiment.prompt, last)
        ]
        return Finding(experiment, "\n".join(rows))

    def _spelled(self, tokens: Tensor) -> str:
        return " ".join(self._spell(token) for token in tokens.tolist())

    def _direct(self, experiment: Experiment) -> Finding:
        values = {head: self._share(value, "mean") for head, value in self._laboratory.direct().items()}
        return Finding(experiment, f"written of the answer itself: {self._table(values, self._unit('mean'))}", values)

    def _attribution(self, experiment: Experiment) -> Finding:
        whole = self._laboratory.whole - self._laboratory.twin
        slopes = self._laboratory.attribution(experiment.steps)
        values = {head: slope / (whole if abs(whole) >= NOTHING else 1.0) for head, slope in slopes.items()}
        return Finding(experiment, f"carried, by gradients: {self._table(values, _unit(whole))}", values)

    @staticmethod
    def _table(values: Mapping[Head, float], unit: str) -> str:
        """The largest first; what is 0 to two places is not named."""
        shown = [head for head in sorted(values, key=lambda head: -abs(values[head])) if abs(values[head]) >= 0.005]
        told = ", ".join(f"{head} {values[head]:.2f}" for head in shown[:MOST_HEADS]) or "no head"
        more = f", {len(shown) - MOST_HEADS} more" if len(shown) > MOST_HEADS else ""
        return f"{told}{more}; the others less than 0.01 ({unit})"

    def _attention(self, experiment: Experiment) -> Finding:
        known = templates(self._laboratory.tokens)
        values, names = dict[Head, float](), dict[Head, str]()
        for head in experiment.heads or self._laboratory.heads:
            pattern = self._looked()[head.layer][:, head.head]
            matches = {name: mass(pattern, mask) for name, mask in known.items()}
            best = max(matches, key=lambda name: matches[name])
            values[head], names[head] = matches[best], best
        clear = sorted((head for head in values if values[head] >= MATCHES), key=lambda head: -values[head])
        rows = [f"{head} {names[head]} {values[head]:.2f}" for head in clear[:MOST_HEADS]]
        more = f", {len(clear) - MOST_HEADS} more" if len(clear) > MOST_HEADS else ""
        told = ", ".join(rows) or "no head attends clearly to any of these"
        return Finding(experiment, f"attention: {told}{more}", values, names={head: names[head] for head in clear})

    def _looked(self) -> list[Tensor]:
        if self._patterns is None:
            self._patterns = self._laboratory.patterns()
        return self._patterns

    def _pattern(self, experiment: Experiment) -> Finding:
        (head,), at = experiment.heads, experiment.prompt
        pattern = self._looked()[head.layer][at, head.head]
        tokens = self._laboratory.tokens[at]
        rows = []
        # The last place first: that is where the answer is read.
        for query in range(len(tokens) - 1, 0, -1):
            key = int(pattern[query].argmax())
            looks = f"{self._spell(int(tokens[key]))}{key} {float(pattern[query, key]):.2f}"
            rows.append(f"{self._spell(int(tokens[query]))}{query} -> {looks}")
        return Finding(experiment, f"{self._spelled(tokens)}\n" + "; ".join(rows[:MOST_PLACES]))

    def _ablate(self, experiment: Experiment) -> Finding:
        return self._lost(experiment, experiment.how)

    def _patch(self, experiment: Experiment) -> Finding:
        return self._lost(experiment, "resample")

    def _lost(self, experiment: Experiment, how: Ablation) -> Finding:
        left = float(self._laboratory.ablate([frozenset(experiment.heads)], how)[0])
        lost = self._share(self._laboratory.whole - left, how)
        told = f"logit difference {self._laboratory.whole:.2f} -> {left:.2f}: {lost:.2f} lost ({self._unit(how)})"
        return Finding(experiment, told, lost=lost)

    def _ablate_each(self, experiment: Experiment) -> Finding:
        heads = experiment.heads or self._laboratory.heads
        left = self._laboratory.ablate([frozenset({head}) for head in heads], experiment.how)
        lost = [self._share(self._laboratory.whole - float(each), experiment.how) for each in left]
        values = dict(zip(heads, lost, strict=True))
        return Finding(experiment, f"lost without: {self._table(values, self._unit(experiment.how))}", values)

    def _patch_edges(self, experiment: Experiment) -> Finding:
        left = self._laboratory.patch([frozenset({edge}) for edge in experiment.edges])
        lost = [self._share(self._laboratory.whole - float(each), "resample") for each in left]
        found = dict(zip(experiment.edges, lost, strict=True))
        shown = sorted(found, key=lambda edge: -abs(found[edge]))[:MOST_HEADS]
        told = ", ".join(f"{'>'.join(edge)} {found[edge]:.2f}" for edge in shown)
        return Finding(experiment, f"lost with each edge patched: {told} ({self._unit('resample')})", edges=found)

    def _keep(self, experiment: Experiment) -> Finding:
        left = float(self._laboratory.keep([frozenset(experiment.heads)], experiment.how)[0])
        whole = self.range(experiment.how)
        lost = self._share(self._laboratory.whole - left, experiment.how)
        # Where all heads together do nothing there is nothing to be kept.
        kept = f"{1 - lost:.2f} kept (of the behaviour)" if abs(whole) >= NOTHING else f"{lost:.2f} lost (logits)"
        return Finding(experiment, f"these heads alone: logit difference {left:.2f}: {kept}", lost=lost)

    def _keep_without_each(self, experiment: Experiment) -> Finding:
        heads = frozenset(experiment.heads)
        sets: Sequence[frozenset[Head]] = [heads - {head} for head in experiment.heads]
        together, *left = self._laboratory.keep([heads, *sets], experiment.how)
        lost = [self._share(float(together - each), experiment.how) for each in left]
        values = dict(zip(experiment.heads, lost, strict=True))
        return Finding(
            experiment,
            f"of what these heads alone keep, lost without: {self._table(values, self._unit(experiment.how))}",
            values,
        )


def _unit(whole: float) -> str:
    return "of the behaviour" if abs(whole) >= NOTHING else "logits"
