"""Single pass: one question to a language model, after Bills et al. (2023), "Language models can explain neurons"."""

import re
from collections.abc import Sequence
from pathlib import Path

from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Exemplar, Laboratory

PROMPT = Path(__file__).with_name("prompts") / "single_pass.txt"
MOST_EXEMPLARS = 8
MOST_WORDS = 32
LONGEST_REPLY = 60

_PREFIX = re.compile(
    r"^(?:(?:sure|answer|explanation|phrase)\b[,:!.]*\s*|this neuron (?:fires|activates) (?:on|for)\s+)+", re.I
)
_REFUSAL = re.compile(
    r"^(?:(?:i'?m|i am) (?:very |really |so )?sorry|sorry\b|as an ai\b|unable to\b"
    r"|i (?:cannot|can'?t|won'?t|am unable|am not able))",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


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


def prompt_for(exemplars: Sequence[Exemplar]) -> str:
    """The prompt: at most 8 exemplars, strongest first; no name of unit, layer or model."""
    strongest = sorted(exemplars, key=lambda each: -each.peak)[:MOST_EXEMPLARS]
    # One replace, not str.format: exemplars may hold braces.
    return (
        PROMPT.read_text(encoding="utf-8").strip().replace("{exemplars}", "\n".join(quoted(each) for each in strongest))
    )


def parse_reply(reply: str) -> str:
    """The explanation in a model's reply: its first sentence, at most 60 words.

    Raises:
        NoReport: "refusal" for a refusal, "unparsable" where no word is left.
    """
    lines = [line.strip() for line in reply.replace("\u2019", "'").splitlines() if line.strip()]
    line = _PREFIX.sub("", lines[0].strip("\"'*`#- ")) if lines else ""
    if not line and len(lines) > 1:
        line = lines[1]
    sentence = _SENTENCE_END.split(line, maxsplit=1)[0].strip("\"'*`#- .")
    if _REFUSAL.match(sentence):
        raise NoReport("refusal", f"the model declined: {sentence[:80]!r}")
    if not re.search(r"[^\W_]", sentence):
        raise NoReport(
            "unparsable", f"no explanation in the model's reply {reply[:80]!r}; ask again or choose another model"
        )
    return " ".join(sentence.split()[:LONGEST_REPLY])


class SinglePass:
    """Shows a model the strongest exemplars once and takes its phrase; declares no predicates."""

    name: str = "single_pass"
    needs_model: bool = True
    declares_predicates: bool = False

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """One question, one phrase; an abstention where no exemplar fires.

        Raises:
            ValueError: `ask` is missing.
            NoReport: "refusal" or "unparsable".
        """
        if ask is None:
            raise ValueError(
                "explainer 'single_pass' needs a model and none was given: set model=…, or take rule_induction"
            )
        firing = laboratory.exemplars("firing")
        journal.note("observation", f"{len(firing)} firing exemplars")
        if not firing:
            return Report.abstain("no exemplar fires")
        laboratory.check_time()
        text = parse_reply(await ask(prompt_for(firing)))
        report = Report(text, (Claim(text),))
        journal.note("submission", text, report=report.to_json())
        return report
