"""Motion samples are taken when somebody wants to know, and not one by one as they come."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from psychopy_neon.client.head_sense import HeadSense
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.client.screen_tracker import ScreenTracker
from psychopy_neon.samples import ImuSample
from psychopy_neon.screen.camera import SceneCamera

MS = 1_000_000


class Imu:
    """A stream whose samples have come, and wait to be read."""

    def __init__(self) -> None:
        self.buffer: SampleBuffer[ImuSample] = SampleBuffer(100)
        self.buffer.source = self
        self.come: list[ImuSample] = []

    def start(self) -> None:
        pass

    def latest(self) -> ImuSample | None:
        return self.buffer.latest

    def pump(self) -> None:
        while self.come:
            self.buffer.append(self.come.pop(0))

    def lead(self, timeout_s: float) -> bool:
        return False


@pytest.fixture
def imu() -> Imu:
    return Imu()


@pytest.fixture
def sense(imu: Imu) -> HeadSense:
    sense = HeadSense(cast("Any", imu))
    sense.start()
    return sense


def moved(device_ns: int, *, provisional: bool = False) -> ImuSample:
    still, upright = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 0.0)
    return ImuSample(device_ns, 0, 1, still, (1.0, 2.0, 3.0), upright, provisional)


def test_all_that_has_come_is_taken_at_once(imu: Imu, sense: HeadSense) -> None:
    imu.come = [moved(10 * MS), moved(20 * MS), moved(30 * MS)]
    assert sense.gyro.newest_ns is None
    sense.refresh()
    assert sense.gyro.newest_ns == 30 * MS
    assert sense.gyro.turn(10 * MS, 30 * MS) is not None


def test_the_streams_own_thread_may_rest(imu: Imu, sense: HeadSense) -> None:
    assert not imu.buffer.is_awaited


def test_what_is_dated_by_its_arrival_is_left_out(imu: Imu, sense: HeadSense) -> None:
    imu.come = [moved(10 * MS, provisional=True)]
    sense.refresh()
    assert sense.gyro.newest_ns is None


def test_gaze_is_mapped_by_the_newest_motion(imu: Imu, sense: HeadSense) -> None:
    camera = SceneCamera(np.diag([900.0, 900.0, 1.0]), np.zeros(8))
    ages = {"height_mm": 300.0, "max_gaze_age_s": 0.1, "max_pose_age_s": 0.5}
    tracker = ScreenTracker(camera, sense, None, name="screen", **ages)
    imu.come = [moved(10 * MS)]
    tracker.map(None, 0)
    assert sense.gyro.newest_ns == 10 * MS
    imu.come = [moved(20 * MS)]
    tracker.pose_at(20 * MS)
    assert sense.gyro.newest_ns == 20 * MS


def test_after_the_end_nothing_is_taken(imu: Imu, sense: HeadSense) -> None:
    sense.stop()
    imu.come = [moved(10 * MS)]
    sense.refresh()
    assert sense.gyro.newest_ns is None
