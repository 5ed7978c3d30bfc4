"""A simulated phone, and an event loop for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest

from psychopy_neon import aio
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.simulator import SimulatedNeon

TIMEOUT_S = 30.0


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine in a loop of its own."""

    def run_in_time(coroutine: Coroutine[Any, Any, Any]) -> Any:
        async def limited() -> Any:
            return await asyncio.wait_for(coroutine, TIMEOUT_S)

        return asyncio.run(limited())

    return run_in_time


@pytest.fixture
def connect() -> Callable[..., Coroutine[Any, Any, aio.Neon]]:
    """Connect to a simulator."""

    async def connect_to(simulator: SimulatedNeon, **arguments: Any) -> aio.Neon:
        return await aio.Neon.connect(simulator.address, simulator.port, **arguments)

    return connect_to


@dataclass(frozen=True)
class Sample:
    """The least that a buffer keeps."""

    device_ns: int


@pytest.fixture
def buffer() -> SampleBuffer[Sample]:
    """The history of a stream of whose samples the test decides."""
    return SampleBuffer(8)


@pytest.fixture
def sample() -> type[Sample]:
    return Sample
