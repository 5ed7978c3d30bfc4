"""The phone's recording, started and stopped by the experiment."""

from __future__ import annotations

from typing import Any

from psychopy import logging
from psychopy.constants import NOT_STARTED

from psychopy_neon.exceptions import UsageError
from psychopy_neon.runtime.row import DataRow
from psychopy_neon.runtime.tracker import connect

AT_END = ("save", "discard")


class NeonRecording:
    """Starts and stops a recording on the phone, and notes its id in the data file.

    Nothing here waits for the phone. Samples keep flowing into the HDF5 file after `stop`;
    PsychoPy's own Eyetracker Record turns them off where that is wanted.

    Parameters
    ----------
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets the column ``<name>.id`` in the row in which the recording started.
    name : str
        Of the object; begins the name of the column.
    at_end : {"save", "discard"}
        What the phone does with the recording when it is stopped.
    stop_with_routine : bool
        Whether `end_routine` stops it; otherwise it lasts until the experiment ends.
    win : psychopy.visual.Window, optional
        Whose flips are logged from `start` to `stop`, for the timing certificate.

    Raises
    ------
    UsageError, NeonConnectionError
        If `at_end` is neither, or as `connect` does.
    """

    def __init__(
        self,
        tracker: Any,
        exp: Any | None = None,
        name: str = "neonRecording",
        at_end: str = "save",
        stop_with_routine: bool = True,
        win: Any | None = None,
    ) -> None:
        if at_end not in AT_END:
            raise UsageError(f"at_end of {name} is {at_end!r}; it must be 'save' or 'discard'")
        self.exp = exp
        self.name = name
        self.at_end = at_end
        self.stop_with_routine = stop_with_routine
        self.status = NOT_STARTED
        self.tracker = connect(tracker)
        self.tracker.add_recorder(self)
        self.tracker.know(win, exp)
        self._active = False
        self._row: DataRow | None = None
        self._id = ""
        self._id_before = ""

    @property
    def active(self) -> bool:
        """Whether this object has asked for a recording and not yet for its end."""
        return self._active

    @property
    def id(self) -> str:
        """Id of the recording that was started last; empty until the phone has told it.

        Asks the ioHub process until it is known: one round trip, below 1 ms.
        """
        if not self._id and self._row is not None:
            self._learn_id(self.tracker.recording())
        return self._id

    def start(self) -> None:
        """Ask the phone to record; returns at once, and does nothing if it already does so."""
        if self._active:
            return
        self.write_outcome()
        now = self.tracker.recording()
        running = now["state"] in ("starting", "recording")
        self._id, self._id_before = "", "" if running else str(now["id"])
        self._row = DataRow(self.exp)
        self._active = True
        self.tracker.start_recording()
        self.tracker.flips.begin(self)

    def stop(self) -> None:
        """Ask the phone to stop and to save or discard; returns at once."""
        self.write_outcome()
        self.tracker.flips.end(self)
        if self._active:
            self._active = False
            self.tracker.stop_recording(self.at_end == "save")

    def end_routine(self) -> None:
        """What the end of the Routine means: perhaps `stop`, and the id into the data file."""
        if self.stop_with_routine:
            self.stop()
        self.write_outcome()

    def write_outcome(self) -> None:
        """Write the id if it is known by now; log an error if the phone failed."""
        if self._row is None:
            return
        now = self.tracker.recording()
        self._learn_id(now)
        if self._id:
            self._row.write(f"{self.name}.id", self._id)
        if now["state"] == "failed":
            self._row, self._active = None, False
            logging.error(f"psychopy_neon: {self._described()} failed: {now['error']}")

    def _learn_id(self, now: dict[str, Any]) -> None:
        found = str(now["id"])
        if not self._id and found != self._id_before:
            self._id = found

    def _described(self) -> str:
        return f"{self.name}, recording {self._id}," if self._id else f"{self.name}"
