"""The monitor that the virtual participant sits in front of, with its tag frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.markers import frame_layout, paint_markers
from psychopy_neon.screen.patch import paint_inverted, paint_patch
from psychopy_neon.simulator.participant import Norm

Picture = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]

BACKGROUND_LEVEL = 128
GLYPH_LEVEL = 90


@dataclass(frozen=True, slots=True)
class Monitor:
    """A flat screen; its axes have their origin in its middle, x right, y down, z away, in mm.

    Attributes
    ----------
    size_px : tuple of 2 int
        Width and height, device pixels (square).
    width_mm : float
    patch_level : int or None
        Grey level of the patch that blinks for the scene camera; None for no patch.
    inverted : bool
        Whether the markers that blink instead of a patch are inverted.
    """

    size_px: tuple[int, int]
    width_mm: float
    patch_level: int | None = None
    inverted: bool = False

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height, mm."""
        width_px, height_px = self.size_px
        return self.width_mm, self.width_mm * height_px / width_px

    def point_mm(self, norm: Norm) -> tuple[float, float]:
        """Place of a point in norm units (-1..1, y up), mm."""
        width, height = self.size_mm
        return norm[0] * width / 2, -norm[1] * height / 2

    def pixels_from_mm(self) -> Matrix:
        """Homography, shape (3, 3), from mm to pixels whose *centres* have whole numbers."""
        scale = self.size_px[0] / self.width_mm
        shift = np.array(self.size_px) / 2 - 0.5
        return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1.0]])

    def picture(self) -> Picture:
        """What it shows: the default tag frame on grey, and a cross in the middle."""
        width, height = self.size_px
        pixels = np.full((height, width), BACKGROUND_LEVEL, np.uint8)
        layout = frame_layout(self.size_px)
        paint_markers(pixels, layout)
        if self.patch_level is not None:
            paint_patch(pixels, layout, self.patch_level)
        if self.inverted:
            paint_inverted(pixels, layout)
        arm, thickness = height // 40, max(1, height // 240)
        x, y = width // 2, height // 2
        cv2.line(pixels, (x - arm, y), (x + arm, y), GLYPH_LEVEL, thickness)
        cv2.line(pixels, (x, y - arm), (x, y + arm), GLYPH_LEVEL, thickness)
        return pixels
