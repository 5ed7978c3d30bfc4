"""Gaze payloads of every length that a phone has ever sent, and of one that it may send next."""

from __future__ import annotations

import math

from psychopy_neon.protocol.gaze import KNOWN_LENGTHS, pack_gaze
from psychopy_neon.samples import Eyelid, EyeState, GazeSample, Point
from psychopy_neon.simulator.look import Look

MONOCULAR_OFFSET_PX = 3.0
OPEN_APERTURE_MM, OPEN_LID_RAD = 11.0, 0.5
_LEFT_CENTER_MM, _RIGHT_CENTER_MM = (-32.0, 15.0, -39.0), (31.0, 15.0, -39.0)
_NAN = float("nan")
_UNKNOWN = EyeState(_NAN, (_NAN, _NAN, _NAN), (_NAN, _NAN, _NAN))
WITH_MONOCULAR, WITH_LIDS, WITH_EYES = (17, 25, 105), (89, 105), (65, 89, 105)


def gaze_payload(
    look: Look, gaze_bytes: int, *, worn: bool = True, eye_state_is_nan: bool = False
) -> bytes:
    """Encode a look in the variant of that length.

    A length that is not one of ``protocol.gaze.KNOWN_LENGTHS`` gives the longest known
    variant below it, filled up with what a future phone may have to say.
    """
    known = max(length for length in KNOWN_LENGTHS if length <= gaze_bytes)
    left_eye, right_eye = _eyes(look, eye_state_is_nan) if known in WITH_EYES else (None, None)
    lid = _lid(look.openness) if known in WITH_LIDS else None
    left_point, right_point = _points(look) if known in WITH_MONOCULAR else (None, None)
    sample = GazeSample(
        look.device_ns,
        0,
        look.x,
        look.y,
        worn,
        left_eye,
        right_eye,
        lid,
        lid,
        left_point,
        right_point,
        is_monocular=known == 17,
    )
    return pack_gaze(sample) + b"\x3f" * (gaze_bytes - known)


def direction(x: float, y: float) -> tuple[float, float, float]:
    """Unit vector towards a scene pixel; a pinhole is near enough for the eyes' axes."""
    across, down = (x - 800) / 890, (y - 600) / 890
    length = math.sqrt(across**2 + down**2 + 1)
    return across / length, down / length, 1 / length


def _points(look: Look) -> tuple[Point, Point]:
    return (look.x - MONOCULAR_OFFSET_PX, look.y), (look.x + MONOCULAR_OFFSET_PX, look.y)


def _eyes(look: Look, is_nan: bool) -> tuple[EyeState, EyeState]:
    if is_nan:
        return _UNKNOWN, _UNKNOWN
    axis = direction(look.x, look.y)
    left = EyeState(look.pupil_mm, _LEFT_CENTER_MM, axis)
    return left, EyeState(look.pupil_mm, _RIGHT_CENTER_MM, axis)


def _lid(openness: float) -> Eyelid:
    # The upper lid comes down to the lower one, which stays.
    top = OPEN_LID_RAD * (2 * openness - 1)
    return Eyelid(top, -OPEN_LID_RAD, OPEN_APERTURE_MM * openness)
