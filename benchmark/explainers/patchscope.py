"""Patchscope: the subject itself says what a direction means that stands where a prompt has a placeholder.

Source: Ghandeharioun et al. (2024), "Patchscopes: a unifying framework for inspecting hidden representations of
language models", arXiv 2401.06102, and Chen et al. (2024), "SelfIE: self-interpretation of large language model
embeddings", arXiv 2403.10949; here a latent's direction, scaled, instead of a hidden representation.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.replies import MOST_WORDS, Unreadable, phrase
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Laboratory

# What the placeholder is called in a prompt.
PLACEHOLDER = "{unit}"
# The block whose input is patched, and the direction's lengths in units of the stream's there. Chosen with the prompts
# on 24 latents of no suite, by reading the completions and by the embedding reader's r: of blocks 0, 1, 2, 3, 4, 6 and
# 12 the first after the embedding says most.
BLOCK = 1
SCALES = (1.0, 2.0, 4.0)

# Completions by the subject that a unit lives in; seconds are all that they cost. Given are a prompt's texts before,
# between and after its placeholders, the block whose input is patched (the last where there are fewer), and lengths of
# the unit's direction in units of the stream's usual norm there; back comes one greedy completion a length.
Completing = Callable[[Sequence[str], int, Sequence[float]], list[str]]


def prompts() -> dict[str, str]:
    """The prompts by name: "meaning" asks for the meaning of a word, "related" gives examples of related words."""
    folder = Path(__file__).with_name("prompts")
    return {
        name: (folder / f"patchscope_{name}.txt").read_text(encoding="utf-8").rstrip("\n")
        for name in ("meaning", "related")
    }


def readable(completion: str, prompt: str) -> str:
    """What a completion says: its first sentence without quotation marks, no item of a list twice.

    Returns:
        the phrase; empty where there is none, or where every word of it stands in the prompt.
    """
    try:
        said = phrase(completion).replace('"', "")
    except Unreadable:
        return ""
    items = dict.fromkeys(filter(None, (item.strip() for item in said.split(","))))
    known = set(_words(prompt))
    return "" if known.issuperset(_words(" ".join(items))) else ", ".join(items)


def _words(text: str) -> list[str]:
    return ["".join(filter(str.isalnum, word)) for word in text.lower().split()]


def joined(phrases: Sequence[str]) -> str:
    """All distinct phrases as one, the most frequent first, at most 60 words; empty where all are."""
    ranked = [each for each, _ in Counter(filter(None, phrases)).most_common()]
    return " ".join("; ".join(ranked).split()[:MOST_WORDS]).rstrip(";,")


class Patchscope:
    """Has the subject complete two prompts with the unit's direction in them and never looks at an activation.

    Args:
        complete: the patched subject; injected, since only the caller has it. None where the unit has no direction in
            the residual stream.
        block: whose input is patched.
        scales: the direction's lengths, as in `Completing`.
    """

    name: str = "patchscope"
    needs_model: bool = False
    declares_predicates: bool = False

    def __init__(
        self, complete: Completing | None = None, block: int = BLOCK, scales: Sequence[float] = SCALES
    ) -> None:
        self._complete, self._block, self._scales = complete, block, tuple(scales)

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """One claim, the distinct completions as a phrase; an abstention where none can be read.

        Raises:
            BudgetExceeded: the seconds are used up.
        """
        if self._complete is None:
            return Report.abstain("the unit has no direction in the residual stream")
        said: list[str] = []
        for name, prompt in prompts().items():
            laboratory.check_time()
            found = self._complete(prompt.split(PLACEHOLDER), self._block, self._scales)
            said += [readable(completion, prompt) for completion in found]
            journal.note("observation", f"completions of the prompt {name!r}", completions=found)
        laboratory.check_time()
        if not (text := joined(said)):
            return Report.abstain("no completion of the patched prompts can be read")
        report = Report(text, (Claim(text),))
        journal.note("submission", text, report=report.to_json())
        return report
