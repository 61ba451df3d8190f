"""Rows as lines that survive the site's import, and names for them that a second import recognises."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

_UNSTORABLE = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """A text as the site's database can hold it: no NUL (a blank instead), no half of a surrogate pair (U+FFFD)."""
    return _UNSTORABLE.sub("\ufffd", text.replace("\0", " "))


def encode(row: Mapping[str, Any]) -> bytes:
    r"""A row as one line of ASCII JSON.

    A backslash is written as \u005c: before it parses anything, the import replaces each run of the six characters
    \u0000 by a blank, so that an explanation that mentions them would leave a lone backslash and break its whole batch.
    """
    clean = {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}
    # In JSON only an escaped backslash ends in one, so pairs read from the left are exactly the escaped backslashes.
    return json.dumps(clean, allow_nan=False).replace("\\\\", "\\u005c").encode("ascii") + b"\n"


def identifier(*parts: str | None) -> str:
    """An id from what it stands for, in the form of the site's own: "c" and 24 characters.

    The import passes over ids that are there, so that importing a run twice does not double it.
    """
    return "c" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
