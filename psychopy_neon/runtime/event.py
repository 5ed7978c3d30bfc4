"""Events, stamped with the flip that showed them."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from psychopy import clock, logging
from psychopy.constants import NOT_STARTED

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.event_check import check_event
from psychopy_neon.runtime.event_row import EventColumns, Row
from psychopy_neon.runtime.event_values import display_lag_s, plain_data
from psychopy_neon.runtime.sent_events import LONG_NS, host_ns_at
from psychopy_neon.runtime.tracker import connect

SHORT = 200


class NeonEvent:
    """Marks a moment in the phone's recording.

    The stamp is taken in this process, at the flip; how long the network takes does not matter.

    Parameters
    ----------
    win : psychopy.visual.Window
        Whose flips stamp the events.
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets the columns below.
    name : str
        Of the object; begins the names of the columns.
    eventName : str, optional
        Default for `send` and `send_on_flip`.
    offsetName : str, optional
        Event at the end of what the first one started; empty for none.
    eventData : dict, optional
        Texts and numbers that belong to the event, as the trial's number or condition. They are
        kept in the journal; the phone gets the name only.
    displayLag : float
        How much later the display shows what was flipped, seconds, as measured with a photodiode
        or by `NeonDisplayLag`. It is added to the time of flips, and kept with the data as
        ``display_lag_s``.

    Raises
    ------
    UsageError
        If the lag or the data cannot be used.

    Notes
    -----
    Columns of the row in which the event was sent; those of the event at the end have
    ``offset_`` before the second part:

    - ``<name>.event``: its name
    - ``<name>.flip_raw_s``: time of the flip, raw PsychoPy seconds; ``<name>.raw_s`` when no flip
      was waited for
    - ``<name>.time_s``: when it happened, with the display's lag, in seconds of the clock that
      ``<name>.started`` is on
    - ``<name>.number``: ``handed_over`` in the journal
    - ``<name>.state``: what became of it, as known when the data were saved (values of
      `psychopy_neon.EventState`)
    - ``<name>.device_ns`` and ``<name>.bound_ms``: when it happened on the phone's Unix clock, ns,
      and the greatest possible error of that, ms
    """

    def __init__(
        self,
        win: Any,
        tracker: Any,
        exp: Any | None = None,
        name: str = "neonEvent",
        eventName: str | None = None,  # noqa: N803 - Builder's name for the parameter
        offsetName: str | None = None,  # noqa: N803
        eventData: dict[str, Any] | None = None,  # noqa: N803
        displayLag: float = 0.0,  # noqa: N803
    ) -> None:
        self.win = win
        self.tracker = connect(tracker)
        self.exp = exp
        self.name = name
        self.eventName = eventName
        self.offsetName = offsetName
        self.displayLag = display_lag_s(name, displayLag)
        self.setEventData(eventData)
        self.status = NOT_STARTED
        self._offset_owed = False
        self._is_first = True
        self._columns = EventColumns(f"{name}.", exp)
        self._offset_columns = EventColumns(f"{name}.offset_", exp)
        self._hand_over = self.tracker.hand_over
        self.tracker.know(win, exp)
        if exp is not None:
            self.tracker.add_experiment(exp)

    @property
    def owes_offset(self) -> bool:
        """Whether an event was sent, and not yet the one at its end."""
        return self._offset_owed

    def setEventName(self, value: str, log: bool | None = None) -> None:  # noqa: N802
        """Set the default name; Builder calls it.

        Parameters
        ----------
        value : str
            Name of the event.
        log : bool, optional
            Has no effect.
        """
        self.eventName = value

    def setOffsetName(self, value: str, log: bool | None = None) -> None:  # noqa: N802
        """Set the name of the event at the end; Builder calls it.

        Parameters
        ----------
        value : str
            Name of the event at the end; empty for none.
        log : bool, optional
            Has no effect.
        """
        self.offsetName = value

    def setEventData(self, value: Any = None, log: bool | None = None) -> None:  # noqa: N802
        """Set what is attached to the events from now on; Builder calls it.

        Parameters
        ----------
        value : dict, optional
            Texts and numbers by name; None for nothing.
        log : bool, optional
            Has no effect.

        Raises
        ------
        UsageError
            If it is not a dict of texts and numbers.
        """
        self.eventData = None if value is None else plain_data(self.name, value)
        lag = {"display_lag_s": self.displayLag} if self.displayLag else {}
        # As JSON already: while an event is sent, the experiment waits.
        self._data_json = self._as_json(self.eventData)
        self._flip_data_json = self._as_json({**(self.eventData or {}), **lag} or None)

    def setDisplayLag(self, value: Any, log: bool | None = None) -> None:  # noqa: N802
        """Set the lag that is added to flips from now on; Builder calls it.

        Parameters
        ----------
        value : float
            Seconds, as ``lag`` of `NeonDisplayLag`.
        log : bool, optional
            Has no effect.

        Raises
        ------
        UsageError
            If it cannot be used.
        """
        self.displayLag = display_lag_s(self.name, value)
        self.setEventData(self.eventData)

    def send(self, event_name: str | None = None) -> int:
        """Send now, stamped with the present time; returns at once.

        Parameters
        ----------
        event_name : str, optional
            Instead of the default name.

        Returns
        -------
        int
            Number of the event, 0 if it could not be handed over (which is logged).

        Raises
        ------
        UsageError
            If it has no name.
        """
        text = self.eventName if event_name is None else event_name
        # As a rule a glance tells that a name is good; each call of a function takes longer.
        if type(text) is not str or not "!" < text < "~" or len(text) > SHORT:
            text = self._checked(text)
        self._offset_owed = True
        return self._send_now(text, self._columns)

    def send_on_flip(self, event_name: str | None = None) -> None:
        """Send at the window's next flip, stamped with it; returns at once.

        Parameters
        ----------
        event_name : str, optional
            Instead of the default name.

        Raises
        ------
        UsageError
            If it has no name.
        """
        text = self._checked(self.eventName if event_name is None else event_name)
        self._offset_owed = True
        self._send_with_flip(text, self._columns)

    def send_offset(self) -> None:
        """Send the event at the end now, if one is still owed."""
        if self._takes_offset():
            self._send_now(self._checked(self.offsetName), self._offset_columns)

    def send_offset_on_flip(self) -> None:
        """Send the event at the end with the next flip, if one is still owed.

        After the last frame of a Routine that is the flip which takes its stimuli away.
        """
        if self._takes_offset():
            self._send_with_flip(self._checked(self.offsetName), self._offset_columns)

    def end_routine(self) -> None:
        """Write what became of earlier events into their rows; a round trip, every 5 s at most."""
        self.tracker.collect_outcomes()

    def _checked(self, text: object) -> str:
        if text is None or not str(text).strip():
            raise UsageError(f"{self.name} has no event name: give it one before it starts")
        check_event(str(text))
        return str(text)

    def _as_json(self, data: dict[str, Any] | None) -> str:
        return "" if data is None else check_event(self.name or "event", data)

    def _takes_offset(self) -> bool:
        owed, self._offset_owed = self._offset_owed, False
        return owed and bool(self.offsetName)  # which may have been set since the start

    def _send_now(self, text: str, columns: EventColumns) -> int:
        before_ns = time.perf_counter_ns()
        raw_s = clock.getTime()
        gap_ns = time.perf_counter_ns() - before_ns
        host_ns = before_ns + gap_ns // 2 if gap_ns <= LONG_NS else host_ns_at(raw_s)
        if self._is_first:
            self._begin()
        row = {} if self.exp is None else self.exp.thisEntry
        told = partial(columns.note_outcome, row)
        number = self._hand_over(text, raw_s, host_ns, self._data_json, told)
        time_s = raw_s - logging.defaultClock.getLastResetTime()
        columns.note_sent(row, text, columns.raw_s, raw_s, time_s, number)
        return number

    def _send_with_flip(self, text: str, columns: EventColumns) -> None:
        if self._is_first:
            self._begin()
        # The flip may come when the next row has begun.
        row = {} if self.exp is None else self.exp.thisEntry
        self.win.callOnFlip(
            self._send_flipped, text, columns, row, self.displayLag, self._flip_data_json
        )

    def _send_flipped(
        self, text: str, columns: EventColumns, row: Row, lag_s: float, data_json: str
    ) -> None:
        zero_s = logging.defaultClock.getLastResetTime()
        flip_s = float(self.win._frameTime) + zero_s
        raw_s = flip_s + lag_s
        told = partial(columns.note_outcome, row)
        number = self._hand_over(text, raw_s, host_ns_at(raw_s), data_json, told)
        columns.note_sent(row, text, columns.flip_raw_s, flip_s, raw_s - zero_s, number)

    def _begin(self) -> None:
        """Done once: whether there are recordings, which log flips themselves, is known by now."""
        self._is_first = False
        self.tracker.watch_flips_of_events()
