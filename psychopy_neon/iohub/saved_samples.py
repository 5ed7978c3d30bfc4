"""Which gaze samples were saved and are not settled yet."""

from __future__ import annotations

MOST = 4_000  # twenty seconds; they settle within one as long as markers are tracked


class SavedSamples:
    """Remembers samples by their times, in the order in which they were saved."""

    def __init__(self) -> None:
        self._waiting: dict[int, None] = {}

    def note(self, device_ns: int) -> None:
        """One was saved; phone's Unix clock, ns."""
        self._waiting[device_ns] = None
        if len(self._waiting) > MOST:
            del self._waiting[next(iter(self._waiting))]

    def takes(self, device_ns: int) -> bool:
        """Whether this one was; it and those before it are not waited for any longer."""
        if device_ns not in self._waiting:
            return False
        for before_ns in list(self._waiting):
            del self._waiting[before_ns]
            if before_ns == device_ns:
                break
        return True
