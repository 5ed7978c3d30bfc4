"""Exposure and the like of the scene camera, over REST (reference, 2.7)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from psychopy_neon.simulator.exposure import Exposure
from psychopy_neon.simulator.refusal import RefusalError

AE_MODES = ("auto", "manual")
_RANGES = {
    "man_exp": (1, 1000, 50),
    "gain": (1, 100, 60),
    "brightness": (-64, 64, -10),
    "contrast": (0, 100, 50),
    "gamma": (100, 500, 250),
}


class CameraControl:
    """Remembers the settings, of which a filmed screen shows the exposure; a drawn one shows none.

    Parameters
    ----------
    is_active : callable
        Whether the scene camera streams: without that the phone refuses.
    exposure : Exposure
        What is set by them.
    """

    def __init__(self, is_active: Callable[[], bool], exposure: Exposure) -> None:
        self._is_active = is_active
        self._exposure = exposure
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {name: default for name, (*_, default) in _RANGES.items()}
        self._values["ae_mode"] = AE_MODES[0]

    @property
    def values(self) -> dict[str, Any]:
        """Current value by name of the control."""
        with self._lock:
            return dict(self._values)

    def get(self, query: Mapping[str, str]) -> dict[str, Any]:
        """State of the one control that the query names."""
        controls = self._controls(query)
        if len(controls) != 1:
            raise RefusalError(400, "Ask for one control at a time")
        (name,) = controls
        state = {"control_name": name, "current_value": self.values[name]}
        if name == "ae_mode":
            return {**state, "value_type": "enum", "allowed_values": list(AE_MODES)}
        low, high, _ = _RANGES[name]
        return {**state, "value_type": "integer", "value_min": low, "value_max": high}

    def set(self, query: Mapping[str, str]) -> None:
        """Change the controls that the query names; all or none."""
        values = {name: _value(name, text) for name, text in self._controls(query).items()}
        with self._lock:
            self._values.update(values)
            if self._values["ae_mode"] == AE_MODES[0]:
                self._exposure.choose_by_itself()
            else:
                self._exposure.set_manually(self._values["man_exp"])

    def _controls(self, query: Mapping[str, str]) -> dict[str, str]:
        if query.get("camera") != "world" or not self._is_active():
            raise RefusalError(404, "Camera is not connected or not active")
        controls = {name: text for name, text in query.items() if name != "camera"}
        unknown = sorted(set(controls) - set(self._values))
        if unknown or not controls:
            raise RefusalError(404, f"No such control: {', '.join(unknown) or 'none was named'}")
        return controls


def _value(name: str, text: str) -> str | int:
    if name == "ae_mode":
        if text not in AE_MODES:
            raise RefusalError(400, f"ae_mode must be one of {', '.join(AE_MODES)}")
        return text
    low, high, _ = _RANGES[name]
    digits = text.removeprefix("-")
    if not digits.isdecimal() or len(digits) > 6 or not low <= int(text) <= high:
        raise RefusalError(400, f"{name} must be a whole number from {low} to {high}")
    return int(text)
