"""JSON as its standard has it: other programs refuse the NaN and Infinity that Python writes."""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder().encode


def strict_json(text: str) -> str:
    """JSON of Python's with null for numbers that are none."""
    if "NaN" not in text and "Infinity" not in text:
        return text
    return _encode(decode_strictly(text))


def decode_strictly(text: str | bytes) -> Any:
    """Decode JSON; numbers that are none, which older ledgers have, become None.

    Raises
    ------
    ValueError, RecursionError
        If it is no JSON.
    """
    return json.loads(text, parse_constant=lambda constant: None)
