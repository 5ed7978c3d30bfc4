"""How far apart the phone's two clocks are (reference, 5.2 and 5.3)."""

from __future__ import annotations

import logging
import threading
from collections import deque
from statistics import median_low

from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.samples import EyeEvent, ImuSample

logger = logging.getLogger(__name__)

WINDOW = 31  # a set clock shows after 16 more packets: 0.15 s of motion samples
WARN_FROM = 5  # packets
WARN_NS = 5_000_000


class SensorSkew:
    """Running median of the phone's Unix clock minus its sensor clock; safe from any thread.

    Motion samples and eye events carry a time on each. The phone fixes the distance when its
    app starts; it is large when the phone's clock was set after that.
    """

    def __init__(self) -> None:
        self._recent: deque[int] = deque(maxlen=WINDOW)
        self._lock = threading.Lock()
        self._warned = False

    @property
    def skew_ns(self) -> int | None:
        """The median of the newest 31; None before the first."""
        with self._lock:
            return median_low(self._recent) if self._recent else None

    def follow(self, buffer: SampleBuffer[ImuSample] | SampleBuffer[EyeEvent]) -> None:
        """Take the skew of each sample that is appended from now on, as soon as it is dated."""

        def take_latest() -> None:
            newest = buffer.newest_appended
            # What is dated by its arrival would give the delay of the network, too.
            if newest is not None and not newest.provisional and not buffer.is_closed:
                self.add(newest.sensor_skew_ns)

        buffer.watch(take_latest, at_once=False)

    def add(self, skew_ns: int) -> None:
        """Take one measurement."""
        with self._lock:
            self._recent.append(skew_ns)
            if self._warned or len(self._recent) < WARN_FROM:
                return
            median_ns = median_low(self._recent)
            if abs(median_ns) <= WARN_NS:
                return
            self._warned = True
        logger.warning(
            "the phone's two clocks are %.1f ms apart: its clock was probably set after the "
            "Companion app had started. Times named device_ns are not affected; restart the app "
            "so that its recordings agree with them",
            abs(median_ns) / 1e6,
        )
