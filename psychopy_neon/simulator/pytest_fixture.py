"""A pytest fixture for tests of experiments: glasses that are always there.

In the top-level ``conftest.py`` of a test suite::

    pytest_plugins = ["psychopy_neon.simulator.pytest_fixture"]

and in a test::

    def test_something(simulated_neon):
        neon = simulated_neon(drift_ppm=0)
        ...  # connect to neon.address and neon.port
        assert [event.name for event in neon.truth.events] == ["go"]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions


@pytest.fixture
def simulated_neon() -> Iterator[Callable[..., SimulatedNeon]]:
    """Factory of running simulators; takes the fields of `SimulatorOptions` by name.

    May be called several times in a test. All simulators are closed when the test ends.
    """
    with ExitStack() as running:

        def start(**options: Any) -> SimulatedNeon:
            return running.enter_context(SimulatedNeon(SimulatorOptions(**options)))

        yield start
