"""Values that users receive from the glasses: frozen, typed, with units in their names.

Three clocks occur, and every time says which one it is on:

``device_ns``
    The phone's Unix clock, integer nanoseconds. The time of the sample itself.
``host_ns``
    This computer's monotonic clock, ``time.perf_counter_ns()``. When something reached us.
``experiment_s``
    The experiment's own clock in seconds, as handed to `psychopy_neon.Neon`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Vector = tuple[float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class EyeState:
    """State of one eye.

    Attributes
    ----------
    pupil_diameter_mm : float
        Physical pupil diameter; NaN or 0 while the eye is shut.
    eyeball_center_mm : tuple of 3 float
        Relative to the scene camera: x right, y down, z forward.
    optical_axis : tuple of 3 float
        Unit vector in the same axes.
    """

    pupil_diameter_mm: float
    eyeball_center_mm: Vector
    optical_axis: Vector


@dataclass(frozen=True, slots=True)
class Eyelid:
    """Lid of one eye: two angles in radians, and the opening in mm (0 is shut)."""

    angle_top_rad: float
    angle_bottom_rad: float
    aperture_mm: float


@dataclass(frozen=True, slots=True)
class GazeSample:
    """One gaze sample; the parts that this phone does not send are None.

    Attributes
    ----------
    device_ns : int
        Time of the sample on the phone's Unix clock, ns.
    arrived_host_ns : int
        When its packet reached this computer, ``time.perf_counter_ns()``.
    x, y : float
        Scene camera pixels, origin top left, 1600 x 1200; may lie outside the picture.
    worn : bool
        Whether the glasses are on somebody's nose.
    left_eye, right_eye : EyeState or None
    left_lid, right_lid : Eyelid or None
    left_point, right_point : tuple of 2 float or None
        Monocular gaze, scene camera pixels.
    unknown_bytes : int
        Bytes at the end of the payload that this version cannot decode; 0 in known variants.
    provisional : bool
        True while no sender report has tied the stream to the phone's clock: `device_ns`
        is then an estimate from the arrival time.
    """

    device_ns: int
    arrived_host_ns: int
    x: float
    y: float
    worn: bool
    left_eye: EyeState | None = None
    right_eye: EyeState | None = None
    left_lid: Eyelid | None = None
    right_lid: Eyelid | None = None
    left_point: Point | None = None
    right_point: Point | None = None
    unknown_bytes: int = 0
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class ImuSample:
    """One motion sample: x right, y forward, z up in the module's own axes.

    Attributes
    ----------
    device_ns, arrived_host_ns : int
        As in `GazeSample`: comparable with the times of gaze and video.
    sensor_ns : int
        The sensor's own stamp, on the phone's sensor clock, which can differ from `device_ns` by
        a constant.
    acceleration_g : tuple of 3 float
        In units of standard gravity.
    rotation_deg_s : tuple of 3 float
        Angular velocity, degrees per second.
    quaternion_wxyz : tuple of 4 float
        Orientation in the world (x right, y magnetic north, z up), w first.
    """

    device_ns: int
    arrived_host_ns: int
    sensor_ns: int
    acceleration_g: Vector
    rotation_deg_s: Vector
    quaternion_wxyz: tuple[float, float, float, float]

    @property
    def sensor_skew_ns(self) -> int:
        """Phone's Unix clock minus its sensor clock, ns, by this sample."""
        return self.device_ns - self.sensor_ns


EyeEventKind = Literal["saccade", "fixation", "saccade_onset", "fixation_onset", "blink"]


@dataclass(frozen=True, slots=True)
class EyeMovement:
    """Summary that the phone sends at the end of a fixation or saccade.

    Positions are scene camera pixels, velocities pixels per second.
    """

    start_px: Point
    end_px: Point
    mean_px: Point
    amplitude_px: float
    amplitude_deg: float
    mean_velocity_px_s: float
    max_velocity_px_s: float


