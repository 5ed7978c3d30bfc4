"""A simulated phone, and the parity layer's `Device` on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from psychopy_neon.simple import Device
from psychopy_neon.simulator import SimulatedNeon
from psychopy_neon.simulator.pytest_fixture import simulated_neon  # noqa: F401


@pytest.fixture
def connect() -> Iterator[Callable[..., Device]]:
    """Factory of devices, closed when the test ends."""
    with ExitStack() as open_devices:

        def connect_to(simulator: SimulatedNeon, **arguments: Any) -> Device:
            device = Device(simulator.address, simulator.port, **arguments)
            open_devices.callback(device.close)
            return device

        yield connect_to
