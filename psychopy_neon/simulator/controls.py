"""What the wearer and the phone's owner do, by name, while the simulator runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, get_args

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.arguments import GazeLength, HttpStatus, Norm, Percent, Seconds
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.refusal import RefusalError
from psychopy_neon.simulator.sensors import Sensors
from psychopy_neon.simulator.state import Operation, PhoneState


class _Device(Protocol):
    """What the glasses are asked for as a whole."""

    options: SimulatorOptions
    sensors: Sensors
    state: PhoneState

    def look_at(self, x: float, y: float) -> None: ...
    def blink(self) -> None: ...
    def seek(self, second: float) -> None: ...
    def show_patch(self, on: bool, at_device_ns: int | None = None) -> None: ...


class Controls:
    """Everything besides `Faults` that a scenario or the control endpoint can ask for.

    Notes
    -----
    - `x`, `y`: norm units of the drawn monitor, -1 to 1, y up;
    - `on`: False for the opposite;
    - `second`: of the recording that is replayed, since it began;
    - `length`: bytes of a gaze payload, one of 9, 17, 25, 65, 89 and 105;
    - `percent`: 0 to 100;
    - `operation`: "recording:start", "recording:stop_and_save", "recording:cancel" or "event";
      `message`, `status`: the phone's words, and the HTTP status.

    What cannot be raises `UsageError`. All may be called from any thread and return at once.
    """

    def __init__(self, device: _Device) -> None:
        self._device = device

    def look_at(self, x: Norm, y: Norm) -> None:
        """Let the participant look at a point of the monitor from now on."""
        self._device.look_at(x, y)

    def blink(self) -> None:
        """Let the participant blink now."""
        self._device.blink()

    def seek(self, second: Seconds) -> None:
        """Go on with the replay at that second of the recording."""
        self._device.seek(second)

    def wear(self, on: bool = True) -> None:
        """Put the glasses on the nose, or take them off."""
        self._device.sensors.gaze.worn = on

    def show_patch(self, on: bool = True) -> None:
        """Change the patch on the drawn monitor, as an experiment's flip would."""
        self._device.show_patch(on)

    def gaze_variant(self, length: GazeLength) -> None:
        """Send gaze in another of its variants, as when a setting of the app is changed."""
        if self._device.options.glasses.gaze_bytes is not None:
            raise UsageError("these glasses have one variant of gaze only.")
        variants = self._device.sensors.gaze.variants
        if length not in variants:
            known = ", ".join(map(str, variants))
            raise UsageError(
                f"length of gaze_variant must be one of {known}, not {length}; "
                "unknown_gaze sends others."
            )
        self._device.sensors.gaze.gaze_bytes = length

    def battery(self, percent: Percent) -> None:
        """Change the charge of the phone; below 10 % it is LOW, below 5 % CRITICAL."""
        if not 0 <= percent <= 100:
            raise UsageError(f"percent of battery must be 0 to 100, not {percent!r}.")
        self._device.state.set_battery(percent)

    def refuse(self, operation: Operation, message: str, status: HttpStatus = 500) -> None:
        """Answer an operation with an error from now on; it does not take effect."""
        self._device.state.refuse(_operation(operation), message, status)

    def allow(self, operation: Operation) -> None:
        """End `refuse`."""
        self._device.state.allow(_operation(operation))

    def start_recording(self) -> None:
        """Start a recording at the phone, or as a second client would."""
        with _told():
            self._device.state.start_recording()

    def stop_recording(self) -> None:
        """Stop and save the recording at the phone, or as a second client would."""
        with _told():
            self._device.state.stop_and_save_recording()

    def cancel_recording(self) -> None:
        """Throw the recording away at the phone, or as a second client would."""
        with _told():
            self._device.state.cancel_recording()


def _operation(operation: Operation) -> Operation:
    known = get_args(Operation)
    if operation not in known:
        raise UsageError(f"operation must be one of {', '.join(known)}, not {operation!r}.")
    return operation


@contextmanager
def _told() -> Iterator[None]:
    """What the phone would answer to its owner, as the error that is promised here."""
    try:
        yield
    except RefusalError as refusal:
        raise UsageError(str(refusal)) from refusal
