"""Fixations, saccades and blinks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psychopy_neon.samples.axes import Point

EyeEventKind = Literal["saccade", "fixation", "saccade_onset", "fixation_onset", "blink"]


@dataclass(frozen=True, slots=True)
class EyeMovement:
    """Summary that the phone sends at the end of a fixation or saccade (reference, 5.2).

    Attributes
    ----------
    start_px, end_px, mean_px : tuple of 2 float
        Gaze at its start, at its end and on average, scene camera pixels.
    amplitude_px, amplitude_deg : float
        Distance from start to end, in pixels and as an angle in degrees.
    mean_velocity_px_s, max_velocity_px_s : float
        Pixels per second.
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
    """A saccade, fixation or blink, or the onset of one (reference, 5.2).

    Attributes
    ----------
    kind : str
        "saccade", "fixation", "saccade_onset", "fixation_onset" or "blink".
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
    provisional : bool
        As in `GazeSample`.
    """

    kind: EyeEventKind
    device_ns: int
    arrived_host_ns: int
    start_sensor_ns: int
    end_sensor_ns: int | None = None
    movement: EyeMovement | None = None
    provisional: bool = False

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
