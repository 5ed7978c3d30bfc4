"""The phone's time on a script's clock, though only ioHub knows when that clock was set."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

TIMEOUT_S = 30.0


@pytest.mark.parametrize("step_ns", [0, 3_000_000_000])
def test_what_was_before_a_step_of_the_phones_clock_keeps_its_time(step_ns: int) -> None:
    from psychopy_neon.hub.neon import HubNeon
    from psychopy_neon.iohub.remote_functions import RemoteFunctions

    with (
        SimulatedNeon(SimulatorOptions(scene=False)) as simulator,
        Neon.connect(simulator.address, simulator.port) as neon,
    ):
        neon.wait_for_clock()
        host_ns, device_ns = time.perf_counter_ns(), simulator.clock.now_ns()
        simulator.clock.step(step_ns)
        _wait_for_step(neon, step_ns)
        in_iohub = RemoteFunctions()
        in_iohub._glasses = SimpleNamespace(neon=neon)  # type: ignore[assignment]

        def ask(method: str, expected: type[Any], *args: Any) -> Any:
            return getattr(in_iohub, method)(*args)

        tracker: Any = SimpleNamespace(ask=ask, know=lambda window, markers: None)
        when = HubNeon(tracker).experiment_time(device_ns)
    assert abs(when.experiment_s - host_ns / 1e9) <= when.bound_s + 1e-3
    assert when.bound_s < 0.005


def _wait_for_step(neon: Neon, step_ns: int) -> None:
    end_s = time.perf_counter() + TIMEOUT_S
    while step_ns and neon.clock_map is not None and neon.clock_map.steps == 0:
        assert time.perf_counter() < end_s
        time.sleep(0.01)
