"""Gaze through ioHub's side of the connection, live and settled; no PsychoPy needed."""

from __future__ import annotations

import math
import time

import pytest

from psychopy_neon.iohub.glasses import Glasses
from psychopy_neon.iohub.settings import Settings
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.screen.surface import Surface

WAIT_S = 15.0


@pytest.fixture
def glasses(simulated_neon):
    simulator = simulated_neon(head_turn_deg=12.0)
    settings = Settings(address=f"{simulator.address}:{simulator.port}")
    made = Glasses(settings, time.perf_counter)
    made.start()
    yield made
    made.close()


def eventually(condition):
    end_s = time.perf_counter() + WAIT_S
    while not (found := condition()):
        assert time.perf_counter() < end_s, "the condition did not come true in time"
        time.sleep(0.01)
    return found


def test_gaze_is_offered_live_and_again_settled(glasses):
    assert glasses.window.settled(100) == []  # there is no phone yet
    glasses.window.surfaces.give(Surface.from_markers(frame_layout((1280, 720)).markers))
    eventually(lambda: glasses.status().get("gyroscope"))
    glasses.window.settled(100)
    # Poses of the first pictures, which are dated by their arrival, are not carried forward.
    live = eventually(
        lambda: [
            gaze
            for _, gaze, _ in glasses.window.new_samples()
            if gaze.valid and gaze.pose_source == "gyroscope"
        ][-1:]
    )[0]
    assert live.expected_error_deg < 1

    settled = eventually(lambda: glasses.window.settled(3))
    assert 1 <= len(settled) <= 3
    later = eventually(lambda: [each for each in glasses.window.settled(100) if each.screen.valid])
    assert later[0].device_ns > settled[-1].device_ns
    # Before, pictures are dated by their arrival, which is late on a busy computer.
    scene = glasses.neon.scene
    eventually(lambda: scene.latest() and not scene.latest().provisional)
    dated_ns = scene.latest().device_ns + 100_000_000
    best = eventually(
        lambda: [
            each
            for each in glasses.window.settled(100)
            if each.screen.pose_source == "interpolated" and each.device_ns > dated_ns
        ]
    )[0].screen
    assert math.hypot(best.x, best.y) < 0.02  # the participant looks at the middle
    assert best.expected_error_deg < 0.1

    board = glasses.window.open_board()
    shown = board.read()
    board.close()
    assert shown.valid and shown.pose_source is not None
    assert 0 < shown.expected_error_deg < 1
