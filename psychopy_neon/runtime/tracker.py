"""One pair of glasses, shared by all Neon objects of an experiment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from psychopy import core, logging

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime.link import WHERE, HubLink
from psychopy_neon.runtime.outcome import EventOutcome
from psychopy_neon.samples import ScreenGaze
from psychopy_neon.transport.gaze_board import GazeBoard

CONNECT_TIMEOUT_S = 8.0
SETTLE_TIMEOUT_S = 3.0
_POLL_S = 0.05
_NAN = float("nan")
NO_GAZE = ScreenGaze(_NAN, _NAN, False, "no gaze", _NAN, _NAN, 0, None, _NAN)

AtExit = list[Callable[[], Any]]


class Recorder(Protocol):
    """What the tracker asks of a recording when the experiment ends."""

    def stop(self) -> None: ...

    def write_outcome(self) -> None: ...


class NeonTracker:
    """The ioHub view of the glasses, made safe to use during an experiment.

    Made by `connect`. Its methods never raise once the experiment runs: a broken link is logged
    once, gaze becomes invalid and events are reported as lost at the end.

    Parameters
    ----------
    link : HubLink
        Checked remote calls to the device.
    """

    def __init__(self, link: HubLink) -> None:
        self._link = link
        self._recorders: list[Recorder] = []
        self._events = EventOutcome()
        self._complaints: set[str] = set()
        self._closed = False
        self._board: GazeBoard | None = None
        self.surface_owner: object = None

    @property
    def closed(self) -> bool:
        """Whether `close` has run."""
        return self._closed

    def status(self) -> dict[str, Any]:
        """State of the connection; see `neon_status` of the ioHub device.

        Raises
        ------
        NeonConnectionError
            ioHub does not answer.
        """
        return self._link.call("neon_status", dict)

    def read_gaze(self) -> ScreenGaze:
        """Newest gaze on the screen; takes microseconds and never waits for ioHub.

        Gaze grows old, and then invalid, when ioHub or the phone stops delivering it.
        """
        return NO_GAZE if self._board is None else self._board.read()

    def send_event(self, name: str, raw_s: float) -> int:
        """Queue an event for the phone; returns at once.

        Parameters
        ----------
        name : str
            Any text that is not empty.
        raw_s : float
            When it happened, raw PsychoPy seconds.

        Returns
        -------
        int
            Number of the event, counted from 1; 0 if it was not accepted, which is logged.
        """
        number = self._call("neon_send_event", int, name, raw_s) or 0
        self._events.note(name, number)
        if not number:
            logging.error(f"psychopy_neon: the event {name!r} was not accepted")
        return number

    def start_recording(self) -> None:
        """Ask the phone to record, and let samples flow into the HDF5 file; returns at once."""
        self._call("neon_start_recording", bool)
        if self._call("isRecordingEnabled", bool) is False:
            self._call("setRecordingState", bool, True)

    def stop_recording(self, save: bool) -> None:
        """Ask the phone to stop, and to keep the recording or not; returns at once.

        Parameters
        ----------
        save : bool
            Whether to keep it; without, the phone deletes it.
        """
        self._call("neon_stop_recording", bool, save)

    def recording(self) -> dict[str, Any]:
        """State of the phone's recording: keys ``state``, ``id`` and ``error``."""
        reply = self._call("neon_recording", dict)
        return reply or {"state": "failed", "id": "", "error": "ioHub does not answer"}

    def set_surface(self, surface: dict[str, Any], owner: object) -> None:
        """Tell the device where on the window the markers are drawn.

        Parameters
        ----------
        surface : dict
            As `surface` of the markers returns it.
        owner : object
            Who draws the markers.
        """
        self._call("neon_set_surface", bool, surface)
        self.surface_owner = owner

    def add_recorder(self, recorder: Recorder) -> None:
        """Have `recorder` stopped when the experiment ends.

        Parameters
        ----------
        recorder : object
            With the methods ``stop`` and ``write_outcome``.
        """
        self._recorders.append(recorder)

    def wait_until_connected(self, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        """Block until the phone answered or will not, at most `timeout_s`; windows stay alive.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        NeonConnectionError
            It did not answer, and the settings say to stop then.
        """
        status = self._status_after(timeout_s)
        self._open_board()
        if status["state"] in ("connected", "lost"):
            return
        problem = status.get("error") or f"no phone answered within {timeout_s:g} s"
        if status.get("if_missing") != "go on":
            raise NeonConnectionError(
                f"the glasses are not connected: {problem}. To run without them, set "
                f"'If the glasses are missing' to 'go on' in {WHERE}"
            )
        logging.warning(f"psychopy_neon: going on without the glasses: {problem}")

    def close(self) -> None:
        """Stop what was started and say what became of the events; at most 3 s, idempotent."""
        if self._closed:
            return
        self._closed = True
        for recorder in self._recorders:
            recorder.stop()
        self._wait(self._settled, SETTLE_TIMEOUT_S)
        for recorder in self._recorders:
            recorder.write_outcome()
        self._report_recording()
        if self._events.handed_over:
            self._report_events()
        if self._board is not None:
            self._board.close()
            self._board = None

    def _report_recording(self) -> None:
        """Say so if the phone never confirmed the end of the recording."""
        recording = self._call("neon_recording", dict) if self._recorders else None
        if recording and recording["id"] and recording["state"] != "idle":
            logging.warning(
                f"psychopy_neon: the phone did not confirm that recording {recording['id']} was "
                f"stopped and saved; look at the phone {recording['error']}".rstrip()
            )

    def _open_board(self) -> None:
        where = self._link.call("neon_gaze_board", dict)
        try:
            self._board = GazeBoard(where["path"], where["max_age_s"])
        except OSError as error:
            raise NeonConnectionError(
                f"gaze cannot be read from {where['path']}: {error.strerror}. Both processes "
                "of the experiment need the same temporary folder"
            ) from error

    def _report_events(self) -> None:
        try:
            counts = self._link.call("neon_events", dict)
            journal = str(self.status().get("journal", ""))
        except NeonConnectionError:
            self._events.report_unknown()
        else:
            self._events.report(counts, journal)

    def _status_after(self, timeout_s: float) -> dict[str, Any]:
        self._wait(lambda: self.status()["state"] != "connecting", timeout_s)
        return self.status()

    def _settled(self) -> bool:
        if self._link.gone or self.recording()["state"] in ("starting", "stopping"):
            return self._link.gone
        events = self._call("neon_events", dict) or {}
        return not events.get("pending")

    @staticmethod
    def _wait(condition: Callable[[], bool], timeout_s: float) -> None:
        deadline = time.perf_counter() + timeout_s
        while not condition() and time.perf_counter() < deadline:
            core.wait(_POLL_S, hogCPUperiod=0.0)  # serves the window's events meanwhile

    def _call(self, method: str, expected: type[Any], *args: Any) -> Any:
        try:
            return self._link.call(method, expected, *args)
        except NeonConnectionError as error:
            self._complain(error)
            return None

    def _complain(self, error: Exception) -> None:
        text = str(error)
        if text not in self._complaints and len(self._complaints) < 20:
            self._complaints.add(text)
            logging.error(f"psychopy_neon: {text}")


def connect(tracker: Any, at_exit: AtExit | None = None) -> NeonTracker:
    """Get hold of the glasses; every call with the same `tracker` gives the same object.

    The first call waits until the phone has answered, at most 8 s, and arranges for tidying up
    when the experiment or ioHub ends: a recording is stopped, and the log says how many events
    the phone confirmed.

    Parameters
    ----------
    tracker : ioHubDeviceView
        The eye tracker as ioHub offers it, e.g. ``io.devices.tracker``.
    at_exit : list of callable, optional
        Functions to be run at the experiment's end (`runAtExit` in Builder's scripts).

    Returns
    -------
    NeonTracker
        The connection that all objects of an experiment share.

    Raises
    ------
    UsageError
        There is no tracker, or another one is chosen.
    NeonConnectionError
        No phone answers and the settings say to stop then, or the device did not start.
    """
    if isinstance(tracker, NeonTracker):
        return tracker
    known: NeonTracker | None = None if tracker is None else vars(tracker).get("neon_tracker")
    if known is None or known.closed:
        known = _open(tracker)
        tracker.neon_tracker = known
    if at_exit is not None and known.close not in at_exit:
        at_exit.append(known.close)
    return known


def _open(view: Any) -> NeonTracker:
    link = HubLink(view)
    tracker = NeonTracker(link)
    tracker.wait_until_connected()
    _run_before_shutdown(link.hub, tracker.close)
    return tracker


def _run_before_shutdown(hub: Any, action: Callable[[], None]) -> None:
    # core.quit() and ioHub's own atexit function both end in hub.shutdown(); after it no call
    # can be answered, so an atexit function of ours would come too late in Coder scripts.
    shut_down = hub.shutdown

    def tidy_up_and_shut_down() -> None:
        action()
        shut_down()

    hub.shutdown = tidy_up_and_shut_down
