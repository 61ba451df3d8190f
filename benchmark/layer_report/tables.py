"""What a layer report says, as sections of notes and tables: the page and the Markdown show the same."""

from typing import Any

from benchmark.calibration.teaching import LEAST_FIRING, TEACH
from benchmark.exam.cross_examination import STRANGER_LIMIT
from benchmark.layer_report.layer import RECIPE
from benchmark.layer_report.shares import STOP_R, level_of
from benchmark.layer_report.table import Section, Table, count, ends, span
from benchmark.layer_report.wording import Found, duration, meant, percent, shared, small
from benchmark.layer_report.work_tables import circuits, cost, flags
from benchmark.printable import NOTHING, number
from benchmark.statistics.error_rates import MOST_TIMES_ALPHA
from benchmark.statistics.headline import THREE_SIGMA
from benchmark.suites.selection import SILENT_WINDOWS


def glance(found: Found) -> list[tuple[str, str, str]]:
    """The figures that come first: what, how much, and what it means."""
    told, first = found["provenance"], found["provenance"]["readers"][0]
    tested, estimate = found["significance"][first]["benjamini_hochberg"], found["layer_estimate"]
    spoke, sampled = found["outcomes"].get("report", 0), told["sample"]
    null = found["nulls"][first]
    labelled = f"of {sampled:,} sampled; {estimate['explainable']:,} of {found['census']['latents']:,} can be explained"
    rest = "all were explained" if not estimate["rest"] else f"layer: about {count(estimate['mean'])} {span(estimate)}"
    return [
        ("labelled", f"{spoke:,}", labelled),
        (
            "significant at 3σ",
            percent(tested["of_latents"]["mean"]),
            f"of sampled latents, {ends(tested['of_latents'])}; {rest}",
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


def explained(found: Found) -> Section:
    """The census and the outcomes."""
    told, census, split = found["provenance"], found["census"], found["split"]
    kinds = [(kind, f"{many:,}", percent(many / census["latents"])) for kind, many in census["kinds"].items()]
    ends = [
        (name.replace("_", " "), f"{many:,}", percent(many / max(1, told["sample"])))
        for name, many in found["outcomes"].items()
    ]
    parts = [
        (part, *(f"{facts[name]:,}" for name in ("documents", "windows", "words", "tokens")))
        for part, facts in split.items()
    ]
    notes = (
        f"{told['sample']:,} latents were drawn by lot (seed {told['seed']}) among those that fire in at least "
        f"{LEAST_FIRING} teach windows and {RECIPE.minimum_positives} exam windows and are silent in "
        f"{SILENT_WINDOWS} teach windows. Of each the explainer saw {_shown()} teach windows; no document and no run "
        "of eight words is in both parts.",
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
    told = found["provenance"]
    readers, none = told["readers"], told["declares_none"]
    rows = [("measure", *none, *readers)]
    for name, cell in _measures(found).items():
        rows.append((name, *("declares none" for _ in none), *(cell(reader) for reader in readers)))
    notes = (
        "A report's p is the rank of its r on its own latent among the null bank's "
        f"{found['provenance']['bank']['reports']:,} reports there, by breadth, studentised and pooled "
        "(METHOD section 4); 3σ is p < 0.00135. The list is "
        "corrected by Benjamini and Hochberg over the reports; Holm stands beside it. The executable reader runs the "
        "reports' predicates; the embedding reader sees their prose.",
        "Null units fire as often and in such runs as the layer's latents, by a hash: what is said of them is false. "
        "Strangers are reports of other latents of this run whose activations are unrelated to the unit's (r below "
        f"{STRANGER_LIMIT:g}), whatever the report itself is worth there. The check passes where the 99% upper bound "
        f"of their rate is at most {MOST_TIMES_ALPHA * THREE_SIGMA:.5f}, three times what the test promises.",
        *(["The explainer declares no predicates, so nothing is said by the executable reader."] if none else []),
        *(
            [f"{told['nulls_not_made']} null units could not be made: no latent tried has a null that fires enough."]
            if told.get("nulls_not_made")
            else []
        ),
        *_failing(found),
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


def _failing(found: Found) -> list[str]:
    """What it means where the check on strangers does not pass."""
    return [
        f"By the {name} reader strangers are rejected at a rate of {each['rate']:.5f} "
        f"[{each['lower']:.5f}, {each['upper']:.5f}]: the check {_said(each['verdict'])}, and a single p below "
        f"{THREE_SIGMA} is worth less than it says. In whole lists of strangers {each['declared_a_list']:.2f} of "
        f"{each['reports_a_list']} are declared on average."
        for name, each in found["strangers"].items()
        if each and each["verdict"] != "passes"
    ]


def _said(verdict: str) -> str:
    return "does not pass" if verdict == "fails" else "has too few pairs to pass"


def _shown() -> str:
    """How many windows of each kind an explainer sees, at most."""
    return ", ".join(f"up to {many} {stratum.replace('_', '-')}" for stratum, many in TEACH.items())


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
        f"Rank correlation of confidence with r on the exam: {number(told.get('r_with_exam_r'))}. The levels are "
        "round numbers that were fitted on nothing.",
        *(_level_line(each) for each in told["levels"] if each["reports"]),
        *_broad(found),
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


def _level_line(each: Found) -> str:
    return (
        f"{each['level'].capitalize()}: {each['significant']['hits']} of {each['reports']} significant "
        f"({percent(each['significant']['share'])}), mean r {number(each['r']['mean'])}."
    )


def _broad(found: Found) -> list[str]:
    """Why significance tops out: reports of great r that are not significant."""
    great = [each for each in found["features"] if next(iter(each["r"].values())) >= STOP_R]
    missed = [each for each in great if each["verdict"] != "significant"]
    if not missed:
        return []
    top = max(next(iter(each["r"].values())) for each in missed)
    return [
        f"Significance tops out: of {len(great)} reports with an r of {STOP_R:g} or more {len(missed)} are not "
        f"significant, one of them with an r of {top:.2f}. Broad reports, such as one on every comma, meet strangers "
        "that are as broad, and those agree with a broad unit, too."
    ]


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
            f"{number(each['confidence'])}, {level_of(each['confidence'])}",
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
        ("units explained at", ", ".join(told["explained_at"]) or NOTHING),
        ("planted units for flags explained at", ", ".join(told["flags_at"]) or NOTHING),
        ("reports examined, and figures made, at", str(told["commit"])),
        ("circuits found at", str(found["circuits"]["commit"] or NOTHING)),
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
