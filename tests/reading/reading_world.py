"""Reports to read, and a made-up model that answers: no figure here is of a real reader."""

from collections.abc import Callable

from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolChoice, ToolInfo

from benchmark.runtime.reading_design import Cut, Design, Handed
from benchmark.suites import Suite

TINY = Cut(tier="planted", units=2, nulls=1, per_stratum=3, strangers=2)


def design(suite: Suite, cut: Cut = TINY) -> Design:
    """Three explainers on three planted units and a null: one reports, one says the same of all, one abstains."""
    planted = [unit.identifier for unit in suite.units if unit.tier == "planted"][:3]
    null = next(unit.identifier for unit in suite.units if unit.tier == "null")
    every = [*planted, null]
    contestants = {
        ("teller", "none"): {name: Handed("report", f"fires on what {name} fires on") for name in every},
        ("parrot", "hf/parrot"): {name: Handed("report", "fires on everything") for name in every},
        ("mute", "none"): {name: Handed("abstained") for name in planted} | {null: Handed("crash")},
    }
    return Design(suite, contestants, cut)


def made_up_model(say: Callable[[str], str], asked: list[str] | None = None) -> Model:
    """A model that answers each prompt as `say` has it; `asked` collects the prompts that reach it."""

    def answer(
        messages: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        prompt = f"{messages[0].text}\n\n{messages[-1].text}"
        if asked is not None:
            asked.append(prompt)
        output = ModelOutput.from_content("mockllm/model", say(prompt))
        output.usage = ModelUsage(input_tokens=100, output_tokens=2, total_tokens=102)
        return output

    return get_model("mockllm/model", custom_outputs=answer, memoize=False)
