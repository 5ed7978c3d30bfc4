"""Times of what the simple module hands out: as in the official client, and exact besides."""

from __future__ import annotations

from datetime import datetime as _datetime
from typing import ClassVar, TypeVar

S = TypeVar("S", bound="Stamped")


def unix_seconds(unix_ns: int) -> float:
    """The float nearest to a time in ns, seconds; floats are 0.24 µs apart today."""
    return unix_ns / 1_000_000_000


class Stamped:
    """Mixed into the tuples that the official client gives a time in float seconds.

    The exact time travels beside the tuple, so that the tuple itself stays the official one.
    """

    _unix_ns: int | None = None
    _seconds_field: ClassVar[str] = "timestamp_unix_seconds"

    def stamped(self: S, unix_ns: int) -> S:
        """Remember the exact time; returns the object itself.

        Parameters
        ----------
        unix_ns : int
            Phone's Unix clock, ns.
        """
        self._unix_ns = unix_ns
        return self

    @property
    def timestamp_unix_ns(self) -> int:
        """Phone's Unix clock, ns; exact, not by way of the seconds."""
        if self._unix_ns is not None:
            return self._unix_ns
        return round(self._seconds * 1e9)

    @property
    def datetime(self) -> _datetime:
        """The same as a date in this computer's time zone, without zone, to 1 µs."""
        return _datetime.fromtimestamp(self._seconds)

    @property
    def _seconds(self) -> float:
        return float(getattr(self, self._seconds_field))
