"""What real glasses get wrong, and that everything which is streamed agrees on it."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from psychopy_neon.protocol.eye_events import parse_eye_event
from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator import SimulatorOptions, TruthLog
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.eye_picture import EyePainter, pupil_place_px
from psychopy_neon.simulator.glasses import glasses_of_participant
from psychopy_neon.simulator.human.glasses_error import PX_PER_DEG, GlassesError
from psychopy_neon.simulator.native.reading import read_recording

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "neon-recording"
STEP_NS, HZ = 5_000_000, 200
KEEP_ALIVE_BYTES = 4


def stays_deg(seed):
    """The error that stays, on a grid over the scene picture."""
    error = GlassesError(seed)
    grid = [(x, y) for x in np.linspace(0, 1600, 12) for y in np.linspace(0, 1200, 9)]
    return np.array([error.at_place(x, y) for x, y in grid])


def test_accuracy_is_the_makers_with_and_without_an_offset_correction():
    errors = [stays_deg(seed) for seed in range(40)]
    raw = [np.hypot(*one.T).mean() for one in errors]
    corrected = [np.hypot(*(one - one.mean(0)).T).mean() for one in errors]
    assert np.mean(raw) == pytest.approx(1.8, abs=0.1)
    assert np.mean(corrected) == pytest.approx(1.3, abs=0.1)
    assert min(raw) > 0.8 and max(raw) < 3


def noise_of(angles_deg):
    """Difference between samples (SD), and how much of a deviation the next sample keeps."""
    steps = np.diff(angles_deg, axis=0)
    number = np.arange(len(angles_deg))
    lines = [np.polyval(np.polyfit(number, column, 1), number) for column in angles_deg.T]
    rest = angles_deg - np.transpose(lines)
    return steps.std(0), (rest[1:] * rest[:-1]).mean(0) / rest.var(0)


@pytest.mark.skipif(not FOLDER.exists(), reason=f"the real recording {FOLDER} is not here")
def test_noise_is_that_of_a_real_recording():
    real = read_recording(FOLDER)
    lens = real.calibration.scene
    pixels = np.stack([real.gaze.rows["x"], real.gaze.rows["y"]], 1).astype(float)
    rays = SceneCamera(lens.matrix, lens.distortion).undistort(pixels)
    angles = np.degrees(np.arctan(rays))
    found = []
    for row in real.fixations.rows:
        start_ns, end_ns = row["start_timestamp_ns"], row["end_timestamp_ns"]
        in_blink = [
            blink["start_timestamp_ns"] <= end_ns and start_ns <= blink["end_timestamp_ns"]
            for blink in real.blinks.rows
        ]
        inside = (start_ns <= real.gaze.times_ns) & (real.gaze.times_ns <= end_ns)
        if row["event_type"] == 1 and inside.sum() >= 20 and not any(in_blink):
            found.append(noise_of(angles[inside]))
    steps, kept = np.median(found, axis=0)
    error = GlassesError(1)
    made = np.array([error.gaze(800, 600, 1.0) for _ in range(20_000)]) / PX_PER_DEG
    made_steps, made_kept = noise_of(made)
    assert made_steps == pytest.approx(steps, rel=0.1)
    assert made_kept.mean() == pytest.approx(kept.mean(), abs=0.1)


class Kept:
    """Everything that a stream sends."""

    def __init__(self):
        self.items = []

    def send(self, device_ns, payloads):
        self.items += [(device_ns, payload) for payload, _ in payloads]


@pytest.fixture(scope="module")
def run():
    """Half a minute of all that is made of the eyes, as fast as it can be computed."""
    options = SimulatorOptions(
        scene=False, gaze_model="human", gaze_bytes=89, blinks_per_minute=40, head_moves=False
    )
    glasses = glasses_of_participant(options, SimulatedClock(), TruthLog())
    gaze, events, looks = Kept(), Kept(), []
    glasses.sensors.gaze.stream.subscribe(gaze)
    glasses.sensors.eye_events.stream.subscribe(events)
    glasses.sensors.gaze.on_look(looks.append)
    for number in range(30 * HZ):
        glasses.sensors.gaze._tick(number, (number + 1) * STEP_NS)
    parsed = [
        parse_eye_event(payload, device_ns=ns, arrived_host_ns=0)
        for ns, payload in events.items
        if len(payload) > KEEP_ALIVE_BYTES
    ]
    samples = [parse_gaze(payload, device_ns=ns, arrived_host_ns=0) for ns, payload in gaze.items]
    return SimpleNamespace(
        samples={sample.device_ns: sample for sample in samples}, events=parsed, looks=looks
    )


def test_eye_movements_that_are_told_are_those_of_the_samples(run):
    movements = [event for event in run.events if event.movement is not None]
    kinds = {event.kind for event in run.events}
    assert kinds == {"fixation", "saccade", "fixation_onset", "saccade_onset", "blink"}
    assert len(movements) > 120
    for event in movements[1:]:
        summary = event.movement
        first, last = run.samples[event.start_sensor_ns], run.samples[event.end_sensor_ns]
        assert summary.start_px == pytest.approx((first.x, first.y), abs=1e-3)
        assert summary.end_px == pytest.approx((last.x, last.y), abs=1e-3)
        between = range(event.start_sensor_ns, event.end_sensor_ns + 1, STEP_NS)
        steps = np.diff([(run.samples[ns].x, run.samples[ns].y) for ns in between], axis=0)
        assert summary.max_velocity_px_s == pytest.approx(np.hypot(*steps.T).max() * HZ, rel=1e-4)


def test_they_follow_each_other_without_a_gap(run):
    movements = [event for event in run.events if event.movement is not None]
    for one, next_one in itertools.pairwise(movements):
        assert one.end_sensor_ns == next_one.start_sensor_ns
        assert {one.kind, next_one.kind} == {"fixation", "saccade"}
    onsets = [event.start_sensor_ns for event in run.events if event.kind == "saccade_onset"]
    saccades = [event.start_sensor_ns for event in movements if event.kind == "saccade"]
    assert onsets[: len(saccades)] == saccades


def test_the_eye_is_fast_in_saccades_only(run):
    places = {look.device_ns: look.norm for look in run.looks}
    for event in run.events[1:]:
        if event.movement is None or event.end_sensor_ns - event.start_sensor_ns < 2 * STEP_NS:
            continue
        between = range(event.start_sensor_ns, event.end_sensor_ns + 1, STEP_NS)
        steps = np.diff([places[ns] for ns in between], axis=0)
        fastest = np.hypot(steps[:, 0] * 24, steps[:, 1] * 14).max() * HZ  # degrees a second
        assert fastest > 20 if event.kind == "saccade" else fastest < 15


def test_lids_pupil_and_gaze_agree_with_the_blinks_that_are_told(run):
    blinks = [event for event in run.events if event.kind == "blink"]
    assert len(blinks) >= 10
    in_a_blink = {
        ns
        for event in blinks
        for ns in range(event.start_sensor_ns + STEP_NS, event.end_sensor_ns, STEP_NS)
    }
    last_ns = blinks[-1].end_sensor_ns
    told = [sample for ns, sample in run.samples.items() if ns <= last_ns]
    lids = {sample.device_ns: sample.left_lid.aperture_mm for sample in told}
    assert {ns for ns, aperture in lids.items() if aperture < 11} == in_a_blink
    shut = [sample for sample in told if lids[sample.device_ns] == 0]
    open_wide = [sample for sample in told if lids[sample.device_ns] == 11]
    assert shut
    pupil_mm = np.median([sample.left_eye.pupil_diameter_mm for sample in shut])
    assert pupil_mm == pytest.approx(3.5 / 2, abs=0.2)
    assert min(sample.left_eye.pupil_diameter_mm for sample in open_wide) > 3.1
    right = {look.device_ns: look for look in run.looks}
    fall_px = np.median([sample.y for sample in shut]) - np.median([s.y for s in open_wide])
    assert fall_px == pytest.approx(11 * PX_PER_DEG, rel=0.4)
    assert all(right[sample.device_ns].openness == 0 for sample in shut)


def test_the_eyes_that_are_filmed_look_where_gaze_says_and_shut_when_it_does(run):
    painter = EyePainter()
    for look in run.looks[100:6_000:23]:
        eye = painter.paint(look)[:, :192]
        rows, columns = np.nonzero(eye < 45)
        sample = run.samples[look.device_ns]
        if sample.left_lid.aperture_mm < 0.5:
            assert len(rows) == 0
        elif sample.left_lid.aperture_mm == 11:
            across, down = pupil_place_px(look)
            # Of a pupil partly behind a lid the middle of the rest is seen.
            assert columns.mean() == pytest.approx(across, abs=2)
            assert rows.mean() == pytest.approx(down, abs=4)
