"""The ioHub device: runs in the ioHub process and owns one connection to the glasses.

What PsychoPy calls on every eye tracker is in `common_interface`, what scripts call besides in
`script_functions`; how data become ioHub's events is in `event_building`.
"""

from __future__ import annotations

import time
from typing import Any

from psychopy import clock as psychopy_clock
from psychopy.iohub.devices import Computer, Device, DeviceEvent
from psychopy.iohub.devices.eyetracker import EyeTrackerDevice
from psychopy.iohub.errors import print2err

from psychopy_neon.exceptions import NeonError
from psychopy_neon.iohub.check_functions import CheckFunctions
from psychopy_neon.iohub.common_interface import CommonInterface
from psychopy_neon.iohub.event_building import EventBuilder
from psychopy_neon.iohub.event_rows import Row
from psychopy_neon.iohub.event_times import EventClock
from psychopy_neon.iohub.lookout import Lookout
from psychopy_neon.iohub.neon_events import NEON_TYPE_IDS
from psychopy_neon.iohub.orphan import ExperimentWatch, end_process, shut_down
from psychopy_neon.iohub.reading import FULL_REPLY, read_events
from psychopy_neon.iohub.remote_functions import RemoteFunctions
from psychopy_neon.iohub.script_functions import ScriptFunctions
from psychopy_neon.iohub.settings import Settings
from psychopy_neon.iohub.side_streams import SideStreams
from psychopy_neon.iohub.validation_functions import ValidationFunctions
from psychopy_neon.iohub.window_scale import WindowScale
from psychopy_neon.samples import GazeSample, ScreenGaze
from psychopy_neon.transport.notice_file import Notice, NoticeWriter

MORE_EVENTS = (
    "psychopy_neon: getEvents() returns about 35 events at a time, since ioHub loses long replies; "
    "call psychopy_neon.runtime.connect(tracker) once, and it returns all"
)
CLOSE_TIMEOUT_S, ORPHAN_TIMEOUT_S = 2.0, 30.0


