"""Gaze for the data file: mapped again once the pictures around it are there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from psychopy_neon.client.breath import breathe
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.samples import GazeSample, SettledGaze

KEPT = 2_000  # ten seconds at 200 Hz, like gaze itself
MOST_WAITING = 2_000


class Settling:
    """Holds gaze samples back until a picture later than them showed the window.

    Use from one thread; any may read `settled`.

    Parameters
    ----------
    map_sample : callable
        Maps one sample by all that is known.
    longest_wait_ns : int
        A sample that much older than the newest one waits no longer.

    Attributes
    ----------
    settled : SampleBuffer of SettledGaze
        In the order in which they came.
    """

    def __init__(
        self, map_sample: Callable[[GazeSample], SettledGaze], longest_wait_ns: int
    ) -> None:
        self.settled: SampleBuffer[SettledGaze] = SampleBuffer(KEPT)
        self._map = map_sample
        self._longest_wait_ns = longest_wait_ns
        self._waiting: deque[GazeSample] = deque()

    def take(self, samples: Iterable[GazeSample], newest_pose_ns: int | None) -> None:
        """Take new samples, and settle those whose time has come."""
        waiting = self._waiting
        waiting.extend(samples)
        if not waiting:
            return
        # Both ways: a clock that was set back must not keep the samples before that for ever.
        newest_ns, longest_ns = waiting[-1].device_ns, self._longest_wait_ns
        while waiting and (
            len(waiting) > MOST_WAITING
            or abs(newest_ns - waiting[0].device_ns) > longest_ns
            or (newest_pose_ns is not None and waiting[0].device_ns < newest_pose_ns)
        ):
            self._settle(waiting.popleft())

    def finish(self) -> None:
        """Settle the rest by what is known; nothing more will come."""
        while self._waiting:
            self._settle(self._waiting.popleft())
        self.settled.close()

    def _settle(self, sample: GazeSample) -> None:
        self.settled.append(self._map(sample))
        breathe()  # else new gaze would wait for the interpreter until the whole batch is done
