"""Untrusted text on its way to a page or a terminal."""

import re

# C0 and C1 controls (terminal escapes), bidirectional overrides, invisible joiners: a report must not reorder a page.
_HOSTILE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def harmless(text: str) -> str:
    """Untrusted text without control characters and direction overrides; it still wants escaping."""
    return _HOSTILE.sub("\N{REPLACEMENT CHARACTER}", text)
