"""Settings of the scene camera."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from psychopy_neon.exceptions import DeviceError, UsageError
from psychopy_neon.protocol.camera_control import (
    CONTROLS,
    CameraControl,
    CameraState,
    check_settings,
    get_control,
    parse_control,
    set_controls,
)
from psychopy_neon.protocol.rest import Call
from psychopy_neon.transport.deadline import Deadline

TIMEOUT_S = 5.0
NOT_FOUND = 404


class CameraRemote:
    """Reads and changes the scene camera's settings; reached as ``neon.camera`` (reference, 2.7).

    The phone answers only while the camera runs: ``neon.scene.start()``, or the preview in the
    app. It applies changes to all that use the camera, the recording included.
    """

    def __init__(self, request: Callable[[Call, float], Any]) -> None:
        self._request = request

    def state(self, timeout_s: float = TIMEOUT_S) -> CameraState:
        """Present values and what they can be; blocks up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError
            If the camera is not plugged in or does not run, or the app is too old for this.
        NeonConnectionError, NeonTimeoutError
            If the phone does not answer.
        """
        return CameraState(**self._controls(CONTROLS, Deadline(timeout_s, "camera state")))  # type: ignore[arg-type]

    def set(
        self,
        *,
        ae_mode: str | None = None,
        man_exp: int | None = None,
        gain: int | None = None,
        brightness: int | None = None,
        contrast: int | None = None,
        gamma: int | None = None,
        state: CameraState | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Change settings, all in one request; blocks up to `timeout_s`.

        Parameters
        ----------
        ae_mode : str, optional
            Automatic exposure, "auto" or "manual".
        man_exp, gain, brightness, contrast, gamma : int, optional
            In the ranges that `state` reports. `man_exp` is the exposure time, probably in steps
            of 100 µs.
        state : CameraState, optional
            What to check against; without it the phone is asked first.
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        UsageError
            If nothing is to be set, or something lies outside of what the camera allows; then
            nothing was sent.
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `state`.
        """
        given = zip(CONTROLS, (ae_mode, man_exp, gain, brightness, contrast, gamma), strict=True)
        settings = {name: value for name, value in given if value is not None}
        if not settings:
            raise UsageError(f"nothing to set; give at least one of {', '.join(CONTROLS)}")
        deadline = Deadline(timeout_s, "camera settings")
        if state is None:
            check_settings(self._controls(settings, deadline), settings)
        else:
            state.check(**settings)
        self._ask(set_controls(settings), deadline)

    def _controls(self, names: Iterable[str], deadline: Deadline) -> dict[str, CameraControl]:
        return {name: parse_control(name, self._ask(get_control(name), deadline)) for name in names}

    def _ask(self, call: Call, deadline: Deadline) -> Any:
        try:
            return self._request(call, deadline.left_s())
        except DeviceError as error:
            if error.status != NOT_FOUND:
                raise
            raise DeviceError(
                NOT_FOUND,
                f"{error.message}. The scene camera must be plugged in and running: use "
                "neon.scene.start(), or open the preview in the Companion app",
            ) from error
