"""What FFmpeg's screen grabbers are told, system by system (its documentation, Input Devices)."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.screen_area import Area

PICTURES_PER_SECOND = 30
NOT_ALLOWED = (
    "macOS does not let this program see the screen: allow Screen Recording for it in System "
    "Settings, Privacy & Security, then start it again"
)


@dataclass(frozen=True, slots=True)
class GrabberCall:
    """Name of the grabber, what it grabs, and its options."""

    kind: str
    what: str
    options: Mapping[str, str]


def grabber_call(
    platform: str, environment: Mapping[str, str], area: Area | None = None
) -> GrabberCall:
    """How to grab the screen there, or an area of it.

    Raises
    ------
    UsageError
        If this screen cannot be grabbed.
    """
    rate = {"framerate": str(PICTURES_PER_SECOND)}
    if platform == "win32":
        part = _part(area, "offset_x", "offset_y")
        return GrabberCall("gdigrab", "desktop", {**rate, "draw_mouse": "1", **part})
    if platform == "darwin":
        # Without a format it asks for one that screens do not have, and warns.
        options = {**rate, "capture_cursor": "1", "pixel_format": "uyvy422"}
        return GrabberCall("avfoundation", "Capture screen 0:none", options)
    if environment.get("XDG_SESSION_TYPE") == "wayland" or environment.get("WAYLAND_DISPLAY"):
        raise UsageError("Wayland does not let programs see the screen")
    display = environment.get("DISPLAY")
    if not display:
        raise UsageError("there is no display: DISPLAY is not set")
    part = _part(area, "grab_x", "grab_y")
    return GrabberCall("x11grab", display, {**rate, "draw_mouse": "1", **part})


def ask_for_permission(platform: str, graphics: Any = None) -> None:
    """Let macOS ask its user whether we may see the screen, if it has not yet.

    Without the permission it gives pictures of an empty desktop, so nobody would notice.

    Parameters
    ----------
    platform : str
        ``sys.platform``.
    graphics : object, optional
        CoreGraphics; loaded if left out.

    Raises
    ------
    UsageError
        If we may not.
    """
    if platform != "darwin":
        return
    if graphics is None:
        graphics = ctypes.CDLL(ctypes.util.find_library("CoreGraphics"))
    is_allowed = getattr(graphics, "CGPreflightScreenCaptureAccess", None)  # since macOS 10.15
    if is_allowed is None or is_allowed():
        return
    graphics.CGRequestScreenCaptureAccess()
    raise UsageError(NOT_ALLOWED)


def _part(area: Area | None, left: str, top: str) -> dict[str, str]:
    if area is None:
        return {}
    size = f"{area.width}x{area.height}"
    return {"video_size": size, left: str(area.left), top: str(area.top)}
