"""The page of a set for people, from its card."""

from collections.abc import Mapping, Sequence
from typing import Any

_REPRODUCTION = (
    "Made by `python -m benchmark.subjects.superposed` from the numbers under `plan` in `card.json`. The same numbers, "
    "texts and versions give the same bytes on one machine. Another processor, or another version of torch, may give "
    "other last bits and so another SAE; that is not guaranteed. The values of the SAE that ships are computed by "
    "NumPy in float64 and rounded to six decimals.\n\n"
    "`SuperposedSet.load()` serves the set. `sae_weights.safetensors` and `cfg.json` are in SAELens' format, for "
    "`SAE.load_from_disk`; `relations.safetensors` holds r, cosine and AUPRC of every latent with every feature."
)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _agreement(card: Mapping[str, Any], label: str) -> str:
    found = [each["agreement"] for each in card["latents"] if each["label"] == label and each["claims"]]
    return f"{sum(found) / len(found):.3f} ({len(found)})" if found else "–"


def page(card: Mapping[str, Any]) -> str:
    """Markdown: what the world is, the figures, and how many latents have each label."""
    plan, words = card["plan"], card["words"]
    figures = [(name.replace("_", " "), f"{value:g}") for name, value in card["figures"].items()]
    labels = [(name, str(count), _agreement(card, name), card["rules"][name]) for name, count in card["labels"].items()]
    planted = len(card["concepts"])
    parts = (
        "# A set of superposed units",
        f"{card['features']} features, {planted} driven by planted concepts and {plan['background']} that mean nothing "
        f"and fire together, in {plan['dimensions']} dimensions; a TopK SAE (k = {plan['k']}, {plan['latents']} "
        f"latents) trained on the vectors of {words['train']:,} words, half of each batch words on which a concept "
        f"holds. Claims are fitted on {words['fit']:,} words, everything else is measured on {words['report']:,} "
        "others; no two of the three parts share an eight-word run.",
        _table(("figure", "value"), figures),
        "Agreement is the mean r of the claims with the latent's values, over the latents (in brackets) that have any.",
        _table(("label", "latents", "agreement", "rule"), labels),
        _REPRODUCTION,
    )
    return "\n\n".join(parts) + "\n"
