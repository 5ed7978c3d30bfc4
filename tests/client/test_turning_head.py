"""Gaze on the screen while the simulated head turns: pictures come late, the gyroscope does not."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import NamedTuple

import pytest

from psychopy_neon.client.sample_buffer import SampleReader
from psychopy_neon.client.screen_watch import ScreenWatch
from psychopy_neon.exceptions import ClosedError, UsageError
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.mapper import map_gaze
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.screen.surface import Surface

SAMPLES = 500
HALF_WIDTH_MM, DISTANCE_MM, ASPECT = 531 / 2, 600.0, 16 / 9
MARKERS = frame_layout((1280, 720)).markers
SURFACE = Surface.from_markers(MARKERS)


class Run(NamedTuple):
    live: list
    newest_detection: list
    settled: list
    truth: list
    gyroscope: str


@pytest.fixture
def watch_of():
    started = []

    def start(neon, **streams):
        scene = neon.calibration().scene
        camera = SceneCamera(scene.matrix, scene.distortion)
        watch = ScreenWatch(neon.scene, camera, **streams)
        started.append(watch)
        return watch

    yield start
    for watch in started:
        watch.stop()
        assert watch.join(5.0)


@pytest.fixture
def run(simulated_neon, connect, eventually):
    """Two and a half seconds of a head that turns at up to 42 degrees a second."""
    simulator = simulated_neon(head_turn_deg=12.0)
    neon = connect(simulator)
    tracker = neon.track_screen(MARKERS)
    eventually(lambda: tracker.pose is not None and tracker.gyroscope is not None)
    # Before, they are dated by their arrival, which is late on a busy computer.
    eventually(lambda: not neon.gaze.latest().provisional)
    eventually(lambda: neon.scene.latest() and not neon.scene.latest().provisional)
    dated_ns = neon.scene.latest().device_ns
    eventually(lambda: tracker.pose.device_ns > dated_ns + 200_000_000)
    settled = SampleReader(tracker.settled)
    live, newest_detection = [], []
    reader = neon.gaze.reader()
    while len(live) < SAMPLES:
        sample = reader.read(5.0)
        live.append(tracker.map(sample, sample.device_ns))
        newest_detection.append(
            map_gaze(
                sample,
                tracker.pose,
                tracker.camera,
                now_device_ns=sample.device_ns,
                max_gaze_age_s=1.0,
                max_pose_age_s=1.0,
            )
        )
    last_ns, late = live[-1].device_ns, []

    def all_settled():
        late.extend(settled.drain())
        return late and late[-1].device_ns >= last_ns

    eventually(all_settled)
    truth = simulator.truth.gaze
    return Run(live, newest_detection, late, truth, tracker.gyroscope)


def errors_deg(gazes, truth):
    times = [true.device_ns for true in truth]
    errors = []
    for gaze in gazes:
        assert gaze.valid, gaze.problem
        place = bisect_left(times, gaze.device_ns - 100_000)
        true = truth[place]
        assert abs(true.device_ns - gaze.device_ns) < 100_000
        apart = math.hypot(gaze.x - true.screen_x, (gaze.y - true.screen_y) / ASPECT)
        errors.append(math.degrees(math.atan(apart * HALF_WIDTH_MM / DISTANCE_MM)))
    return sorted(errors)


def test_gaze_stays_on_its_target_while_the_head_turns(run):
    live = errors_deg(run.live, run.truth)
    newest = errors_deg(run.newest_detection, run.truth)
    middle, last = SAMPLES // 2, SAMPLES * 95 // 100
    assert newest[middle] > 0.3
    assert live[middle] < 0.25 * newest[middle]
    assert live[last] < 0.35 * newest[last]
    assert run.gyroscope in ("assumed", "fitted")

    sources = [gaze.pose_source for gaze in run.live]
    assert sources.count("gyroscope") > 0.5 * SAMPLES
    assert set(sources) <= {"gyroscope", "interpolated"}
    expected = [gaze.expected_error_deg for gaze in run.live]
    # It says of itself how far off it is, within a factor of three.
    rms, rms_expected = (math.sqrt(sum(e * e for e in some) / SAMPLES) for some in (live, expected))
    assert rms_expected / 3 < rms < rms_expected * 3

    times = [gaze.device_ns for gaze in run.settled]
    assert times == sorted(set(times))
    assert {gaze.device_ns for gaze in run.live} <= set(times)
    of_run = [gaze.screen for gaze in run.settled if gaze.device_ns >= run.live[0].device_ns]
    settled = errors_deg(of_run, run.truth)
    assert settled[len(settled) // 2] < live[middle]
    assert {gaze.pose_source for gaze in of_run} == {"interpolated"}


def test_motion_is_not_streamed_before_there_is_a_surface(simulated_neon, connect, watch_of):
    neon = connect(simulated_neon(scene=False))
    watch = watch_of(neon, imu=neon.imu)
    tracker = watch.screen()
    neon.gaze.read(5.0)
    assert neon.imu.state.value == "idle"
    assert neon.scene.state.value == "idle"
    watch.track(tracker, SURFACE)
    assert neon.imu.state.value != "idle"


def test_gaze_cannot_be_settled_without_its_stream(simulated_neon, connect, watch_of):
    tracker = watch_of(connect(simulated_neon(scene=False))).screen()
    with pytest.raises(UsageError, match="gaze="):
        _ = tracker.settled


def test_a_screen_is_tracked_with_enough_markers_and_an_open_device(simulated_neon, connect):
    neon = connect(simulated_neon(scene=False))
    with pytest.raises(UsageError, match="at least 3"):
        neon.track_screen(MARKERS[:2])
    neon.calibration()
    neon.close()
    with pytest.raises(ClosedError, match="closed"):
        neon.track_screen(MARKERS)
