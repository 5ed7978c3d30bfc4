"""Sensors that say what was recorded."""

from __future__ import annotations

import numpy as np

from psychopy_neon.simulator.audio_sensor import AudioSensor
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.eyes_sensor import EyesSensor
from psychopy_neon.simulator.native.layout import Times
from psychopy_neon.simulator.native.reading import NativeRecording
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.pacer import NS
from psychopy_neon.simulator.replay.camera import ReplayedCamera
from psychopy_neon.simulator.replay.eye_events import ReplayedEyeEvents
from psychopy_neon.simulator.replay.gaze import ReplayedGaze
from psychopy_neon.simulator.replay.imu import ReplayedImu
from psychopy_neon.simulator.replay.pictures import DrawnPictures, FilmedPictures, Pictures
from psychopy_neon.simulator.replay.timeline import Timeline
from psychopy_neon.simulator.scene_video import FRAMES_PER_SECOND, VideoLoopMaker
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.sensors import CameraFeed, Sensors
from psychopy_neon.simulator.truth import TruthLog


def sensors_of_recording(
    options: SimulatorOptions,
    clock: SimulatedClock,
    view: SceneView,
    recording: NativeRecording,
    timeline: Timeline,
    truth: TruthLog,
) -> Sensors:
    """All sensors; video that was not kept is drawn, and sound is made up."""
    skew_ns = round(options.sensor_skew_s * 1e9)
    gaze = ReplayedGaze(clock, view, recording, timeline, truth)
    eye_events = ReplayedEyeEvents(clock, view.camera, recording, timeline, truth, skew_ns=skew_ns)
    gaze.on_look(eye_events.see)
    return Sensors(
        truth,
        options.glasses.sensors,
        gaze=gaze,
        eyes=_eyes(options, clock, recording, timeline, gaze),
        imu=ReplayedImu(clock, recording.imu, timeline, skew_ns=skew_ns),
        eye_events=eye_events,
        scene=_scene(options, clock, view, recording, timeline) if options.scene else None,
        audio=AudioSensor(clock) if options.microphone else None,
    )


def _eyes(
    options: SimulatorOptions,
    clock: SimulatedClock,
    recording: NativeRecording,
    timeline: Timeline,
    gaze: ReplayedGaze,
) -> CameraFeed:
    film = recording.eyes
    if film.parts and len(film.times_ns):
        pictures = FilmedPictures(film, aggregate=options.stap_a)
        return ReplayedCamera("eyes", clock, timeline, film.times_ns, pictures)
    drawn = EyesSensor(aggregate=options.stap_a)
    gaze.on_look(drawn.see)
    return drawn


def _scene(
    options: SimulatorOptions,
    clock: SimulatedClock,
    view: SceneView,
    recording: NativeRecording,
    timeline: Timeline,
) -> ReplayedCamera:
    film = recording.scene
    times_ns = film.times_ns if len(film.times_ns) else _usual_times(recording)
    pictures: Pictures
    if film.parts and len(film.times_ns):
        pictures = FilmedPictures(film, aggregate=options.stap_a)
    else:
        pictures = DrawnPictures(VideoLoopMaker(view, aggregate=options.stap_a))
    return ReplayedCamera("world", clock, timeline, times_ns, pictures)


def _usual_times(recording: NativeRecording) -> Times:
    return np.arange(recording.first_ns, recording.last_ns + 1, NS // FRAMES_PER_SECOND)
