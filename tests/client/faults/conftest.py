"""A client of a simulated phone whose gaze is compared with the truth."""

from __future__ import annotations

import logging
import time
from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.client.sensor_stream import StreamState
from psychopy_neon.samples import GazeSample
from psychopy_neon.simulator import SimulatedNeon

TIMEOUT_S = 40.0
ONE_MS = 1_000_000


class Watch:
    """One phone, one client, and all gaze that came.

    Attributes
    ----------
    samples : list of GazeSample
    """

    def __init__(
        self, simulator: SimulatedNeon, neon: Neon, log: Callable[[], list[str]], passing: Any
    ) -> None:
        self.simulator, self.neon, self.faults = simulator, neon, simulator.faults
        self.log = log
        self.passing = passing
        self.samples: list[GazeSample] = []
        assert neon.wait_for_clock() is not None
        self._reader = neon.gaze.reader()

    @property
    def health(self) -> Any:
        return self.neon.gaze.health

    @property
    def taken_s(self) -> float:
        """Seconds so far in which others had the processors."""
        return float(self.passing.passed_s - self.passing.own_s)

    def until(self, condition: Callable[[], object]) -> float:
        """Collect gaze until a condition holds; returns the seconds of our own that took."""
        started_s, started_own_s = time.perf_counter(), self.passing.own_s
        while not condition():
            passed_s = time.perf_counter() - started_s
            assert passed_s < TIMEOUT_S, f"the condition did not come true; {self.health}"
            self.samples += self._reader.drain()
            time.sleep(0.002)
        self.samples += self._reader.drain()
        return float(self.passing.own_s - started_own_s)

    def drain(self, seconds: float) -> None:
        """Collect gaze for so long."""
        end_s = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() >= end_s)

    def take(self, count: int) -> list[GazeSample]:
        """Collect so many samples more; returns them."""
        start = len(self.samples)
        self.until(lambda: len(self.samples) >= start + count)
        return self.samples[start:]

    def until_state(self, state: StreamState) -> float:
        return self.until(lambda: self.health.state is state)

    @property
    def longest_gap_s(self) -> float:
        return max(b.device_ns - a.device_ns for a, b in pairwise(self.samples)) / 1e9

    def missing(self) -> int:
        """True samples between the first and the last that came, and did not come."""
        first, last = self.samples[0].device_ns - ONE_MS, self.samples[-1].device_ns + ONE_MS
        times = [gaze.device_ns for gaze in self.simulator.truth.gaze]
        return bisect_left(times, last) - bisect_left(times, first) - len(self.samples)

    def check(self) -> None:
        """Nothing wrong was given out: in order, each once, right in time and place."""
        assert self._reader.dropped == 0
        assert all(a.device_ns < b.device_ns for a, b in pairwise(self.samples))
        truth = self.simulator.truth.gaze
        times = [gaze.device_ns for gaze in truth]
        for sample in self.samples:
            index = bisect_left(times, sample.device_ns - ONE_MS)
            assert index < len(times) and abs(times[index] - sample.device_ns) < ONE_MS
            assert abs(truth[index].x - sample.x) + abs(truth[index].y - sample.y) < 0.01


@pytest.fixture
def watch(
    simulated_neon: Any, connect: Any, caplog: pytest.LogCaptureFixture, stopwatch: Any
) -> Callable[..., Watch]:
    """Factory of watches whose gaze is streaming and dated by a sender report."""
    caplog.set_level(logging.INFO, "psychopy_neon")

    def log() -> list[str]:
        messages = [record.getMessage() for record in caplog.records]
        return [text.removeprefix("gaze stream: ") for text in messages if "gaze stream" in text]

    def start(**options: Any) -> Watch:
        simulator = simulated_neon(**{"scene": False, **options})
        started = Watch(simulator, connect(simulator), log, stopwatch())
        started.until(lambda: started.samples and not started.samples[-1].provisional)
        started.samples.clear()
        started.take(20)
        caplog.clear()
        return started

    return start
