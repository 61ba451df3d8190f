"""The agentic loop of a language model, free or under guardrails.

Observe, hypothesise, experiment, refine: after MAIA (Shaham et al. 2024, arXiv 2404.14394) and SAGE (arXiv 2511.20820),
with what they lack: predictions are written down before activations are shown, rivals are kept, practice on unseen text
decides when to stop, and only failures of the agent's own experiments come back as examples.
"""

from collections.abc import Sequence

from benchmark.explainers.experiments import Read
from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.loop import Loop
from benchmark.explainers.model_mind import ModelMind
from benchmark.explainers.report import Report
from benchmark.guardrails.guardrail import Guardrail
from benchmark.laboratory import Laboratory


class Agentic:
    """A language model in the loop; reports in prose, so it declares no predicates.

    Args:
        read: predicts levels from a report, as the suite's reader of prose does.
        guardrails: what its submissions must pass; None for the arm without.
        stop_r: the r on P0 above which it is content, besides the laboratory's pass (METHOD.md section 3).
    """

    needs_model: bool = True
    declares_predicates: bool = False

    def __init__(self, read: Read, guardrails: Sequence[Guardrail] | None = None, stop_r: float = 0.7) -> None:
        self.name = "agentic" if guardrails is None else "guardrailed"
        self._read, self._guardrails, self._stop_r = read, tuple(guardrails or ()), stop_r

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """A report, or an abstention.

        Raises:
            ValueError: `ask` is missing.
            NoReport: "refusal" or "unparsable", where the first hypotheses cannot be read.
        """
        if ask is None:
            raise ValueError(f"explainer {self.name!r} needs a model and none was given: set model=…")
        mind = ModelMind(ask, journal, self._read)
        report = await Loop(laboratory, journal, self._guardrails, self._stop_r, mind).run()
        journal.note("submission", report.text, report=report.to_json(), last=True)
        return report
