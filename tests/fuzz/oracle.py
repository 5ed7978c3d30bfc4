"""What every target of the fuzzer checks: errors, size of results, and equality."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from psychopy_neon.exceptions import ProtocolError

FREE_BYTES = 4_096
BYTES_PER_BYTE = 16  # Python's own cost of an object, the cheapest of which fill a packet


class FindingError(AssertionError):
    """A parser broke a promise that is not about exceptions."""


@dataclass(frozen=True)
class Target:
    """One parser, or one group of parsers that share a module.

    Attributes
    ----------
    run : callable
        Feeds bytes to the parser; whatever it raises and is not `allowed` is a finding.
    seeds : callable
        Well-formed inputs, made by our own pack functions.
    allowed : tuple of exception classes
        What the parser is documented to raise.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    allowed: tuple[type[Exception], ...] = (ProtocolError,)

    def __call__(self, data: bytes) -> bool:
        """Whether the parser accepted the input."""
        try:
            self.run(data)
        except self.allowed:
            return False
        return True


def check(is_kept: bool, promise: str) -> None:
    """Report a broken promise; unlike ``assert`` also under ``python -O``."""
    if not is_kept:
        raise FindingError(promise)


def check_size(result: object, data: object) -> None:
    """Check that a result is bounded by its input, not by a number that stands in it."""
    size, limit = weight(result), BYTES_PER_BYTE * weight(data) + FREE_BYTES
    check(size <= limit, f"the result has {size} bytes, {limit} allowed for this input")


def weight(value: object) -> int:
    """About how many bytes of content a value holds."""
    if isinstance(value, (str, bytes, bytearray)):
        return 1 + len(value)
    if isinstance(value, int):
        return 1 + value.bit_length() // 8
    if isinstance(value, (list, tuple)):
        return 1 + sum(map(weight, value))
    return 8 if value is None or isinstance(value, float) else _weight_of_parts(value)


def _weight_of_parts(value: object) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    if dataclasses.is_dataclass(value):
        return 1 + sum(weight(getattr(value, f.name)) for f in dataclasses.fields(value))
    if isinstance(value, Mapping):
        return 1 + sum(weight(k) + weight(v) for k, v in value.items())
    if isinstance(value, (Set, deque)):
        return 1 + sum(map(weight, value))
    return 8 + (weight(vars(value)) if hasattr(value, "__dict__") else 0)


def repeats(byte: int) -> int:
    """How often an input is repeated whose first byte this is: most are not, some many times.

    Repeating shows what takes more than linear time, and what is kept for ever.
    """
    return 1 if byte < 0xF8 else 2 ** (byte - 0xF6)


def check_stable(parse: Callable[[bytes], object], pack: Callable[[object], bytes], data: bytes):
    """Check that what we write is what we read: a second round changes nothing.

    Bytes are compared, because a NaN is not equal to itself.
    """
    once = pack(parse(data))
    check(pack(parse(once)) == once, "packing and parsing again gave other bytes")
