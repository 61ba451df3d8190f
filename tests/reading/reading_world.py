"""A tiny run to read, and a made-up model that answers: no figure here is of a real reader."""

from collections.abc import Callable
from pathlib import Path

from inspect_ai import eval as inspect_eval
from inspect_ai.model import GenerateConfig, Model, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolChoice, ToolInfo

from benchmark.runtime.reading_design import Cut
from tasks.explanation import explanation

TINY = Cut(tier="planted", units=2, nulls=1, per_stratum=3, strangers=2)


def small_run(folder: Path) -> Path:
    """Logs of two explainers on a few planted units and a null."""
    for explainer in ("oracle", "top_tokens", "constant"):
        tiers = "planted" if explainer == "oracle" else "planted,null"
        per_tier = "planted=3" if explainer == "oracle" else "planted=3,null=1"
        task = explanation(explainer=explainer, tiers=tiers, per_tier=per_tier, papers=str(folder / "papers"))
        inspect_eval(task, model="none", log_dir=str(folder / "logs"), display="none")
    return folder / "logs"


def made_up_model(say: Callable[[str], str], asked: list[str] | None = None) -> Model:
    """A model that answers each prompt as `say` has it; `asked` collects the prompts that reach it."""

    def answer(
        messages: list[object], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        prompt = str(getattr(messages[-1], "text", ""))
        if asked is not None:
            asked.append(prompt)
        output = ModelOutput.from_content("mockllm/model", say(prompt))
        output.usage = ModelUsage(input_tokens=100, output_tokens=2, total_tokens=102)
        return output

    return get_model("mockllm/model", custom_outputs=answer, memoize=False)
