"""Questions to an explainer's model: metered before and after, paid for, and written into the sample."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
    ResponseSchema,
    get_model,
)
from inspect_ai.model._generate_config import active_generate_config
from inspect_ai.solver import TaskState
from inspect_ai.tool import Tool, ToolDef
from inspect_ai.util import JSONSchema

from benchmark.clock import Clock
from benchmark.explainers.explainer import NoReport
from benchmark.explainers.tolerant_json import whole
from benchmark.runtime.batches import batches_of, is_local, share
from benchmark.runtime.recorder import Metered, Recorder

# Where neither the task nor the model says how long an answer may be.
LONGEST_ANSWER = 1024
# Shorter than that no answer says anything.
LEAST_ANSWER = 16
# Of a model whose tokenizer is elsewhere: English has four letters a token, marks and numbers fewer.
LETTERS_A_TOKEN = 3
ROUND_A_MESSAGE = 16


class Bill:
    """What one unit's model calls cost.

    Args:
        clock: is charged the seconds.
        role: whose model is asked; None asks the evaluation's own.

    Attributes:
        dollars: 0.0 for a model on the user's machine; None where any call of a hosted one has no price.
    """

    def __init__(self, clock: Clock, role: str | None = None) -> None:
        self._clock, self._role = clock, role
        self.dollars: float | None = 0.0

    @property
    def model(self) -> Model:
        """Who is asked: the role's model, or the evaluation's own where there is no role.

        Raises:
            PrerequisiteError: nobody was given that role (of Inspect).
        """
        return get_model() if self._role is None else get_model(role=self._role, required=True)

    async def generate(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], config: GenerateConfig
    ) -> ModelOutput:
        """Ask the model; how warm an answer is, the task's configuration says.

        A model that batches is charged by its work: the batch's seconds divided by the calls in it, and no queueing. A
        call to any other model takes the seconds until its answer is there: what happens behind it cannot be seen.
        """
        model = self.model
        if (batches := batches_of(model)) is None:
            output = await model.generate(list(messages), tools=list(tools), config=config)
        else:
            asked = time.monotonic()
            with self._clock.waiting():
                output = await model.generate(list(messages), tools=list(tools), config=config)
            self._clock.charge(share(output, batches, asked))
        self._pay(0.0 if is_local(str(model)) else output.usage.total_cost if output.usage else None)
        return output

    def _pay(self, price: float | None) -> None:
        self.dollars = None if price is None or self.dollars is None else self.dollars + price


class Asking:
    """The model behind one explainer on one unit, as `benchmark.explainers.explainer.Ask`.

    Args:
        laboratory: whose budget pays.
        state: the sample, whose messages are the conversation.
        recorder: writes down what came before each question.
        bill: what the calls cost.
    """

    def __init__(self, laboratory: Metered, state: TaskState, recorder: Recorder, bill: Bill) -> None:
        self._laboratory, self._state, self._recorder, self._bill = laboratory, state, recorder, bill

    async def __call__(self, prompt: str, schema: Mapping[str, Any] | None = None) -> str:
        """The model's answer to one question.

        Raises:
            BudgetExceeded: the budget has no room for the question and the longest answer.
            NoReport: "refusal" where the provider withheld the answer.
        """
        question = ChatMessageUser(content=prompt)
        output = await self.generate([question], schema=schema)
        self._state.messages += [question, output.message]
        if output.stop_reason == "content_filter":
            raise NoReport("refusal", "the provider withheld the model's answer")
        return output.completion

    async def generate(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool] = (), schema: Mapping[str, Any] | None = None
    ) -> ModelOutput:
        """One call, within the budget; whoever converses keeps the messages.

        Raises:
            BudgetExceeded: the budget has no room for it.
        """
        self._recorder.settle()
        model = self._bill.model
        told = [*map(_written, messages), *_offered(model, tools)]
        asked = length(model, "\n".join(told)) + ROUND_A_MESSAGE * len(messages)
        longest = self._longest(model, asked)
        self._laboratory.begin_call(asked, longest)
        output = await self._bill.generate(messages, tools, _config(schema, longest))
        answered = _answered(model, output)
        # A local batch is padded to its longest question, and counts its own tokens so; no spend depends on neighbours.
        known = output.usage is not None and batches_of(model) is None
        question = output.usage.total_tokens - output.usage.output_tokens if known and output.usage else asked
        self._laboratory.charge_tokens(question + answered, answered)
        for choice in output.choices:
            choice.message = _writable(choice.message)
        return output

    def conversing(self) -> AbstractContextManager[None]:
        """While somebody keeps a conversation with tools (see `Recorder.conversing`)."""
        return self._recorder.conversing()

    def settle(self) -> None:
        """Write down what was noted so far."""
        self._recorder.settle()

    def keep(self, messages: Sequence[ChatMessage]) -> None:
        """Put messages of a conversation into the sample, behind all that was noted before."""
        self._recorder.settle()
        self._state.messages += messages

    def _longest(self, model: Model, asked: int) -> int:
        """How long the answer may be: what was set, cut to what the budget leaves.

        A model that batches gives all calls of a batch the same length, so there it is all or nothing.
        """
        wanted = active_generate_config().max_tokens
        if wanted is not None and batches_of(model) is not None:
            return wanted
        budget, spend = self._laboratory.budget, self._laboratory.spend
        left = min(budget.tokens - spend.tokens - asked, budget.generated - spend.generated)
        return max(LEAST_ANSWER, min(wanted or LONGEST_ANSWER, left))


def length(model: Model, text: str) -> int:
    """How many tokens a text has: counted where the tokenizer is at hand, else estimated."""
    tokenizer = getattr(model.api, "tokenizer", None)
    if tokenizer is None:
        return -(-len(text) // LETTERS_A_TOKEN)
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def _answered(model: Model, output: ModelOutput) -> int:
    if output.usage is not None and batches_of(model) is None:
        return output.usage.output_tokens
    return length(model, "\n".join(_written(choice.message) for choice in output.choices[:1]))


def _written(message: ChatMessage) -> str:
    """What a model reads or has written of a message: its text, and the tool calls that it makes."""
    calls = message.tool_calls or [] if isinstance(message, ChatMessageAssistant) else []
    return "\n".join([message.text, *(f"{call.function} {json.dumps(call.arguments)}" for call in calls)])


def _writable(message: ChatMessageAssistant) -> ChatMessageAssistant:
    """An answer that a log can hold once it is a question's part: without lone halves of UTF-16 pairs."""
    try:
        message.model_dump_json()
    except ValueError:
        return ChatMessageAssistant.model_validate(_mended(message.model_dump()))
    return message


def _mended(value: Any) -> Any:
    if isinstance(value, dict):
        return {_mended(key): _mended(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mended(each) for each in value]
    return whole(value) if isinstance(value, str) else value


def _offered(model: Model, tools: Sequence[Tool]) -> list[str]:
    """What a model reads of its tools; nothing where its chat template knows of none."""
    template = getattr(getattr(model.api, "tokenizer", None), "chat_template", None)
    if isinstance(template, str) and "tools" not in template:
        return []
    told = map(ToolDef, tools)
    return [f"{each.name} {each.description} {each.parameters.model_dump_json(exclude_none=True)}" for each in told]


def _config(schema: Mapping[str, Any] | None, longest: int) -> GenerateConfig:
    """Structured output for the providers that have it, which the others ignore; and how long an answer may be."""
    shape = ResponseSchema(name="answer", json_schema=JSONSchema(**schema)) if schema else None
    return GenerateConfig(response_schema=shape, max_tokens=longest)
