"""The mouse pointer's place on this computer's screen, without any toolkit."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.participant import Norm
from psychopy_neon.simulator.screen_area import Area, main_monitor


def _nothing_to_close() -> None:
    pass


@dataclass(frozen=True, slots=True)
class MousePointer:
    """The pointer: `read` returns norm units of the main screen (-1..1, y up)."""

    read: Callable[[], Norm]
    close: Callable[[], None] = _nothing_to_close


def find_mouse() -> MousePointer:
    """The mouse pointer of this computer.

    Raises
    ------
    UsageError
        If this computer does not let us read the pointer.
    """
    try:
        if sys.platform == "win32":
            return _windows_pointer()
        if sys.platform == "darwin":
            return _mac_pointer()
        return _x11_pointer()
    except (OSError, AttributeError) as error:
        raise UsageError(
            f"the mouse cannot be read here ({error}), so gaze cannot follow it: "
            "use a desktop with a mouse, or give a participant file instead."
        ) from error


def _to_norm(x: float, y: float, width: float, height: float) -> Norm:
    return 2 * x / width - 1, 1 - 2 * y / height


def _x11_pointer() -> MousePointer:
    name = ctypes.util.find_library("X11")
    if name is None or not os.environ.get("DISPLAY"):
        raise OSError("no X11 display")
    x11 = ctypes.CDLL(name)
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    x11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(None)
    if not display:
        raise OSError("the X11 display does not answer")
    pointer = _X11Pointer(x11, display)
    return MousePointer(pointer.read, pointer.close)


class _X11Pointer:
    def __init__(self, x11: Any, display: int) -> None:
        self._x11 = x11
        self._query = x11.XQueryPointer
        self._query.argtypes = [ctypes.c_void_p, ctypes.c_ulong, *[ctypes.c_void_p] * 7]
        self._display = display
        self._root = x11.XDefaultRootWindow(display)
        # Of several monitors it is the main one that is filmed, and looked at.
        self._area = main_monitor() or Area(0, 0, *_x11_size(x11, display))
        self._windows = ctypes.c_ulong(), ctypes.c_ulong()
        self._numbers = [ctypes.c_int() for _ in range(4)] + [ctypes.c_int()]

    def read(self) -> Norm:
        results = [ctypes.byref(value) for value in (*self._windows, *self._numbers)]
        self._query(self._display, self._root, *results)
        area = self._area
        x, y = self._numbers[0].value - area.left, self._numbers[1].value - area.top
        return _to_norm(x, y, area.width, area.height)

    def close(self) -> None:
        display, self._display = self._display, 0
        if display:
            self._x11.XCloseDisplay(ctypes.c_void_p(display))


def _x11_size(x11: Any, display: int) -> tuple[int, int]:
    for function in (x11.XDisplayWidth, x11.XDisplayHeight):
        function.argtypes = [ctypes.c_void_p, ctypes.c_int]
    return x11.XDisplayWidth(display, 0), x11.XDisplayHeight(display, 0)


class _WindowsPoint(ctypes.Structure):
    _fields_ = (("x", ctypes.c_long), ("y", ctypes.c_long))


def _windows_pointer() -> MousePointer:
    user32: Any = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]
    width, height = user32.GetSystemMetrics(0), user32.GetSystemMetrics(1)

    def read() -> Norm:
        point = _WindowsPoint()
        user32.GetCursorPos(ctypes.byref(point))
        return _to_norm(point.x, point.y, width, height)

    return MousePointer(read)


class _MacPoint(ctypes.Structure):
    _fields_ = (("x", ctypes.c_double), ("y", ctypes.c_double))


class _MacRect(ctypes.Structure):
    _fields_ = (("origin", _MacPoint), ("size", _MacPoint))


def _mac_pointer() -> MousePointer:
    graphics = ctypes.CDLL(ctypes.util.find_library("CoreGraphics"))
    foundation = ctypes.CDLL(ctypes.util.find_library("CoreFoundation"))
    graphics.CGEventCreate.restype = ctypes.c_void_p
    graphics.CGEventCreate.argtypes = [ctypes.c_void_p]
    graphics.CGEventGetLocation.restype = _MacPoint
    graphics.CGEventGetLocation.argtypes = [ctypes.c_void_p]
    graphics.CGDisplayBounds.restype = _MacRect
    graphics.CGDisplayBounds.argtypes = [ctypes.c_uint32]
    foundation.CFRelease.argtypes = [ctypes.c_void_p]
    size = graphics.CGDisplayBounds(graphics.CGMainDisplayID()).size

    def read() -> Norm:
        event = graphics.CGEventCreate(None)
        point = graphics.CGEventGetLocation(event)
        foundation.CFRelease(event)
        return _to_norm(point.x, point.y, size.x, size.y)

    return MousePointer(read)
