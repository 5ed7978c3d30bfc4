"""Events, stamped with the flip that showed them."""

from __future__ import annotations

from typing import Any

from psychopy import clock, logging
from psychopy.constants import NOT_STARTED

from psychopy_neon.exceptions import UsageError
from psychopy_neon.runtime.row import DataRow
from psychopy_neon.runtime.tracker import connect


def flip_raw_s(win: Any) -> float:
    """Time of the window's last flip in raw PsychoPy seconds.

    Right inside functions given to ``win.callOnFlip``: the window stamps the flip on the log's
    clock, whose zero Builder moves, before it calls them.
    """
    return float(win._frameTime) + float(logging.defaultClock.getLastResetTime())


class NeonEvent:
    """Marks a moment in the phone's recording.

    The stamp is taken in this process, at the flip; how long the network takes does not matter.

    Parameters
    ----------
    win : psychopy.visual.Window
        Whose flips stamp the events.
    tracker : ioHubDeviceView
        See `connect`, which may block up to 8 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets the columns ``<name>.event``, ``<name>.flip_raw_s`` (raw PsychoPy seconds; called
        ``<name>.raw_s`` when no flip was waited for) and ``<name>.number``, and the same with
        ``offset_`` before the second part for the event at the end.
    name : str
        Of the object; begins the names of the columns.
    eventName : str, optional
        Default for `send` and `send_on_flip`.
    offsetName : str, optional
        Event at the end of what the first one started; empty for none.
    """

    def __init__(
        self,
        win: Any,
        tracker: Any,
        exp: Any | None = None,
        name: str = "neonEvent",
        eventName: str | None = None,  # noqa: N803 - Builder's name for the parameter
        offsetName: str | None = None,  # noqa: N803
    ) -> None:
        self.win = win
        self.tracker = connect(tracker)
        self.exp = exp
        self.name = name
        self.eventName = eventName
        self.offsetName = offsetName
        self.status = NOT_STARTED
        self._offset_owed = False

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

    def send(self, event_name: str | None = None) -> int:
        """Send now, stamped with the present time; returns at once.

        Parameters
        ----------
        event_name : str, optional
            Instead of the default name.

        Returns
        -------
        int
            Number of the event, 0 if ioHub did not accept it (which is logged).

        Raises
        ------
        UsageError
            If it has no name.
        """
        text = self._named(event_name)
        self._offset_owed = bool(self.offsetName)
        return self._hand_over(text, float(clock.getTime()), "raw_s", DataRow(self.exp), "")

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
        text = self._named(event_name)
        self._offset_owed = bool(self.offsetName)
        self.win.callOnFlip(self._send_flipped, text, DataRow(self.exp), "")

    def send_offset(self) -> None:
        """Send the event at the end now, if one is still owed."""
        if self._takes_offset():
            row = DataRow(self.exp)
            name = str(self.offsetName)
            self._hand_over(name, float(clock.getTime()), "raw_s", row, "offset_")

    def send_offset_on_flip(self) -> None:
        """Send the event at the end with the next flip, if one is still owed.

        After the last frame of a Routine that is the flip which takes its stimuli away.
        """
        if self._takes_offset():
            row = DataRow(self.exp)
            self.win.callOnFlip(self._send_flipped, str(self.offsetName), row, "offset_")

    def _named(self, event_name: str | None) -> str:
        text = self.eventName if event_name is None else event_name
        if text is None or not str(text).strip():
            raise UsageError(f"{self.name} has no event name: give it one before it starts")
        return str(text)

    def _takes_offset(self) -> bool:
        owed, self._offset_owed = self._offset_owed, False
        return owed

    def _send_flipped(self, text: str, row: DataRow, prefix: str) -> None:
        self._hand_over(text, flip_raw_s(self.win), "flip_raw_s", row, prefix)

    def _hand_over(self, text: str, raw_s: float, column: str, row: DataRow, prefix: str) -> int:
        number = self.tracker.send_event(text, raw_s)
        row.write(f"{self.name}.{prefix}event", text)
        row.write(f"{self.name}.{prefix}{column}", raw_s)
        row.write(f"{self.name}.{prefix}number", number)
        return number
