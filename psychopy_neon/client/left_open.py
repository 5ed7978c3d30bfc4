"""Devices that a script forgot to close are closed when it ends.

Their threads are daemons, so the script ends anyway; but events may still be on their way, and a
thread of the user's that reads on, and is none, would keep the program alive for ever.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from typing import Protocol

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 5.0  # at the end of a program there is time for the events that are left


class Closable(Protocol):
    """A device."""

    def close(self, timeout_s: float) -> None:
        """End it, in bounded time."""


class LeftOpen:
    """The devices of this process that are open; they are kept until they are closed."""

    def __init__(self) -> None:
        self._devices: dict[Closable, int] = {}  # and the process that opened them
        self._lock = threading.Lock()
        self._is_registered = False

    def add(self, device: Closable) -> None:
        """Close it at the end of the program, unless that was done before."""
        with self._lock:
            self._devices[device] = os.getpid()
            if not self._is_registered:
                self._is_registered = True
                # What `concurrent.futures` uses: unlike `atexit`, it comes before the end of the
                # user's threads is waited for.
                getattr(threading, "_register_atexit", atexit.register)(self.close_all)

    def discard(self, device: Closable) -> None:
        """It was closed; harmless if repeated."""
        with self._lock:
            self._devices.pop(device, None)

    def close_all(self) -> None:
        """Close what this process opened; a fork of it has the devices, but not their threads."""
        with self._lock:
            devices, self._devices = self._devices, {}
        for device, process_id in devices.items():
            if process_id == os.getpid():
                logger.info("%r was not closed; closing it as the program ends", device)
                device.close(CLOSE_TIMEOUT_S)


left_open = LeftOpen()
