"""Guardrail: the model that explains may not be the one that reads, or its own habits would pass for understanding."""

import re

from benchmark.explainers.explainer import Journal
from benchmark.guardrails.guardrail import APPROVED, Objection, Submission, Verdict
from benchmark.laboratory import Laboratory

NAME = "independence"
# How a gateway routes a model, which snapshot of it a provider serves, and how a file of it is quantised; sizes
# ("llama3:8b") are other models.
_SERVED = re.compile(
    r"(?::(?:free|beta|nitro|floor|online|extended|thinking|latest)|-latest|[-@]20\d\d-?\d\d-?\d\d|-\d{3,4}|-v\d+(?::\d+)?"
    r"|\.(?:q\d|iq\d|f16|bf16|f32)[\w-]*)$"
)
_OWNER = re.compile(r"^(?:[a-z]{2,6}\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\.")


def same_model(one: str, other: str) -> bool:
    """Whether two labels name one model, whoever serves it: "openai/gpt-5" and "openrouter/openai/gpt-5:free".

    Labels are all there is to go by: the same weights under another name, or tuned a little, are another model here.
    """
    return _bare(one) == _bare(other) != ""


def _bare(label: str) -> str:
    name, cut = label.strip().rstrip("/").rpartition("/")[2].casefold(), 1
    while cut:
        name, cut = _SERVED.subn("", name)
    return _OWNER.sub("", name)


class Independence:
    """Objects for good where the explaining model is among the reading ones; free of charge.

    Args:
        explains: the label of the model behind the explainer; None where there is none.
        reads: labels of the models that will read its reports; readers without a language model are none.
    """

    name: str = NAME
    cost: int = 0

    def __init__(self, explains: str | None = None, reads: tuple[str, ...] = ()) -> None:
        self._explains, self._reads = explains, reads

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Approve unless one model would do both."""
        readers = ", ".join(self._reads) or "no model"
        figures = f"explained by {self._explains or 'no model'}, read by {readers}"
        note = {"explains": self._explains, "reads": list(self._reads)}
        journal.note("observation", figures, guardrail=self.name, cost=0, **note)
        if self._explains is None or not any(same_model(self._explains, each) for each in self._reads):
            return APPROVED
        # The objection may reach a prompt, and prompts name no model; the journal has both.
        return Verdict(Objection("the model that explains is also the one that reads: abstain", final=True))
