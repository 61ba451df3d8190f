"""An end for plain functions: they hold the event loop, so that neither its timeouts nor Ctrl-C would reach them."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

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

    def ring(number: int, frame: FrameType | None) -> None:
        raise BudgetExceeded(f"seconds: {allowed:g} allowed")

    handlers = signal.signal(signal.SIGALRM, ring), signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)
        for kind, handler in zip((signal.SIGALRM, signal.SIGINT), handlers, strict=True):
            signal.signal(kind, handler)
