"""A simulated phone, and a `Neon` connected to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.simulator import SimulatedNeon

TIMEOUT_S = 30.0  # only ever waited for on a busy computer


@pytest.fixture
def connect() -> Iterator[Callable[..., Neon]]:
    """Factory of connections to a simulator, closed when the test ends."""
    with ExitStack() as open_devices:

        def connect_to(simulator: SimulatedNeon, **arguments: Any) -> Neon:
            neon = Neon.connect(simulator.address, simulator.port, **arguments)
            return open_devices.enter_context(neon)

        yield connect_to


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until a condition holds, or fail."""

    def wait(condition: Callable[[], object]) -> None:
        end_s = time.perf_counter() + TIMEOUT_S
        while not condition():
            assert time.perf_counter() < end_s, "the condition did not come true in time"
            time.sleep(0.005)

    return wait
