"""What was written down before the study (results/predictions.md), and whether it came out so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.runner import ABLATIONS
from benchmark.circuits.study.findings import Standing
from benchmark.circuits.study.models import OnModel

# Heads that feed others are part of these kinds' circuits.
SEVERAL = ("induction", "two_hop")
INTERVENING = ("ablation", "patching", "greedy_ablation", "attribution", "attribution_ig", "eap", "eap_ig")
EXACT = (*INTERVENING, "path_patching", "acdc")
TIE = 0.05


@dataclass(frozen=True)
class Outcome:
    """A prediction and what came of it.

    Attributes:
        expected: in words.
        held: whether it came out so.
        seen: the figures.
    """

    expected: str
    held: bool
    seen: str


def outcomes(models: Sequence[OnModel], found: Sequence[Standing]) -> list[Outcome]:
    """Every prediction on the planted study, in the order in which they were written; none if a kind was left out."""
    if {model.kind for model in models} != set(KINDS):
        return []
    study = _Study(models, {each.explainer: each for each in found})
    return [
        judge(study)
        for judge in (
            _attention,
            _no_decoys,
            _direct,
            _one_gradient,
            _agrees,
            _greedy,
            _same_order,
            _shuffled,
            _copying,
            _edges,
            _dearest,
            _hollow,
            _foresight,
        )
    ]


@dataclass(frozen=True)
class _Study:
    models: Sequence[OnModel]
    by_name: Mapping[str, Standing]

    def grades(self, name: str, kinds: Callable[[str], bool] = lambda kind: True) -> list[dict[str, Any]]:
        """Of an explainer, over the models of some kinds."""
        chosen = [model for model in self.models if kinds(model.kind)]
        return [dict(each.grade or {}) for model in chosen for each in model.asked if each.explainer == name]

    def mean(self, name: str, *path: str, kinds: Callable[[str], bool] = lambda kind: True) -> float:
        """Of a figure of the grades; one that is missing counts as 0."""
        return float(np.mean([_at(grade, path) for grade in self.grades(name, kinds)]))

    def claims(self, name: str, null: str) -> int:
        """Models on whose null it names a circuit."""
        return self.by_name[name].false_claims[null]


def _at(grade: Any, path: Sequence[str]) -> float:
    for key in path:
        grade = (grade or {}).get(key)
    return float(grade or 0.0)


def _several(kind: str) -> bool:
    return kind in SEVERAL


def _single(kind: str) -> bool:
    return kind not in SEVERAL


def _attention(study: _Study) -> Outcome:
    named = study.by_name["attention_score"].named
    brackets = study.grades("attention_score", lambda kind: kind == "bracket_depth")
    missed = all(grade["named"].get("circuit", 0) == 0 for grade in brackets)
    return Outcome(
        "attention_score names at least half of all imitators and no dormant head, and misses the whole circuit of "
        "bracket_depth",
        named["imitator"] >= 0.5 and missed and named["dormant"] == 0,
        f"{named['imitator']:.0%} of imitators, {named['dormant']:.0%} of the dormant path; "
        f"bracket_depth {'missed' if missed else 'not missed'}",
    )


def _no_decoys(study: _Study) -> Outcome:
    fell = {n: study.by_name[n].named for n in EXACT if any(study.by_name[n].named[r] for r in ("imitator", "dormant"))}
    return Outcome(
        "nobody who intervenes or takes gradients names an imitator or a dormant head",
        not fell,
        ", ".join(f"{n}: {of['imitator']:.0%} and {of['dormant']:.0%}" for n, of in fell.items()) or "none was named",
    )


def _direct(study: _Study) -> Outcome:
    several, single = (study.mean("logit_attribution", "heads", "auroc", kinds=k) for k in (_several, _single))
    return Outcome(
        "logit_attribution misses heads that feed others: AUROC below 0.9 on induction and two_hop, at least 0.99 on "
        "the kinds with one role",
        several < 0.9 and single >= 0.99,
        f"{several:.3f} and {single:.3f}",
    )


def _one_gradient(study: _Study) -> Outcome:
    gaps = [
        study.mean("attribution_ig", "heads", "f1", kinds=k) - study.mean("attribution", "heads", "f1", kinds=k)
        for k in (_several, _single)
    ]
    return Outcome(
        "one gradient is worse than integrated gradients on the kinds with several roles, and equal within 0.02 on the "
        "others (F1 of heads)",
        gaps[0] > 0 and abs(gaps[1]) <= 0.02,
        f"behind by {gaps[0]:.3f} and {gaps[1]:.3f}",
    )


def _agrees(study: _Study) -> Outcome:
    high = sum(model.beside.heads.r >= 0.9 for model in study.models)
    fewest = min(model.beside.heads.fewer for model in study.models)
    return Outcome(
        "attribution correlates with patching at 0.9 or more on at least 9 of 12 models, at a tenth of its prompts",
        high >= 9 and fewest >= 10,
        f"{high} of {len(study.models)} models; {fewest:.0f} times fewer prompts",
    )


def _greedy(study: _Study) -> Outcome:
    path = ("faithfulness", "mean")
    needed, alone = (study.mean("greedy_ablation", *path, m, kinds=_several) for m in ("necessity", "sufficiency"))
    return Outcome(
        "greedy_ablation is necessary and not sufficient on the kinds with several roles",
        needed >= 0.95 and alone < 0.5,
        f"necessity {needed:.2f}, sufficiency {alone:.2f}",
    )


def _same_order(study: _Study) -> Outcome:
    turned = set()
    for one, other in combinations(study.by_name.values(), 2):
        gaps = [one.by_ablation[how]["sufficiency"] - other.by_ablation[how]["sufficiency"] for how in ABLATIONS]
        if max(gaps) > TIE and min(gaps) < -TIE:
            turned.add(f"{one.explainer} and {other.explainer}")
    return Outcome(
        "zero, mean and resample ablation put explainers in the same order by sufficiency, but for ties within 0.05",
        not turned,
        "; ".join(sorted(turned)) or "no two change places",
    )


def _shuffled(study: _Study) -> Outcome:
    claims = {n: study.claims(n, "shuffled") for n in study.by_name if n not in ("random", "attention_score", "oracle")}
    return Outcome(
        "shuffled answers: everyone but random, attention_score and oracle abstains on at least 11 of 12",
        max(claims.values()) <= 1,
        ", ".join(f"{name} claims on {number}" for name, number in claims.items() if number) or "no claims",
    )


def _copying(study: _Study) -> Outcome:
    dormant = sum(grade["named"].get("dormant", 0) > 0 for grade in study.grades("copying_score"))
    imitators = study.by_name["copying_score"].named["imitator"]
    return Outcome(
        "copying_score names a dormant head on at least half of the models, and no imitator",
        dormant >= len(study.models) / 2 and imitators == 0,
        f"{dormant} of {len(study.models)} models; {imitators:.0%} of imitators",
    )


def _edges(study: _Study) -> Outcome:
    names = ("eap_ig", "path_patching", "acdc")
    figures = {n: (study.mean(n, "edges", "auroc"), study.mean(n, "edges", "f1")) for n in names}
    one, several = (study.mean(n, "edges", "f1", kinds=_several) for n in ("eap", "eap_ig"))
    return Outcome(
        "eap_ig, path_patching and acdc find edges (AUROC at least 0.95, F1 at least 0.8); eap has a lower F1 on the "
        "kinds with several roles",
        all(auroc >= 0.95 and f1 >= 0.8 for auroc, f1 in figures.values()) and one < several,
        ", ".join(f"{n} {auroc:.3f} and {f1:.2f}" for n, (auroc, f1) in figures.items())
        + f"; eap {one:.2f} against {several:.2f}",
    )


def _dearest(study: _Study) -> Outcome:
    prompts = {name: each.prompts for name, each in study.by_name.items()}
    return Outcome(
        "path_patching is the dearest, and acdc takes less than half of its prompts",
        max(prompts, key=lambda name: prompts[name]) == "path_patching"
        and prompts["acdc"] < prompts["path_patching"] / 2,
        f"{prompts['path_patching']:.0f} and {prompts['acdc']:.0f}",
    )


def _hollow(study: _Study) -> Outcome:
    intervening = max(study.claims(name, "hollow") for name in EXACT)
    attention = study.claims("attention_score", "hollow")
    return Outcome(
        "hollow models: whoever intervenes abstains on all; attention_score names heads on at least 9",
        intervening == 0 and attention >= 9,
        f"at most {intervening} claims; attention_score {attention}",
    )


def _foresight(study: _Study) -> Outcome:
    exact, quick = (study.by_name[name].r for name in ("patching", "attribution"))
    return Outcome(
        "effects of unseen interventions: patching has r of at least 0.8, attribution less than patching",
        exact >= 0.8 and quick < exact,
        f"{exact:.2f} and {quick:.2f}",
    )
