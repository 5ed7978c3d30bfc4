"""Draws what the two eye cameras see, roughly: infrared light, dark pupil, a glint, moving lids.

The model is orthographic: the pupil sits on the eyeball's front, `EYE_RADIUS_MM` before its
centre, so that it moves by that times the gaze direction. A camera looks the wearer in the face;
the wearer's right is therefore on the left of its picture.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.simulator.gaze_payload import direction
from psychopy_neon.simulator.look import Look

Picture = npt.NDArray[np.uint8]

EYE_PX = 192
PICTURE_SIZE_PX = (2 * EYE_PX, EYE_PX)
PX_PER_MM = 4.7
EYE_RADIUS_MM, IRIS_MM = 10.5, 12.0
PUPIL_LEVEL, IRIS_LEVEL, SCLERA_LEVEL, SKIN_LEVEL, GLINT_LEVEL = 24, 95, 165, 140, 230
LID_STEPS = 32
_HALF_WIDTH_PX, _UP_PX, _DOWN_PX = 72, 34, 26
_SUBPIXEL_BITS = 4


def pupil_place_px(look: Look) -> tuple[float, float]:
    """Where the pupil's centre is in each eye's 192 x 192 picture."""
    x, y, _ = _axis(look)
    reach_px = EYE_RADIUS_MM * PX_PER_MM
    return EYE_PX / 2 - x * reach_px, EYE_PX / 2 + y * reach_px


class EyePainter:
    """Paints both eyes; what does not change is painted once."""

    def __init__(self) -> None:
        self._skin = _skin()
        self._lids = [_lid_mask(step / LID_STEPS) for step in range(LID_STEPS + 1)]

    def paint(self, look: Look) -> Picture:
        """Left and right eye side by side: luma, shape (192, 384), 16-235."""
        eye = np.full((EYE_PX, EYE_PX), SCLERA_LEVEL, np.uint8)
        x, y, z = _axis(look)
        centre, tilt_deg = pupil_place_px(look), math.degrees(math.atan2(y, -x))
        _disc(eye, centre, IRIS_MM, z, tilt_deg, IRIS_LEVEL)
        _disc(eye, centre, look.pupil_mm, z, tilt_deg, PUPIL_LEVEL)
        cv2.circle(eye, (EYE_PX // 2 + 6, EYE_PX // 2 - 8), 2, GLINT_LEVEL, cv2.FILLED)
        lids = self._lids[round(min(1.0, max(0.0, look.openness)) * LID_STEPS)]
        cv2.copyTo(self._skin, lids, eye)
        # Both eyes look the same way; their lids and skin are each other's mirror image anyway.
        return np.hstack([eye, eye])


def _axis(look: Look) -> tuple[float, float, float]:
    axis = direction(look.x, look.y)
    return axis if all(map(math.isfinite, axis)) else (0.0, 0.0, 1.0)


def _disc(
    eye: Picture,
    centre: tuple[float, float],
    diameter_mm: float,
    foreshortening: float,
    tilt_deg: float,
    level: int,
) -> None:
    scale = 1 << _SUBPIXEL_BITS
    radius = diameter_mm / 2 * PX_PER_MM * scale
    place = round(centre[0] * scale), round(centre[1] * scale)
    axes = round(radius * foreshortening), round(radius)
    cv2.ellipse(eye, place, axes, tilt_deg, 0, 360, level, cv2.FILLED, cv2.LINE_AA, _SUBPIXEL_BITS)


def _skin() -> Picture:
    grain = np.random.default_rng(1).normal(SKIN_LEVEL, 12, (EYE_PX, EYE_PX))
    return np.asarray(np.clip(cv2.GaussianBlur(grain, (0, 0), 3), 16, 235), np.uint8)


def _lid_mask(openness: float) -> Picture:
    """255 where the lids cover the eye; the upper lid moves, the lower one stays."""
    across = np.linspace(-1, 1, 41)
    curve = 1 - across**2
    columns = EYE_PX / 2 + across * _HALF_WIDTH_PX
    lower = EYE_PX / 2 + _DOWN_PX * curve
    upper = lower - openness * (_UP_PX + _DOWN_PX) * curve
    outline = np.concatenate([np.stack([columns, upper], 1), np.stack([columns, lower], 1)[::-1]])
    mask = np.full((EYE_PX, EYE_PX), 255, np.uint8)
    if openness > 0:
        cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 0)
    return mask
