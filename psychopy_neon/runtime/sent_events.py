"""Events that this process hands over to ioHub, and what became of each."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from psychopy import clock, logging

from psychopy_neon.client.events import EventState
from psychopy_neon.clock.experiment_clock import pair
from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.event_check import check_event
from psychopy_neon.transport.spool_writer import SpoolWriter

COLLECT_EVERY_S = 5.0
MAX_PIECES = 1_000  # of the answer to the last question; each tells of 100 events
MAX_OPEN = 100_000
LATEST_S = 1e12
LONG_NS = 20_000
NAMES_KEPT = 200


class Outcome(NamedTuple):
    """What became of an event.

    Attributes
    ----------
    state : str
        Value of an `EventState`.
    device_ns : int or None
        When it happened on the phone's Unix clock, ns; None if that is not known yet.
    bound_ns : int or None
        Greatest possible error of `device_ns`, ns.
    """

    state: str
    device_ns: int | None
    bound_ns: int | None

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be heard of it."""
        return self.state != EventState.PENDING.value


class SentEvents:
    """Hands events over, numbers them, and passes on what ioHub tells about them later.

    Parameters
    ----------
    ask : callable
        Calls a method of the device, with the type of the reply and arguments; returns None, and
        has said so, if ioHub does not answer.
    complain : callable
        Logs an error, once.

    Attributes
    ----------
    handed_over : int
        Events so far, also those that nobody took.
    refused : deque of str
        The latest names of those.
    last_number : int
        Number of the last event that was taken.
    """

    def __init__(self, ask: Callable[..., Any], complain: Callable[[Exception], None]) -> None:
        self._ask = ask
        self._complain = complain
        self._writer: SpoolWriter | None = None
        self._open: dict[int, Callable[[Outcome], None] | None] = {}
        self._next_collect_s = 0.0
        self.handed_over = self.last_number = 0
        self.refused: deque[str] = deque(maxlen=NAMES_KEPT)

    def open(self) -> None:
        """Ask ioHub for the file that events go through; without it they are sent as requests."""
        where = self._ask("neon_event_spool", dict)
        if not where:
            return
        try:
            if where["error"]:
                raise OSError(where["error"])
            self._writer = SpoolWriter(where["path"], where["first_number"])
        except OSError as error:
            self._complain(error)
        self.last_number = int(where["first_number"]) - 1

    @property
    def path(self) -> Path | None:
        """The file that events go through."""
        return None if self._writer is None else self._writer.path

    def hand_over(
        self,
        name: str,
        raw_s: float,
        data: dict[str, Any] | None,
        on_outcome: Callable[[Outcome], None] | None,
        host_ns: int | None = None,
    ) -> int:
        """As `put`, with everything checked; `host_ns` may be left out.

        Raises
        ------
        UsageError
            If the name, the time or the data cannot be used.
        """
        data_json = check_event(name, data)
        if not -LATEST_S < raw_s < LATEST_S:
            raise UsageError(f"{raw_s!r} is not a time; expected raw PsychoPy seconds")
        host_ns = host_ns_at(raw_s) if host_ns is None else host_ns
        return self.put(name, raw_s, host_ns, data_json, on_outcome)

    def put(
        self,
        name: str,
        raw_s: float,
        host_ns: int,
        data_json: str,
        on_outcome: Callable[[Outcome], None] | None,
    ) -> int:
        """Hand an event over; takes microseconds, and trusts what it is given.

        `host_ns` is the same instant as `raw_s`. Returns the event's number, or 0 if nobody takes
        it, which is logged.
        """
        self.handed_over += 1
        try:
            if self._writer is None:
                number = self._request(self.last_number + 1, name, raw_s, data_json)
            else:
                number = self._writer.write(name, raw_s, host_ns, data_json=data_json)
        except (OSError, ValueError) as error:  # ValueError: it is closed
            number = self._after_failure(error, name, raw_s, data_json)
        if not number:
            return self._refuse(name)
        self.last_number = number
        self._open[number] = on_outcome
        if len(self._open) > MAX_OPEN:
            del self._open[next(iter(self._open))]
        return number

    def collect(self) -> None:
        """Ask what became of events, if something is still open; every 5 s at most."""
        now_s = time.perf_counter()
        if self._open and now_s >= self._next_collect_s:
            self._next_collect_s = now_s + COLLECT_EVERY_S
            self._collect_after(next(iter(self._open)) - 1)

    def collect_all(self) -> None:
        """Ask what became of every event that is still open."""
        since = next(iter(self._open), 1) - 1
        for _ in range(MAX_PIECES):
            last = self._collect_after(since) if self._open else since
            if last <= since or last >= self.last_number:
                return
            since = last

    def close(self) -> None:
        """Let go of the file; harmless if repeated."""
        if self._writer is not None:
            self._writer.close()

    def _refuse(self, name: str) -> int:
        self.refused.append(name)
        logging.error(f"psychopy_neon: the event {name!r} was not accepted")
        return 0

    def _after_failure(self, error: Exception, name: str, raw_s: float, data_json: str) -> int:
        self._complain(error)
        number = self.last_number + 1 if self._writer is None else self._writer.next_number()
        return self._request(number, name, raw_s, data_json)

    def _request(self, number: int, name: str, raw_s: float, data_json: str) -> int:
        # As the file would hold it: ioHub cannot read keys that are numbers.
        data = json.loads(data_json) if data_json else None
        taken = self._ask("neon_send_event", int, name, raw_s, data, number)
        return number if taken else 0

    def _collect_after(self, since: int) -> int:
        """Number of the last event that ioHub told about."""
        last = since
        for number, state, device_ns, bound_ns in (
            self._ask("neon_event_outcomes", list, since) or []
        ):
            last = int(number)
            self._pass_on(last, Outcome(str(state), device_ns or None, bound_ns or None))
        return last

    def _pass_on(self, number: int, outcome: Outcome) -> None:
        if number not in self._open:
            return
        on_outcome = self._open[number]
        if on_outcome is not None:
            on_outcome(outcome)
        if outcome.is_final:
            del self._open[number]


def host_ns_at(raw_s: float) -> int:
    """Return ``time.perf_counter_ns()`` of a recent instant of PsychoPy's clock, seconds."""
    before_ns = time.perf_counter_ns()
    now_s = float(clock.getTime())
    gap_ns = time.perf_counter_ns() - before_ns
    if gap_ns > LONG_NS:  # something came in between
        return pair(time.perf_counter_ns, clock.getTime).host_from_experiment(raw_s)
    return before_ns + gap_ns // 2 + round((raw_s - now_s) * 1e9)
