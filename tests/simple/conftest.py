"""A simulated phone, and the parity layer's `Device` on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from psychopy_neon.simple import Device
from psychopy_neon.simulator import Participant, SimulatedNeon


@pytest.fixture
def lively() -> dict[str, Any]:
    """Options of a simulator whose wearer looks about, blinks and can be heard."""
    path = ((0.6, -0.4, 0.2), (0.7, 0.4, -0.2))
    return {
        "participant": Participant(path=path),
        "blinks_per_minute": 60.0,
        "microphone": True,
        "phone_id": "00ff00ff00ff00ff",
    }


@pytest.fixture
def connect() -> Iterator[Callable[..., Device]]:
    """Factory of devices, closed when the test ends."""
    with ExitStack() as open_devices:

        def connect_to(simulator: SimulatedNeon, **arguments: Any) -> Device:
            device = Device(simulator.address, simulator.port, **arguments)
            open_devices.callback(device.close)
            return device

        yield connect_to
