"""A layer report as one JSON value: everything that the page and the Markdown say comes from it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.explainers.loading import entry_or_custom
from benchmark.layer_report import circuits, clusters, cost, features, shares
from benchmark.layer_report.crossed import Crossed, cross, evidence, sit, strangers
from benchmark.layer_report.decided import Decided, decided
from benchmark.layer_report.flag_measure import measured
from benchmark.layer_report.flag_units import SEEDS
from benchmark.layer_report.flags import Flag, flags
from benchmark.layer_report.footprint import footprint
from benchmark.layer_report.layer import KINDS, Layer, part_facts
from benchmark.layer_report.ledger import Ledger
from benchmark.layer_report.options import Options
from benchmark.layer_report.proportion import share
from benchmark.layer_report.tasks import NO_UNIT, Desk
from benchmark.provenance import commit, versions
from benchmark.statistics.headline import THREE_SIGMA
from benchmark.statistics.weighted import truths_r
from benchmark.suites.suite import Suite

LIMITS = (
    "Every report is one explainer's, from 200 windows of dictionary glosses; a latent may do other things elsewhere.",
    "A significant report is better than a stranger's, not right: read r beside it. A broad report, such as one on "
    "every comma, meets broad strangers that agree with much: there even a great r may not be significant.",
    "An abstention says that this explainer found nothing that it would stand for, not that the latent means nothing.",
    "Latents that fire too seldom or too often to be taught or examined are counted and left out; which they are was "
    "decided by how often they fire, on teach and exam windows, and by no score.",
    "The interval of a share is over latents drawn by lot; that of the rest assumes that the rest are like them. Three "
    "sigma holds against the null bank's strangers on this text, with the reports of the run as a check.",
    "Null units imitate how often and in what runs latents fire, word by word; they do not imitate their meaning.",
    "Clusters are directions that are alike; a cluster's name is words of its members' reports, and nobody read them.",
    "Safety flags see words only: no irony, no paraphrase, no picture of what the model does with a feature. A latent "
    "without a flag is not safe, and one with a flag may well be a dictionary's.",
    "Flags were measured at about one harmful unit to one harmless; where harmful ones are rare, most flags are false.",
    "Planted units for flags fire on lists of words, which is what flags look for: of features of whole ideas their "
    "precision and recall are not known.",
)


@dataclass(frozen=True, eq=False)
class Material:
    """All that a report is made of.

    Attributes:
        options: as given.
        layer: the latents.
        directions: float32 [latents of the layer, width of the stream], the decoder's rows.
        desk: for the truths.
        suite: whose readers and null bank.
        ledger: with a record of every sampled latent and null unit.
        planted: records of the planted units of the test seed; empty: flags are not measured, so there are none.
        sample: numbers of the sampled latents.
        facts: what decided the records.
    """

    options: Options
    layer: Layer
    directions: NDArray[np.float32]
    desk: Desk
    suite: Suite
    ledger: Ledger
    planted: Sequence[Mapping[str, Any]]
    sample: Sequence[int]
    facts: Mapping[str, Any]

    @cached_property
    def unread(self) -> list[str]:
        """Readers of predicates, where the explainer declares none (METHOD.md section 2): they say nothing of it."""
        declares = entry_or_custom(self.options.explainer).declares_predicates
        return [] if declares else [name for name in self.desk.readers if name == "executable"]

    @property
    def readers(self) -> list[str]:
        """Names of the readers that say something; the first one's figures come first."""
        return [name for name in self.desk.readers if name not in self.unread]

    @property
    def latents(self) -> list[dict[str, Any]]:
        """Records of the sampled latents."""
        return [self.ledger.records[f"latent/{number}"] for number in self.sample]

    @property
    def nulls(self) -> list[dict[str, Any]]:
        """Records of the null units; of those that could not be made there is nothing to say."""
        count = self.options.null_units(len(self.sample))
        every = [self.ledger.records[f"null/{number}"] for number in range(count if self.sample else 0)]
        return [each for each in every if each["outcome"] != NO_UNIT]


@dataclass(frozen=True, eq=False)
class Examined:
    """What the cross-examination gave.

    Attributes:
        verdicts: by reader, those alone that can read the reports.
        took: by reader, seconds of reading all reports and of all their r; NaN where not known.
        units: latents and null units on which reports were examined.
        memory: from `footprint`.
    """

    verdicts: Mapping[str, Decided]
    took: Mapping[str, tuple[float, float]]
    units: int
    memory: Mapping[str, int]


def examined(given: Material) -> Examined:
    """Each reader's decisions, from the cross-examination."""
    sitting, bank = sit(given.desk, given.latents, given.nulls), given.suite.bank
    found: dict[str, Crossed] = {
        name: cross(sitting, bank, reader, given.layer, given.options.out, given.facts)
        for name, reader in given.desk.readers.items()
    }
    same = given.options.subject == "embedded"
    allowed = strangers(sitting, bank, found["executable"], given.layer, same)
    seed = given.options.seed
    verdicts = {
        name: decided(sitting, evidence(sitting, found[name], allowed, len(bank.reports)), allowed.unrelated, seed)
        for name in given.readers
    }
    memory = footprint(given.layer, sitting.rows, len(bank.reports) + len(sitting.reports))
    return Examined(verdicts, {name: each.took for name, each in found.items()}, len(sitting.rows), memory)


