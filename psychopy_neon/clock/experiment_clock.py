"""Pairing this computer's monotonic clock with the experiment's clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from psychopy_neon.exceptions import UsageError

NS_PER_S = 1_000_000_000
TIGHT_NS = 3_000


class ClockPair(NamedTuple):
    """One instant, read on both clocks of this computer.

    Valid as long as neither clock is reset. Both run on the same computer but not always at
    exactly the same rate (a time daemon may slew one of them): take a new pair now and then.

    Attributes
    ----------
    host_ns : int
        ``time.perf_counter_ns()`` of the instant.
    experiment_s : float
        The experiment's clock at that instant, seconds.
    half_gap_ns : int
        The true `host_ns` is at most this far from the given one.
    """

    host_ns: int
    experiment_s: float
    half_gap_ns: int

    def host_from_experiment(self, experiment_s: float) -> int:
        """Return the host time, ns, of an instant of the experiment's clock.

        Parameters
        ----------
        experiment_s : float
            Experiment's clock, seconds.
        """
        return self.host_ns + round((experiment_s - self.experiment_s) * NS_PER_S)

    def experiment_from_host(self, host_ns: int) -> float:
        """Return the experiment's time, in seconds, of an instant of the host clock.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()`` of the instant.
        """
        return self.experiment_s + (host_ns - self.host_ns) / NS_PER_S


def pair(
    read_host_ns: Callable[[], int], read_experiment_s: Callable[[], float], tries: int = 5
) -> ClockPair:
    """Read both clocks at the same instant, as nearly as possible.

    Reads host, experiment, host. If that was not done within some microseconds, because a loaded
    computer took the processor away in between, it is tried again, and the tightest is kept.

    Parameters
    ----------
    read_host_ns : callable
        As a rule ``time.perf_counter_ns``.
    read_experiment_s : callable
        The experiment's clock in seconds, for instance ``globalClock.getTime``.
    tries : int
        Greatest number of readings, at least 1.

    Raises
    ------
    UsageError
        If `tries` is below 1, or the experiment's clock does not return a finite number.
    """
    if tries < 1:
        raise UsageError(f"tries is {tries}; at least 1 reading is needed")
    best = _read_once(read_host_ns, read_experiment_s)
    for _ in range(tries - 1):
        if best.half_gap_ns <= TIGHT_NS:
            break
        again = _read_once(read_host_ns, read_experiment_s)
        best = min(best, again, key=lambda reading: reading.half_gap_ns)
    return best


def _read_once(
    read_host_ns: Callable[[], int], read_experiment_s: Callable[[], float]
) -> ClockPair:
    before = read_host_ns()
    answer = read_experiment_s()
    gap = read_host_ns() - before
    if type(answer) is not float or not math.isfinite(answer):
        answer = _finite_seconds(answer)
    return ClockPair(before + gap // 2, answer, (gap + 1) // 2)


def _finite_seconds(answer: float) -> float:
    try:
        seconds = float(answer)
    except (TypeError, ValueError):
        seconds = math.nan
    if not math.isfinite(seconds):
        raise UsageError(f"the experiment's clock returned {answer!r}; it must return seconds")
    return seconds
