"""Keeps the relation between the phone's clock and this computer's, in the background."""

from __future__ import annotations

import dataclasses
import logging
import random
import threading
import time
from collections.abc import Callable

from psychopy_neon.client.journal import Journal
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.experiment_clock import ClockPair
from psychopy_neon.clock.offset import OffsetEstimator
from psychopy_neon.clock.probe_timing import pause_s
from psychopy_neon.clock.segments import ClockSegments
from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.transport.backoff import Backoff
from psychopy_neon.transport.deadline import clipped_s
from psychopy_neon.transport.time_echo import TimeEchoLink
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

BURST_EXCHANGES = 60
BURST_PAUSE_S = 0.01
PAUSE_S = 0.5
DITHER_NS = 50_000
MOST_LATE_NS = 500_000  # a sleep lasts somewhat longer than it should
JOURNAL_S = 10.0


class ClockSync:
    """Probes the phone's time echo: a burst at first, then as often as the bound needs it.

    Each time it asks twice. What sleeps between two probes (processors, the phone's radio) answers
    the first question late, and more on one side than on the other; the second finds it awake.

    Parameters
    ----------
    place : callable
        Returns address and port of the phone's time echo, or None while they are unknown.
    journal : Journal, optional
        Gets every exchange and, now and then, what follows from them, so that all times of a run
        can be worked out again afterwards.
    read_pair : callable, optional
        Reads this computer's clock and the experiment's at one instant, for the journal.
    """

    def __init__(
        self,
        place: Callable[[], tuple[str, int] | None],
        journal: Journal | None = None,
        read_pair: Callable[[], ClockPair] | None = None,
    ) -> None:
        self._journal = journal or Journal(None)
        self._read_pair = read_pair
        self._journal_due_s = 0.0
        self._journaled_segment = 0
        self._pair_failed = False
        self._segments = ClockSegments()
        self.error = ""
        self._place = place
        self._estimator = OffsetEstimator()
        self._ready = threading.Event()
        self._hurry = threading.Event()
        self._answered = threading.Condition()
        self._stopped = False
        self._lateness_ns = 0
        self._worker = Worker("neon-clock", self._run)

    def start(self) -> None:
        """Start probing."""
        self._worker.start()

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._worker.stop()
        self._ready.set()
        self._stopped = True
        self._hurry.set()
        with self._answered:
            self._answered.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread."""
        return self._worker.join(timeout_s)

    @property
    def clock_map(self) -> ClockMap | None:
        """Newest relation of the clocks; None before the first answer."""
        return self._segments.newest

    def date(self, host_ns: int) -> tuple[int, int] | None:
        """An instant on the phone's clock, with its bound; see `ClockSegments.date`."""
        return self._segments.date(host_ns)

    def host(self, device_ns: int) -> tuple[int, int] | None:
        """An instant of the phone's clock, with its bound; see `ClockSegments.host`."""
        return self._segments.host(device_ns)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The latest exchanges, oldest first."""
        return self._estimator.history

    @property
    def place(self) -> tuple[str, int] | None:
        """Address and port of the phone's time echo; very old apps have none."""
        return self._place()

    @property
    def port(self) -> int | None:
        """The phone's time echo port; very old apps have none."""
        place = self._place()
        return None if place is None else place[1]

    def wait(self, timeout_s: float) -> ClockMap | None:
        """Wait until the first burst is done; returns what is known then.

        Does not wait for a phone that has no time echo.
        """
        if self.port is not None:
            self._ready.wait(clipped_s(timeout_s))
        return self.clock_map

    def wait_past(self, host_ns: int, timeout_s: float) -> bool:
        """Wait until the phone's clock was read after an instant; then `date` is sure of it.

        Before that nobody knows whether it was set meanwhile. It is read at once if need be.
        """
        end_s = time.perf_counter() + timeout_s
        if self._segments.covers(host_ns):
            return True
        self._hurry.set()
        with self._answered:
            self._answered.wait_for(
                lambda: self._segments.covers(host_ns) or self._stopped,
                end_s - time.perf_counter(),
            )
        return self._segments.covers(host_ns)

    def _run(self, stopping: threading.Event) -> None:
        backoff = Backoff()
        link: TimeEchoLink | None = None
        place = None
        while not stopping.is_set():
            if link is None or place != self._place():
                place = self._place()
                link = _replace_link(link, place, stopping)
            if link is None:
                stopping.wait(PAUSE_S)
                continue
            try:
                self._take(link.exchange())
                self._take(self._aimed_exchange(link))
                backoff.reset()
                self._report("", stopping)
                wait_s = self._pause_s()
            except NeonConnectionError as error:
                self._report(str(error), stopping)
                wait_s = backoff.next_delay_s()
            self._hurry.wait(wait_s)
            self._hurry.clear()
        if link is not None:
            link.close()

    def _aimed_exchange(self, link: TimeEchoLink) -> tuple[int, int, int]:
        """Ask at the instant that tells the most, a millisecond from now at most."""
        earliest_host_ns = time.perf_counter_ns() + self._lateness_ns
        dither_ns = random.randint(-DITHER_NS, DITHER_NS)
        aim_host_ns = self._estimator.aim(earliest_host_ns, dither_ns)
        start_host_ns = aim_host_ns - self._lateness_ns
        time.sleep(max(0.0, (start_host_ns - time.perf_counter_ns()) / 1e9))
        exchange = link.exchange()
        late_ns = min(max(0, exchange[0] - start_host_ns), MOST_LATE_NS)
        self._lateness_ns += (late_ns - self._lateness_ns) // 4
        return exchange

    def _take(self, exchange: tuple[int, int, int]) -> None:
        steps = self._estimator.steps
        self._estimator.add(*exchange)
        if self._estimator.steps > steps:
            self._log_step()
        clock_map = self._estimator.snapshot()
        if clock_map is not None:
            self._segments.add(clock_map, self._estimator.sure_span)
        with self._answered:
            self._answered.notify_all()
        sent_host_ns, received_host_ns, device_ms = exchange
        self._journal.write(
            "probe",
            sent_host_ns=sent_host_ns,
            received_host_ns=received_host_ns,
            device_ms=device_ms,
        )
        if self._estimator.accepted >= BURST_EXCHANGES:
            self._ready.set()
            self._journal_if_due()

    def _journal_if_due(self) -> None:
        clock_map = self.clock_map
        is_due = time.perf_counter() >= self._journal_due_s
        if clock_map is not None and (is_due or clock_map.segment != self._journaled_segment):
            self.journal_now()

    def journal_now(self) -> None:
        """Write the present relation of the three clocks into the journal."""
        clock_map = self.clock_map
        self._journal_due_s = time.perf_counter() + JOURNAL_S
        self._journal_pair()
        if clock_map is not None:
            self._journaled_segment = clock_map.segment
            self._journal.write("clock", **dataclasses.asdict(clock_map))

    def _journal_pair(self) -> None:
        if self._read_pair is None:
            return
        try:
            pair = self._read_pair()
        except Exception as error:  # what a user wrote must end neither the probing nor `close`
            if not self._pair_failed:
                self._pair_failed = True
                logger.error(
                    "the experiment's clock failed, so its times are not in the journal: %s",
                    str(error) or type(error).__name__,
                )
        else:
            self._journal.write("pair", **pair._asdict())

    def _pause_s(self) -> float:
        """Little while the map is young or in doubt, then light probing."""
        clock_map = self.clock_map
        young = self._estimator.accepted < BURST_EXCHANGES
        if clock_map is None or young or self._estimator.step_suspected:
            return BURST_PAUSE_S
        return pause_s(clock_map, time.perf_counter_ns())

    def _log_step(self) -> None:
        logger.warning(
            "the phone's clock was set %s by %.3f s (or this computer's stood still); its times "
            "before and after are told apart",
            "forward" if self._estimator.last_step_ns > 0 else "back",
            abs(self._estimator.last_step_ns) / 1e9,
        )

    def _report(self, error: str, stopping: threading.Event) -> None:
        if error and not self.error and not stopping.is_set():
            logger.warning("clock probing stopped: %s", error)
        elif self.error and not error:
            logger.warning("the phone's clock is probed again")
        self.error = error


def _replace_link(
    link: TimeEchoLink | None, place: tuple[str, int] | None, stopping: threading.Event
) -> TimeEchoLink | None:
    if link is not None:
        link.close()
    return None if place is None else TimeEchoLink(*place, stopping)
