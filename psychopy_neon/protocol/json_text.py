"""JSON text from the phone to values that everybody can use."""

from __future__ import annotations

import json
import re
from typing import Any

from psychopy_neon.exceptions import ProtocolError

MAX_DIGITS = 30  # Python's own limit differs between versions, and the oldest have none
# Every escape of a text, so that none is looked at from its middle on; the group has those that
# are half of a surrogate pair without the other half.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def decode_json(text: bytes | str) -> Any:
    """Decode a message.

    Half of a surrogate pair becomes U+FFFD: the name of a phone may be cut in the middle of an
    emoji, and no text with such a half can be printed, stored or sent.

    Raises
    ------
    ProtocolError
        If it is not JSON in UTF-8, is nested too deeply, or has an absurdly long number.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        if "\\ud" in text or "\\uD" in text:
            text = _ESCAPE.sub(_whole_escape, text)
        return json.loads(text, parse_int=_parse_int)
    except ValueError as error:
        raise ProtocolError("the phone sent something that is not JSON") from error
    except RecursionError as error:
        raise ProtocolError("the phone sent JSON that is nested too deeply") from error


def _whole_escape(match: re.Match[str]) -> str:
    return r"\ufffd" if match[1] else match[0]


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"number of {len(digits)} digits")
    return int(digits)
