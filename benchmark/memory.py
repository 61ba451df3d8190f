"""How much memory this process ever held, and what keeps that from growing with the length of its work."""

import ctypes
import os
import re
import resource
import sys
from pathlib import Path

# Shapes of a batch for which oneDNN keeps compiled kernels; its own habit is 1,024, some 60 MB.
KERNELS = "64"


def peak_memory() -> int:
    """The most memory this process ever held, in bytes.

    On Linux it is read where the kernel counts this program alone: `getrusage` counts what the parent held, too.
    """
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s*(\d+) kB", status.read_text("ascii"))):
        return int(found[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def release() -> None:
    """Give freed memory back to the system where the C library would keep it.

    Arrays of many sizes leave holes between what lives on; glibc gives none of them back by itself, so that a process
    that works for long holds more and more. Costs some milliseconds, and a page fault for what is used again.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def keep_few_kernels() -> None:
    """Let oneDNN forget kernels of shapes that are not met again; before the first forward pass, or it has no effect.

    A user's own setting stands.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)
