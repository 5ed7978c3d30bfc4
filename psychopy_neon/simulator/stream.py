"""A stream of one sensor, and those who receive it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.stream_faults import StreamFaults

Payloads = Sequence[tuple[bytes, bool]]
"""RTP payloads of one moment, each with its marker bit."""


class Receiver(Protocol):
    """Somebody who has asked for a stream."""

    def send(self, device_ns: int, payloads: Payloads) -> None:
        """Take what belongs to one moment of the phone's clock; must not block."""


class Stream:
    """One media of a sensor. A new sensor for the RTSP server is one or more of these.

    Parameters
    ----------
    describe : callable
        Returns the media for the SDP, or None if it cannot be had; may take a few seconds.
    name : str
        The sensor's name in the status, such as "gaze"; "audio" for the microphone.

    Attributes
    ----------
    faults : StreamFaults
        What goes wrong with it on its way.
    on_sent : callable or None
        Told what was sent, not what got lost: its time on the phone's clock, and the host clock
        just before the last of its packets left.
    """

    def __init__(self, describe: Callable[[], Media | None], name: str) -> None:
        self.describe = describe
        self.name = name
        self.faults = StreamFaults()
        self.on_sent: Callable[[int, int], None] | None = None
        self._lock = threading.Lock()
        self._receivers: tuple[Receiver, ...] = ()
        self._waiting: tuple[Receiver, ...] = ()

    @property
    def is_watched(self) -> bool:
        """Whether anybody receives it, or waits to."""
        return bool(self._receivers or self._waiting)

    @property
    def has_newcomers(self) -> bool:
        """Whether anybody waits for a moment at which decoding can start."""
        return bool(self._waiting)

    def subscribe(self, receiver: Receiver) -> None:
        """Send to `receiver` from the next moment on at which decoding can start."""
        with self._lock:
            self._waiting += (receiver,)

    def unsubscribe(self, receiver: Receiver) -> None:
        """Send to `receiver` no more."""
        with self._lock:
            self._receivers = tuple(r for r in self._receivers if r is not receiver)
            self._waiting = tuple(r for r in self._waiting if r is not receiver)

    def emit(self, device_ns: int, payloads: Payloads, *, can_start: bool = True) -> None:
        """Send what belongs to one moment to all receivers."""
        if can_start and self._waiting:
            with self._lock:
                self._receivers, self._waiting = self._receivers + self._waiting, ()
        if self.faults.silent:
            return
        for receiver in self._receivers:
            receiver.send(device_ns, payloads)
