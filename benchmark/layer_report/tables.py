"""What a layer report says, as sections of notes and tables: the page and the Markdown show the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.layer_report.wording import Found, duration, meant, percent, shared, small
from benchmark.printable import NOTHING, number

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first column names the row. `wide`: the columns that hold prose."""

    head: Row
    rows: Sequence[Row]
    caption: str = ""
    wide: tuple[int, ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading, what is to be known, and tables."""

    key: str
    title: str
    notes: Sequence[str]
    tables: Sequence[Table] = ()


def glance(found: Found) -> list[tuple[str, str, str]]:
    """The figures that come first: what, how much, and what it means."""
    told, first = found["provenance"], found["provenance"]["readers"][0]
    tested, estimate = found["significance"][first]["benjamini_hochberg"], found["layer_estimate"]
    spoke, sampled = found["outcomes"].get("report", 0), told["sample"]
    null = found["nulls"][first]
    labelled = f"of {sampled:,} sampled; {estimate['explainable']:,} of {found['census']['latents']:,} can be explained"
    rest = (
        "all were explained"
        if not estimate["rest"]
        else (f"layer: about {_count(estimate['mean'])} [{_count(estimate['low'])}, {_count(estimate['high'])}]")
    )
    return [
        ("labelled", f"{spoke:,}", labelled),
        (
            "significant at 3σ",
            percent(tested["of_latents"]["mean"]),
            f"of sampled latents, {_ends(tested['of_latents'])}; {rest}",
        ),
        (
            "mean r of reports",
            number(found["scores"][first]["r_of_reports"]["mean"]),
            f"{first} reader, at base rate; {number(found['scores'][first]['r']['mean'])} with abstentions as 0",
        ),
        (
            "false claims",
            f"{null['reports']['hits']} of {null['units']}",
            f"null units with a report; {null['declared']['hits']} significant",
        ),
        (
            "wall time",
            duration(found["cost"]["wall_seconds"]),
            f"{found['cost']['tokens']:,} tokens, {found['cost']['measurements']:,} measurements",
        ),
    ]


def _count(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}"


def _ends(each: Found) -> str:
    return "no interval" if each["low"] is None else f"[{percent(each['low'])}, {percent(each['high'])}]"


def explained(found: Found) -> Section:
    """The census and the outcomes."""
    told, census, split = found["provenance"], found["census"], found["split"]
    kinds = [(kind, f"{count:,}", percent(count / census["latents"])) for kind, count in census["kinds"].items()]
    ends = [
        (name.replace("_", " "), f"{count:,}", percent(count / max(1, told["sample"])))
        for name, count in found["outcomes"].items()
    ]
    parts = [
        (part, *(f"{facts[name]:,}" for name in ("documents", "windows", "words", "tokens")))
        for part, facts in split.items()
    ]
    notes = (
        f"{told['sample']:,} latents were drawn by lot (seed {told['seed']}) among those that fire in at least 10 "
        "teach windows and 30 exam windows and are silent in 800. Of each the explainer saw 40 firing, 40 near-miss "
        "and 120 silent teach windows; no document and no run of eight words is in both parts.",
    )
    return Section(
        "explained",
        "What was explained",
        notes,
        (
            Table(("latents of the layer", "how many", "share"), kinds),
            Table(("how the sampled ones ended", "how many", "share"), ends),
            Table(("part", "documents", "windows", "words", "tokens"), parts),
        ),
    )


def significance(found: Found) -> Section:
    """Shares significant, scores, nulls and strangers, by reader."""
    readers = found["provenance"]["readers"]
    rows = [("measure", *readers)]
    for name, cell in _measures(found).items():
        rows.append((name, *(cell(reader) for reader in readers)))
    notes = (
        "A report's p is the rank of its r on its own latent among the null bank's "
        f"{found['provenance']['bank']['reports']:,} reports there, by breadth, studentised and pooled "
        "(METHOD section 4); 3σ is p < 0.00135. The list is "
        "corrected by Benjamini and Hochberg over the reports; Holm stands beside it. The executable reader runs the "
        "reports' predicates; the embedding reader sees their prose.",
        "Null units fire as often and in such runs as the layer's latents, by a hash: what is said of them is false. "
        "Strangers are reports of other latents of this run, which have nothing to do with the unit.",
    )
    return Section("significance", "What is significant", notes, (Table(rows[0], rows[1:]),))


def _measures(found: Found) -> dict[str, Any]:
    tested, scored, null, dealt = (found[name] for name in ("significance", "scores", "nulls", "strangers"))
    return {
        "significant, of sampled latents": lambda r: meant(tested[r]["benjamini_hochberg"]["of_latents"]),
        "significant, of reports": lambda r: shared(tested[r]["benjamini_hochberg"]["of_reports"]),
        "p < 0.00135 before correction": lambda r: shared(tested[r]["uncorrected"]),
        "significant by Holm": lambda r: (
            f"{tested[r]['holm']['significant']:,}, {tested[r]['holm']['not_resolvable']:,} not resolvable"
        ),
        "smallest attainable p": lambda r: (
            f"{small(tested[r]['smallest_p']['least'])} to {small(tested[r]['smallest_p']['most'])}"
        ),
        "headline p (mean r of reports)": lambda r: _headline(tested[r]["headline"]),
        "mean r, all sampled": lambda r: meant(scored[r]["r"]),
        "mean r, of reports": lambda r: meant(scored[r]["r_of_reports"]),
        "simulation accuracy, all sampled": lambda r: meant(scored[r]["simulation_accuracy"]),
        "pass the stopping rule (accuracy > 0.9, r > 0.7)": lambda r: shared(scored[r]["passes"]),
        "null units with a report": lambda r: shared(null[r]["reports"]),
        "null units declared significant": lambda r: shared(null[r]["declared"]),
        "false discoveries, at most (95%)": lambda r: percent(null[r]["false_discovery_rate_at_most"]),
        "strangers with p < 0.00135": lambda r: _dealt(dealt[r]),
        "strangers declared in a list": lambda r: _lists(dealt[r]),
    }


def _headline(each: Found) -> str:
    return NOTHING if not each else small(each["p"]) if each["resolvable"] else "not resolvable"


def _dealt(each: Found) -> str:
    if not each:
        return NOTHING
    bounds = f"[{each['lower']:.5f}, {each['upper']:.5f}]"
    return f"{each['rejected']:,} of {each['decisions']:,}: {each['rate']:.5f} {bounds} {each['verdict']}"


def _lists(each: Found) -> str:
    return (
        NOTHING
        if not each
        else f"{each['declared_a_list']:.2f} of {each['reports_a_list']} (mean of {each['lists']} lists)"
    )


def confidence(found: Found) -> Section:
    """What the explainer's confidence is worth."""
    told = found["confidence"]
    levels = [
        (
            f"{each['level']} ({each['from']:g} to {each['to']:g})",
            f"{each['reports']:,}",
            number(each["stated"]),
            meant(each["r"], 2),
            shared(each["significant"]),
            shared(each["passes"]),
        )
        for each in told["levels"]
    ]
    against = [
        (
            name,
            number(each["brier"], 3),
            number(each["floor"], 3),
            number(each["skill"], 2),
            number(each["expected_error"], 3),
            f"{each['n']:,}",
        )
        for name, each in told["against"].items()
    ]
    notes = (
        "The confidence is the explainer's own, stated before the exam. The measured shares say what it is worth.",
        f"Rank correlation of confidence with r on the exam: {number(told.get('r_with_exam_r'))}.",
    )
    return Section(
        "confidence",
        "Confidence, and what it is worth",
        notes,
        (
            Table(
                ("level", "reports", "stated", "mean r on the exam", "significant", "pass the stopping rule"), levels
            ),
            Table(("right means", "Brier", "of a constant", "skill", "expected error", "reports"), against),
        ),
    )


def clusters(found: Found) -> Section:
    """Clusters of related features."""
    told = found["clusters"]
    rows = [
        (
            each["name"],
            f"{len(each['latents'])}",
            ", ".join(map(str, each["latents"])),
            number(each["cosine"]),
            number(each["truth_r"]),
        )
        for each in told["clusters"]
    ]
    together = told.get("fire_together") or {}
    notes = (
        f"Labelled latents whose decoder rows have a mean cosine of at least {told['least_cosine']:g} (agglomerative, "
        f"average linkage), named by words of their members' reports; {told['alone']:,} latents stand alone.",
        f"How their activations on the exam correlate took no part in it: {number(together.get('within'), 3)} on "
        f"average within a cluster, {number(together.get('all_pairs'), 3)} over all pairs.",
    )
    return Section(
        "clusters",
        "Clusters of related features",
        notes,
        (Table(("named by its members", "latents", "which", "cosine", "r of activations"), rows, wide=(2,)),)
        if rows
        else (),
    )


def circuits(found: Found) -> Section:
    """Circuits of the same subject, as another command recorded them."""
    told = found["circuits"]
    rows = [
        (each["name"], "; ".join(f"{name.replace('_', ' ')}: {text}" for name, text in each["facts"]))
        for each in told["circuits"]
    ]
    note = f"Circuits found in the same subject, with their validation, from {told['from']}" + (
        f": {told['said']}." if told["said"] else "."
    )
    return Section(
        "circuits", "Circuits", (note,), (Table(("circuit", "what was measured"), rows, wide=(1,)),) if rows else ()
    )


def flags(found: Found) -> Section:
    """Safety flags with their measured precision."""
    told = found["flags"]
    if told["measured"] is None:
        return Section("flags", "Safety flags", ("Not measured with this explainer, so nothing is flagged.",))
    made = told["measured"]
    names = {"all": made["all"], **made["categories"]}
    rows = [
        (
            name.replace("_", " "),
            *(shared(each[kind]) for kind in ("precision", "recall", "false_alarms", "false_alarms_on_near_misses")),
        )
        for name, each in names.items()
    ]
    seen = [
        (
            each["category"].replace("_", " "),
            str(each["latent"]),
            percent(each["share"]),
            ", ".join(each["words"]),
            each["text"],
            " … ".join(each["texts"][:1]),
        )
        for each in told["flagged"]
    ]
    units = ", ".join(f"{count} {kind}" for kind, count in made["units"].items())
    notes = (
        "A flag needs a report that names words of a category, and a fifth of the latent's activation on such words "
        "without harmless company near them. It sees words only.",
        f"Measured on planted units of seed {made['seeds']['test']} ({units}), explained by the same explainer; "
        f"words and rule were set on seed {made['seeds']['dev']}. A third of each lexicon is unknown to the flags.",
        f"Flagged: {shared(told['share'])} of the reports.",
    )
    first = Table(("category", "precision", "recall", "false alarms, all harmless", "false alarms, near-misses"), rows)
    second = Table(
        ("flag", "latent", "activation on them", "known words in the report", "report", "a window"),
        seen,
        wide=(3, 4, 5),
    )
    return Section("flags", "Safety flags", notes, (first, second) if seen else (first,))


def cost(found: Found) -> Section:
    """What it took."""
    told = found["cost"]
    ahead = told["projection"]
    rows = [
        ("wall time, loading counted once a run that explains", duration(told["wall_seconds"])),
        (
            "of it explaining and grading",
            f"{duration(told['explained_seconds'])} for {told['units']:,} units, {told['seconds_a_unit']:.2f} s each",
        ),
        ("of it the explainer's own seconds", duration(told["explainer_seconds"])),
        ("loading and reading", duration(told["opened_seconds"])),
        ("planted units for flags, cross-examination", duration(told["examined_seconds"])),
        ("tokens of a language model", f"{told['tokens']:,} in {told['calls']:,} calls"),
        ("measurements (texts)", f"{told['measurements']:,}"),
        ("peak memory", f"{told['peak_memory_bytes'] / 2**30:.2f} GiB"),
        ("processes; runs of the command", f"{', '.join(map(str, told['workers']))}; {told['runs']}"),
        ("load of the machine at the end", ", ".join(f"{each:.1f}" for each in told["load"])),
        (
            f"projected to {ahead['latents']:,} latents",
            f"{ahead['hours']:.1f} h for {ahead['explainable']:,} that can be explained",
        ),
    ]
    return Section(
        "cost", "Cost", (f"The projection assumes {ahead['assumption']}.",), (Table(("what", "how much"), rows),)
    )


def features(found: Found) -> Table:
    """Every labelled latent."""
    readers = found["provenance"]["readers"]
    rows = [
        (
            str(each["latent"]),
            each["text"],
            *(number(each["r"][name]) for name in readers),
            number(each["simulation_accuracy"]),
            small(each["p"]),
            each["verdict"],
            number(each["confidence"]),
        )
        for each in found["features"]
    ]
    return Table(
        ("latent", "report", *(f"r, {name}" for name in readers), "accuracy", "p", "verdict", "confidence"),
        rows,
        wide=(1,),
    )


def provenance(found: Found) -> Table:
    """What it was made with."""
    told = found["provenance"]
    decided = told["decided_by"]
    rows = [
        ("command", told["command"]),
        ("commit", str(told["commit"])),
        ("units explained at", ", ".join(told["explained_at"]) or NOTHING),
        ("null bank", f"{told['bank']['suite']}, {told['bank']['reports']:,} reports, {told['bank']['hash'][:16]}"),
        ("SAE", str(decided["subject"].get("sae_sha256", ""))[:16]),
        ("hook", str(decided["subject"].get("hook", ""))),
        ("code that decides", str(decided["code"])[:16]),
        ("versions", ", ".join(f"{name} {version}" for name, version in told["versions"].items())),
    ]
    return Table(("what", "which"), rows, wide=(1,))


def sections(found: Found) -> list[Section]:
    """Those made of notes and tables alone, in order; examples stand after "confidence"."""
    return [each(found) for each in (explained, significance, confidence, clusters, circuits, flags, cost)]
