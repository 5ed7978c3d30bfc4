"""Sends one series of a recording, each of its items at its time."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.native.layout import Times
from psychopy_neon.simulator.pacer import LONGEST_SLEEP_NS
from psychopy_neon.simulator.replay.timeline import Pass, Timeline

LATE_NS = 10_000_000
SLEPT_NS = 10_000_000_000  # a computer that is only busy catches up

ToDevice = Callable[[int], int]
"""From a time of the recording to the phone's clock, in the round that is played."""


class Player:
    """A thread; without items it does nothing.

    Parameters
    ----------
    name : str
        Of the thread.
    clock : SimulatedClock
    timeline : Timeline
    due_ns : ndarray of int64
        When each item is due, times of the recording in order.
    send : callable
        Takes the number of an item, and what makes phone times of the recording's.

    Attributes
    ----------
    late : int
        Items that came more than 10 ms after their time.
    skipped : int
        Items left out because they were more than ten seconds late: the computer slept.
    """

    def __init__(
        self,
        name: str,
        clock: SimulatedClock,
        timeline: Timeline,
        due_ns: Times,
        send: Callable[[int, ToDevice], None],
    ) -> None:
        self.late = self.skipped = 0
        self._clock = clock
        self._timeline = timeline
        self._due_ns = due_ns
        self._send = send
        self._lateness_ns = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to send."""
        if len(self._due_ns):
            self._thread.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._stopping = True
        if self._thread.ident is not None:
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while not self._stopping:
            played = self._timeline.current
            self._play(played)
            while not self._stopping and self._timeline.current is played:
                time.sleep(LONGEST_SLEEP_NS * 1e-9)  # it is over, until somebody seeks

    def _play(self, played: Pass) -> None:
        for lap in itertools.count():
            first = int(np.searchsorted(self._due_ns, played.round_begin_ns(lap)))
            end = int(np.searchsorted(self._due_ns, played.stretch.last_ns, "right"))
            if lap and (first >= end or not self._timeline.loops):
                return
            to_device = partial(self._timeline.device_ns, played, lap)
            for number in range(first, end):
                if not self._wait(played, to_device, int(self._due_ns[number])):
                    return
                self._send_in_time(number, to_device)

    def _wait(self, played: Pass, to_device: ToDevice, due_ns: int) -> bool:
        """Wait until an item is due; False if the pass is over before."""
        while not self._stopping and self._timeline.current is played:
            wait_ns = self._clock.host_ns(to_device(due_ns)) - time.perf_counter_ns()
            if wait_ns <= 0:
                self._lateness_ns = -wait_ns
                return True
            time.sleep(min(wait_ns, LONGEST_SLEEP_NS) * 1e-9)
        return False

    def _send_in_time(self, number: int, to_device: ToDevice) -> None:
        if self._lateness_ns > SLEPT_NS:
            self.skipped += 1
            return
        self.late += self._lateness_ns > LATE_NS
        self._send(number, to_device)
