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
# For so long a sample has only just come.
JUST_NS = 3 * TAKEN_NS
# A sample that is overdue by more than so much of an interval is lost.
OVERDUE = 0.5
# So many intervals are waited for a moment for some work, if ever so many samples come late.
PATIENCE = 2
# At a longer interval samples are rare, or the phone's clock was set: nothing is waited for.
SLOWEST_NS = 50_000_000
# Samples, whose mean distance is the interval.
RECENT = 4
# Work may take as long as it did at worst; that is believed less with every time.
FADING = 0.995
# The shortest delay so far is forgotten by so much each time: clocks drift apart, up to 100 ppm.
FORGOTTEN_NS = 1_000


class SampleGaps:
    """Has each part of some work begin when it can be done before the next sample comes.

    While a thread computes in Python, no other one can; a sample that came meanwhile would wait.
    Samples are due at even distances, by their own times and the shortest way they have had. Use
    from one thread.

    Parameters
    ----------
    buffer : SampleBuffer of GazeSample, optional
        Without it nothing is known of gaze, and work begins at once.
    """

    def __init__(self, buffer: SampleBuffer[GazeSample] | None) -> None:
        self._buffer = buffer
        self._earlier: tuple[int, int] | None = None
        self._interval_ns = 0
        self._shortest_delay_ns = 0
        self._longest_ns: dict[str, float] = {}

    @contextmanager
    def work(self, part: str) -> Iterator[None]:
        """Wait until there is time for a part of the work, about three intervals at most.

        Parameters
        ----------
        part : str
            Names it: how long it takes is learned from the times before.
        """
        longest_ns = self._longest_ns.get(part, 0.0)
        breathe()
        self._wait_for_a_gap(longest_ns + 2 * BREATH_NS)
        started_ns = time.perf_counter_ns()
        yield
        taken_ns = time.perf_counter_ns() - started_ns
        self._longest_ns[part] = max(taken_ns, FADING * longest_ns)

    def _wait_for_a_gap(self, work_ns: float) -> None:
        begun_ns = time.perf_counter_ns()
        while (left_ns := self._wait_ns(work_ns)) > 0:
            if time.perf_counter_ns() - begun_ns > PATIENCE * self._interval_ns:
                return
            breathe(max(left_ns, BREATH_NS))

    def _wait_ns(self, work_ns: float) -> int:
        newest = None if self._buffer is None else self._buffer.newest_appended
        if self._buffer is None or newest is None:
            return 0
        self._note(newest.device_ns, self._buffer.appended)
        late_ns = self._late_ns(newest.arrived_host_ns - newest.device_ns)
        since_ns = time.perf_counter_ns() - newest.arrived_host_ns
        return wait_ns(since_ns, late_ns, self._interval_ns, work_ns)

    def _note(self, device_ns: int, appended: int) -> None:
        """Learn the interval from a sample, and how many there were before it."""
        if self._earlier is not None:
            earlier_ns, earlier = self._earlier
            if appended < earlier + RECENT:
                return
            self._interval_ns = max(0, device_ns - earlier_ns) // (appended - earlier)
        self._earlier = device_ns, appended

    def _late_ns(self, delay_ns: int) -> int:
        """How much longer a sample took than the quickest, on clocks that may be set."""
        late_ns = delay_ns - self._shortest_delay_ns
        if 0 <= late_ns < self._interval_ns:
            self._shortest_delay_ns += FORGOTTEN_NS
            return late_ns
        self._shortest_delay_ns = delay_ns
        return 0


def wait_ns(since_ns: int, late_ns: int, interval_ns: int, work_ns: float) -> int:
    """Return how long to wait before work, so that it ends before the next sample comes.

    Parameters
    ----------
    since_ns : int
        Since the newest sample came.
    late_ns : int
        How much later than due that came.
    interval_ns : int
        From one sample to the next; 0 if that is not known.
    work_ns : float
        How long the work takes. If there is never as much time, it begins just after a sample.

    Returns
    -------
    int
        0 if it may begin; after any other time it is to be asked again. Also 0 if the samples
        have stopped; never more than `SLOWEST_NS` and twice `TAKEN_NS`.
    """
    if since_ns < 0 or not 0 < interval_ns <= SLOWEST_NS:
        return 0
    if since_ns < TAKEN_NS:
        return TAKEN_NS - since_ns
    left_ns = interval_ns - late_ns - since_ns
    if work_ns <= left_ns or since_ns < JUST_NS or left_ns < -OVERDUE * interval_ns:
        return 0
    return max(left_ns, 0) + 2 * TAKEN_NS
