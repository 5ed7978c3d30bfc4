"""All sensors of the simulated glasses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from psychopy_neon.simulator.audio_sensor import AudioSensor
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.eye_event_sensor import EyeEventSensor
from psychopy_neon.simulator.eyes_sensor import EyesSensor
from psychopy_neon.simulator.gaze_script import GazeSource
from psychopy_neon.simulator.gaze_sensor import GazeSensor
from psychopy_neon.simulator.imu_sensor import ImuSensor
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.patch_screen import PatchScreen
from psychopy_neon.simulator.scene_sensor import SceneSensor
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.truth import TruthLog


class _Sensor(Protocol):
    def start(self) -> None: ...
    def close(self) -> None: ...


class Sensors:
    """Gaze, eyes, motion, eye events and, if wanted, scene and sound; one clock, one wearer.

    Attributes
    ----------
    gaze : GazeSensor
    eyes : EyesSensor
    imu : ImuSensor
    eye_events : EyeEventSensor
    scene : SceneSensor or None
    audio : AudioSensor or None
    patch : PatchScreen or None
    """

    def __init__(
        self,
        options: SimulatorOptions,
        clock: SimulatedClock,
        view: SceneView,
        source: GazeSource,
        truth: TruthLog,
    ) -> None:
        self._listed = options.glasses.sensors
        skew_ns = round(options.sensor_skew_s * 1e9)
        self.gaze = GazeSensor(
            clock,
            view,
            source,
            truth,
            gaze_bytes=options.glasses.gaze_bytes or options.gaze_bytes,
            scene_area_px=options.glasses.scene_area_px,
            noise_px=options.noise_px,
            blinks_per_minute=options.blinks_per_minute,
            seed=options.seed,
        )
        self.eyes = EyesSensor(aggregate=options.stap_a)
        self.imu = ImuSensor(clock, view.head, skew_ns=skew_ns)
        self.eye_events = EyeEventSensor(view.camera, truth, skew_ns=skew_ns)
        self.patch = _patch(options, truth)
        self.scene = _scene(options, clock, view, self.patch) if options.scene else None
        self.audio = AudioSensor(clock) if options.microphone else None
        self.gaze.on_look(self.eye_events.see)
        self.gaze.on_look(self.eyes.see)

    def start(self) -> None:
        """Begin to sense."""
        for sensor in self._all():
            sensor.start()

    def close(self) -> None:
        """End all threads. Idempotent."""
        for sensor in self._all():
            sensor.close()

    @property
    def streams(self) -> Mapping[str, Sequence[Stream]]:
        """Streams by the sensor's name in the status; sound comes before the scene's video."""
        streams: dict[str, Sequence[Stream]] = {"imu": (self.imu.stream,)}
        if self.scene is not None:
            sound = (self.audio.stream,) if self.audio else ()
            streams["world"] = (*sound, self.scene.stream)
        streams["gaze"] = (self.gaze.stream,)
        streams["eye_events"] = (self.eye_events.stream,)
        streams["eyes"] = (self.eyes.stream,)
        return {name: those for name, those in streams.items() if name in self._listed}

    @property
    def scene_is_watched(self) -> bool:
        """Whether anybody receives scene video."""
        return self.scene is not None and self.scene.stream.is_watched

    def _all(self) -> list[_Sensor]:
        found: list[_Sensor | None] = [self.gaze, self.eyes, self.imu, self.scene, self.audio]
        return [sensor for sensor in found if sensor is not None]


def _scene(
    options: SimulatorOptions, clock: SimulatedClock, view: SceneView, patch: PatchScreen | None
) -> SceneSensor:
    area_px = options.glasses.scene_area_px
    return SceneSensor(clock, view, area_px=area_px, aggregate=options.stap_a, patch=patch)


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
