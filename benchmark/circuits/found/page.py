"""`found.md`: what the study says, as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.circuits.found.methods import DIFFERENCE, RIGHT, SIGN
from benchmark.printable import harmless

WAYS = ("zero", "mean", "resample")
COLUMNS = (
    *("circuit", "heads", "other heads resampled: kept", "lost without it", "mean: kept", "lost", "zero: kept", "lost"),
    *("heads that add something", "least that one adds", "rank among random circuits, resample"),
)


def page(document: Mapping[str, Any]) -> str:
    """The page of a `found.json`."""
    sizes, subject = document["sizes"], document["provenance"]["subject"]["subject"]
    lines = [
        f"# Circuits found in {harmless(subject)}",
        "",
        "Nobody planted these, so there is no truth to compare with: a circuit is what methods name on teach prompts, "
        "graded on exam prompts that share no word that is asked for, and of indirect objects no sentence. A circuit "
        "is a set of heads; MLPs are left running unless a table says otherwise. Shares are of the logit difference "
        "between the model (1) and the model with all heads ablated (0).",
        "",
        "## What the subject does",
        "",
        *_candidates(document["candidates"]),
        "",
        "Induction is studied however well it is done, of the others the first that is done well enough (the answer is "
        f"the likeliest token on {RIGHT:.0%} of teach prompts, above the wrong one on {SIGN:.0%}, the difference "
        f"{DIFFERENCE:g} or more).",
    ]
    for name, found in document["behaviours"].items():
        lines += ["", f"## {name}", "", *_behaviour(name, found, sizes)]
    lines += _expected(document["outcomes"])
    told = f"All parts together took {document['seconds']:.0f} s in one process, beside whatever else the machine did."
    lines += ["", told]
    return "\n".join(lines) + "\n"


def _candidates(found: Mapping[str, Any]) -> list[str]:
    rows = [
        [
            name,
            f"{own['accuracy']:.2f}",
            f"{own['sign']:.2f}",
            f"{own['difference']:.2f}",
            f"{own['twin']:.2f}",
            "yes" if own["enough"] else "no",
        ]
        if "accuracy" in own
        else [name, "–", "–", "–", "–", f"no: {harmless(own['reason'])}"]
        for name, own in found.items()
    ]
    head = [
        "behaviour",
        "answer is the likeliest token",
        "answer above the wrong one",
        "logit difference",
        "of its twin",
    ]
    return _table([*head, "well enough"], rows)


def _behaviour(name: str, found: Mapping[str, Any], sizes: Mapping[str, Any]) -> list[str]:
    common = ", ".join(found["common"]) or "no head"
    lines = [f"Heads that at least three methods name: {common}.", "", f"![attention](found-{name}.svg)", ""]
    lines += _table(
        COLUMNS,
        [
            _row("common", found["common"], found["common_exam"], found["common_ranks"]),
            *[_row(each, own["circuit"], own["exam"], own["ranks"]) for each, own in found["methods"].items()],
        ],
    )
    lines += ["", _exam(found["does"], sizes), "", *_common(found), ""]
    if "attribution_against_patching" in found:
        lines += [*_quick(found["attribution_against_patching"]), ""]
    lines += [*_mlps(found["mlps"]), "", *_agreement(found["agreement"]), "", _nulls(found["nulls"])]
    return lines


def _row(name: str, circuit: Sequence[str], exam: Mapping[str, Any] | None, ranks: Mapping[str, Any]) -> list[str]:
    if not exam:
        return [name, "abstains", *["–"] * 9]
    shares = [f"{exam[how][what]:.2f}" for how in reversed(WAYS) for what in ("sufficiency", "necessity")]
    rank = ranks.get("resample")
    said = f"p {rank['p']:.4f}, {rank['prompts']} prompt(s)" if rank else "–"
    return [name, str(len(circuit)), *shares, f"{exam['resample']['needed']:.0%}", _signed(exam), said]


def _signed(exam: Mapping[str, Any]) -> str:
    return f"{exam['resample']['minimality']:.3f}"


def _exam(does: Mapping[str, Any], sizes: Mapping[str, Any]) -> str:
    return (
        f"Grades are of {sizes['exam']} exam prompts, on which the answer is the likeliest token on "
        f"{does['accuracy']:.0%} and above the wrong one on {does['sign']:.0%}. The common circuit, with 95% intervals "
        f"over these prompts, and its rank on {sizes['common']} of them among random circuits with as many heads in "
        "each layer:"
    )


def _common(found: Mapping[str, Any]) -> list[str]:
    exam = found["common_exam"]
    rows = [
        [
            how,
            *(_with_interval(exam[how], what) for what in ("sufficiency", "necessity")),
            f"{own['own']:.2f}",
            f"{own['random']:.2f}",
            f"{own['greatest']:.2f}",
            f"{own['sigma']:.1f}",
            f"{own['p']:.4f}",
            f"{own['circuits']:,}",
        ]
        for how, own in found["common_ranks"].items()
    ]
    head = ["other heads", "it keeps", "lost without it", "keeps where ranked", "random circuits keep, mean"]
    return _table([*head, "greatest", "standard deviations above", "p", "circuits"], rows)


def _with_interval(exam: Mapping[str, Any], what: str) -> str:
    between = exam["between"].get(what)
    return f"{exam[what]:.2f}" + (f" [{between[0]:.2f}, {between[1]:.2f}]" if between else "")


def _quick(found: Mapping[str, Any]) -> list[str]:
    rows = [
        [
            name,
            f"{found[key]['pearson']:.2f}",
            f"{found[key]['spearman']:.2f}",
            f"{found[key]['seconds']:.1f}",
            f"{found[key]['times_faster']:.0f}",
        ]
        for name, key in (("one gradient", "attribution"), ("five gradients", "integrated_gradients"))
    ]
    told = (
        f"Attribution patching against exact patching of each of {found['heads']} heads on {found['prompts']} teach "
        f"prompts (exact: {found['exact_seconds']:.0f} s, shared beginnings run once):"
    )
    return [told, "", *_table(["attribution", "Pearson", "Spearman", "seconds", "times faster"], rows)]


def _mlps(found: Mapping[str, Any]) -> list[str]:
    rows = []
    for how, own in found.items():
        worst = sorted(own["lost"], key=lambda name: -own["lost"][name])[:3]
        told = ", ".join(f"{name} {own['lost'][name]:.2f}" for name in worst)
        rows.append([how, told, f"{own['without_mlps']:.2f}", f"{own['circuit_without_mlps']:.2f}"])
    return [
        "MLPs, on the same scale:",
        "",
        *_table(["ablated", "most is lost with", "left without all MLPs", "the common circuit without MLPs"], rows),
    ]


def _agreement(found: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        [
            " and ".join(own["pair"]),
            f"{own['spearman']:.2f}",
            f"{own['pearson']:.2f}",
            f"{own['jaccard']:.2f}" if "jaccard" in own else "–",
        ]
        for own in found
    ]
    head = ["pair", "Spearman of scores", "Pearson", "overlap of circuits (Jaccard)"]
    return ["How methods agree, over all heads:", "", *_table(head, rows)]


def _nulls(found: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name} {number}" for name, number in found["abstained"].items())
    return f"Of {found['nulls']} null behaviours (answers exchanged by the toss of a coin) they abstain on: {told}."


def _expected(outcomes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was written down before (results/predictions.md)."""
    rows = [[each["expected"], "held" if each["held"] else "failed", each["seen"]] for each in outcomes]
    return ["", "## What was expected", "", *_table(["expected", "it", "seen"], rows)] if rows else []


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *rows)]