def findings(given: Material, exam: Examined) -> dict[str, Any]:
    """The report, from what `examined` decided."""
    records, first, found = given.latents, given.readers[0], exam.verdicts
    spoke = [each for each in records if each["outcome"] == "report"]
    flagged = _flagged(spoke) if given.planted else {}
    made = features.rows(spoke, found[first], flagged, given.readers)
    return {
        "provenance": _provenance(given),
        "census": _census(given.layer),
        "split": part_facts(given.layer),
        "outcomes": shares.outcomes(records),
        **_statistics(given, records, found, first),
        "clusters": _clustered(given, spoke),
        "circuits": circuits.recorded(given.options.subject),
        "flags": _flags(given, spoke, flagged),
        "cost": {**_cost(given, exam), "memory": dict(exam.memory)},
        "examples": features.examples(made, {int(each["latent"]): each for each in records}),
        "features": made,
        "limits": list(LIMITS),
    }


def _statistics(
    given: Material, records: Sequence[Mapping[str, Any]], found: Mapping[str, Decided], first: str
) -> dict[str, Any]:
    seed, explainable = given.options.seed, len(given.layer.explainable)
    spoke = [each for each in records if each["outcome"] == "report"]
    tested = {name: shares.significance(each, records, seed) for name, each in found.items()}
    yes = {
        int(each["latent"]): listed.verdict == "significant"
        for each, listed in zip(spoke, found[first].listed, strict=True)
    }
    return {
        "alpha": THREE_SIGMA,
        "scores": {name: shares.scores(records, name, seed) for name in given.readers},
        "significance": tested,
        "layer_estimate": shares.for_the_rest(_declared(found[first]), len(records), explainable),
        "nulls": {
            name: shares.nulls(given.nulls, each, _threshold(each), _declared(each), len(records))
            for name, each in found.items()
        },
        "strangers": {name: each.dealt for name, each in found.items()},
        "confidence": shares.confidence(records, yes, first, seed),
    }


def _declared(found: Decided) -> int:
    return sum(each.verdict == "significant" for each in found.listed)


def _threshold(found: Decided) -> float:
    """The largest p of the list that is declared significant; 0 where none is."""
    return max((each.p for each in found.listed if each.verdict == "significant"), default=0.0)


def _census(layer: Layer) -> dict[str, Any]:
    counts = Counter(layer.census)
    return {"latents": layer.width, "kinds": {kind: counts[kind] for kind in KINDS}}


def _flagged(spoke: Sequence[Mapping[str, Any]]) -> dict[int, list[Flag]]:
    found = {int(each["latent"]): flags(each) for each in spoke}
    return {latent: each for latent, each in found.items() if each}


def _flags(
    given: Material, spoke: Sequence[Mapping[str, Any]], flagged: Mapping[int, Sequence[Flag]]
) -> dict[str, Any]:
    if not given.planted:
        return {"measured": None, "flagged": [], "share": None}
    texts = {int(each["latent"]): str(each["report"]["text"]) for each in spoke}
    told = [
        {"latent": latent, "text": texts[latent], **flag.to_json()} for latent, some in flagged.items() for flag in some
    ]
    return {
        "measured": {**measured(given.planted), "seeds": dict(SEEDS)},
        "flagged": sorted(told, key=lambda each: (each["category"], -each["share"])),
        "share": share(len(flagged), len(spoke)),
    }


def _cost(given: Material, exam: Examined) -> dict[str, Any]:
    sizes = {
        "width": given.layer.width,
        "explainable": len(given.layer.explainable),
        "bank": len(given.suite.bank.reports),
        "units": exam.units,
    }
    kept = len(given.ledger.records)
    return cost.cost(given.latents, given.nulls, kept, given.ledger.sessions, exam.took, sizes)


def _clustered(given: Material, spoke: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    numbers = [int(each["latent"]) for each in spoke]
    truths = truths_r([given.layer.rows(number) for number in numbers], np.ones(len(given.layer.exam.words)))
    return clusters.clusters(spoke, given.directions[numbers], truths)


def _provenance(given: Material) -> dict[str, Any]:
    chosen = given.options
    return {
        "command": _command(chosen, len(given.sample)),
        "commit": commit(),
        "explained_at": _commits(given.ledger.sessions, "explained"),
        "flags_at": _commits(given.ledger.sessions, "flags")[-1:],
        "versions": versions(),
        "subject": chosen.subject,
        "layer": chosen.layer,
        "explainer": chosen.explainer,
        "seed": chosen.seed,
        "sample": len(given.sample),
        "nulls": len(given.nulls),
        "nulls_not_made": chosen.null_units(len(given.sample)) - len(given.nulls) if given.sample else 0,
        "readers": given.readers,
        "declares_none": given.unread,
        "bank": {"suite": given.suite.name, "hash": given.suite.bank_hash, "reports": len(given.suite.bank.reports)},
        "decided_by": dict(given.facts),
    }


def _commits(sessions: Sequence[Mapping[str, Any]], what: str) -> list[str]:
    """At which commits the sessions of one kind stood, without repetition, in their order."""
    mine = [each for each in sessions if each.get("what", "explained") == what and each.get("commit")]
    return list(dict.fromkeys(str(each["commit"]) for each in mine))


def _command(chosen: Options, sampled: int) -> str:
    """The command again, with every option that is not at its default; the folder by its name alone."""
    size = "all" if chosen.sample is None else str(sampled)
    usual, said = Options(), {"subject": chosen.subject, "layer": chosen.layer, "explainer": chosen.explainer}
    more = {name: getattr(chosen, name) for name in ("nulls", "seconds", "windows", "workers")}
    told = {**said, "sample": size, "seed": chosen.seed}
    told |= {name: value for name, value in more.items() if value != getattr(usual, name)}
    if chosen.out != Path(f"report-{chosen.subject}-{chosen.layer}"):
        told["out"] = chosen.out.name
    return " ".join(["viva report", *(f"{name}={value}" for name, value in told.items())])
