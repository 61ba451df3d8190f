"""Methods that look for a circuit in a language model, and how each of their scores becomes a circuit.

Thresholds of planted models do not fit here, and none is tuned: a method ranks heads, and its circuit is the smallest
of a grid of sizes from which on its best heads alone keep `ENOUGH` of the behaviour on teach prompts, with the other
heads as on the twins. MLPs are left running throughout.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmark.circuits import explainers
from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.explainers import Explain
from benchmark.circuits.faithfulness import NoBehaviour, Shares
from benchmark.circuits.laboratory import ERRORS, Change, CircuitLaboratory
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.runner import Ablation, Machine, Runner
from synthetic_neurons.passages import Floats

# Sizes of circuits, and what the smallest that is taken has to keep with all other heads as on the corrupted twins.
SIZES, ENOUGH = (2, 4, 8, 12, 16, 24, 32, 48), 0.8
HOW: Ablation = "resample"
# Where what a method goes by is within so many standard errors of 0 over prompts, it abstains.
STEPS = 5
PLENTY = 10**9
# What a subject has to do on teach prompts for a behaviour to be studied.
RIGHT, SIGN, DIFFERENCE = 0.8, 0.95, 2.0

METHODS: dict[str, Explain] = {
    "attention_score": explainers.attention_score(),
    "logit_attribution": explainers.logit_attribution(),
    "attribution": explainers.attribution(),
    "integrated_gradients": explainers.attribution(STEPS),
    "patching": explainers.ablation("resample"),
    "ablation": explainers.ablation("mean"),
}
# Looks at attention alone, so that it cannot see that nothing carries a behaviour.
BLIND = "attention_score"


@dataclass(frozen=True)
class Does:
    """Whether a subject does what a behaviour asks, on teach prompts.

    Attributes:
        accuracy: share of prompts whose answer has the greatest logit of all tokens.
        sign: share whose answer is above the wrong token.
        difference: mean logit difference; `twin` is that of the corrupted prompts.
        prompts: how many.
    """

    accuracy: float
    sign: float
    difference: float
    twin: float
    prompts: int

    @property
    def enough(self) -> bool:
        """Whether it is studied."""
        return self.accuracy >= RIGHT and self.sign >= SIGN and self.difference >= DIFFERENCE


@dataclass(frozen=True)
class Found:
    """A method's report on one behaviour.

    Attributes:
        report: with the circuit of its size.
        kept: by size, what the best heads alone keep on teach prompts.
        prompts: how many were run, a gradient counting twice.
    """

    report: CircuitReport
    kept: dict[int, float]
    prompts: int


@torch.no_grad()
def does(machine: Machine, behaviour: Behaviour) -> Does:
    """What a machine makes of a behaviour's prompts."""
    own, twin = (machine.logits(tokens)[:, -1:] for tokens in (behaviour.prompts, behaviour.corrupted))
    difference = behaviour.difference(own)[0]
    return Does(
        behaviour.accuracy(own),
        float((difference > 0).float().mean()),
        float(difference.mean()),
        float(behaviour.difference(twin).mean()),
        len(behaviour),
    )


def look(name: str, runner: Runner) -> Found:
    """What a method finds on teach prompts, of a behaviour that may be none.

    Args:
        name: of `METHODS`.
        runner: the model on teach prompts.
    """
    if (reason := abstains(name, runner)) is not None:
        return Found(CircuitReport({}, reason=reason), {}, 0)
    laboratory = CircuitLaboratory(runner, PLENTY)
    report = METHODS[name](laboratory)
    spent = laboratory.spent
    if not report.scores:
        return Found(report, {}, spent)
    chosen, kept = sized(report, runner)
    return Found(chosen, kept, spent)


def abstains(name: str, runner: Runner) -> str | None:
    """Why a method says that there is no circuit, or None."""
    if name == BLIND or (value := Change.of(_goes_by(name, runner)).errors) >= ERRORS:
        return None
    return f"what it goes by is {value:.1f} standard errors from 0 over {len(runner.behaviour)} prompts"


def sized(report: CircuitReport, runner: Runner) -> tuple[CircuitReport, dict[int, float]]:
    """A report with the smallest circuit from which on enough is kept, or the largest; and what each size keeps."""
    order = sorted(report.scores, key=lambda head: (-report.scores[head], head))
    circuits = [frozenset(order[:size]) for size in SIZES]
    try:
        found = Shares(runner, HOW).kept(circuits)
    except NoBehaviour:
        # Nothing of which a share could be kept: no size is enough.
        found = np.zeros(len(SIZES))
    # More heads may keep less: every larger size has to keep enough too.
    best = next((i for i in range(len(SIZES)) if min(found[i:]) >= ENOUGH), len(SIZES) - 1)
    total = sum(max(0.0, report.scores[head]) for head in circuits[best]) or 1.0
    effects = {head: max(0.0, report.scores[head]) / total for head in circuits[best]}
    kept = dict(zip(SIZES, found.tolist(), strict=True))
    return replace(report, circuit=circuits[best], effects=effects), kept


def _goes_by(name: str, runner: Runner) -> Floats:
    """By prompt, the change of the logit difference that a method divides among heads."""
    against: Floats = runner.twin
    if name in ("logit_attribution", "ablation"):
        nothing = 0.0 * runner.whole
        against = nothing if name == "logit_attribution" else runner.kept_alone([frozenset()], "mean")[0]
    change: Floats = runner.whole - against
    return change


def attends(runner: Runner, what: str = "induction") -> dict[Head, float]:
    """By head, mean attention on what a template of `explainers.templates` marks; 0 where it marks nothing.

    That of `induction` is the prefix matching score (Olsson et al. 2022): what followed the same token before.
    """
    mask = explainers.templates(runner.behaviour.prompts)[what]
    asked = mask.any(-1)
    found: dict[Head, float] = {}
    for layer, pattern in enumerate(runner.patterns()):
        for place in range(pattern.shape[1]):
            mass = (pattern[:, place] * mask).sum(-1)[asked]
            found[Head(layer, place)] = float(mass.mean()) if len(mass) else 0.0
    return found


def agreed(circuits: Sequence[frozenset[Head]], least: int = 3) -> frozenset[Head]:
    """Heads that at least so many circuits name."""
    everyone = frozenset().union(*circuits)
    return frozenset(head for head in everyone if sum(head in each for each in circuits) >= least)
