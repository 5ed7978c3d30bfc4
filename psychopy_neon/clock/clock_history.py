"""A finished run's relation between the phone's clock and this computer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from psychopy_neon.clock.epoch_map import EpochMap, Instants

ALWAYS = 2**62


@dataclass(frozen=True, slots=True)
class ClockStep:
    """One step of the phone's clock (or a pause of this computer's).

    Attributes
    ----------
    earliest_host_ns, latest_host_ns : int
        It happened between these instants of ``time.perf_counter_ns()``.
    size_ns : int
        New minus old offset: positive if the phone's clock was put forward.
    bound_ns : int
        Greatest possible error of `size_ns`.
    stray_offsets : tuple of (int, int)
        Offsets that the phone's clock had in between, too briefly to be followed: least and
        greatest, ns.
    """

    earliest_host_ns: int
    latest_host_ns: int
    size_ns: int
    bound_ns: int
    stray_offsets: tuple[tuple[int, int], ...] = ()


class ClockHistory:
    """Converts between the phone's clock and this computer's, at any time of a finished run.

    Immutable. Unlike a `ClockMap` it rests on the exchanges after an instant as
    much as on those before, and holds on both sides of a step. While it is not known whether a
    step has happened, the bound covers both cases, and so may be as large as the step.

    Attributes
    ----------
    steps : tuple of ClockStep
        In order of time.
    exchanges, dropped, ignored : int
        Exchanges that it rests on; that contradicted all others; that had an impossible round
        trip.
    contradictions : int
        Places where earlier and later exchanges contradict each other though none shows a step:
        0 if the clocks kept to the limits of rate and wander.
    start_host_ns, end_host_ns : int
        When the first of the exchanges was sent, and the last answer arrived.
    """

    def __init__(
        self,
        epochs: Sequence[EpochMap],
        steps: Sequence[ClockStep],
        *,
        exchanges: int,
        dropped: int,
        ignored: int,
    ) -> None:
        self.steps = tuple(steps)
        self.exchanges = exchanges
        self.dropped = dropped
        self.ignored = ignored
        self.contradictions = sum(epoch.smoothed.contradictions for epoch in epochs)
        self.start_host_ns = epochs[0].smoothed.knots[0].host_ns
        self.end_host_ns = epochs[-1].smoothed.knots[-1].host_ns
        self._epochs = tuple(epochs)

    def __repr__(self) -> str:
        span_s = (self.end_host_ns - self.start_host_ns) / 1e9
        return f"<ClockHistory of {span_s:.0f} s, {self.exchanges} exchanges>"

    def device_from_host(self, host_ns: int) -> int:
        """Return the phone's time, ns, at this instant of this computer's clock.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()`` of the instant.
        """
        return int(self.devices([host_ns])[0][0])

    def host_from_device(self, device_ns: int) -> int:
        """Return the inverse of `device_from_host`.

        Exact to 1 ns, except near a step. A clock that was put back shows some times twice: the
        earlier one is returned, and the bound that `hosts` gives covers the later.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.
        """
        return int(self.hosts([device_ns])[0][0])

    def bound_ns(self, host_ns: int) -> int:
        """Return the greatest possible error of `device_from_host` at this instant, in ns.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()`` of the instant.
        """
        return int(self.devices([host_ns])[1][0])

    def rate_at(self, host_ns: int) -> float:
        """Return the estimated rate, device ns per host ns minus 1, at about this instant.

        Parameters
        ----------
        host_ns : int
            ``time.perf_counter_ns()`` of the instant.
        """
        index = int(self._epoch_of(np.array([host_ns], np.int64))[0])
        return self._epochs[index].rate_at(host_ns)

    def devices(self, host_ns: ArrayLike) -> tuple[Instants, Instants]:
        """Return the phone's times at instants of this computer's clock, and their bounds.

        Parameters
        ----------
        host_ns : array_like of int, shape (n,)
            ``time.perf_counter_ns()``.

        Returns
        -------
        device_ns : ndarray of int64, shape (n,)
            Phone's Unix clock.
        bound_ns : ndarray of int64, shape (n,)
            Greatest possible error of each.
        """
        instants = np.asarray(host_ns, np.int64)
        chosen = self._epoch_of(instants)
        device_ns, bound_ns = np.empty_like(instants), np.empty_like(instants)
        for index, epoch in enumerate(self._epochs):
            here = chosen == index
            device_ns[here] = instants[here] + epoch.offsets(instants[here])
            bound_ns[here] = epoch.bounds(instants[here])
        for index, step in enumerate(self.steps):
            self._cover(index, step, instants, device_ns, bound_ns)
        return device_ns, bound_ns

    def hosts(self, device_ns: ArrayLike) -> tuple[Instants, Instants]:
        """Return the instants of this computer's clock at times of the phone's, and their bounds.

        Parameters
        ----------
        device_ns : array_like of int, shape (n,)
            Phone's Unix clock.

        Returns
        -------
        host_ns : ndarray of int64, shape (n,)
            ``time.perf_counter_ns()``.
        bound_ns : ndarray of int64, shape (n,)
            Greatest possible error of each.
        """
        times = np.asarray(device_ns, np.int64)
        found = [self._candidate(index, times) for index in range(len(self._epochs))]
        hosts = np.array([host_ns for host_ns, _, _ in found])
        bounds = np.array([bound_ns for _, bound_ns, _ in found])
        outside = np.array([outside_ns for _, _, outside_ns in found])
        chosen = (np.argmin(outside, axis=0), np.arange(len(times)))
        host_ns = hosts[chosen]
        spread = np.where(outside <= bounds, np.abs(hosts - host_ns) + bounds, 0)
        return host_ns, np.maximum(spread.max(axis=0), bounds[chosen]) + 1

    def _epoch_of(self, host_ns: Instants) -> NDArray[np.intp]:
        middles = [(step.earliest_host_ns + step.latest_host_ns) // 2 for step in self.steps]
        return np.searchsorted(np.array(middles, np.int64), host_ns, "right")

    def _cover(
        self,
        index: int,
        step: ClockStep,
        host_ns: Instants,
        device_ns: Instants,
        bound_ns: Instants,
    ) -> None:
        """Widen the bounds while a step may or may not have happened."""
        here = (step.earliest_host_ns <= host_ns) & (host_ns <= step.latest_host_ns)
        instants = host_ns[here]
        if not len(instants):
            return
        offset_ns = device_ns[here] - instants
        for epoch in self._epochs[index : index + 2]:
            reach_ns = np.abs(epoch.offsets(instants) - offset_ns) + epoch.bounds(instants)
            bound_ns[here] = np.maximum(bound_ns[here], reach_ns)
        for ends in step.stray_offsets:
            reach_ns = np.max([np.abs(offset_ns - end) for end in ends], axis=0)
            bound_ns[here] = np.maximum(bound_ns[here], reach_ns)

    def _candidate(self, index: int, device_ns: Instants) -> tuple[Instants, Instants, Instants]:
        """Host times by one epoch, their bounds, and how far they are outside of the epoch."""
        epoch = self._epochs[index]
        start = self.steps[index - 1].earliest_host_ns if index else -ALWAYS
        end = self.steps[index].latest_host_ns if index < len(self.steps) else ALWAYS
        host_ns = epoch.hosts(device_ns)
        bound_ns = epoch.bounds(host_ns)
        return host_ns, bound_ns, np.maximum(0, np.maximum(start - host_ns, host_ns - end))
