"""The Common Eye Tracker Interface: what PsychoPy and its users call on every eye tracker."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from psychopy import clock as psychopy_clock
from psychopy.iohub.constants import EyeTrackerConstants
from psychopy.iohub.devices.eyetracker import EyeTrackerDevice
from psychopy.iohub.errors import print2err

from psychopy_neon.iohub.event_rows import Row
from psychopy_neon.iohub.settings import Settings
from psychopy_neon.iohub.window_scale import WindowScale

if TYPE_CHECKING:  # neither sockets nor OpenCV in the experiment's process
    from psychopy_neon.iohub.glasses import Glasses
    from psychopy_neon.transport.gaze_board import GazeBoard

OK = EyeTrackerConstants.EYETRACKER_OK
ERROR = EyeTrackerConstants.EYETRACKER_ERROR


class CommonInterface:
    """The part of the device that every eye tracker of ioHub has; with PsychoPy's names."""

    _glasses: Glasses
    _settings: Settings
    _board: GazeBoard
    _window: WindowScale
    _recording: bool
    _latest_sample: Row | None
    _latest_device_ns: int
    neon_send_event: Callable[..., int]  # of `ScriptFunctions`

    def isConnected(self) -> bool:
        """Whether the phone answers at the moment."""
        return bool(self._glasses.state == "connected")

    def setConnectionState(self, enable: bool) -> bool:
        """Does nothing: the connection is made and kept by itself.

        Parameters
        ----------
        enable : bool
            Has no effect.

        Returns
        -------
        bool
            Whether the phone answers at the moment.
        """
        return self.isConnected()

    def setRecordingState(self, recording: bool) -> bool:
        """Let samples flow to the experiment and its data file, or stop them.

        This does not touch the recording on the phone; see `neon_start_recording`.

        Parameters
        ----------
        recording : bool
            Whether samples are to flow.

        Returns
        -------
        bool
            Whether they do.
        """
        self._recording = bool(recording)
        self._latest_sample = None
        # ioHub's data file stays empty unless the device reports events as well.
        return bool(EyeTrackerDevice.enableEventReporting(self, self._recording))

    def isRecordingEnabled(self) -> bool:
        """Whether samples flow to the experiment."""
        return self._recording

    def enableEventReporting(self, enabled: bool | None = None) -> bool:
        """Let samples flow, or stop them: PsychoPy's validation asks for them in this way.

        Parameters
        ----------
        enabled : bool, optional
            As for `setRecordingState`. Builder's scripts leave it out when a run begins, before
            anybody wants samples; then nothing starts.

        Returns
        -------
        bool
            Whether events are reported.
        """
        if enabled is not None:
            return self.setRecordingState(enabled)
        return bool(EyeTrackerDevice.enableEventReporting(self, True))

    def isReportingEvents(self) -> bool:
        """Whether samples flow: if not, PsychoPy's validation starts them."""
        return self._recording

    def getLastSample(self) -> Row | None:
        """The newest sample, a row of its event class; None if none is fresh."""
        neon = self._glasses.neon
        if neon is None or neon.clock_map is None:
            return None
        age_s = (neon.now_device_ns() - self._latest_device_ns) / 1e9
        return self._latest_sample if age_s <= self._settings.max_gaze_age_s else None

    def getLastGazePosition(self) -> tuple[float, float] | None:
        """Newest gaze in the window's units, or None if there is no fresh, valid one.

        Does not depend on `setRecordingState`: an Eyetracker Record Component without a stop time
        turns recording off in every frame, and regions of interest want gaze all the same.
        """
        gaze = self._board.read()
        return self._window.in_units(gaze) if gaze.valid else None

    def trackerTime(self) -> float:
        """The phone's clock, Unix seconds; 0 before it is known."""
        neon = self._glasses.neon
        if neon is None or neon.clock_map is None:
            return 0.0
        return neon.now_device_ns() / 1e9

    def trackerSec(self) -> float:
        """Same as `trackerTime`."""
        return self.trackerTime()

    def sendMessage(self, message_contents: Any, time_offset: float | None = None) -> int:
        """Save an event in the phone's recording; returns at once.

        Parameters
        ----------
        message_contents : object
            The event's name, as text.
        time_offset : float, optional
            How many seconds ago it happened.

        Returns
        -------
        int
            ``EYETRACKER_OK``, or ``EYETRACKER_ERROR`` if it was not accepted.
        """
        try:
            raw_s = float(psychopy_clock.getTime()) - float(time_offset or 0.0)
        except (TypeError, ValueError):
            print2err(f"psychopy_neon: time_offset={time_offset!r} is not a number of seconds")
            return int(ERROR)
        return int(OK if self.neon_send_event(message_contents, raw_s) else ERROR)

    def sendCommand(self, key: str, value: Any = None) -> int:
        """Neon has no commands.

        Parameters
        ----------
        key : str
            Has no effect.
        value : object
            Has no effect.

        Returns
        -------
        int
            ``FUNCTIONALITY_NOT_SUPPORTED``.
        """
        return int(EyeTrackerConstants.FUNCTIONALITY_NOT_SUPPORTED)

    def runSetupProcedure(self, calibration_args: Any = None) -> int:
        """Does nothing: Neon needs no calibration.

        Parameters
        ----------
        calibration_args : dict, optional
            Has no effect.

        Returns
        -------
        int
            ``EYETRACKER_OK``.
        """
        return int(OK)
