"""One pair of glasses, shared by all Neon objects of an experiment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy import logging

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime.first_status import require_own_hub, require_phone
from psychopy_neon.runtime.flip_watch import FlipWatch
from psychopy_neon.runtime.link import HubLink
from psychopy_neon.runtime.notices import NoticeLog
from psychopy_neon.runtime.run_end import Recorder, RunEnd
from psychopy_neon.runtime.sent_events import Outcome, SentEvents
from psychopy_neon.runtime.simulated_sign import SimulatedSign
from psychopy_neon.runtime.timing import RunTiming
from psychopy_neon.runtime.waiting import wait_until
from psychopy_neon.samples import ScreenGaze
from psychopy_neon.screen.correction import NO_CORRECTION, GazeCorrection
from psychopy_neon.transport.gaze_board import GazeBoard

CONNECT_TIMEOUT_S = 15.0  # the search, and then the start of a simulator
_NAN = float("nan")
NO_GAZE = ScreenGaze(_NAN, _NAN, False, "no gaze", _NAN, _NAN, 0, None, _NAN)


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
        self._complaints: set[str] = set()
        self._sent = SentEvents(self._call, self._complain)
        self._end = RunEnd(link, self._call, self._sent)
        self._closed = False
        self._board: GazeBoard | None = None
        self._notices: NoticeLog | None = None
        self._sign: SimulatedSign | None = None
        self.surface_owner: object = None
        self.correction: GazeCorrection = NO_CORRECTION
        self.timing = RunTiming()
        self.flips = FlipWatch(self.timing)

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

    def send_event(
        self,
        name: str,
        raw_s: float,
        data: dict[str, Any] | None = None,
        on_outcome: Callable[[Outcome], None] | None = None,
        host_ns: int | None = None,
    ) -> int:
        """Hand an event over to ioHub through a file; takes microseconds and never waits.

        What is in the file is sent even if this process is killed. If ioHub has ended, the file
        keeps the event; the end of the experiment then names it.

        Parameters
        ----------
        name : str
            Any text that is not empty.
        raw_s : float
            When it happened, raw PsychoPy seconds.
        data : dict, optional
            Texts and numbers that belong to it. They are kept in the journal; the phone gets the
            name only.
        on_outcome : callable, optional
            Called with what is known of the event, perhaps several times, from `collect_outcomes`
            and `close`; attributes ``state`` (value of an `EventState`), ``device_ns`` and
            ``bound_ns`` (both None if unknown).
        host_ns : int, optional
            ``time.perf_counter_ns()`` at the same instant, if it is known.

        Returns
        -------
        int
            Number of the event, counted from 1 (``handed_over`` in the journal); 0 if it could
            neither be written nor sent, which is logged.

        Raises
        ------
        UsageError
            If the name, the time or the data cannot be used.
        """
        number = self._sent.hand_over(name, raw_s, data, on_outcome, host_ns)
        self._end.events.note(name, number)
        if not number:
            logging.error(f"psychopy_neon: the event {name!r} was not accepted")
        return number

    def collect_outcomes(self, *, now: bool = False) -> None:
        """Ask ioHub what became of events; takes a round trip, below 1 ms.

        Parameters
        ----------
        now : bool
            Whether to ask at once and for all; else every 5 s at most, for the 100 oldest.
        """
        if now:
            self._sent.collect_all()
        else:
            self._sent.collect()

    def add_experiment(self, exp: Any) -> None:
        """Have what became of the events written into this data file, column ``neon.events``.

        Parameters
        ----------
        exp : psychopy.data.ExperimentHandler
        """
        self._end.add_experiment(exp)

    def know(self, win: Any, exp: Any) -> None:
        """Take note of the window and the data file of the experiment; either may be None.

        Parameters
        ----------
        win : psychopy.visual.Window or None
        exp : psychopy.data.ExperimentHandler or None
        """
        self.flips.know(win, exp)
        if self._sign is not None:
            self._sign.know(win, exp)

    def watch_flips_of_events(self) -> None:
        """Log flips to the end, unless there are recordings that say from when until when."""
        if not self._end.has_recorders and not self._closed:
            self.flips.begin(self)

    def start_recording(self) -> bool:
        """Ask the phone to record, and let samples flow into the HDF5 file; returns at once.

        Returns
        -------
        bool
            False if the settings say that something else makes the phone record.
        """
        is_asked = bool(self._call("neon_start_recording", bool))
        if self._call("isRecordingEnabled", bool) is False:
            self._call("setRecordingState", bool, True)
        return is_asked

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

    def set_surface(self, surface: dict[str, Any], owner: object) -> bool:
        """Tell the device where on the window the markers are drawn.

        Parameters
        ----------
        surface : dict
            As `surface` of the markers returns it.
        owner : object
            Who draws the markers.

        Returns
        -------
        bool
            False if they cannot be used; ioHub's log then says why.
        """
        self.surface_owner = owner
        return bool(self._call("neon_set_surface", bool, surface))

    def ask(self, method: str, expected: type[Any], *args: Any) -> Any:
        """Call a function of the device in ioHub; takes a round trip, below 1 ms.

        Parameters
        ----------
        method : str
            Its name, such as ``"neon_device_time"``.
        expected : type
            Of the reply.
        *args
            For the function.

        Returns
        -------
        object or None
            The reply; None if there was none of that type, which is logged.
        """
        return self._call(method, expected, *args)

    def correct_gaze(self, correction: GazeCorrection) -> bool:
        """Correct all gaze on the window from now on; ``GazeCorrection()`` ends that.

        Parameters
        ----------
        correction : GazeCorrection
            Takes the place of the one before; the attribute ``correction`` has the present one.

        Returns
        -------
        bool
            False if the phone has not answered yet, or ioHub does not; then nothing changes.
        """
        accepted = bool(self._call("neon_set_correction", bool, correction.to_json()))
        if accepted:
            self.correction = correction
        return accepted

    def add_recorder(self, recorder: Recorder) -> None:
        """Have `recorder` stopped when the experiment ends.

        Parameters
        ----------
        recorder : object
            With the methods ``stop`` and ``write_outcome``.
        """
        self._end.add_recorder(recorder)

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
        require_own_hub(self._link)
        status = self._status_after(timeout_s)
        self.timing = RunTiming(str(status.get("journal") or ""), status.get("timing_limits"))
        self.flips = FlipWatch(self.timing)
        self._open_board()
        require_phone(status, timeout_s)
        if status.get("simulated"):
            self._sign = SimulatedSign()
        where = self._link.call("neon_notice_file", dict)
        self._notices = NoticeLog(str(where["path"]), status.get("problems") or ())
        self._end.begin()
        self._sent.open()
        if status.get("record_with") == "experiment":  # then nothing else would let samples flow
            self._call("setRecordingState", bool, True)

    def close(self) -> None:
        """Stop what was started and say what became of the events; harmless if repeated.

        Waits for the phone's answers, at most 10 s, and says each second how many are missing.
        Escape or Ctrl-C ends the waiting.
        """
        if self._closed:
            return
        self._closed = True
        self._end.finish()
        self._sent.close()
        self.timing.close()
        if self._notices is not None:
            self._notices.close()
        if self._board is not None:
            self._board.close()
            self._board = None

    def _open_board(self) -> None:
        where = self._link.call("neon_gaze_board", dict)
        try:
            self._board = GazeBoard(where["path"], where["max_age_s"])
        except OSError as error:
            raise NeonConnectionError(
                f"gaze cannot be read from {where['path']}: {error.strerror}. Both processes "
                "of the experiment need the same temporary folder"
            ) from error

    def _status_after(self, timeout_s: float) -> dict[str, Any]:
        wait_until(lambda: self.status()["state"] != "connecting", timeout_s)
        return self.status()

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
