"""Eye event tuples of the official client.

``start_time_ns`` and ``end_time_ns`` are on the phone's *sensor* clock, which can be minutes off;
``rtp_ts_unix_seconds`` and ``timestamp_unix_ns`` are comparable with the times of gaze and video.
"""

from __future__ import annotations

from typing import NamedTuple

from psychopy_neon.samples import EyeEvent, EyeEventKind, EyeMovement
from psychopy_neon.simple.timestamps import Stamped, unix_seconds

EVENT_TYPES: dict[EyeEventKind, int] = {
    "saccade": 0,
    "fixation": 1,
    "saccade_onset": 2,
    "fixation_onset": 3,
    "blink": 4,
}


class _Fixation(NamedTuple):
    event_type: int
    start_time_ns: int
    end_time_ns: int
    start_gaze_x: float
    start_gaze_y: float
    end_gaze_x: float
    end_gaze_y: float
    mean_gaze_x: float
    mean_gaze_y: float
    amplitude_pixels: float
    amplitude_angle_deg: float
    mean_velocity: float
    max_velocity: float
    rtp_ts_unix_seconds: float


class _Onset(NamedTuple):
    event_type: int
    start_time_ns: int
    rtp_ts_unix_seconds: float


class _Blink(NamedTuple):
    event_type: int
    start_time_ns: int
    end_time_ns: int
    rtp_ts_unix_seconds: float


class FixationEventData(Stamped, _Fixation):
    """A saccade or fixation that has ended (reference, 5.2).

    Attributes
    ----------
    event_type : int
        0 is a saccade, 1 a fixation.
    start_time_ns, end_time_ns : int
        Phone's *sensor* clock, ns: it can differ from the Unix clock by a constant.
    start_gaze_x, start_gaze_y, end_gaze_x, end_gaze_y, mean_gaze_x, mean_gaze_y : float
        Scene camera pixels.
    amplitude_pixels, amplitude_angle_deg : float
        Distance from start to end, pixels and degrees.
    mean_velocity, max_velocity : float
        Pixels per second.
    rtp_ts_unix_seconds : float
        Time of the packet on the phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """

    _seconds_field = "rtp_ts_unix_seconds"


class FixationOnsetEventData(Stamped, _Onset):
    """The onset of a saccade or fixation (reference, 5.2).

    Attributes
    ----------
    event_type : int
        2 is the onset of a saccade, 3 that of a fixation.
    start_time_ns : int
        Phone's *sensor* clock, ns.
    rtp_ts_unix_seconds : float
        Time of the packet on the phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """

    _seconds_field = "rtp_ts_unix_seconds"


class BlinkEventData(Stamped, _Blink):
    """A blink (reference, 5.2).

    Attributes
    ----------
    event_type : int
        4.
    start_time_ns, end_time_ns : int
        Phone's *sensor* clock, ns.
    rtp_ts_unix_seconds : float
        Time of the packet on the phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    """

    _seconds_field = "rtp_ts_unix_seconds"


AnyEyeEvent = FixationEventData | FixationOnsetEventData | BlinkEventData


def eye_event_tuple(event: EyeEvent) -> AnyEyeEvent:
    """The official tuple of an event."""
    start = (EVENT_TYPES[event.kind], event.start_sensor_ns)
    seconds = unix_seconds(event.device_ns)
    found: AnyEyeEvent
    if event.movement is not None:
        numbers = (event.end_sensor_ns or 0, *_numbers(event.movement))
        found = FixationEventData._make((*start, *numbers, seconds))
    elif event.end_sensor_ns is not None:
        found = BlinkEventData(*start, event.end_sensor_ns, seconds)
    else:
        found = FixationOnsetEventData(*start, seconds)
    return found.stamped(event.device_ns)


def _numbers(m: EyeMovement) -> tuple[float, ...]:
    points = (*m.start_px, *m.end_px, *m.mean_px)
    amplitude = (m.amplitude_px, m.amplitude_deg)
    return (*points, *amplitude, m.mean_velocity_px_s, m.max_velocity_px_s)
