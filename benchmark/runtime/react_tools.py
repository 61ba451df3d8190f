"""The explainer `react` in Inspect: its `react` agent, the desk's tools, and every call of the model metered."""

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import cache
from typing import Any

from inspect_ai.agent import AgentPrompt, AgentState, AgentSubmit, react, run
from inspect_ai.model import ChatMessageTool, ChatMessageUser, ModelOutput
from inspect_ai.tool import Tool, ToolDef, ToolError, ToolParams

from benchmark.explainers.desk import TOOLS, Declined, Desk
from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.react import Ending, prompt
from benchmark.laboratory import BudgetExceeded, ExamOverlap, PracticeError, UnmeasurableText
from benchmark.runtime.asking import Asking

# Answers in a row that call no tool, before the last of them is taken for the explanation.
MOST_CONTINUATIONS = 2


async def converse(desk: Desk, journal: Journal, ask: Ask, instructions: str, start: str) -> Ending:
    """Let the model work at the desk until it submits, stops or has used its budget up.

    Args:
        desk: the tools; its `submitted` is the outcome.
        journal: receives what was wrong with the model's calls.
        ask: the model, metered.
        instructions: the system's message.
        start: the first message.

    Returns:
        How it ended, should nothing have been submitted.

    Raises:
        ValueError: `ask` is not Inspect's.
    """
    if not isinstance(ask, Asking):
        raise ValueError("explainer 'react' converses with tools, in Inspect: viva run explainer=react model=…")
    session = _Session(journal, ask)
    _SESSION.set(session)
    tools = [_tool(getattr(desk, name), ask, journal) for name in TOOLS]
    agent = react(
        prompt=AgentPrompt(instructions, handoff_prompt=None, assistant_prompt=None, submit_prompt=None),
        tools=tools[:-1],
        model=_answer,
        submit=AgentSubmit(name=TOOLS[-1], tool=tools[-1], keep_in_messages=True),
        on_continue=session.goes_on,
    )
    with ask.conversing():
        try:
            session.keep(state := await run(agent, [ChatMessageUser(content=start)]))
        except BudgetExceeded as error:
            return Ending("limit", f"{error}; the budget has ended")
    return _ending(state)


def _ending(state: AgentState) -> Ending:
    """How a conversation ended that the budget did not end."""
    if state.output.stop_reason == "content_filter":
        return Ending("refusal", "refusal: the provider withheld the model's answers")
    if state.output.stop_reason == "model_length":
        return Ending("limit", "context: the conversation no longer fits the model's context")
    return Ending("unparsable", "the model stopped calling tools", state.output.message.text)


class _Session:
    """One conversation: hands each call of the model to the meter, and its messages to the sample, in their order."""

    def __init__(self, journal: Journal, asking: Asking) -> None:
        self._journal, self._asking = journal, asking
        self._kept, self._idle = 0, 0
        self._unknown = False

    async def turn(self, state: AgentState, tools: list[Tool]) -> AgentState:
        """One metered call."""
        self.keep(state)
        output = await self._asking.generate(state.messages, tools)
        state.output = ModelOutput.from_content(output.model, "") if output.empty else output
        state.messages.append(state.output.message)
        self.keep(state)
        return state

    def keep(self, state: AgentState) -> None:
        """Put what is new into the sample, and count what is wrong with it."""
        new, self._kept = state.messages[self._kept :], len(state.messages)
        self._asking.keep(new)
        for each in new:
            if isinstance(each, ChatMessageTool) and each.error is not None and each.error.type == "parsing":
                self._count(each.function or "", each.error.message)

    def _count(self, tool: str, message: str) -> None:
        self._unknown = tool not in TOOLS and message.endswith("not found")
        self._journal.note("repair", message, kind="unknown_tool" if self._unknown else "bad_arguments")

    async def goes_on(self, state: AgentState) -> bool | str:
        """Whether there is another turn, and what is said before it."""
        self.keep(state)
        unknown, self._unknown = self._unknown, False
        if state.output.message.tool_calls:
            self._idle = 0
            return f"There is no such tool; the tools are {', '.join(TOOLS)}." if unknown else True
        if self._idle >= MOST_CONTINUATIONS:
            return False
        self._idle += 1
        withheld = state.output.stop_reason == "content_filter"
        self._journal.note("repair", "an answer without a tool call", kind="refusal" if withheld else "no_tool_call")
        return prompt("react_continue")


_SESSION: ContextVar[_Session] = ContextVar("react_session")


async def _answer(state: AgentState, tools: list[Tool]) -> AgentState:
    """The model's turn in whichever session asks; one function for all, since Inspect keeps each that it is given."""
    return await _SESSION.get().turn(state, tools)


@cache
def _told(name: str) -> tuple[str, ToolParams]:
    """What the model is told of a tool, from its docstring and signature."""
    definition = ToolDef(getattr(Desk, name))
    parameters = definition.parameters.model_copy(deep=True)
    del parameters.properties["self"]
    parameters.required.remove("self")
    return definition.description, parameters


def _tool(call: Callable[..., Coroutine[Any, Any, str]], asking: Asking, journal: Journal) -> ToolDef:
    """One of the desk's tools as Inspect's; what the laboratory refuses is an answer to the model, in one line."""

    async def execute(**kwargs: Any) -> str:
        try:
            return await call(**kwargs)
        except Declined as error:
            journal.note("repair", str(error), kind=error.kind)
            raise ToolError(str(error)) from None
        except (BudgetExceeded, ExamOverlap, UnmeasurableText, PracticeError) as error:
            raise ToolError(str(error)) from None
        finally:
            asking.settle()

    description, parameters = _told(call.__name__)
    return ToolDef(execute, name=call.__name__, description=description, parameters=parameters)
