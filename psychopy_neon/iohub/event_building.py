"""From what the phone sends to rows of ioHub's events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from psychopy_neon.iohub.event_rows import Row
from psychopy_neon.iohub.event_times import EventClock
from psychopy_neon.iohub.gaze_trail import GazeTrail, Place
from psychopy_neon.iohub.movement_rows import MovementRows
from psychopy_neon.iohub.neon_rows import (
    eye_movement_row,
    imu_row,
    pose_row,
    sample_row,
    settled_row,
)
from psychopy_neon.iohub.sample_rows import SampleRows
from psychopy_neon.iohub.saved_samples import SavedSamples
from psychopy_neon.iohub.window_scale import WindowScale
from psychopy_neon.samples import (
    EyeEvent,
    GazeSample,
    ImuSample,
    Point,
    ScreenGaze,
    SettledGaze,
)
from psychopy_neon.screen.surface_names import WINDOW

if TYPE_CHECKING:  # the experiment's process needs no OpenCV for it
    from psychopy_neon.screen.pose import ScreenPose


class EventBuilder:
    """Makes the rows, in the order in which things became known.

    Parameters
    ----------
    report : callable
        Takes each row.
    report_late : callable
        Takes rows that belong to what was reported before, also when nothing is any more.
    """

    def __init__(
        self, report: Callable[[Row], None], report_late: Callable[[Row], None] | None = None
    ) -> None:
        self._report = report
        self._report_late = report_late or report
        self._saved = SavedSamples()
        self._trail = GazeTrail()
        self._samples = SampleRows()
        self._movements = MovementRows(self._trail)

    def remember(self, sample: GazeSample, point: Point) -> None:
        """Note where gaze was, for the fixations and saccades to come."""
        self._trail.append(Place(sample.device_ns, point, (sample.x, sample.y)))

    def add_sample(
        self,
        sample: GazeSample,
        gaze: ScreenGaze,
        point: Point,
        clock: EventClock,
        correction_version: int = 0,
    ) -> Row:
        """Report a gaze sample, and return PsychoPy's row of it."""
        times = clock.at(sample.device_ns)
        row = self._samples.row(sample, point, times)
        self._report(row)
        self._report(sample_row(sample, gaze, times, correction_version))
        self._saved.note(sample.device_ns)
        return row

    def add_settled(self, settled: SettledGaze, window: WindowScale, clock: EventClock) -> None:
        """Report where a sample was as it is known by now, if that sample was reported."""
        if self._saved.takes(settled.device_ns):
            self._report_late(settled_row(settled, window, clock.at(settled.device_ns)))

    def add_eye_event(self, event: EyeEvent, skew_ns: int | None, clock: EventClock) -> None:
        """Report an eye event; `skew_ns` is the phone's Unix clock minus its sensor clock."""
        start_ns, end_ns = event.rebased(skew_ns)
        for row in self._movements.rows(event, start_ns, end_ns, clock):
            self._report(row)
        self._report(eye_movement_row(event, start_ns, end_ns, clock.at(event.device_ns)))

    def add_motion(self, sample: ImuSample, clock: EventClock) -> None:
        """Report a motion sample."""
        self._report(imu_row(sample, clock.at(sample.device_ns)))

    def add_pose(
        self, pose: ScreenPose, window: WindowScale, clock: EventClock, surface: str = WINDOW
    ) -> None:
        """Report where the window, or another surface, was in one picture."""
        self._report(pose_row(pose, window, clock.at(pose.device_ns), surface))
