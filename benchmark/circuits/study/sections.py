"""The study's tables, as the Markdown and the page both show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.circuits.faithfulness import GRID, RANDOM
from benchmark.circuits.grading import EXAM, RANKED
from benchmark.circuits.runner import ABLATIONS
from benchmark.circuits.study.expected import Outcome
from benchmark.circuits.study.findings import CircuitGate, Spread, Standing
from benchmark.circuits.study.models import BUDGET, NULLS, SHOWN, OnModel
from benchmark.circuits.study.side_by_side import Beside

LIMITS = (
    "The models are ours: attention only, without normalisation or MLPs, 60 heads of which 3 or 6 are the circuit. "
    "What holds here need not hold of a language model; circuits found in SmolLM2 have no known truth.",
    "Six kinds, each with two seeds, are too few for intervals (METHOD section 3), and the cores built by hand "
    "are the same under every seed: places, rotation, noise and prompts differ.",
    "Noise is quiet: a head of it writes 2% of what the quietest head of the circuit does, so that whoever intervenes "
    "tells it apart; and the way of ablating makes no difference here, as it does in SmolLM2.",
    "By construction: the oracle's AUROC and F1 are 1, imitators have no copying score, the dormant head has the "
    "circuit's.",
    "The heads of a circuit that stand in one layer are parts of one head of its core, and attend alike: sixty heads, "
    "and one to three different things to be found.",
    "Edges are graded against those that carry what differs between a prompt and its twin; what is the same on both "
    "cannot be found by patching from the twin, and is left out.",
    "Explainers' thresholds (2% of the behaviour for a head, 1% for an edge, 40% of attention, 10% of the loudest "
    "head's copying) were set on seed 0 and are the same for all; AUROC does not hang on them.",
    "A report predicts an intervention by adding up what single heads lose, up to all of it: the reader is ours, and "
    "the same for every report.",
    "No compiled models: Tracr, the compiler of RASP programs into transformer weights, was archived by its owners on "
    "10 April 2025 and never released on PyPI; what is there is another's fork.",
    "Subspaces are not patched: the dormant path is met by heads and by weights, not by directions (Makelov et al.).",
)


@dataclass(frozen=True)
class Section:
    """A table.

    Attributes:
        title: of it.
        note: what it shows.
        head: columns.
        rows: cells.
    """

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(
    models: Sequence[OnModel], found: Sequence[Standing], gates: Sequence[CircuitGate], outcomes: Sequence[Outcome]
) -> list[Section]:
    """Every table of the study."""
    return [
        _board(found, len(models)),
        _named(found),
        _gates(gates),
        _expected(outcomes),
        _by_ablation(found),
        _curves(found),
        _by_kind(models, found),
        _beside(models),
        _models(models),
    ]


def _board(found: Sequence[Standing], models: int) -> Section:
    return Section(
        "Explainers",
        f"Means over {models} models under mean ablation, least and greatest beside them; exam prompts ({EXAM} a "
        f"model) were shown to nobody, explainers saw {SHOWN} others and could run {BUDGET:,} prompts. Sufficiency: "
        "what the circuit alone keeps; necessity: what is lost without it; minimality: the least that one of its "
        "heads adds; incompleteness: how far circuit and model differ without the same heads. 3σ: models on which it "
        f"keeps more than {RANDOM:,} random circuits of its size in its layers (on {RANKED} prompts). Roles: where "
        "the planted heads look and for whom they write; n.r.: too few circuits match for 3σ to be told. Foresight: r "
        "between predicted and measured effects of 64 sets of two to six heads ablated; right: whether anything is "
        "lost; signs: of what does something. An abstention counts as chance everywhere.",
        (
            *("explainer", "sufficiency", "necessity", "minimality", "incompleteness", "AUROC", "F1", "edges AUROC"),
            *("edges F1", "3σ", "looks", "writes", "foresight", "right", "signs", "abstains", "fails", "prompts", "s"),
        ),
        tuple(_standing(each, models) for each in found),
    )


def _standing(each: Standing, models: int) -> tuple[str, ...]:
    shares = [each.shares[m] for m in ("sufficiency", "necessity", "minimality", "incompleteness")]
    return (
        each.explainer,
        *map(_spread, shares),
        f"{each.heads['auroc']:.2f}",
        f"{each.heads['f1']:.2f}",
        *(f"{each.edges[of]:.2f}" if each.edges else "–" for of in ("auroc", "f1")),
        f"{each.significant} of {models - each.unresolved}" + f", {each.unresolved} n.r." * bool(each.unresolved),
        f"{each.looks:.0%}",
        f"{each.writes:.0%}",
        f"{each.r:.2f}",
        f"{each.right:.0%}",
        f"{each.signs:.0%}",
        f"{each.abstentions} of {models}",
        str(each.failures),
        f"{each.prompts:,.0f}",
        f"{each.seconds:.2g}",
    )


def _named(found: Sequence[Standing]) -> Section:
    roles = ("circuit", "imitator", "dormant", "noise")
    return Section(
        "Decoys and nulls",
        "Share of all heads of a role that an explainer names. Imitators attend as the circuit does and write "
        "nowhere; the dormant path has the circuit's weights and sleeps; and models on which it names a circuit "
        "although there is none: answers shuffled, or the circuit's heads silenced so that decoys alone are left. The "
        "oracle is told what is planted, and not asked where nothing is.",
        ("explainer", *roles, *(f"claims on {null}" for null in NULLS)),
        tuple(
            (
                each.explainer,
                *(f"{each.named[role]:.0%}" for role in roles),
                *(str(each.false_claims.get(null, "–")) for null in NULLS),
            )
            for each in found
        ),
    )


def _gates(gates: Sequence[CircuitGate]) -> Section:
    rows = tuple((each.name, "passed" if each.passed else "FAILED", each.told) for each in gates)
    return Section(
        "Gates", "What has to hold of the models and of the controls.", ("gate", "", "figure and bound"), rows
    )


def _expected(outcomes: Sequence[Outcome]) -> Section:
    rows = tuple((each.expected, "held" if each.held else "failed", each.seen) for each in outcomes)
    return Section(
        "Predictions",
        "Written before the study (results/predictions.md), judged by it.",
        ("expected", "", "seen"),
        rows,
    )


def _by_ablation(found: Sequence[Standing]) -> Section:
    return Section(
        "By the way of ablating",
        "Sufficiency / necessity, means over models, with heads replaced by nothing, by their mean over prompts and "
        "positions, and by what they are on the twin.",
        ("explainer", *ABLATIONS),
        tuple(
            (
                each.explainer,
                *(
                    f"{of['sufficiency']:.2f} / {of['necessity']:.2f}"
                    for of in map(each.by_ablation.get, ABLATIONS)
                    if of
                ),
            )
            for each in found
        ),
    )


def _curves(found: Sequence[Standing]) -> Section:
    ways = [(how, ranking) for how in ABLATIONS for ranking in ("signed", "absolute")]
    return Section(
        "Curves",
        f"Area under faithfulness / area between it and 1, over the best heads kept (shares {GRID[0]} to "
        f"{GRID[-1]:g}), by the scores as they are and by their sizes. Explainers that score few heads fill up in the "
        "order of places.",
        ("explainer", *(f"{how}, {ranking}" for how, ranking in ways)),
        tuple(
            (
                each.explainer,
                *(
                    f"{each.areas[how][f'{ranking} area']:.2f} / {each.areas[how][f'{ranking} distance']:.2f}"
                    for how, ranking in ways
                ),
            )
            for each in found
        ),
    )


def _by_kind(models: Sequence[OnModel], found: Sequence[Standing]) -> Section:
    kinds = list(dict.fromkeys(model.kind for model in models))

    def mean(explainer: str, kind: str) -> str:
        of = [a.grade for m in models if m.kind == kind for a in m.asked if a.explainer == explainer and a.grade]
        return f"{sum(grade['heads']['f1'] for grade in of) / len(of):.2f}"

    rows = tuple((each.explainer, *(mean(each.explainer, kind) for kind in kinds)) for each in found)
    return Section("By kind", "F1 of the heads named, means over seeds.", ("explainer", *kinds), rows)


def _beside(models: Sequence[OnModel]) -> Section:
    def cells(each: Beside) -> str:
        return f"{each.r:.3f} / {each.rank_r:.3f} / {each.faster:,.0f}×"

    return Section(
        "Attribution beside exact patching",
        "Pearson's r / Spearman's ρ over all heads or edges / how many times faster, on the same prompts one after the "
        "other. Most effects are next to 0, so that ranks hang on rounding.",
        ("model", "heads", "heads, 5 steps", "edges", "edges, 5 steps"),
        tuple(
            (
                f"{model.kind} {model.seed}",
                *map(cells, (model.beside.heads, model.beside.heads_ig, model.beside.edges, model.beside.edges_ig)),
            )
            for model in models
        ),
    )


def _models(models: Sequence[OnModel]) -> Section:
    return Section(
        "Models",
        "Accuracy on the exam; heads; edges of the circuit, and those of them that carry what differs between twins; "
        "what the planted circuit keeps, and what random ones that match it keep on average.",
        ("model", "what it does", "core", "accuracy", "circuit", "edges", "keeps", "random keeps"),
        tuple(
            (
                f"{model.kind} {model.seed}",
                model.told,
                "trained" if model.trained else "by hand",
                f"{model.accuracy:.3f}",
                f"{model.circuit} of {model.nodes}",
                f"{model.carried} of {model.edges}",
                f"{model.ceiling:.3f}",
                f"{model.recovered:.3f}",
            )
            for model in models
        ),
    )


def _spread(value: Spread) -> str:
    mean, least, most = (f"{round(each, 2) + 0.0:.2f}" for each in (value.mean, value.least, value.most))
    return f"{mean} ({least} to {most})"
