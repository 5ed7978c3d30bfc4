"""Finds time for work between two samples of gaze, so that gaze need not wait for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from psychopy_neon.client.breath import BREATH_NS, breathe
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.samples import GazeSample

# Within that a sample that has come is read by whoever waits for it.
TAKEN_NS = 300_000
# Without a sample for so many intervals nobody knows when the next one comes.
LOST_INTERVALS = 3
# Samples, whose mean distance is the interval.
RECENT = 4
# Work may take as long as it did at worst; that is believed less with every time.
FADING = 0.995


class SampleGaps:
    """Has each part of some work begin when it can be done before the next sample comes.

    While a thread computes in Python, no other one can; a sample that came meanwhile would wait.
    Samples come at even distances, as far as the network lets them: after a late one some work may
    be in the way all the same. Use from one thread.

    Parameters
    ----------
    buffer : SampleBuffer of GazeSample, optional
        Without it nothing is known of gaze, and work begins at once.
    """

    def __init__(self, buffer: SampleBuffer[GazeSample] | None) -> None:
        self._buffer = buffer
        self._earlier: tuple[int, int] | None = None
        self._interval_ns = 0
        self._longest_ns: dict[str, float] = {}

    @contextmanager
    def work(self, part: str) -> Iterator[None]:
        """Wait until there is time for a part of the work, about an interval at most.

        Parameters
        ----------
        part : str
            Names it: how long it takes is learned from the times before.
        """
        longest_ns = self._longest_ns.get(part, 0.0)
        breathe(max(BREATH_NS, self._wait_ns(longest_ns + 2 * BREATH_NS)))
        started_ns = time.perf_counter_ns()
        yield
        taken_ns = time.perf_counter_ns() - started_ns
        self._longest_ns[part] = max(taken_ns, FADING * longest_ns)

    def _wait_ns(self, work_ns: float) -> int:
        newest = None if self._buffer is None else self._buffer.newest_appended
        if self._buffer is None or newest is None:
            return 0
        self._note(newest.device_ns, self._buffer.appended)
        since_ns = time.perf_counter_ns() - newest.arrived_host_ns
        return wait_ns(since_ns, self._interval_ns, work_ns)

    def _note(self, device_ns: int, appended: int) -> None:
        """Learn the interval from a sample, and how many there were before it."""
        if self._earlier is not None:
            earlier_ns, earlier = self._earlier
            if appended < earlier + RECENT:
                return
            self._interval_ns = max(0, device_ns - earlier_ns) // (appended - earlier)
        self._earlier = device_ns, appended


def wait_ns(since_ns: int, interval_ns: int, work_ns: float) -> int:
    """Return how long to wait before work, so that it ends before the next sample comes.

    Parameters
    ----------
    since_ns : int
        Since the newest sample came.
    interval_ns : int
        From one sample to the next; 0 if that is not known.
    work_ns : float
        How long the work takes. If longer than an interval, it begins just after a sample.

    Returns
    -------
    int
        0 if the samples have stopped.
    """
    if not 0 <= since_ns < LOST_INTERVALS * interval_ns:
        return 0
    gone_ns = since_ns % interval_ns
    if gone_ns < TAKEN_NS:
        return TAKEN_NS - gone_ns
    left_ns = interval_ns - gone_ns
    begins_in_time = work_ns <= left_ns or gone_ns < 2 * TAKEN_NS
    return 0 if begins_in_time else left_ns + TAKEN_NS
