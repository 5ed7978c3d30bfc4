"""The gyroscope's samples on their way to the poses of the window."""

from __future__ import annotations

import logging
from collections.abc import Callable

from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.samples import ImuSample
from psychopy_neon.screen.alignment_fit import AlignmentFit
from psychopy_neon.screen.gyroscope import GyroTrack

logger = logging.getLogger(__name__)


class HeadSense:
    """Integrates each motion sample that has come, when somebody wants to know.

    To do that for each one as it comes would disturb the other threads a hundred times a second.

    Parameters
    ----------
    imu : SensorStream of ImuSample or None
        Started by `start`.

    Attributes
    ----------
    gyro : GyroTrack
        As of the last `refresh`.
    fit : AlignmentFit
        How its axes lie to those of the scene camera.
    """

    def __init__(self, imu: SensorStream[ImuSample] | None) -> None:
        self.gyro, self.fit = GyroTrack(), AlignmentFit()
        self._imu = imu
        self._unwatch: Callable[[], None] | None = None
        self._warned = False

    def start(self) -> None:
        """Start the stream, if there is one; does nothing a second time."""
        if self._imu is not None and self._unwatch is None:
            self._unwatch = self._imu.buffer.watch(self._take, at_once=False)
            self._imu.start()

    def refresh(self) -> None:
        """Take what has come; never waits for the network."""
        if self._unwatch is not None and self._imu is not None:
            self._imu.latest()

    def stop(self) -> None:
        """Take no more; the stream itself goes on."""
        if self._unwatch is not None:
            self._unwatch()

    def _take(self) -> None:
        sample = None if self._imu is None else self._imu.buffer.newest_appended
        # Dated by its arrival, a sample can be off by more than it helps.
        if sample is not None and not sample.provisional:
            self.gyro.add(sample.device_ns, sample.rotation_deg_s)

    def check(self) -> None:
        """Compare gyroscope and pictures, and say once if they do not agree."""
        fit = self.fit
        fit.compare(self.gyro)
        if not fit.is_usable and not self._warned:
            self._warned = True
            logger.warning(
                "gyroscope and scene pictures disagree about the head's motion by %.1f degrees "
                "per picture: gaze on the screen is less exact while the head turns",
                fit.residual_deg,
            )
