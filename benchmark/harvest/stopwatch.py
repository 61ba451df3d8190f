"""Where a harvest's time goes, and how much memory it ever held."""

import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Stopwatch:
    """Seconds by name; one name runs at a time.

    Args:
        now: a monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self.now = now
        self.seconds: dict[str, float] = {}

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Count what happens inside under `name`."""
        start = self.now()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + self.now() - start

    def total(self, *but: str) -> float:
        """All seconds, but for those under some names."""
        return sum(seconds for name, seconds in self.seconds.items() if name not in but)


def peak_memory() -> int:
    """The most memory this process ever held, in bytes.

    On Linux it is read where the kernel counts this program alone: `getrusage` counts what the parent held, too.
    """
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s*(\d+) kB", status.read_text("ascii"))):
        return int(found[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
