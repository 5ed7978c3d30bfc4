"""Text from the network that people will read, in a terminal or a log."""

from __future__ import annotations

import re

# They move the cursor, colour the terminal, or begin a line that looks like another log entry.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def plain(text: str) -> str:
    """The same text with U+FFFD in place of each control character."""
    return _CONTROL.sub("\ufffd", text)
