"""The glasses, and what they see and feel on somebody's nose."""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.exposure import Exposure
from psychopy_neon.simulator.gaze_script import find_source
from psychopy_neon.simulator.head import Head
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.screen_grabber import ScreenGrabber
from psychopy_neon.simulator.sensors import Sensors
from psychopy_neon.simulator.truth import TruthLog
from psychopy_neon.simulator.wearer import VirtualWearer, Wearer
from psychopy_neon.simulator.wearer_sensors import sensors_of_wearer


@dataclass(frozen=True, eq=False, slots=True)
class Glasses:
    """One pair, on somebody's nose.

    Attributes
    ----------
    serial : str
        Of the module.
    frame_name : str
    calibration : bytes
        As ``GET /calibration.bin`` gives it.
    view : SceneView
    sensors : Sensors
    wearer : Wearer
    exposure : Exposure
        Of the scene camera.
    problems : tuple of str
        What had to be done otherwise, one sentence each.
    """

    serial: str
    frame_name: str
    calibration: bytes
    view: SceneView
    sensors: Sensors
    wearer: Wearer
    exposure: Exposure
    problems: tuple[str, ...] = ()

    def close(self) -> None:
        """End all sensors, then let go of what the wearer follows. Idempotent."""
        self.sensors.close()
        self.wearer.close()


def glasses_of_participant(
    options: SimulatorOptions, clock: SimulatedClock, truth: TruthLog
) -> Glasses:
    """Glasses on the virtual participant's nose.

    Raises
    ------
    UsageError
        If the mouse cannot be read.
    """
    calibration = Calibration.typical(options.module_serial)
    lens = calibration.scene
    grabber, problems = _look_at_screen(options)
    size_px = options.screen_px if grabber is None else grabber.size_px
    monitor = Monitor(size_px, options.screen_width_mm)
    source = find_source(options, monitor, clock.now_ns())
    view = SceneView(
        SceneCamera(lens.matrix, lens.distortion),
        Head(options.distance_mm, options.head_moves, options.head_turn_deg),
        monitor,
    )
    exposure = Exposure(options.exposure_s)
    film = None if grabber is None else (grabber, exposure)
    sensors, gaze = sensors_of_wearer(options, clock, view, source, truth, film)
    wearer = VirtualWearer(source, gaze)
    serial, frame_name = options.module_serial, options.frame_name
    packed = calibration.pack()
    return Glasses(serial, frame_name, packed, view, sensors, wearer, exposure, problems)


def _look_at_screen(options: SimulatorOptions) -> tuple[ScreenGrabber | None, tuple[str, ...]]:
    if not options.film_screen:
        return None, ()
    try:
        return ScreenGrabber(), ()
    except UsageError as error:
        return None, (f"The screen cannot be filmed: {error}; the monitor is drawn instead.",)
