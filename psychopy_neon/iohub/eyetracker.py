"""The ioHub device: runs in the ioHub process and owns one connection to the glasses.

Methods of the Common Eye Tracker Interface keep PsychoPy's names. Methods that begin with
``neon_`` are called from the experiment through ioHub: they return at once, take and return
plain values, and never raise, because ioHub turns an exception into a string. Times at this
border are raw PsychoPy seconds (`psychopy.clock.getTime`), which Builder does not re-zero.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from psychopy import clock as psychopy_clock
from psychopy.iohub.constants import EyeTrackerConstants
from psychopy.iohub.devices import Computer, Device
from psychopy.iohub.devices.eyetracker import EyeTrackerDevice
from psychopy.iohub.errors import print2err

from psychopy_neon.exceptions import NeonError
from psychopy_neon.iohub.event_rows import SampleRows, SampleTimes
from psychopy_neon.iohub.settings import Settings
from psychopy_neon.samples import GazeSample, ScreenGaze

OK = EyeTrackerConstants.EYETRACKER_OK
ERROR = EyeTrackerConstants.EYETRACKER_ERROR
PATCH_LEVELS_AT_ONCE = 200  # a reply has to stay small
CLOSE_TIMEOUT_S, ORPHAN_TIMEOUT_S = 2.0, 30.0


class EyeTracker(EyeTrackerDevice):
    """Pupil Labs Neon for ioHub.

    Connecting happens in the background: `isConnected` and `neon_status` tell when it is done.
    Samples flow while recording is enabled *and* the phone is connected. Gaze is on the window
    as soon as the experiment has told where its markers are (`neon_set_surface`).
    """

    EVENT_CLASS_NAMES = ["MonocularEyeSampleEvent", "BinocularEyeSampleEvent"]  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        EyeTrackerDevice.__init__(self, *args, **kwargs)
        self._latest_sample: list[Any] | None = None
        self._latest_device_ns = 0
        self._units_per_norm = (1.0, 1.0)
        self._recording = False
        self._rows = SampleRows()
        # A constructor that raises leaves the experiment with a device that only says
        # AttributeError; what is wrong is told by neon_status instead.
        try:
            self._settings = Settings.from_config(self._runtime_settings)
            self._settings_error = ""
        except NeonError as error:
            self._settings, self._settings_error = Settings(), str(error)
        self._glasses = self._make_glasses()
        self._board = self._glasses.open_board()
        self._setHardwareInterfaceStatus(not self._settings_error, self._settings_error)

    def _make_glasses(self) -> Any:
        # Imported here because the experiment's process loads this module, too, but needs
        # neither sockets nor OpenCV for it.
        from psychopy_neon.iohub.glasses import Glasses

        glasses = Glasses(self._settings, psychopy_clock.getTime)
        if not self._settings_error:
            glasses.start()
            if self._settings.record_with == "experiment":
                glasses.start_recording()
        return glasses

    # -- Common Eye Tracker Interface ---------------------------------------------------------

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

    def getLastSample(self) -> list[Any] | None:
        """The newest sample, a row of its event class; None if none is fresh."""
        neon = self._glasses.neon
        if neon is None or neon.clock_map is None:
            return None
        age_s = (neon.now_device_ns() - self._latest_device_ns) / 1e9
        return self._latest_sample if age_s <= self._settings.max_gaze_age_s else None

    def getLastGazePosition(self) -> tuple[float, float] | None:
        """Newest gaze in the window's units, or None if there is no fresh, valid one."""
        gaze = self._board.read()
        return self._in_units(gaze) if self._recording and gaze.valid else None

    def trackerTime(self) -> float:
        """The phone's clock, Unix seconds; 0 before it is known."""
        neon = self._glasses.neon
        known = neon is not None and neon.clock_map is not None
        return neon.now_device_ns() / 1e9 if known else 0.0

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

    # -- for the experiment -------------------------------------------------------------------

    def neon_status(self) -> dict[str, Any]:
        """State of the connection, the phone, the streams and the events.

        Returns
        -------
        dict
            Always ``state`` ("connecting", "connected", "lost" or "failed"), ``error``, ``events``
            (as `neon_events`), ``if_missing``, ``journal`` and ``timing_limits`` (of the settings).
            When the phone has answered also ``phone_name``, ``module_serial``, ``battery_percent``,
            ``free_storage_bytes``, ``clock_bound_ms`` (greatest error of the phone's clock, None
            before it is known), ``gaze_state``, ``gaze_received``, ``gaze_lost``, ``scene_state``,
            ``scene_lost``, ``screen_frames``, ``screen_frames_skipped`` and
            ``screen_frames_without_screen``.
        """
        status: dict[str, Any] = self._glasses.status()
        status.update(
            if_missing=self._settings.if_missing,
            journal=self._settings.journal,
            timing_limits=self._settings.timing_limits,
        )
        if self._settings_error:
            status.update(state="failed", error=self._settings_error)
        return status

    def neon_gaze(self) -> dict[str, Any]:
        """The newest gaze on the window: the fields of `psychopy_neon.ScreenGaze`."""
        return dataclasses.asdict(self._board.read())

    def neon_gaze_board(self) -> dict[str, Any]:
        """Where the newest gaze can be read without asking.

        Returns
        -------
        dict
            ``path`` of a memory-mapped file, and ``max_age_s``.
        """
        path, max_age_s = str(self._glasses.board_path), self._settings.max_gaze_age_s
        return {"path": path, "max_age_s": max_age_s}

    def neon_set_surface(self, surface: dict[str, Any]) -> bool:
        """Tell where on the window the markers are; returns at once.

        Parameters
        ----------
        surface : dict
            Keys ``tags`` and ``units_per_norm``, as ``surface()`` of the stimulus `NeonMarkers`
            returns it.

        Returns
        -------
        bool
            False if it makes no sense; the log of ioHub then says why.
        """
        from psychopy_neon.screen.surface import Surface

        try:
            tags = Surface.from_message(surface["tags"])
            x, y = (float(scale) for scale in surface["units_per_norm"])
        except (NeonError, KeyError, TypeError, ValueError) as error:
            print2err(f"psychopy_neon: the markers cannot be used: {error}")
            return False
        self._units_per_norm = (x, y)
        self._glasses.set_surface(tags)
        return True

    def neon_watch_patch(self, corners: list[list[float]]) -> bool:
        """Measure how bright a patch of the window is in the scene video; returns at once.

        Parameters
        ----------
        corners : list of 4 [x, y]
            ``norm`` units of the window, as ``corners`` of the stimulus `NeonPatch`.

        Returns
        -------
        bool
            False if the phone has not answered yet or the corners make no sense.
        """
        try:
            places = tuple((float(x), float(y)) for x, y in corners)
        except (TypeError, ValueError) as error:
            print2err(f"psychopy_neon: the patch cannot be watched: {error}")
            return False
        return len(places) == 4 and bool(self._glasses.watch_patch(places))

    def neon_patch_levels(self, after_device_ns: int) -> list[list[Any]]:
        """What `neon_watch_patch` measured, 200 pictures at most.

        Parameters
        ----------
        after_device_ns : int
            Only pictures later than this, phone's Unix clock, ns.

        Returns
        -------
        list of [int, float]
            Time on the phone's Unix clock, ns, and luma, 0-255, oldest first.
        """
        levels = self._glasses.patch_levels(int(after_device_ns), PATCH_LEVELS_AT_ONCE)
        return [[level.device_ns, level.luma] for level in levels]

    def neon_stop_patch(self) -> bool:
        """Measure the patch no longer."""
        self._glasses.stop_patch()
        return True

    def neon_device_time(self, raw_s: float) -> list[int]:
        """When something was on the phone's clock, converted as the time of an event.

        Parameters
        ----------
        raw_s : float
            Raw PsychoPy seconds.

        Returns
        -------
        list of int
            Phone's Unix clock and its greatest error, both ns; empty before the clock is known.
        """
        return list(self._glasses.flip_on_phone(float(raw_s)) or ())

    def neon_event_spool(self) -> dict[str, Any]:
        """Make a file through which the experiment hands events over without waiting.

        Returns
        -------
        dict
            ``path``, ``first_number`` of the events in it, and ``error``, which is empty unless no
            file could be made.
        """
        try:
            path, number = self._glasses.events.handed_over.open()
        except OSError as error:
            return {"path": "", "first_number": 1, "error": str(error)}
        return {"path": str(path), "first_number": number, "error": ""}

    def neon_event_outcomes(self, since: int) -> list[list[Any]]:
        """What became of the events that were handed over, as far as it is known.

        Parameters
        ----------
        since : int
            Number of the last event that is not asked for.

        Returns
        -------
        list of list
            Of 100 events at most, in order: number, state (as in `neon_events`), time on the
            phone's Unix clock and the greatest error of that time, both in ns and 0 if unknown.
        """
        outcomes: list[list[Any]] = self._glasses.events.handed_over.outcomes(int(since))
        return outcomes

    def neon_send_event(
        self, name: Any, raw_s: float, data: dict[str, Any] | None = None, handed_over: int = 0
    ) -> int:
        """Save an event in the phone's recording; returns at once.

        Parameters
        ----------
        name : str
            Any text that is not empty.
        raw_s : float
            When it happened, raw PsychoPy seconds (``psychopy.clock.getTime``).
        data : dict, optional
            Texts and numbers that belong to it; they are kept in the journal.
        handed_over : int
            Number of the event in the experiment, if it could not take the way through the file.

        Returns
        -------
        int
            Number of the event, counted from 1; 0 if it was refused.
        """
        try:
            return int(self._glasses.events.send(str(name), float(raw_s), data, int(handed_over)))
        except (NeonError, TypeError, ValueError) as error:
            print2err(f"psychopy_neon: event {str(name)[:40]!r} was not accepted: {error}")
            return 0

    def neon_events(self) -> dict[str, Any]:
        """How many events are in which state, and the names of those not confirmed.

        Returns
        -------
        dict
            ``sent``, ``confirmed``, ``misplaced``, ``discarded``, ``refused``, ``pending``,
            ``unconfirmed`` and ``unconfirmed_names`` (100 at most); ``handed_over``, the number of
            the last event taken from the experiment's file.
        """
        counts: dict[str, Any] = self._glasses.events.counts()
        return counts

    def neon_start_recording(self) -> bool:
        """Ask the phone to record; False if the settings say that something else does."""
        if self._settings.record_with != "routine":
            return False
        self._glasses.start_recording()
        return True

    def neon_stop_recording(self, save: bool = True) -> bool:
        """Ask the phone to stop; False if the settings say that something else does.

        Parameters
        ----------
        save : bool
            Whether to keep the recording; without, the phone deletes it.
        """
        if self._settings.record_with != "routine":
            return False
        self._glasses.stop_recording(save=bool(save))
        return True

    def neon_recording(self) -> dict[str, str]:
        """What the phone's recording is doing.

        Returns
        -------
        dict
            ``state`` ("idle", "starting", "recording", "stopping" or "failed"), ``id``, ``error``.
        """
        recording: dict[str, str] = self._glasses.recording()
        return recording

    # -- ioHub --------------------------------------------------------------------------------

    def _poll(self) -> None:
        """Turn new samples into rows; called by ioHub every few milliseconds."""
        samples = self._glasses.new_samples()
        neon = self._glasses.neon
        if not samples or not self._recording or neon is None or neon.clock_map is None:
            return
        clock_map, clocks = neon.clock_map, neon.pair_clocks()
        # Builder moves the zero of PsychoPy's clock at the start of a run, so it is read anew.
        zero_s = float(Computer.global_clock.getLastResetTime())
        logged_s = float(Computer.getTime())
        for sample, screen_gaze in samples:
            host_ns = clock_map.host_from_device(sample.device_ns)
            times = SampleTimes(
                time_s=clocks.experiment_from_host(host_ns) - zero_s,
                logged_s=logged_s,
                confidence_interval_s=2e-9 * (clock_map.bound_ns(host_ns) + clocks.half_gap_ns),
            )
            self._report(sample, screen_gaze, times)

    def _report(self, sample: GazeSample, screen_gaze: ScreenGaze, times: SampleTimes) -> None:
        point = self._in_units(screen_gaze)
        row = self._rows.row(sample, point, times, Device._getNextEventID())
        self._latest_device_ns = sample.device_ns
        self._latest_sample = row
        self._addNativeEventToBuffer(row)

    def _in_units(self, gaze: ScreenGaze) -> tuple[float, float]:
        return gaze.x * self._units_per_norm[0], gaze.y * self._units_per_norm[1]

    def _close(self) -> None:
        """Called at ioHub's end; the experiment waits for it, so it is bounded."""
        self._board.close()
        # ioHub forgets an experiment that has been killed; then nobody waits for the end.
        is_orphan = Computer.psychopy_process is None
        self._glasses.close(ORPHAN_TIMEOUT_S if is_orphan else CLOSE_TIMEOUT_S)
        EyeTrackerDevice._close(self)
