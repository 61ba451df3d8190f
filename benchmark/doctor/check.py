"""One line of the doctor's table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# "absent": something optional is not here. "note": it is here and not as it should be. "fail": the embedded default
# cannot run.
State = Literal["ok", "absent", "note", "fail"]
GIGABYTE = 1e9


@dataclass(frozen=True)
class Check:
    """What was looked at and what was found.

    Attributes:
        name: what was looked at.
        state: `ok`, `absent`, `note` or `fail`.
        found: one line; never the value of a key.
        mend: what to do, as a command where there is one; for what is absent, how to have it; empty where there is
            nothing to do.
        data: the same for programs: JSON values.
    """

    name: str
    state: State
    found: str
    mend: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def size(count: float) -> str:
    """Bytes in GB (10^9), or in MB below that."""
    return f"{count / GIGABYTE:.1f} GB" if count >= GIGABYTE else f"{count / 1e6:.0f} MB"
