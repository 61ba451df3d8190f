"""What a layer report says of circuits, safety flags and cost."""

from benchmark.layer_report.table import Section, Table, count, ends
from benchmark.layer_report.wording import Found, duration, hours, percent, shared, small
from benchmark.printable import NOTHING, number


def circuits(found: Found) -> Section:
    """Circuits of the same subject, as another command recorded them."""
    told = found["circuits"]
    rows = [
        (
            each["name"],
            count(each["heads"]),
            each["way"],
            number(each["own"]),
            number(each["random"]),
            number(each["greatest"]),
            small(each["p"]),
            count(each["prompts"]),
            each["verdict"],
        )
        for each in told["circuits"]
    ]
    notes = (
        f"Circuits found in the same subject, from {told['from']}" + (f": {told['said']}." if told["said"] else "."),
        "A circuit is the set of attention heads that several methods have in common. Kept is the share of the "
        "behaviour that is left with all other heads ablated (by zero, by their mean, or by another prompt's); beside "
        "it stand random circuits of as many heads in the same layers, and p is the rank among them. Where p comes "
        "from few prompts, a rank says nothing about others.",
    )
    head = ("circuit", "heads", "ablated by", "kept", "random, mean", "random, greatest", "p", "prompts", "verdict")
    return Section("circuits", "Circuits", notes if rows else notes[:1], (Table(head, rows),) if rows else ())


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
    units = ", ".join(f"{many} {kind}" for kind, many in made["units"].items())
    notes = (
        "A flag needs a report that names words of a category, and a fifth of the latent's activation on such words "
        "without harmless company near them. It sees words only.",
        f"Measured on planted units of seed {made['seeds']['test']} ({units}), explained by the same explainer; "
        f"words and rule were set on seed {made['seeds']['dev']}. The harmful ones are of the same lexicon, another "
        "draw: two thirds of their words are in the flags' own list, so that recall is high nearly by construction. "
        f"The near-misses are of {made['concepts']} concepts; units of one concept share their predicate, and "
        "intervals count concepts.",
        f"Units made only of words that flags do not know: {shared(made['held_out'])} flagged. That is what the flags "
        "find beyond their list.",
        f"Where {percent(made['rare']['prevalence'])} of the features are harmful, a flag is right in "
        f"{percent(made['rare']['precision'])} of cases {ends(made['rare'])}, by the recall and false alarms below "
        "(brackets: both at the worse and at the better ends of their intervals).",
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
    ahead, memory = told["projection"], told["memory"]
    rows = [
        ("wall time, loading counted once a run that explains", duration(told["wall_seconds"])),
        ("of it explaining and grading", f"{duration(told['explained_seconds'])} for {told['kept']:,} units"),
        ("loading and reading", duration(told["opened_seconds"])),
        ("planted units for flags", duration(told["flags_seconds"])),
        ("cross-examination and decisions", duration(told["examined_seconds"])),
        ("the explainer's own seconds, all units", duration(told["explainer_seconds"])),
        ("grading; choice of exemplars", f"{duration(told['grading_seconds'])}; {duration(told['making_seconds'])}"),
        ("tokens of a language model", f"{told['tokens']:,} in {told['calls']:,} calls"),
        ("measurements (texts)", f"{told['measurements']:,}"),
        ("peak memory, this process", _gib(told["peak_memory_bytes"])),
        *(
            [("peak memory, all that explained beside it", _gib(told["workers_peak_memory_bytes"]))]
            if told["workers_peak_memory_bytes"]
            else []
        ),
        ("memory for 1,000 latents of the layer", _gib(memory["bytes_a_thousand_of_the_layer"])),
        ("memory for 1,000 latents of the sample", _gib(memory["bytes_a_thousand_of_the_sample"])),
        ("processes; runs of the command", f"{', '.join(map(str, told['workers'])) or NOTHING}; {told['runs']}"),
        ("load of the machine at the end", ", ".join(f"{each:.1f}" for each in told["load"]) or NOTHING),
        (f"projected to {ahead['latents']:,} latents, in all", hours(ahead["hours"])),
        (
            "of it explaining and grading",
            f"{hours(ahead['explaining_hours'])} for {ahead['explainable']:,} that can be explained",
        ),
        ("of it cross-examination", f"{hours(ahead['examining_hours'])} for {count(ahead['reports'])} reports"),
    ]
    notes = (
        "The projection is in hours of one process: the same text, share of latents that can be explained and of "
        f"those with a report, and {number(ahead['seconds_a_latent'])} s a latent, null units left out. "
        "The cross-examination grows with the square of the latents: each report is "
        "held against each unit. Reading the text with a wider SAE, planted and null units, and decisions come on top."
        + ("" if ahead["choice_of_exemplars_known"] else " The choice of exemplars was not timed, and is not in it."),
        "Memory grows with the layer's width and with the sample, as the rows say; it does not grow with how long a "
        "run takes.",
        *(
            []
            if told["timed_units"] == told["kept"]
            else [
                f"A run was killed: of {told['kept']:,} units {told['timed_units']:,} are of runs that ended, so the "
                "wall time is not known. The units' own seconds are in their records, and are."
            ]
        ),
    )
    return Section("cost", "Cost", notes, (Table(("what", "how much"), rows),))


def _gib(value: int) -> str:
    return f"{value / 2**30:.2f} GiB"
