"""One piece of work at a time beside the forward passes."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType


class Beside:
    """Does what it is handed in a thread of its own, one after the other, in the order in which it was handed.

    Whoever hands over waits for what was handed before, so that no more than one piece and its data are ever pending.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "beside")
        self._pending: Future[None] | None = None

    def __enter__(self) -> "Beside":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def hand(self, work: Callable[[], None]) -> None:
        """Wait for what is pending, raise what it raised, and begin this."""
        self.wait()
        self._pending = self._pool.submit(work)

    def wait(self) -> None:
        """Until nothing is pending; raises what it raised."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()
