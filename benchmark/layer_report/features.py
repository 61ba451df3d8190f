"""The labelled latents one by one, and a few of them shown: the best, the middle ones, and those that failed."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.layer_report.decided import Decided
from benchmark.layer_report.flags import Flag
from benchmark.layer_report.shares import score

EACH = 3
# Windows of each example.
WINDOWS = 5


def rows(
    records: Sequence[Mapping[str, Any]], found: Decided, flagged: Mapping[int, Sequence[Flag]], readers: Sequence[str]
) -> list[dict[str, Any]]:
    """One row a latent with a report, best r by the first reader first.

    Args:
        records: of the latents with a report, in the order of `found`.
        found: by the first reader.
        flagged: by latent.
        readers: whose r is told.
    """
    made = []
    for record, rank, listed in zip(records, found.ranks, found.listed, strict=True):
        latent = int(record["latent"])
        made.append(
            {
                "latent": latent,
                "text": str(record["report"]["text"]),
                "confidence": float(record["report"]["confidence"]),
                "r": {name: score(record, name, "r") for name in readers},
                "simulation_accuracy": score(record, readers[0], "simulation_accuracy"),
                "p": rank.p,
                "z": rank.z,
                "adjusted_p": listed.adjusted,
                "verdict": listed.verdict,
                "flags": [flag.category for flag in flagged.get(latent, ())],
            }
        )
    return sorted(made, key=lambda row: (-row["r"][readers[0]], row["latent"]))


def examples(made: Sequence[Mapping[str, Any]], records: Mapping[int, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Latents to look at: most r, the middle by r, reports that are not significant or else of least r, no report.

    Args:
        made: from `rows`, best first.
        records: by latent, all sampled ones.
    """
    good = [row for row in made if row["verdict"] == "significant"]
    poor = [row for row in made if row["verdict"] != "significant"]
    half = max(0, len(made) // 2 - EACH // 2)
    silent = [number for number, each in records.items() if each["outcome"] != "report"][:EACH]
    groups = [
        ("Best", "significant, of the greatest r", [row["latent"] for row in good[:EACH]]),
        ("Middle", "around the median r of the reports", [row["latent"] for row in made[half : half + EACH]]),
        (
            "Failed" if poor else "Weakest",
            "reports that are not significant" if poor else "significant, of the least r",
            [row["latent"] for row in (poor or list(made))[-EACH:]],
        ),
        ("No report", "the explainer abstained, or failed", silent),
    ]
    told = {row["latent"]: row for row in made}
    return [
        {"title": title, "note": note, "latents": [_shown(records[number], told.get(number)) for number in numbers]}
        for title, note, numbers in groups
        if numbers
    ]


def _shown(record: Mapping[str, Any], row: Mapping[str, Any] | None) -> dict[str, Any]:
    said = record["report"]["text"] if "report" in record else record.get("said", "")
    return {
        "latent": int(record["latent"]),
        "outcome": record["outcome"],
        "text": str(said),
        "row": None if row is None else {name: row[name] for name in ("r", "p", "verdict", "confidence")},
        "windows": list(record["contexts"][:WINDOWS]),
    }
