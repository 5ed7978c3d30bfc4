"""What a program does with events."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from psychopy_neon.client.events import EventCounts, EventReceipt
from psychopy_neon.client.experiment_clock import ExperimentClock
from psychopy_neon.client.flip import seconds_since_flip
from psychopy_neon.client.journal import Journal
from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.event_check import check_event

LATEST_S = 1e12
LONG_NS = 20_000


class EventLog(Protocol):
    """Receipts of all events."""

    def all(self) -> list[EventReceipt]: ...

    def counts(self) -> EventCounts: ...


class Delivery(Protocol):
    """Takes events over."""

    @property
    def events(self) -> EventLog: ...

    def queue(
        self,
        name: str,
        host_ns: int,
        experiment_s: float,
        data: dict[str, Any] | None = None,
        handed_over: int | None = None,
    ) -> EventReceipt: ...


class EventCalls(ExperimentClock):
    """Events of one device, dated on the experiment's clock."""

    _journal: Journal
    _delivery: Delivery

    def send_event(
        self,
        name: str,
        at: float | None = None,
        data: dict[str, Any] | None = None,
        *,
        host_ns: int | None = None,
        handed_over: int | None = None,
    ) -> EventReceipt:
        """Save an event in the running recording; returns at once, whatever the network does.

        With a journal, it is in there, or in the spool beside it, before this returns: also the end
        of this program cannot lose it then.

        Parameters
        ----------
        name : str
            Any text that is not empty, of up to 1000 characters.
        at : float, optional
            When it happened, on the experiment's clock, seconds; now if left out.
        data : dict, optional
            Texts and numbers that belong to it, as the trial's number or condition, up to 4000
            characters as JSON. They are kept in the journal, NaN and infinite numbers as null; the
            phone gets the name only.
        host_ns : int, optional
            When it happened, ``time.perf_counter_ns()`` of any process of this computer. It dates
            the event, and `at` is only noted: for events of another process, whose clock may have
            been set since.
        handed_over : int, optional
            Number of the event in that process; kept in the journal.

        Returns
        -------
        EventReceipt
            Follows the event: ``receipt.wait(timeout_s)`` waits for the phone's answer.

        Raises
        ------
        UsageError
            If the name, the time or the data cannot be used.
        ClosedError
            If the device was closed.
        """
        before_ns = time.perf_counter_ns()
        if at is None and host_ns is None and self._read_experiment_s is time.perf_counter:
            return self._delivery.queue(name, before_ns, before_ns / 1e9, data, handed_over)
        now_s = self._read_experiment_s()
        gap_ns = time.perf_counter_ns() - before_ns
        now_ns = before_ns + gap_ns // 2
        if gap_ns > LONG_NS or type(now_s) is not float or not -LATEST_S < now_s < LATEST_S:
            now_ns, now_s, _ = self.pair_clocks()  # something came in between
        if at is None and host_ns is None:
            return self._delivery.queue(name, now_ns, now_s, data, handed_over)
        if at is None and host_ns is not None:
            at = now_s + (host_ns - now_ns) / 1e9
        experiment_s = _seconds(at)
        if host_ns is None:
            host_ns = now_ns + round((experiment_s - now_s) * 1e9)
        return self._delivery.queue(name, host_ns, experiment_s, data, handed_over)

    def mark_on_flip(
        self, win: Any, name: str, data: dict[str, Any] | None = None, *, lag_s: float = 0.0
    ) -> None:
        """Save an event that happens with the window's next flip; returns at once.

        Its time is that of the flip, not of this call, and not of the phone's answer. Its receipt
        is among `events` after the flip.

        Parameters
        ----------
        win : psychopy.visual.Window
        name : str
            Any text that is not empty, of up to 1000 characters.
        data : dict, optional
            As for `send_event`.
        lag_s : float
            How much later the display shows what was flipped, seconds, as measured with a
            photodiode. It is added to the time, and kept with the event's data as
            ``display_lag_s``.

        Raises
        ------
        UsageError
            If the name, the data or the lag cannot be used.
        """
        lag_s = _seconds(lag_s, "lag_s")
        check_event(name, data)
        if lag_s:
            data = {**(data or {}), "display_lag_s": lag_s}
            check_event(name, data)  # with that it may have become too long
        win.callOnFlip(self._send_flipped, win, name, data, lag_s)

    def _send_flipped(self, win: Any, name: str, data: dict[str, Any] | None, lag_s: float) -> None:
        flipped_s = _seconds(self._read_experiment_s()) - seconds_since_flip(win) + lag_s
        self.send_event(name, flipped_s, data)

    @property
    def events(self) -> list[EventReceipt]:
        """All events so far, oldest first; the newest 100 000 if there are more."""
        return self._delivery.events.all()

    @property
    def event_counts(self) -> EventCounts:
        """How many events were sent, confirmed, discarded, ..."""
        return self._delivery.events.counts()

    def note_display_lag(self, lag: Mapping[str, Any]) -> None:
        """Keep a measurement of the display's lag in the journal; returns at once.

        The timing certificate of the run then shows it. `measure_display_lag` does this itself.

        Parameters
        ----------
        lag : mapping
            Attributes of a `DisplayLag` by name; those that are NaN are left out.
        """
        known = {name: value for name, value in lag.items() if value == value}
        self._journal.write("display_lag", host_ns=time.perf_counter_ns(), **known)

    def note_gaze_correction(self, correction: str) -> None:
        """Keep in the journal that gaze on the screen is corrected from now on; returns at once.

        Parameters
        ----------
        correction : str
            As `GazeCorrection.to_json` writes it.
        """
        now = self.pair_clocks()
        self._journal.write(
            "gaze_correction",
            host_ns=now.host_ns,
            experiment_s=now.experiment_s,
            correction=correction,
        )

    def note_check(self, outcome: Mapping[str, Any]) -> None:
        """Keep in the journal what a check before the session found; returns at once.

        Parameters
        ----------
        outcome : mapping
            Texts and numbers by name, as `check_glasses` writes them itself.
        """
        self._journal.write("check", host_ns=time.perf_counter_ns(), outcome=dict(outcome))

    @property
    def journal_path(self) -> Path | None:
        """The file that holds every event, or None."""
        return self._journal.path


def _seconds(at: float | None, what: str = "at") -> float:
    if type(at) is float and -LATEST_S < at < LATEST_S:
        return at
    try:
        seconds = float(at)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        seconds = float("nan")
    if not abs(seconds) < LATEST_S:
        raise UsageError(f"{what}={at!r} is not a time; expected a number of seconds")
    return seconds