@dataclass(frozen=True, slots=True)
class EyeEvent:
    """A saccade, fixation or blink, or the onset of one.

    Attributes
    ----------
    device_ns : int
        Time of the packet on the phone's Unix clock (end of a saccade or fixation, start of
        an onset or blink).
    arrived_host_ns : int
        As in `GazeSample`.
    start_sensor_ns : int
        Start on the phone's *sensor* clock, which can differ from `device_ns` by a constant.
    end_sensor_ns : int or None
        End on the same clock; None for onsets.
    movement : EyeMovement or None
        For finished saccades and fixations.
    """

    kind: EyeEventKind
    device_ns: int
    arrived_host_ns: int
    start_sensor_ns: int
    end_sensor_ns: int | None = None
    movement: EyeMovement | None = None

    @property
    def sensor_skew_ns(self) -> int:
        """Phone's Unix clock minus its sensor clock, ns, by this event.

        `device_ns` is the end of a finished saccade or fixation, and the start of a blink or of
        an onset (reference, 5.2): found in recorded packets, not documented by the makers.
        """
        end_ns = self.end_sensor_ns if self.kind in ("saccade", "fixation") else None
        return self.device_ns - (self.start_sensor_ns if end_ns is None else end_ns)

    @property
    def start_device_ns(self) -> int:
        """Start on the phone's Unix clock, ns: comparable with the times of gaze and video."""
        return self.rebased(None)[0]

    @property
    def end_device_ns(self) -> int | None:
        """End on the phone's Unix clock, ns; None for onsets."""
        return self.rebased(None)[1]

    def rebased(self, sensor_skew_ns: int | None) -> tuple[int, int | None]:
        """Start and end on the phone's Unix clock by a given skew, ns.

        `start_device_ns` and `end_device_ns` rest on this event's own packet. The median of many
        packets, ``neon.sensor_skew_ns``, is steadier: with it, the end of one event and the start
        of the next one are apart by exactly what the sensor measured.

        Parameters
        ----------
        sensor_skew_ns : int or None
            None takes this event's own.

        Returns
        -------
        tuple of int, and int or None
            The end is None for onsets.
        """
        skew_ns = self.sensor_skew_ns if sensor_skew_ns is None else sensor_skew_ns
        end_ns = self.end_sensor_ns
        return self.start_sensor_ns + skew_ns, None if end_ns is None else end_ns + skew_ns


@dataclass(frozen=True, eq=False, slots=True)
class VideoFrame:
    """One decoded picture of the scene camera (or the eye cameras).

    Pixels are converted only when asked for: `luma` is a view of the decoder's own plane.

    Attributes
    ----------
    device_ns, arrived_host_ns : int
        As in `GazeSample`; arrival is that of the picture's last packet.
    width, height : int
        Pixels.
    damaged : bool
        True if packets of this picture, or of one it was predicted from, were lost.
    provisional : bool
        As in `GazeSample`.
    """

    device_ns: int
    arrived_host_ns: int
    width: int
    height: int
    damaged: bool
    provisional: bool
    decoded: Any  # av.VideoFrame; typed loosely because this module must not load PyAV

    @property
    def luma(self) -> npt.NDArray[np.uint8]:
        """Brightness, shape (height, width), uint8; a read-only view without conversion."""
        plane = self.decoded.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        view = rows[: self.height, : self.width]
        view.flags.writeable = False
        return view

    def bgr(self) -> npt.NDArray[np.uint8]:
        """Colour picture, shape (height, width, 3), uint8, order blue-green-red.

        Converts on every call (a few milliseconds at 1600 x 1200); keep the result.
        """
        pixels: npt.NDArray[np.uint8] = self.decoded.to_ndarray(format="bgr24")
        return pixels


@dataclass(frozen=True, eq=False, slots=True)
class AudioFrame:
    """One decoded piece of sound, as a rule 1024 samples.

    Attributes
    ----------
    device_ns, arrived_host_ns : int
        As in `GazeSample`; the time of the first sample.
    sampling_rate_hz : int
    pcm : ndarray of float32, shape (samples,)
        One channel, -1 to 1.
    provisional : bool
        As in `GazeSample`.
    """

    device_ns: int
    arrived_host_ns: int
    sampling_rate_hz: int
    pcm: npt.NDArray[np.float32]
    provisional: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class MatchedSceneGaze:
    """A scene picture and the gaze sample nearest to it in time."""

    scene: VideoFrame
    gaze: GazeSample

    @property
    def distance_ns(self) -> int:
        """Gaze time minus picture time, ns."""
        return self.gaze.device_ns - self.scene.device_ns


GazeProblem = Literal["no gaze", "too old", "not worn", "no screen", "screen too old", "off lens"]


@dataclass(frozen=True, slots=True)
class ScreenGaze:
    """Where on the screen somebody looks, and how far to trust it.

    Attributes
    ----------
    x, y : float
        PsychoPy's ``norm`` units of the window the markers are drawn in: -1 (left, bottom) to
        1 (right, top). Outside that range the gaze is beside the window. NaN when not valid.
    valid : bool
    problem : str or None
        Why it is not valid; None when it is.
    age_s : float
        Age of the gaze sample when this value was made, seconds; NaN without a sample.
    pose_age_s : float
        Time between the gaze sample and the picture its screen position rests on; NaN
        without one.
    tags : int
        Number of markers that picture showed.
    device_ns : int or None
        Time of the gaze sample on the phone's Unix clock.
    pupil_mm : float
        Mean pupil diameter of the eyes that report one; NaN without eye state.
    """

    x: float
    y: float
    valid: bool
    problem: GazeProblem | None
    age_s: float
    pose_age_s: float
    tags: int
    device_ns: int | None
    pupil_mm: float
