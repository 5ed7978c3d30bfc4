"""Sensors on the virtual participant."""

from __future__ import annotations

from psychopy_neon.simulator.audio_sensor import AudioSensor
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.exposure import Exposure
from psychopy_neon.simulator.eye_event_sensor import EyeEventSensor
from psychopy_neon.simulator.eyes_sensor import EyesSensor
from psychopy_neon.simulator.filmed_scene import FilmedScene
from psychopy_neon.simulator.gaze_script import GazeSource
from psychopy_neon.simulator.gaze_sensor import GazeSensor
from psychopy_neon.simulator.human.glasses_error import GazeError, GlassesError, WhiteNoise
from psychopy_neon.simulator.imu_sensor import ImuSensor
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.patch_screen import PatchScreen
from psychopy_neon.simulator.scene_sensor import SceneSensor
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.screen_grabber import ScreenGrabber
from psychopy_neon.simulator.sensors import SceneFeed, Sensors
from psychopy_neon.simulator.truth import TruthLog

Film = tuple[ScreenGrabber, Exposure]
"""What is needed to film a screen."""


def sensors_of_wearer(
    options: SimulatorOptions,
    clock: SimulatedClock,
    view: SceneView,
    source: GazeSource,
    truth: TruthLog,
    film: Film | None,
) -> tuple[Sensors, GazeSensor]:
    """All sensors, and the gaze sensor among them, whose wearer can be made to blink.

    With a film the scene camera sees the screen that its grabber looks at.
    """
    skew_ns = round(options.sensor_skew_s * 1e9)
    gaze = _gaze(options, clock, view, source, truth)
    eyes = EyesSensor(aggregate=options.stap_a)
    eye_events = EyeEventSensor(view.camera, truth, skew_ns=skew_ns)
    gaze.on_look(eye_events.see)
    gaze.on_look(eyes.see)
    patch = _patch(options, truth)
    sensors = Sensors(
        truth,
        options.glasses.sensors,
        gaze=gaze,
        eyes=eyes,
        imu=ImuSensor(clock, view.head, skew_ns=skew_ns),
        eye_events=eye_events,
        scene=_scene(options, clock, view, patch, film) if options.scene else None,
        audio=AudioSensor(clock) if options.microphone else None,
        patch=patch,
    )
    return sensors, gaze


def _gaze(
    options: SimulatorOptions,
    clock: SimulatedClock,
    view: SceneView,
    source: GazeSource,
    truth: TruthLog,
) -> GazeSensor:
    return GazeSensor(
        clock,
        view,
        source,
        truth,
        gaze_bytes=options.glasses.gaze_bytes or options.gaze_bytes,
        scene_area_px=options.glasses.scene_area_px,
        error=_gaze_error(options),
        blinks_per_minute=options.blinks_a_minute,
        seed=options.seed,
    )


def _gaze_error(options: SimulatorOptions) -> GazeError:
    if options.gaze_model == "human" and options.noise_px is None:
        return GlassesError(options.seed)
    return WhiteNoise(options.noise_px or 0.0, options.seed)


def _scene(
    options: SimulatorOptions,
    clock: SimulatedClock,
    view: SceneView,
    patch: PatchScreen | None,
    film: Film | None,
) -> SceneFeed:
    area_px = options.glasses.scene_area_px
    if film is not None:
        return FilmedScene(clock, view, *film, area_px=area_px, aggregate=options.stap_a)
    return SceneSensor(
        clock,
        view,
        area_px=area_px,
        aggregate=options.stap_a,
        patch=patch,
        blinking=options.blinking,
    )


def _patch(options: SimulatorOptions, truth: TruthLog) -> PatchScreen | None:
    if options.display_lag_s is None:
        return None
    return PatchScreen(
        truth,
        display_lag_s=options.display_lag_s,
        exposure_s=options.exposure_s,
        period_s=options.patch_period_s,
        seed=options.seed,
    )
