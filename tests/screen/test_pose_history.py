from __future__ import annotations

import numpy as np
import pytest

from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.pose_history import KEPT, PoseHistory

START = 1_700_000_000_000_000_000
FRAME = 33_333_333


def pose(device_ns: int) -> ScreenPose:
    return ScreenPose(device_ns, np.eye(3), np.array([0.0, 0, 4]), (16 / 9, 1.0), 8, 0.9, 0.2)


@pytest.fixture
def history() -> PoseHistory:
    made = PoseHistory()
    for number in range(10):
        assert made.add(pose(START + number * FRAME))
    return made


def times(history: PoseHistory) -> list[int]:
    return [pose.device_ns for pose in history.poses]


def test_neighbours_of_a_moment_are_found(history):
    before, after = history.around(START + 3 * FRAME + 5)
    assert (before.device_ns, after.device_ns) == (START + 3 * FRAME, START + 4 * FRAME)
    before, after = history.around(START + 3 * FRAME)
    assert before.device_ns == START + 3 * FRAME
    assert history.around(START - 1)[0] is None
    assert history.around(START + 10 * FRAME)[1] is None
    assert PoseHistory().around(START) == (None, None)


def test_the_nearest_is_found_unless_it_is_too_far(history):
    assert history.nearest(START + 4 * FRAME - 10, FRAME).device_ns == START + 4 * FRAME
    assert history.nearest(START + 12 * FRAME, FRAME) is None
    assert history.nearest(START + 12 * FRAME, 3 * FRAME).device_ns == START + 9 * FRAME


def test_a_late_picture_is_left_out(history):
    known = times(history)
    for late_ns in (0, 1, FRAME, 900_000_000):
        assert history.is_late(known[-1] - late_ns)
        assert not history.add(pose(known[-1] - late_ns))
    assert times(history) == known


def test_a_clock_that_was_set_back_begins_anew(history):
    back = START - 3_600_000_000_000
    assert not history.is_late(back)
    assert history.add(pose(back))
    assert times(history) == [back]


def test_what_was_forgotten_is_gone(history):
    history.clear()
    assert history.newest is None and history.poses == ()
    assert history.add(pose(START))


def test_only_ten_seconds_are_kept():
    history = PoseHistory()
    for number in range(KEPT + 50):
        history.add(pose(START + number * FRAME))
    assert len(history.poses) == KEPT
    assert history.newest.device_ns == START + (KEPT + 49) * FRAME
