from __future__ import annotations

import math

import pytest

from psychopy_neon.client.screen_watch import ScreenWatch
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.screen.surface import Surface


@pytest.fixture
def tracker_of():
    started = []

    def start(neon, first_id=0):
        scene = neon.calibration().scene
        surface = Surface.from_markers(frame_layout((1280, 720), first_id=first_id).markers)
        watch = ScreenWatch(neon.scene, SceneCamera(scene.matrix, scene.distortion))
        tracker = watch.screen()
        watch.track(tracker, surface)
        started.append(watch)
        return tracker

    yield start
    for watch in started:
        watch.stop()
        assert watch.join(5.0)


def test_gaze_is_found_where_the_participant_looks(simulated_neon, connect, tracker_of, eventually):
    simulator = simulated_neon(head_moves=False)
    neon = connect(simulator)
    tracker = tracker_of(neon)
    neon.wait_for_clock()
    simulator.look_at(0.4, -0.3)
    eventually(lambda: tracker.pose is not None)

    def looks_there():
        gaze = tracker.map(neon.gaze.latest(), neon.now_device_ns())
        is_there = gaze.valid and math.hypot(gaze.x - 0.4, gaze.y + 0.3) < 0.01
        return is_there and gaze.tags == 8 and gaze.pupil_mm > 2

    eventually(looks_there)


def test_tags_of_another_window_are_not_taken(simulated_neon, connect, tracker_of, eventually):
    neon = connect(simulated_neon(head_moves=False))
    tracker = tracker_of(neon, first_id=100)
    eventually(lambda: tracker.frames >= 5)
    assert tracker.pose is None
    gaze = tracker.map(neon.gaze.read(5.0), neon.now_device_ns())
    assert (gaze.valid, gaze.problem) == (False, "no screen")
    assert math.isnan(gaze.x) and math.isnan(gaze.y)


def test_gaze_expires_when_the_phone_is_gone(simulated_neon, connect, tracker_of, eventually):
    simulator = simulated_neon(head_moves=False)
    neon = connect(simulator)
    tracker = tracker_of(neon)
    neon.wait_for_clock()
    eventually(lambda: tracker.map(neon.gaze.latest(), neon.now_device_ns()).valid)
    simulator.close()
    eventually(lambda: tracker.map(neon.gaze.latest(), neon.now_device_ns()).problem == "too old")


def test_past_gaze_is_mapped_by_the_pose_of_its_time(
    simulated_neon, connect, tracker_of, eventually
):
    neon = connect(simulated_neon(head_moves=False))
    tracker = tracker_of(neon)
    neon.wait_for_clock()
    # Poses of the first pictures, which are dated by their arrival, are forgotten later.
    eventually(lambda: neon.scene.latest() and not neon.scene.latest().provisional)
    dated_ns = neon.scene.latest().device_ns
    eventually(lambda: tracker.pose is not None and tracker.pose.device_ns > dated_ns)
    first = tracker.pose_near(0, max_distance_s=1e10)
    eventually(lambda: tracker.pose.device_ns - first.device_ns > 200_000_000)
    assert tracker.pose_near(first.device_ns) is first
    assert tracker.pose_near(first.device_ns - 400_000_000) is first
    assert tracker.pose_near(first.device_ns - 400_000_000, max_distance_s=0.1) is None
    assert tracker.pose_near(first.device_ns - 3_600_000_000_000) is None
    gaze = neon.gaze.read(10.0)
    assert tracker.pose_near(gaze.device_ns, max_distance_s=1.0) is not first
