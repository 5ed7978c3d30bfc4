"""What the scene camera sees of a screen that is filmed: in colour, blurred as the head moves."""

from __future__ import annotations

import math
from typing import NamedTuple

import av
import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.camera import PICTURE_SIZE_PX
from psychopy_neon.simulator.exposure import Exposure
from psychopy_neon.simulator.scene_renderer import (
    ROOM_LEVEL,
    Picture,
    SceneRenderer,
    blur_px,
    video_level,
)
from psychopy_neon.simulator.scene_view import SceneView

NO_COLOUR = 128
LEAST_SMEAR_PX = 0.5
MOST_SMEAR_PX = 31.0


class Planes(NamedTuple):
    """Luma, shape (height, width), and both chromas, half of that; video range."""

    luma: Picture
    blue: Picture
    red: Picture

    def part(self, left: int, top: int, width: int, height: int) -> Planes:
        """A rectangle; all four numbers are even."""
        half = [slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2)]
        luma = self.luma[top : top + height, left : left + width]
        return Planes(luma, self.blue[half[0], half[1]], self.red[half[0], half[1]])


class FilmRenderer:
    """Pictures of the scene camera out of pictures of the screen.

    Parameters
    ----------
    view : SceneView
    moments_ns : list of int
        Of a round of the head's motion.
    exposure : Exposure
        How long the camera gathers light; what moves meanwhile is smeared.
    """

    def __init__(self, view: SceneView, moments_ns: list[int], exposure: Exposure) -> None:
        self._view = view
        self._renderer = SceneRenderer(view, moments_ns)
        self._exposure = exposure
        self._sigma_px = blur_px(view)

    def picture(self, screen: av.VideoFrame, device_ns: int) -> Planes:
        """What the camera sees at that moment if this is on the screen."""
        luma, blue, red = _planes_of(screen)
        rows, columns = self._renderer.area
        across, down = self._renderer.places(device_ns)
        seen = _room()
        kernel = smear(*self._motion_px(device_ns))
        part = _seen(luma, across, down, self._sigma_px, int(video_level(ROOM_LEVEL)))
        seen.luma[rows, columns] = part if kernel is None else cv2.filter2D(part, -1, kernel)
        half = tuple(slice(edge.start // 2, edge.stop // 2) for edge in (rows, columns))
        # From places of the screen's pixels to those of its chroma, which has half as many.
        half_px = np.float32(0.5)
        across, down = ((place[::2, ::2] - half_px) * half_px for place in (across, down))
        for plane, shown in ((seen.blue, blue), (seen.red, red)):
            plane[half] = _seen(shown, across, down, self._sigma_px / 2, NO_COLOUR)
        return _lit(seen, self._exposure.brightness)

    def _motion_px(self, device_ns: int) -> tuple[float, float]:
        """How far the middle of the screen moves in the picture during an exposure."""
        half_ns = round(self._exposure.seconds * 1e9) // 2
        before, after = (
            self._view.scene_px((0.0, 0.0), device_ns + step) for step in (-half_ns, half_ns)
        )
        return after[0] - before[0], after[1] - before[1]


def smear(x_px: float, y_px: float) -> npt.NDArray[np.float32] | None:
    """Kernel that spreads each point along a motion; None if there is hardly any."""
    length = math.hypot(x_px, y_px)
    if math.isnan(length) or length < LEAST_SMEAR_PX:
        return None
    scale = min(1.0, MOST_SMEAR_PX / length)
    reach = math.ceil(length * scale / 2)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for step in np.linspace(-0.5, 0.5, 8 * reach + 1) * scale:
        column, row = reach + step * x_px, reach + step * y_px
        left, top = min(int(column), 2 * reach - 1), min(int(row), 2 * reach - 1)
        part_x, part_y = column - left, row - top
        weights = np.outer([1 - part_y, part_y], [1 - part_x, part_x])
        kernel[top : top + 2, left : left + 2] += weights.astype(np.float32)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _seen(
    shown: Picture,
    across: npt.NDArray[np.float32],
    down: npt.NDArray[np.float32],
    sigma_px: float,
    around: int,
) -> Picture:
    blurred = cv2.GaussianBlur(shown, (0, 0), max(0.3, sigma_px))
    padded = cv2.copyMakeBorder(blurred, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=[around])
    # One pixel of room surrounds the shown picture; repeated, it fills all around.
    across, down = across + np.float32(1), down + np.float32(1)
    return np.asarray(
        cv2.remap(padded, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def _lit(seen: Planes, brightness: float) -> Planes:
    if brightness == 1:
        return seen
    levels = np.arange(256.0)
    luma = np.clip(16 + (levels - 16) * brightness, 16, 235).astype(np.uint8)
    chroma = np.clip(NO_COLOUR + (levels - NO_COLOUR) * brightness, 16, 240).astype(np.uint8)
    tables = (luma, chroma, chroma)
    lit = (cv2.LUT(plane, table) for plane, table in zip(seen, tables, strict=True))
    return Planes(*(np.asarray(plane, np.uint8) for plane in lit))


def _room() -> Planes:
    width, height = PICTURE_SIZE_PX
    luma = np.full((height, width), video_level(ROOM_LEVEL), np.uint8)
    blue, red = (np.full((height // 2, width // 2), NO_COLOUR, np.uint8) for _ in range(2))
    return Planes(luma, blue, red)


def _planes_of(screen: av.VideoFrame) -> Planes:
    frame = screen.reformat(format="yuv420p")
    planes = []
    for plane in frame.planes:
        rows = np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)
        planes.append(rows[: plane.height, : plane.width])
    return Planes(*planes)
