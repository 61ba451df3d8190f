"""The clock of one unit: the seconds it costs, which are not the seconds it stands in line."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Clock:
    """Seconds since it was made, less waits for what other units share, plus this unit's share of the work.

    A model that answers many units in one batch keeps each of them waiting for all. Such a wait is no spend of the
    unit; its part of the batch's work is.

    Args:
        now: a monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._started = now()
        self._open, self._since, self._waited, self._charged = 0, 0.0, 0.0, 0.0

    @property
    def seconds(self) -> float:
        """What has been spent so far; it stands still while the unit waits."""
        end = self._since if self._open else self._now()
        return end - self._started - self._waited + self._charged

    def charge(self, seconds: float) -> None:
        """Add work that was done for this unit while it waited.

        Raises:
            ValueError: less than nothing.
        """
        if seconds < 0:
            raise ValueError(f"a charge of {seconds} s; give 0 or more")
        self._charged += seconds

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A wait for what is shared; waits that overlap count once."""
        self._since = self._since if self._open else self._now()
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            self._waited += 0.0 if self._open else self._now() - self._since
