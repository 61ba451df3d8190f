"""An end for plain functions: they hold the event loop, so that neither its timeouts nor Ctrl-C would reach them."""

import signal
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

from benchmark.laboratory import BudgetExceeded

# Whoever catches the first one is told again.
AGAIN_SECONDS = 1.0


@contextmanager
def ending(seconds: float, allowed: float) -> Iterator[None]:
    """Within it, code that holds the main thread for `seconds` is stopped, and Ctrl-C stops it at once.

    Elsewhere than in a main thread, or without Unix' alarm, nothing can be stopped, and this does nothing.

    Args:
        seconds: from now on.
        allowed: the whole budget's, for the message.

    Raises:
        BudgetExceeded: in the code within.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    if seconds <= 0:
        raise BudgetExceeded(f"seconds: {allowed:g} allowed")
    armed = False

    def ring(number: int, frame: FrameType | None) -> None:
        if armed:
            raise BudgetExceeded(f"seconds: {allowed:g} allowed")

    handlers = signal.signal(signal.SIGALRM, ring), signal.signal(signal.SIGINT, signal.default_int_handler)
    before = (0.0, 0.0)
    # A ring on the way in or out must not keep what follows from being put back, or it would ring on for ever: it is
    # unarmed there, and the second `finally` is for the one that comes before the first has begun.
    try:
        try:
            before = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
            armed = True
            yield
        finally:
            armed = False
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, *before)
        for kind, handler in zip((signal.SIGALRM, signal.SIGINT), handlers, strict=True):
            signal.signal(kind, handler)


class Stepped:
    """An awaitable, each stretch of which between two waits is under `ending`: what awaits nothing can be stopped too.

    A wait is ended by whoever cancels it: nothing is thrown in place of a cancellation, and a stretch that begins late
    still has a second, for instance to hand in what there is.

    Args:
        awaited: what is awaited, once.
        left: the seconds left, asked before each stretch.
        allowed: the whole budget's, for the message.
    """

    def __init__(self, awaited: Awaitable[Any], left: Callable[[], float], allowed: float) -> None:
        self._awaited, self._left, self._allowed = awaited, left, allowed

    def __await__(self) -> Generator[Any, Any, Any]:
        """Steps by hand what `yield from` would step, after PEP 380.

        Raises:
            BudgetExceeded: in the code that is awaited.
        """
        steps = self._awaited.__await__()
        resume: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                with ending(max(self._left(), AGAIN_SECONDS), self._allowed):
                    waiting = resume()
            except StopIteration as end:
                return end.value
            try:
                resume = partial(steps.send, (yield waiting))
            except BaseException as thrown:
                resume = partial(steps.throw, thrown)
