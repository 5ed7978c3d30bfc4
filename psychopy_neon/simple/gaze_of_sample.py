"""A gaze sample as the tuple that the official client makes of the same packet."""

from __future__ import annotations

from psychopy_neon.samples import Eyelid, EyeState, GazeSample
from psychopy_neon.simple.gaze import (
    AnyGaze,
    BinoAndDualMonoGazeData,
    DualMonocularGazeData,
    EyestateEyelidDualMonoGazeData,
    EyestateEyelidGazeData,
    EyestateGazeData,
    GazeData,
    Point,
)
from psychopy_neon.simple.timestamps import unix_seconds


def gaze_tuple(sample: GazeSample) -> AnyGaze:
    """The official tuple with all parts of a sample."""
    gaze = _monocular(sample) if sample.is_monocular else _binocular(sample)
    return gaze.stamped(sample.device_ns)


def _monocular(sample: GazeSample) -> DualMonocularGazeData:
    missing = (float("nan"), float("nan"))
    left, right = (Point(*(p or missing)) for p in (sample.left_point, sample.right_point))
    return DualMonocularGazeData(left, right, sample.worn, unix_seconds(sample.device_ns))


def _binocular(sample: GazeSample) -> AnyGaze:
    binocular = (sample.x, sample.y, sample.worn)
    end = (unix_seconds(sample.device_ns),)
    eyes = _both(sample.left_eye, sample.right_eye)
    lids = _both(sample.left_lid, sample.right_lid)
    points = (*sample.left_point, *sample.right_point) if _has_points(sample) else ()  # type: ignore[misc]
    if eyes and lids and points:
        return EyestateEyelidDualMonoGazeData._make((*binocular, *eyes, *lids, *points, *end))
    if eyes and lids:
        return EyestateEyelidGazeData._make((*binocular, *eyes, *lids, *end))
    if eyes:
        return EyestateGazeData._make((*binocular, *eyes, *end))
    if points:
        return BinoAndDualMonoGazeData._make((*binocular, *points, *end))
    return GazeData._make((*binocular, *end))


def _has_points(sample: GazeSample) -> bool:
    return sample.left_point is not None and sample.right_point is not None


def _both(left: EyeState | Eyelid | None, right: EyeState | Eyelid | None) -> tuple[float, ...]:
    """The numbers of the left, then of the right; nothing if one is missing."""
    return () if left is None or right is None else (*_numbers(left), *_numbers(right))


def _numbers(part: EyeState | Eyelid) -> tuple[float, ...]:
    if isinstance(part, EyeState):
        return (part.pupil_diameter_mm, *part.eyeball_center_mm, *part.optical_axis)
    return (part.angle_top_rad, part.angle_bottom_rad, part.aperture_mm)
