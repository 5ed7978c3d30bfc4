"""Camera settings under the official client's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.camera_control import CameraChoice, CameraRange
from psychopy_neon.protocol.camera_control import CameraState as State


@dataclass(frozen=True)
class ControlStateEnum:
    """A setting that is one of a few texts.

    Attributes
    ----------
    current_value : str
        At present.
    allowed_values : sequence of str
        What it can be set to.
    """

    current_value: str
    allowed_values: Sequence[str]

    def validate(self, value: str) -> None:
        """Check a value; asks nobody.

        Parameters
        ----------
        value : str
            What one would like to set.

        Raises
        ------
        UsageError
            If the camera does not take it; it is a ValueError.
        """
        _check(CameraChoice(self.current_value, tuple(self.allowed_values)), value)


@dataclass(frozen=True)
class ControlStateInteger:
    """A setting that is a whole number; both ends of its range may be set.

    Attributes
    ----------
    current_value : int
        At present.
    value_min, value_max : int
        Both may be set.
    """

    current_value: int
    value_min: int
    value_max: int

    def validate(self, value: int) -> None:
        """Check a value; asks nobody.

        Parameters
        ----------
        value : int
            What one would like to set.

        Raises
        ------
        UsageError
            If the camera does not take it; it is a ValueError.
        """
        _check(CameraRange(self.current_value, self.value_min, self.value_max), value)


@dataclass(frozen=True)
class CameraState:
    """All settings of the scene camera at one moment (reference, 2.7).

    Attributes
    ----------
    ae_mode : ControlStateEnum
        Automatic exposure.
    man_exp : ControlStateInteger
        Exposure time, probably in steps of 100 µs.
    gain, brightness, contrast, gamma : ControlStateInteger
        In the camera's own units.
    """

    ae_mode: ControlStateEnum
    man_exp: ControlStateInteger
    gain: ControlStateInteger
    brightness: ControlStateInteger
    contrast: ControlStateInteger
    gamma: ControlStateInteger

    def to_state(self) -> State:
        """The same as ``neon.camera`` has it."""
        mode = self.ae_mode
        return State(
            CameraChoice(mode.current_value, tuple(mode.allowed_values)),
            *(
                CameraRange(c.current_value, c.value_min, c.value_max)
                for c in (self.man_exp, self.gain, self.brightness, self.contrast, self.gamma)
            ),
        )


def camera_state(state: State) -> CameraState:
    """The official form of what `neon.camera` reports."""
    return CameraState(
        ControlStateEnum(state.ae_mode.value, state.ae_mode.allowed),
        *(
            ControlStateInteger(c.value, c.minimum, c.maximum)
            for c in (state.man_exp, state.gain, state.brightness, state.contrast, state.gamma)
        ),
    )


def _check(control: CameraChoice | CameraRange, value: object) -> None:
    fault = control.fault(value)
    if fault:
        raise UsageError(f"the value {fault}")
