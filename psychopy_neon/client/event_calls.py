"""What a program does with events."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psychopy_neon.client.event_delivery import EventDelivery
from psychopy_neon.client.events import EventCounts, EventReceipt
from psychopy_neon.client.experiment_clock import ExperimentClock
from psychopy_neon.client.flip import seconds_since_flip
from psychopy_neon.client.journal import Journal
from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.event_check import check_event


class EventCalls(ExperimentClock):
    """Events of one device, dated on the experiment's clock."""

    _journal: Journal
    _delivery: EventDelivery

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

        It is in the journal, if there is one, before this returns.

        Parameters
        ----------
        name : str
            Any text that is not empty.
        at : float, optional
            When it happened, on the experiment's clock, seconds; now if left out.
        data : dict, optional
            Texts and numbers that belong to it, as the trial's number or condition. They are kept
            in the journal; the phone gets the name only.
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
        now = self.pair_clocks()
        if at is None:
            at = now.experiment_s if host_ns is None else now.experiment_from_host(host_ns)
        experiment_s = _seconds(at)
        if host_ns is None:
            host_ns = now.host_from_experiment(experiment_s)
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
            Any text that is not empty.
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
        lag_s = _seconds(lag_s)
        check_event(name, data)
        win.callOnFlip(self._send_flipped, win, name, data, lag_s)

    def _send_flipped(self, win: Any, name: str, data: dict[str, Any] | None, lag_s: float) -> None:
        now = self.pair_clocks()
        flipped_s = now.experiment_s - seconds_since_flip(win) + lag_s
        if lag_s:
            data = {**(data or {}), "display_lag_s": lag_s}
        self._delivery.queue(name, now.host_from_experiment(flipped_s), flipped_s, data)

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
        self._journal.write(
            "gaze_correction", host_ns=time.perf_counter_ns(), correction=correction
        )

    @property
    def journal_path(self) -> Path | None:
        """The file that holds every event, or None."""
        return self._journal.path


def _seconds(at: float) -> float:
    try:
        seconds = float(at)
    except (TypeError, ValueError):
        seconds = float("nan")
    if not abs(seconds) < 1e12:
        raise UsageError(f"at={at!r} is not a time; expected seconds on the experiment's clock")
    return seconds
