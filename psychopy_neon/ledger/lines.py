"""From the bytes of a ledger to its lines, whatever a crash has left of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.strict_json import decode_strictly

Line = dict[str, Any]

LONGEST_LINE_BYTES = 1_000_000
START_OF_LINE = b'{"kind"'


def read_lines(path: Path) -> Iterator[Line | None]:
    """Yield the objects of a ledger; None for each line that is not one.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for raw in _raw_lines(file):
                yield from _objects(raw)
    except OSError as error:
        raise UsageError(
            f"the ledger {path} cannot be read ({error.strerror}); give the file "
            "..._neon_events.jsonl that lies beside the experiment's data"
        ) from error


def _raw_lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines without their end; of one that is too long for a ledger only the beginning."""
    while raw := file.readline(LONGEST_LINE_BYTES):
        rest = raw
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE_BYTES)
        if raw.strip():
            yield raw.strip()


def _objects(raw: bytes) -> Iterator[Line | None]:
    """The object on a line, also if it follows the half of one that a crash had left there."""
    found = decode(raw)
    yield found
    start = raw.rfind(START_OF_LINE, 1)
    if found is None and start > 0:
        yield decode(raw[start:])


def decode(raw: bytes) -> Line | None:
    """Return the object that a line holds; None if it is not one of a ledger."""
    try:
        value = decode_strictly(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("kind"), str) else None


def whole(line: Line, key: str) -> int:
    """Return an integer; raises `ValueError` if there is none."""
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63:
        raise ValueError(f"{key} is not a whole number of 64 bits")
    return value


def number(line: Line, key: str) -> float:
    """Return a number; NaN if there is none, as for a time that an old file does not have."""
    value = line.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300:
        return math.nan
    return float(value)


def text(line: Line, key: str) -> str:
    """Return a text; empty if there is none."""
    value = line.get(key)
    return value if isinstance(value, str) else ""


def whole_or(line: Line, key: str, default: int) -> int:
    """Return an integer, or `default` if there is none."""
    try:
        return whole(line, key)
    except ValueError:
        return default


def whole_or_none(line: Line, key: str) -> int | None:
    """Return an integer, or None if there is none."""
    try:
        return whole(line, key)
    except ValueError:
        return None
