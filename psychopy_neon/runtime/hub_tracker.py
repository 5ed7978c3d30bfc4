"""One pair of glasses, shared by all Neon objects of an experiment."""

from __future__ import annotations

from typing import Any

from psychopy import logging

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime.first_status import require_own_hub, require_phone
from psychopy_neon.runtime.flip_watch import FlipWatch
from psychopy_neon.runtime.link import HubLink
from psychopy_neon.runtime.notices import NoticeLog
from psychopy_neon.runtime.run_end import SETTLE_TIMEOUT_S, RunEnd
from psychopy_neon.runtime.sent_events import SentEvents
from psychopy_neon.runtime.simulated_sign import SimulatedSign
from psychopy_neon.runtime.surface_boards import SurfaceBoards
from psychopy_neon.runtime.timing import RunTiming
from psychopy_neon.runtime.tracker_events import TrackerEvents
from psychopy_neon.runtime.tracker_gaze import TrackerGaze
from psychopy_neon.runtime.tracker_recording import TrackerRecording
from psychopy_neon.runtime.waiting import wait_until
from psychopy_neon.screen.surface_names import WINDOW

CONNECT_TIMEOUT_S = 15.0  # the search, and then the start of a simulator


class NeonTracker(TrackerEvents, TrackerRecording, TrackerGaze):
    """The ioHub view of the glasses, made safe to use during an experiment.

    Made by `connect`. Its methods never raise once the experiment runs: a broken link is logged
    once, gaze becomes invalid and events are reported as lost at the end.

    Parameters
    ----------
    link : HubLink
        Checked remote calls to the device.
    """

    def __init__(self, link: HubLink) -> None:
        super().__init__(SurfaceBoards(link.call))
        self._link = link
        self._complaints: set[str] = set()
        self._sent = SentEvents(self._call, self._complain)
        self.hand_over = self._sent.put  # without what `send_event` checks; a call takes longer
        self._end = RunEnd(link, self._call, self._sent)
        self._closed = False
        self._notices: NoticeLog | None = None
        self._sign: SimulatedSign | None = None
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
        self._boards.open(WINDOW)
        require_phone(status, timeout_s)
        if status.get("simulated"):
            self._sign = SimulatedSign()
        where = self._link.call("neon_notice_file", dict)
        self._notices = NoticeLog(str(where["path"]), status.get("problems") or ())
        self._end.begin()
        self._sent.open()
        if status.get("record_with") == "experiment":  # then nothing else would let samples flow
            self._call("setRecordingState", bool, True)

    def watch_flips_of_events(self) -> None:
        """Log flips to the end, unless there are recordings that say from when until when."""
        if not self._end.has_recorders and not self._closed:
            self.flips.begin(self)

    def close(self, timeout_s: float = SETTLE_TIMEOUT_S) -> None:
        """Stop what was started and say what became of the events; harmless if repeated.

        Says each second how many answers of the phone are missing; Escape or Ctrl-C ends the
        waiting.

        Parameters
        ----------
        timeout_s : float
            Longest wait for these answers, seconds; 0 for none.
        """
        if self._closed:
            return
        self._closed = True
        self._end.finish(timeout_s)
        if not self._link.gone:
            self._forget_surfaces()
        self._sent.close()
        self.timing.close()
        if self._notices is not None:
            self._notices.close()
        self._boards.close()

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
