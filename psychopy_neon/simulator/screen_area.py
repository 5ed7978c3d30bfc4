"""Which part of a desktop is the main monitor, where the desktop has several."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from dataclasses import dataclass
from typing import Any

_MONITOR_COUNT = 80  # Windows' SM_CMONITORS
_PHYSICAL_WIDTH, _PHYSICAL_HEIGHT = 118, 117  # Windows' DESKTOPHORZRES and DESKTOPVERTRES


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the desktop, physical pixels from the main monitor's or X screen's corner."""

    left: int
    top: int
    width: int
    height: int


def main_monitor() -> Area | None:
    """The main one of several monitors; None if there is one, or the system shows us only that."""
    try:
        if sys.platform == "win32":
            return _windows_monitor()
        if sys.platform == "darwin" or not os.environ.get("DISPLAY"):
            return None  # macOS numbers its monitors, and the first is the main one
        return first_of_several(_x11_monitors())
    except (OSError, AttributeError):
        return None  # without Xinerama there is no telling: all of the screen


def first_of_several(monitors: list[Area]) -> Area | None:
    """The main one comes first."""
    return monitors[0] if len(monitors) > 1 else None


class _Head(ctypes.Structure):
    _fields_ = (
        ("number", ctypes.c_int),
        ("left", ctypes.c_short),
        ("top", ctypes.c_short),
        ("width", ctypes.c_short),
        ("height", ctypes.c_short),
    )


def _x11_monitors() -> list[Area]:
    x11, xinerama = _library("X11"), _library("Xinerama")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    query = xinerama.XineramaQueryScreens
    query.restype = ctypes.POINTER(_Head)
    query.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)]
    display = x11.XOpenDisplay(None)
    if not display:
        return []
    try:
        count = ctypes.c_int(0)
        heads = query(display, ctypes.byref(count))
        found = [heads[number] for number in range(count.value)]
        areas = [Area(head.left, head.top, head.width, head.height) for head in found]
        x11.XFree(heads)
        return areas
    finally:
        x11.XCloseDisplay(ctypes.c_void_p(display))


def _library(name: str) -> Any:
    found = ctypes.util.find_library(name)
    if found is None:
        raise OSError(f"no lib{name}")
    return ctypes.CDLL(found)


def _windows_monitor() -> Area | None:
    user32: Any = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    gdi32: Any = ctypes.WinDLL("gdi32")  # type: ignore[attr-defined,unused-ignore]
    if user32.GetSystemMetrics(_MONITOR_COUNT) < 2:
        return None
    user32.GetDC.restype = ctypes.c_void_p
    context = ctypes.c_void_p(user32.GetDC(None))
    try:
        size = (gdi32.GetDeviceCaps(context, what) for what in (_PHYSICAL_WIDTH, _PHYSICAL_HEIGHT))
        return Area(0, 0, *size)
    finally:
        user32.ReleaseDC(None, context)
