"""Concurrent callers share work that is cheaper together: a forward pass over texts of many agents at once."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")
# Long enough that callers answered by one pass ask again before the next.
LINGER = 0.002
MOST_TEXTS = 256


@dataclass(eq=False)
class _Call(Generic[S, T]):
    """One caller's texts, what is known of them, and who waits."""

    texts: list[S]
    answer: "asyncio.Future[list[T]]"
    asked: int = 0
    known: list[T] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def next(self) -> S:
        """The first text that is in no pass yet."""
        return self.texts[self.asked]

    def give(self, found: Sequence[T | Exception]) -> None:
        """Results of the texts taken last; a caller gets its own first error, or all results at the end."""
        error = next((each for each in found if isinstance(each, Exception)), None)
        self.known += [each for each in found if not isinstance(each, Exception)]
        if self.answer.done():
            return
        if error is not None:
            self.answer.set_exception(error)
        elif len(self.known) == len(self.texts):
            self.answer.set_result(self.known)


class Batcher(Generic[S, T]):
    """Merges what concurrent coroutines of one event loop ask for into passes over many texts.

    While a pass runs (in a thread of its own), whoever asks waits for the next, which takes from every waiting caller
    in turn, one text at a time; so one with very many or very long texts holds up nobody, and who asks for little waits
    for the pass that runs and their own. What fails, fails for the caller whose texts did it. A caller that is
    cancelled leaves; its texts that are not yet in a pass are dropped. A pass waits a moment for more callers only
    where the pass before it had several: who is alone waits for nothing but the pass.

    Args:
        compute: a result or an error for each text, in order; called in one thread, with texts of several callers.
        most: at most so many texts a pass.
        linger: seconds between a pass for several callers and the next.
        length: of a text.
        room: the lengths of a pass add up to so much at most; a text that is longer has a pass of its own. 0: no limit.
    """

    def __init__(
        self,
        compute: Callable[[list[S]], Sequence[T | Exception]],
        most: int = MOST_TEXTS,
        linger: float = LINGER,
        length: Callable[[S], int] = lambda text: 0,
        room: int = 0,
    ) -> None:
        self._compute, self._most, self._linger = compute, most, linger
        self._length, self._room = length, room
        self._waiting: deque[_Call[S, T]] = deque()
        self._work: asyncio.Task[None] | None = None
        self._shared = False
        self._thread = ThreadPoolExecutor(1, "batcher")

    async def __call__(self, texts: Sequence[S], bill: Callable[[float], None] = lambda seconds: None) -> list[T]:
        """One result a text, in order.

        Args:
            texts: of this caller.
            bill: told once, before the results are there, of this caller's share of the passes' seconds, by texts.

        Raises:
            Exception: the first error among the caller's own texts.
        """
        if not texts:
            return []
        call: _Call[S, T] = _Call(list(texts), asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._passes())
        try:
            return await call.answer
        finally:
            bill(call.seconds)

    def close(self) -> None:
        """Let the thread go, after the pass that runs."""
        self._thread.shutdown(wait=True)

    async def _passes(self) -> None:
        """Pass after pass, until nobody waits."""
        taken: list[tuple[_Call[S, T], list[S]]] = []
        try:
            while self._waiting:
                await asyncio.sleep(self._linger if self._shared else 0)
                taken = self._take()
                self._shared = len(taken) > 1
                await self._pass(taken)
        finally:
            # Who has an answer is not touched; only where the loop is going down is anybody left.
            for call in (*self._waiting, *(call for call, _ in taken)):
                call.answer.cancel()

    def _take(self) -> list[tuple[_Call[S, T], list[S]]]:
        """The texts of the next pass, by caller; whoever is next in turn when it is full begins the one after."""
        self._waiting = deque(call for call in self._waiting if not call.answer.done())
        taken: dict[_Call[S, T], list[S]] = {}
        count = total = 0
        while self._waiting and count < self._most:
            call = self._waiting[0]
            total += self._length(call.next)
            if count and total > self._room > 0:
                break
            taken.setdefault(call, []).append(call.next)
            call.asked, count = call.asked + 1, count + 1
            self._waiting.popleft()
            if call.asked < len(call.texts):
                self._waiting.append(call)
        return list(taken.items())

    async def _pass(self, taken: list[tuple[_Call[S, T], list[S]]]) -> None:
        """Compute together; where that fails as a whole, caller by caller."""
        began = time.monotonic()
        found = await self._run([text for _, texts in taken for text in texts])
        each_text = (time.monotonic() - began) / max(sum(len(texts) for _, texts in taken), 1)
        for call, texts in taken:
            call.seconds += each_text * len(texts)
        if isinstance(found, Exception) and len(taken) > 1:
            for each in taken:
                await self._pass([each])
            return
        first = 0
        for call, texts in taken:
            call.give([found] if isinstance(found, Exception) else found[first : first + len(texts)])
            first += len(texts)

    async def _run(self, texts: list[S]) -> Sequence[T | Exception] | Exception:
        if not texts:
            return []
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._compute, texts)
        except Exception as error:
            return error
        return found if len(found) == len(texts) else RuntimeError(f"{len(found)} results for {len(texts)} texts")
