"""Gaze on several windows or surfaces at once: one search, poses and gaze for each."""

from __future__ import annotations

import threading

import pytest

from psychopy_neon.exceptions import ClosedError, UsageError
from psychopy_neon.screen.markers import Marker, frame_layout

WINDOW = frame_layout((1280, 720)).markers  # what the simulated monitor shows
# Its left half with the mark in the middle above, and its right half with the one below.
LEFT_IDS, RIGHT_IDS = (0, 3, 5, 1), (2, 4, 7, 6)


def half(ids, shift):
    """Those tags as the markers of a half of the window, in norm units of that half."""
    return [
        Marker(m.tag_id, tuple((2 * x + shift, y) for x, y in m.corners))
        for m in WINDOW
        if m.tag_id in ids
    ]


LEFT, RIGHT = half(LEFT_IDS, 1.0), half(RIGHT_IDS, -1.0)


@pytest.fixture
def neon(simulated_neon, connect):
    simulator = simulated_neon(head_moves=False)
    device = connect(simulator)
    device.simulator = simulator
    device.wait_for_clock()
    return device


def test_each_surface_has_its_own_gaze_and_one_is_looked_at(neon, eventually):
    patient = {"height_mm": 299.0, "max_gaze_age_s": 5.0, "max_pose_age_s": 5.0}
    left = neon.track_screen(LEFT, name="left", **patient)
    right = neon.track_screen(RIGHT, name="right", **patient)
    assert neon.screens == {"left": left, "right": right}
    searching = [thread.name for thread in threading.enumerate() if "screen" in thread.name]
    assert searching == ["neon-screen"]

    def looks(x, y, name):
        neon.simulator.look_at(x, y)

        def is_there():
            seen = neon.looked_at(neon.gaze.latest(), neon.now_device_ns())
            if seen.name != name or seen.gaze is None:
                return False
            on = {"left": (2 * x + 1, y), "right": (2 * x - 1, y)}
            return all(
                seen.on[each].valid
                and abs(seen.on[each].x - on[each][0]) < 0.05
                and abs(seen.on[each].y - on[each][1]) < 0.03
                for each in on
            )

        eventually(is_there)

    looks(-0.5, 0.3, "left")
    looks(0.4, -0.3, "right")
    eventually(lambda: (left.pose.tags, right.pose.tags) == (4, 4))
    neon.simulator.look_at(0.4, 1.6)  # above both
    eventually(lambda: neon.looked_at(neon.gaze.latest(), neon.now_device_ns()).name is None)

    right.stop()
    assert right.join(5.0)
    assert list(neon.screens) == ["left"]
    frames = left.frames
    eventually(lambda: left.frames > frames + 2)


def test_a_name_that_is_tracked_gets_the_new_markers(neon, eventually):
    patient = {"max_gaze_age_s": 5.0, "max_pose_age_s": 5.0}
    tracker = neon.track_screen(LEFT, name="window", **patient)
    eventually(lambda: tracker.pose is not None)
    assert neon.track_screen(WINDOW, name="window") is tracker
    neon.simulator.look_at(0.4, -0.3)

    def is_there():
        gaze = tracker.map(neon.gaze.latest(), neon.now_device_ns())
        return gaze.valid and abs(gaze.x - 0.4) < 0.03 and gaze.tags == 8

    eventually(is_there)
    assert list(neon.screens) == ["window"]


def test_two_surfaces_may_not_have_the_same_tag(simulated_neon, connect):
    neon = connect(simulated_neon(scene=False))
    first = neon.track_screen(WINDOW)
    whose = r"tag 0 is on two surfaces, 'screen' \(tags 0-7\) and 'beamer' \(tags 0-7\): give"
    with pytest.raises(UsageError, match=whose):
        neon.track_screen(frame_layout((1920, 1080)).markers, name="beamer")
    assert neon.screens == {"screen": first}
    again = neon.track_screen(WINDOW)  # the same tags in the same places are the same surface
    assert again is not first and again.name == "screen 2"
    other = neon.track_screen(frame_layout((1920, 1080), first_id=100).markers)
    assert other.name == "screen 3"


@pytest.mark.parametrize("height_mm", [0.0, -299.0, float("nan"), float("inf")])
def test_a_surface_has_a_height(simulated_neon, connect, height_mm):
    neon = connect(simulated_neon(scene=False))
    with pytest.raises(UsageError, match="height of a surface must be above 0"):
        neon.track_screen(WINDOW, height_mm=height_mm)
    assert neon.screens == {}


def test_without_surfaces_none_is_looked_at(simulated_neon, connect):
    neon = connect(simulated_neon(scene=False))
    seen = neon.looked_at(None, 0)
    assert (seen.name, seen.gaze, dict(seen.on)) == (None, None, {})
    tracker = neon.track_screen(WINDOW)
    assert neon.looked_at(None, 0).on["screen"].problem == "no gaze"
    neon.close()
    assert tracker.join(5.0)
    with pytest.raises(ClosedError, match="closed"):
        neon.track_screen(WINDOW, name="screen")


def test_the_search_ends_with_the_scene_video_and_begins_anew_with_it(
    simulated_neon, connect, eventually
):
    neon = connect(simulated_neon())
    tracker = neon.track_screen(WINDOW, name="window")
    eventually(lambda: tracker.frames)
    neon.stop_stream("scene")
    assert tracker.join(2.0)  # else its thread would look without a pause
    again = neon.track_screen(WINDOW, name="window")
    eventually(lambda: again.frames)
    assert neon.screens == {"window": again}
