"""What a debugger sees of a unit's session: written into Inspect's transcript and messages as it happens."""

import json
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from typing import Any, Protocol

from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser
from inspect_ai.solver import TaskState
from inspect_ai.util import span

from benchmark.explainers.explainer import Entry
from benchmark.laboratory import Budget, Exemplar, Laboratory, Spend
from benchmark.runtime.journal_prose import Line, exemplars_shown, prose

# Who speaks to the agent; all else is its own. Not as a tool: the viewer hides a tool's message that no call precedes.
_SPEAKERS = {
    **dict.fromkeys(("exemplars", "result", "practice", "measured"), "laboratory"),
    **dict.fromkeys(("objection", "verdict"), "guardrail"),
}
# Of what has been spent, each line keeps what does not depend on the machine.
SPENT = ("unit_queries", "rounds", "tokens", "calls")


def message(kind: str, text: str) -> ChatMessage:
    """A line of the conversation in its speaker's name."""
    if kind in _SPEAKERS:
        return ChatMessageUser(content=f"{_SPEAKERS[kind]}: {text}")
    return ChatMessageAssistant(content=text)


class Metered(Protocol):
    """Whatever a session is held in: it counts what is spent."""

    @property
    def budget(self) -> Budget:
        """The ceilings."""
        ...

    @property
    def spend(self) -> Spend:
        """What has been used so far."""
        ...

    def begin_call(self, question: int, answer: int) -> None:
        """Count a call to the model before it is made."""
        ...

    def charge_tokens(self, number: int, generated: int = 0) -> None:
        """Count a model's tokens."""
        ...


class Recorder:
    """Listens to a laboratory and to its explainer's journal.

    Consecutive lines of one kind are one event and one message; each round of the laboratory has its own span. What was
    measured and stands in no entry of the journal is shown all the same.

    Args:
        state: the sample, whose messages are the conversation.
    """

    def __init__(self, state: TaskState) -> None:
        self._state = state
        self._laboratory: Metered | None = None
        self.lines: list[Line] = []
        self._group: list[Line] = []
        self._seen: dict[str, Exemplar] = {}
        self._silent: dict[str, Exemplar] = {}
        self._round, self._conversing = 0, False
        self._span: AbstractAsyncContextManager[None] | None = None

    def attends(self, laboratory: Metered) -> None:
        """From now on, tell rounds and spend by this laboratory."""
        self._laboratory = laboratory

    def opens(self, laboratory: Laboratory) -> None:
        """Show what the laboratory gives before anything is asked of it."""
        self.attends(laboratory)
        self._add(exemplars_shown(laboratory))
        self._flush()

    def measured(self, windows: Sequence[Exemplar]) -> None:
        """Keep what was measured until the journal speaks of it."""
        found = {each.text: each for each in windows}
        self._seen |= found
        self._silent |= found

    def noted(self, entry: Entry) -> None:
        """One entry of the journal."""
        self._turn()
        data = _plain_json(entry.data)
        found = self._silent.pop(str(data.get("window")), None)
        if found is None and entry.kind != "result":
            self._admit()
        windows = (found,) if found else self._evidence(data)
        self._add(Line(entry.kind, entry.text, self._round, data, windows))

    def settle(self) -> None:
        """Write down everything so far: something else is about to be logged."""
        self._turn()
        self._admit()
        self._flush()

    @contextmanager
    def conversing(self) -> Iterator[None]:
        """While an explainer keeps a conversation of its own, with tools.

        Its messages say already what the journal's lines say, and a span in the viewer is one tool call: the lines
        become events alone, and rounds have no span.
        """
        self.close()
        self._conversing = True
        try:
            yield
        finally:
            self.close()
            self._conversing = False

    def close(self) -> None:
        """Settle, and end the round's span."""
        self.settle()
        self._end_span()

    def _evidence(self, data: dict[str, Any]) -> tuple[Exemplar, ...]:
        """The measured windows that an objection rests on."""
        texts = data.get("counterexamples")
        return (
            tuple(self._seen[text] for text in map(str, texts) if text in self._seen) if isinstance(texts, list) else ()
        )

    def _turn(self) -> None:
        """Begin a new span where the laboratory has begun a new round."""
        now = self._laboratory.spend.rounds if self._laboratory else 0
        if now == self._round:
            return
        self._admit()
        self._flush()
        self._end_span()
        self._round = now
        if not self._conversing:
            self._span = span(f"round {now}", type="laboratory")
            _drive(self._span.__aenter__())

    def _end_span(self) -> None:
        if self._span is not None:
            _drive(self._span.__aexit__(None, None, None))
        self._span = None

    def _admit(self) -> None:
        if self._silent:
            windows, self._silent = tuple(self._silent.values()), {}
            self._add(Line("measured", f"{len(windows)} texts", self._round, {}, windows))

    def _add(self, line: Line) -> None:
        if self._group and self._group[0].kind != line.kind:
            self._flush()
        line = replace(line, spend=self._spend())
        self.lines.append(line)
        self._group.append(line)

    def _spend(self) -> dict[str, int]:
        """What has been spent by now, so that a log tells what the session would have had at any ceiling."""
        spent = self._laboratory.spend if self._laboratory else Spend()
        return {name: getattr(spent, name) for name in SPENT}

    def _flush(self) -> None:
        if not self._group:
            return
        kind, text = self._group[0].kind, prose(self._group)
        transcript().info(text, source=kind)
        if not self._conversing:
            self._state.messages.append(message(kind, text))
        self._group = []


def _drive(step: Coroutine[Any, Any, Any]) -> None:
    """Run a span's beginning or end, which await nothing, from code that is not asynchronous."""
    try:
        step.send(None)
    except StopIteration:
        return
    step.close()


def _plain_json(data: dict[str, Any]) -> dict[str, Any]:
    """An entry's data as JSON values; somebody else's explainer may note anything."""
    try:
        plain: dict[str, Any] = json.loads(json.dumps(data, default=_plain_value, skipkeys=True))
    except (ValueError, RecursionError) as error:
        return {"unreadable": str(error)}
    return plain


def _plain_value(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else repr(value)
