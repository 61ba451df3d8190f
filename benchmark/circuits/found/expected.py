"""What was written down before the study of SmolLM2 on prompts of seed 1 (results/predictions.md), and how it went."""

from collections.abc import Mapping
from typing import Any

from benchmark.circuits.found.methods import BLIND
from benchmark.circuits.study.expected import Outcome

SUBJECT, SEED = "embedded", 1
# What the run on prompts of seed 0 named.
BEFORE = {
    "induction": (
        *("L10H4", "L11H1", "L11H3", "L13H1", "L14H3", "L16H0", "L17H3", "L17H4", "L17H5", "L18H6", "L18H7", "L19H3"),
        *("L19H8", "L20H5", "L20H6", "L20H8", "L22H1", "L22H7", "L23H0", "L23H1", "L23H2", "L23H7", "L23H8", "L24H2"),
        *("L24H7", "L26H1", "L26H3", "L27H1", "L27H8", "L29H1"),
    ),
    "ioi": ("L17H4", "L20H0", "L23H3", "L29H1"),
}
RARE = 0.00135
Found = Mapping[str, Any]


def outcomes(document: Found) -> list[Outcome]:
    """Every prediction, in the order in which they were written; none of a study of anything else."""
    behaviours = document["behaviours"]
    if (document["provenance"]["subject"]["subject"], document["seed"]) != (SUBJECT, SEED):
        return []
    if set(behaviours) != set(BEFORE):
        return [Outcome("the second behaviour is indirect objects", False, ", ".join(behaviours))]
    induction, ioi = behaviours["induction"], behaviours["ioi"]
    return [
        Outcome("the second behaviour is indirect objects", True, ", ".join(behaviours)),
        _induction_keeps(induction["common_exam"]),
        _induction_ranks(induction["common_ranks"]),
        _names_keep(ioi["common_exam"]),
        _names_rank(ioi["common_ranks"]),
        *_again(behaviours),
        _alone(induction["methods"]),
        _attends(induction),
        _quick(induction["attribution_against_patching"]),
        _without_mlps(behaviours),
        _nulls(behaviours),
    ]


def _induction_keeps(exam: Found) -> Outcome:
    kept, lost = ({how: exam[how][what] for how in ("resample", "mean")} for what in ("sufficiency", "necessity"))
    held = kept["resample"] >= 0.8 and kept["mean"] >= 0.6 and min(lost.values()) >= 0.85
    expected = "induction: the common circuit keeps at least 0.8 (resample) and 0.6 (mean); 0.85 is lost without it"
    return Outcome(expected, held, f"keeps {_told(kept)}; lost {_told(lost)}")


def _induction_ranks(ranks: Found) -> Outcome:
    p = {how: each["p"] for how, each in ranks.items()}
    held = p["resample"] < RARE and p["mean"] < RARE and p["zero"] > 0.05
    return Outcome("it is beyond all random circuits (resample, mean), not under zero ablation", held, f"p {_told(p)}")


def _names_keep(exam: Found) -> Outcome:
    kept = {how: each["sufficiency"] for how, each in exam.items()}
    held = kept["resample"] >= 0.6 and max(kept["mean"], kept["zero"]) < 0.5
    expected = "indirect objects: it keeps at least 0.6 (resample), below 0.5 under mean and zero"
    return Outcome(expected, held, _told(kept))


def _names_rank(ranks: Found) -> Outcome:
    p = {how: each["p"] for how, each in ranks.items()}
    held = p["resample"] < 0.01 and min(p["mean"], p["zero"]) > 0.05
    return Outcome("its p is below 0.01 (resample) and above 0.05 under mean and zero", held, f"p {_told(p)}")


def _again(behaviours: Found) -> list[Outcome]:
    found = []
    for name, before in BEFORE.items():
        now, old = set(behaviours[name]["common"]), set(before)
        shared = len(now & old) / len(now | old)
        expected = f"{name}: half of the heads that either run names, both name"
        found.append(Outcome(expected, shared >= 0.5, f"{len(now & old)} of {len(now | old)}"))
    return found


def _alone(methods: Found) -> Outcome:
    p = {name: own["ranks"]["resample"]["p"] for name, own in methods.items() if own["ranks"]}
    held = all(p.get(name, 1.0) < 0.01 for name in ("patching", "attribution", "integrated_gradients"))
    expected = "induction: the circuits of patching, attribution and integrated gradients each have a p below 0.01"
    return Outcome(expected, held, _told(p))


def _attends(induction: Found) -> Outcome:
    found = {
        what: max(induction[what].get(head, 0.0) for head in induction["common"])
        for what in ("prefix_matching", "previous_token")
    }
    expected = "it holds heads of prefix matching and of attention to the previous token above 0.3"
    return Outcome(expected, min(found.values()) > 0.3, f"greatest: {_told(found)}")


def _quick(found: Found) -> Outcome:
    one, five = found["attribution"], found["integrated_gradients"]
    held = one["pearson"] < 0.8 and one["spearman"] >= 0.9 and five["pearson"] >= 0.9 and one["times_faster"] >= 20
    expected = "one gradient against patching: Pearson below 0.8, Spearman at least 0.9, 20 times faster; five: 0.9"
    seen = f"{one['pearson']:.2f}, {one['spearman']:.2f}, {one['times_faster']:.0f} times; {five['pearson']:.2f}"
    return Outcome(expected, held, seen)


def _without_mlps(behaviours: Found) -> Outcome:
    kept = {
        f"{name} {how}": own["mlps"][how]["circuit_without_mlps"]
        for name, own in behaviours.items()
        for how in ("mean", "resample")
    }
    expected = "with MLPs ablated too it keeps less than 0.2 under mean and resample, for both"
    return Outcome(expected, max(kept.values()) < 0.2, _told(kept))


def _nulls(behaviours: Found) -> Outcome:
    total = sum(own["nulls"]["nulls"] for own in behaviours.values())
    silent = {
        name: sum(own["nulls"]["abstained"][name] for own in behaviours.values())
        for name in behaviours["induction"]["nulls"]["abstained"]
    }
    held = silent[BLIND] == 0 and all(each >= 0.9 * total for name, each in silent.items() if name != BLIND)
    seen = ", ".join(f"{name} {each}" for name, each in silent.items())
    return Outcome("every method but attention_score abstains on nine of ten nulls, it on none", held, seen)


def _told(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in values.items())