class EyeTracker(
    ScriptFunctions,
    RemoteFunctions,
    ValidationFunctions,
    CheckFunctions,
    CommonInterface,
    EyeTrackerDevice,
):
    """Pupil Labs Neon for ioHub.

    Connecting happens in the background: `isConnected` and `neon_status` tell when it is done.
    Events flow while recording is enabled *and* the phone is connected. Gaze is on the window
    as soon as the experiment has told where its markers are (`neon_set_surface`).
    """

    EVENT_CLASS_NAMES = [  # noqa: RUF012
        "MonocularEyeSampleEvent",
        "BinocularEyeSampleEvent",
        "FixationStartEvent",
        "FixationEndEvent",
        "SaccadeStartEvent",
        "SaccadeEndEvent",
        "BlinkStartEvent",
        "BlinkEndEvent",
        "NeonSampleEvent",
        "NeonSettledGazeEvent",
        "NeonEyeMovementEvent",
        "NeonImuEvent",
        "NeonScreenPoseEvent",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        EyeTrackerDevice.__init__(self, *args, **kwargs)
        self._latest_sample: Row | None = None
        self._latest_device_ns = 0
        self._window = WindowScale()
        self._recording = False
        self._builder = EventBuilder(self._report, self._report_late)
        self._notices = NoticeWriter()
        self._lookout = Lookout(self._tell)
        self._experiment = ExperimentWatch()
        self._worn: bool | None = None
        self._has_hinted = False
        # A constructor that raises leaves the experiment with a device that only says
        # AttributeError; what is wrong is told by neon_status instead.
        try:
            self._settings = Settings.from_config(self._runtime_settings)
            self._settings_error = ""
        except NeonError as error:
            self._settings, self._settings_error = Settings(), str(error)
        self._glasses = self._make_glasses()
        wanted = kwargs["dconfig"].get("monitor_event_types") or self.EVENT_CLASS_NAMES
        self._side_streams = SideStreams(self._glasses, wanted, self._settings.streams)
        self._board = self._glasses.window.open_board()
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

    def getEvents(
        self,
        event_type_id: int | None = None,
        clearEvents: bool = True,
        filter_id: int | None = None,
        neon_more: bool = False,
        **_as_type: Any,
    ) -> list[Row]:
        """The oldest events that were not read yet, about 35, ordered by time.

        After `psychopy_neon.runtime.connect` one call returns all of them; without, call it until
        it returns nothing. Without a type, events of our own classes (``Neon...Event``) are left
        out, since scripts that read everything do not know them.

        Parameters
        ----------
        event_type_id : int, optional
            Only events of this type, such as ``EventConstants.NEON_IMU``.
        clearEvents : bool
            Whether what is returned counts as read.
        filter_id : int, optional
            Only events of this filter of ioHub.
        neon_more : bool
            Set by `connect`: whoever asks knows that there may be more.
        **_as_type
            ``asType``, which ioHub takes care of.

        Returns
        -------
        list
            One object per event, of the type that ``asType`` tells.
        """
        self._iohub_server.processDeviceEvents()
        events = read_events(
            self._iohub_event_buffer, event_type_id, filter_id, remove=bool(clearEvents)
        )
        if not (neon_more or self._has_hinted) and len(events) >= FULL_REPLY:
            self._has_hinted = True
            print2err(MORE_EVENTS)
        return events

    def _addEventListener(self, event: Any, eventTypeIDs: Any) -> None:
        """Our own classes do not go into ioHub's common buffer, where they would oust keys."""
        if event is self._iohub_server:
            eventTypeIDs = [each for each in eventTypeIDs if each not in NEON_TYPE_IDS]
        EyeTrackerDevice._addEventListener(self, event, eventTypeIDs)

    def _poll(self) -> None:
        """Turn what is new into events; called by ioHub every few milliseconds."""
        neon, samples = self._glasses.neon, self._glasses.window.new_samples()
        if self._lookout.is_due(time.perf_counter()):
            if self._experiment.is_gone():
                return shut_down(self._iohub_server)
            self._look_out()
        if neon is None or neon.clock_map is None:
            return
        self._side_streams.open(neon)
        # Builder moves the zero of PsychoPy's clock at the start of a run, so it is read anew.
        zero_s = float(Computer.global_clock.getLastResetTime())
        logged_s = float(Computer.getTime())
        clock = EventClock(neon.host_time, neon.pair_clocks(), zero_s, logged_s)
        for sample, gaze, version in samples:
            self._take_sample(sample, gaze, version, clock)
        self._take_side_streams(neon.sensor_skew_ns, clock)

    def _take_sample(
        self, sample: GazeSample, gaze: ScreenGaze, version: int, clock: EventClock
    ) -> None:
        point = self._window.in_units(gaze)
        self._worn = sample.worn
        self._builder.remember(sample, point)
        if self._recording:
            row = self._builder.add_sample(sample, gaze, point, clock, version)
            self._latest_device_ns, self._latest_sample = sample.device_ns, row

    def _take_side_streams(self, skew_ns: int | None, clock: EventClock) -> None:
        streams = self._side_streams
        events, motion, poses = streams.new_eye_events(), streams.new_motion(), streams.new_poses()
        for settled in streams.new_settled():
            self._builder.add_settled(settled, self._window, clock)
        if not self._recording:
            return
        for event in events:
            self._builder.add_eye_event(event, skew_ns, clock)
        for sample in motion:
            self._builder.add_motion(sample, clock)
        for pose, name, scale in poses:
            self._builder.add_pose(pose, scale, clock, name)

    def _report(self, row: Row) -> None:
        row[DeviceEvent.EVENT_ID_INDEX] = Device._getNextEventID()
        self._addNativeEventToBuffer(row)

    def _report_late(self, row: Row) -> None:
        """Also when sampling has just ended: it belongs to samples from before."""
        row[DeviceEvent.EVENT_ID_INDEX] = Device._getNextEventID()
        self._native_event_buffer.append(row)

    def _look_out(self) -> None:
        self._lookout.look(self._glasses.facts(self._worn), time.perf_counter())
        self._worn = None  # until the next sample

    def _tell(self, notice: Notice) -> None:
        print2err(f"psychopy_neon: {notice.text}")
        self._notices.write(notice)

    def _close(self) -> None:
        """Called at ioHub's end; the experiment waits for it, so it is bounded."""
        self._board.close()
        check = self._end_check()
        # ioHub forgets an experiment that has been killed; then nobody waits for the end.
        is_orphan = Computer.psychopy_process is None
        self._glasses.close(ORPHAN_TIMEOUT_S if is_orphan else CLOSE_TIMEOUT_S)
        if check is not None:
            check.join()
        self._notices.close()
        server = self._iohub_server
        EyeTrackerDevice._close(self)
        if is_orphan:
            end_process(server)
