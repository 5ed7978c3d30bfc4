"""Settings of the scene camera, one call per setting (reference, 2.7).

``ae_mode`` is a text out of a few; the others are whole numbers in a range. Which texts and
which ranges, the phone says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from psychopy_neon.exceptions import ProtocolError, UsageError
from psychopy_neon.protocol.rest import Call

CONTROLS = ("ae_mode", "man_exp", "gain", "brightness", "contrast", "gamma")
CAMERA_CONTROL_PATH = "/api/camera_control"
CAMERA = "world"  # the only one that can be controlled


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """A setting that is one of a few texts.

    Attributes
    ----------
    value : str
        At present.
    allowed : tuple of str
        What it can be set to.
    """

    value: str
    allowed: tuple[str, ...]

    def fault(self, value: object) -> str:
        """Why `value` cannot be set, as the end of a sentence; empty if it can.

        Parameters
        ----------
        value : object
            What one would like to set.
        """
        if value in self.allowed:
            return ""
        return f"is {value!r}; this camera takes {' or '.join(map(repr, self.allowed))}"


@dataclass(frozen=True, slots=True)
class CameraRange:
    """A setting that is a whole number.

    Attributes
    ----------
    value : int
        At present, in the phone's own unit.
    minimum, maximum : int
        Both may be set.
    """

    value: int
    minimum: int
    maximum: int

    def fault(self, value: object) -> str:
        """Why `value` cannot be set, as the end of a sentence; empty if it can.

        Parameters
        ----------
        value : object
            What one would like to set.
        """
        if _is_int(value) and self.minimum <= value <= self.maximum:  # type: ignore[operator]
            return ""
        return f"is {value!r}; this camera takes a whole number, {self.minimum} to {self.maximum}"


CameraControl = CameraChoice | CameraRange


@dataclass(frozen=True, slots=True)
class CameraState:
    """All settings of the scene camera at one moment.

    Attributes
    ----------
    ae_mode : CameraChoice
        Automatic exposure: "auto", "manual", or what the phone allows.
    man_exp : CameraRange
        Exposure time when `ae_mode` is manual, probably in steps of 100 µs: above 330 the frame
        rate falls.
    gain, brightness, contrast, gamma : CameraRange
        In the camera's own units.
    """

    ae_mode: CameraChoice
    man_exp: CameraRange
    gain: CameraRange
    brightness: CameraRange
    contrast: CameraRange
    gamma: CameraRange

    def check(self, **settings: object) -> None:
        """Check settings against what the camera allows; asks nobody.

        Parameters
        ----------
        **settings
            By name, as for ``neon.camera.set``.

        Raises
        ------
        UsageError
            With a clause for each setting that is unknown or out of its range.
        """
        check_settings({name: getattr(self, name, None) for name in settings}, settings)


def check_settings(
    controls: Mapping[str, CameraControl | None], settings: Mapping[str, object]
) -> None:
    """Check settings against what the camera allows.

    Raises
    ------
    UsageError
        With a clause for each setting that cannot be made.
    """
    faults = []
    for name, value in settings.items():
        control = controls.get(name)
        fault = "is no setting of the camera" if control is None else control.fault(value)
        if fault:
            faults.append(f"{name} {fault}")
    if faults:
        raise UsageError("; ".join(faults))


def get_control(name: str) -> Call:
    """Ask for one setting."""
    return Call("GET", f"{CAMERA_CONTROL_PATH}?{urlencode({'camera': CAMERA, name: ''})}")


def set_controls(settings: Mapping[str, object]) -> Call:
    """Change settings, all at once."""
    return Call("POST", f"{CAMERA_CONTROL_PATH}?{urlencode({'camera': CAMERA, **settings})}")


def parse_choice(result: object) -> CameraChoice:
    """Decode the reply about a setting that is a text; raises `ProtocolError` if it is not."""
    reply = _mapping(result)
    value, allowed = reply.get("current_value"), reply.get("allowed_values")
    is_list_of_texts = isinstance(allowed, list) and all(isinstance(a, str) for a in allowed)
    if not isinstance(value, str) or not is_list_of_texts:
        raise ProtocolError("camera setting without a text and its alternatives")
    return CameraChoice(value, tuple(allowed))  # type: ignore[arg-type]


def parse_range(result: object) -> CameraRange:
    """Decode the reply about a setting that is a number; raises `ProtocolError` if it is not."""
    reply = _mapping(result)
    values = [reply.get(key) for key in ("current_value", "value_min", "value_max")]
    if not all(_is_int(value) for value in values):
        raise ProtocolError("camera setting without a number and its range")
    return CameraRange(*values)  # type: ignore[arg-type]


def parse_control(name: str, result: object) -> CameraControl:
    """Decode the reply to `get_control`; raises `ProtocolError` if it is damaged."""
    return parse_choice(result) if name == "ae_mode" else parse_range(result)


def _mapping(result: object) -> Mapping[str, object]:
    if not isinstance(result, Mapping):
        raise ProtocolError("camera setting is not an object")
    return result


def _is_int(value: object) -> bool:
    """Whether it is a whole number of at most 64 bits; more cannot even be printed."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
