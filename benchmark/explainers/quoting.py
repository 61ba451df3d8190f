"""Text of units and models in prompts: always data between marks, never part of the question."""

from benchmark.laboratory import Exemplar

MOST_WORDS = 32


def escaped(text: str) -> str:
    """`text` as data: one line, and no mark that could close its quotation."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _window(exemplar: Exemplar) -> tuple[tuple[str, ...], list[float]]:
    """At most 32 words around the peak, and their values."""
    peak = int(exemplar.values.argmax()) if len(exemplar.values) else 0
    first = max(0, min(peak - MOST_WORDS // 2, len(exemplar.words) - MOST_WORDS))
    cut = slice(first, first + MOST_WORDS)
    return exemplar.words[cut], [float(value) for value in exemplar.values[cut]]


def quoted(exemplar: Exemplar) -> str:
    """One exemplar as quoted data, with its active words and their rounded activations."""
    words, values = _window(exemplar)
    active = [f"{escaped(word)} {max(1, round(value))}" for word, value in zip(words, values, strict=True) if value > 0]
    return f"<text>{escaped(' '.join(words))}</text>\nactive: {', '.join(active)}"
