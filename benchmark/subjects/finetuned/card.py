"""The card that ships beside the weights, written from what was measured and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

README = "README.md"
_PARTS = {
    "families": "Families of planted units that training never sees",
    "concepts": "Concepts that training never sees",
    "phrasings": "Phrasings that training never sees",
}
_HEAD = "| kind of claim | claims | words | AUC, all words | AUC, hard words |\n|---|---:|---:|---:|---:|"


def markdown(card: Mapping[str, Any]) -> str:
    """The card as Markdown; `docs/finetuned.md` explains its words."""
    return "\n".join([*_training(card), *_tables(card["held_out"]), *_shipping(card)]) + "\n"


def _training(card: Mapping[str, Any]) -> Iterator[str]:
    plan, diet = card["plan"], card["diet"]
    pairs, minutes = plan["steps"] * plan["size"], card["seconds"] / 60
    yield "# The finetuned reader's weights\n"
    yield f"Differences to the encoder of {card['encoder']}; what they are for: docs/finetuned.md.\n"
    yield (
        f"Trained for {plan['steps']:,} steps of {plan['size']} pairs ({pairs:,} pairs) in {minutes:.0f} minutes "
        f"({pairs / max(card['seconds'], 1):.0f} pairs/s on {plan['threads']} threads, "
        f"{'bfloat16' if plan['bfloat16'] else 'float32'}, torch {card['machine']['torch']}), seed {plan['seed']}, on "
        f"{diet['groups']['train']:,} groups with {diet['claims']['train']:,} claims (diet {diet['hash'][:12]})."
    )
    if card["limit"] < 1:
        yield f"\n**A trial on {card['limit']:g} of the diet: no figure here is a result.**"
    yield f"\nTrained families: {', '.join(diet['trained_families'])}."
    yield f"Families kept for judging: {', '.join(diet['judged_families'])}."
    yield f"No text or unit is shared with: {', '.join(diet['apart_from'])}."
    yield f"Left out for that, and for the division: {_told(diet['left_out'])}.\n"


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _tables(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for part, title in _PARTS.items():
        own = [row for row in rows if row["part"] == part]
        if own:
            yield f"## {title}\n"
            yield _HEAD
            yield from (_row(row) for row in own)
            yield ""


def _row(row: Mapping[str, Any]) -> str:
    found = (f"{row[name]:.3f}" if row[name] is not None else "–" for name in ("auc", "auc_hard"))
    return f"| {row['kind']} | {row['claims']:,} | {row['words']:,} | {' | '.join(found)} |"


def _shipping(card: Mapping[str, Any]) -> Iterator[str]:
    told = card["int8"]
    yield "## What ships\n"
    yield f"{card['bytes']:,} bytes, sha256 `{card['sha256']}`.\n"
    yield (
        f"Over the {told['words']:,.0f} judged words its answers differ from those of the trained weights by "
        f"{told['mean_difference']:g} on average and {told['greatest_difference']:g} at most (correlation "
        f"{told['correlation']:g}). It says *fires* from level {card['threshold']:g} of 10 on, set on training claims."
    )
