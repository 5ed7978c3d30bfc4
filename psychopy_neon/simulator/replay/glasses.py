"""The glasses of a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.exposure import Exposure
from psychopy_neon.simulator.glasses import Glasses
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.native.reading import NativeRecording, read_recording
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.replay.head import head_of
from psychopy_neon.simulator.replay.sensors import sensors_of_recording
from psychopy_neon.simulator.replay.timeline import Stretch, Timeline
from psychopy_neon.simulator.replay.wearer import RecordedWearer
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.truth import TruthLog

LONGEST_PAUSE_NS = 100_000_000


def glasses_of_recording(
    options: SimulatorOptions, folder: str | Path, clock: SimulatedClock, truth: TruthLog
) -> Glasses:
    """Glasses that stream a native recording folder; blocks for reading it.

    Raises
    ------
    UsageError
        If it cannot be read, or is over before the second at which it shall begin.
    """
    recording = read_recording(folder)
    timeline = Timeline(
        clock,
        _stretch(recording, options.replay_start_s),
        loops=options.replay_loops,
        speed=options.replay_speed,
    )
    view = _view(options, recording)
    sensors = sensors_of_recording(options, clock, view, recording, timeline, truth)
    calibration = recording.calibration
    wearer = RecordedWearer(recording, clock, timeline)
    frame_name = str(recording.info.get("frame_name") or options.frame_name)
    return Glasses(
        calibration.serial,
        frame_name,
        calibration.pack(),
        view,
        sensors,
        wearer,
        Exposure(options.exposure_s),
    )


def _stretch(recording: NativeRecording, start_s: float) -> Stretch:
    first_ns = max(recording.first_ns, recording.start_ns + round(start_s * 1e9))
    if start_s and first_ns > recording.last_ns:
        end_s = (recording.last_ns - recording.start_ns) * 1e-9
        raise UsageError(f"replay_start_s is {start_s:g}, but the recording ends at {end_s:.1f} s.")
    steps = np.diff(recording.gaze.times_ns)
    pause_ns = int(np.median(steps)) if len(steps) else LONGEST_PAUSE_NS
    return Stretch(first_ns, recording.last_ns, min(max(1, pause_ns), LONGEST_PAUSE_NS))


def _view(options: SimulatorOptions, recording: NativeRecording) -> SceneView:
    lens = recording.calibration.scene
    camera = SceneCamera(lens.matrix, lens.distortion)
    head = head_of(recording, camera, options.distance_mm)
    return SceneView(camera, head, Monitor(options.screen_px, options.screen_width_mm))
