"""Fixtures for pytest: simulated glasses, the truth about them, and a connection to them.

They are there as soon as psychopy-neon is installed::

    def test_my_experiment_marks_its_trials(neon, neon_truth):
        run_a_trial(neon)
        assert [event.name for event in neon_truth.events] == ["trial", "response"]


    @pytest.mark.parametrize("neon_options", [{"scene": False, "offset_s": -3.0}])
    def test_the_phone_may_be_late(neon): ...


    def test_a_lost_link(neon, neon_simulator):
        neon_simulator.faults.cut_link(2)

`neon_options` may also be a fixture of your own in a module or ``conftest.py``, for all tests
there. ``-p no:psychopy_neon.pytest_plugin`` leaves all of this out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

# pytest loads this in every test run of everybody who has psychopy-neon installed, so what is
# heavy (cv2, av, numpy) comes only with the first test that wants it.
if TYPE_CHECKING:
    import psychopy_neon
    from psychopy_neon.simulator import SimulatedNeon, TruthLog


@pytest.fixture
def simulated_neon() -> Iterator[Callable[..., SimulatedNeon]]:
    """Factory of running simulators; takes the fields of `SimulatorOptions` by name.

    May be called several times in a test. All simulators are closed when the test ends.
    """
    from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

    with ExitStack() as running:

        def start(**options: Any) -> SimulatedNeon:
            return running.enter_context(SimulatedNeon(SimulatorOptions(**options)))

        yield start


@pytest.fixture
def neon_options() -> dict[str, Any]:
    """Options of `neon_simulator`, to be overridden: fields of `SimulatorOptions` by name."""
    return {}


@pytest.fixture
def neon_simulator(
    simulated_neon: Callable[..., SimulatedNeon], neon_options: dict[str, Any]
) -> SimulatedNeon:
    """The running simulator that `neon` is connected to.

    Parameters
    ----------
    simulated_neon, neon_options
        The fixtures.
    """
    return simulated_neon(**neon_options)


@pytest.fixture
def neon_truth(neon_simulator: SimulatedNeon) -> TruthLog:
    """What really happened to `neon_simulator`: events that arrived, where the wearer looked.

    Parameters
    ----------
    neon_simulator
        The fixture.
    """
    return neon_simulator.truth


@pytest.fixture
def neon(neon_simulator: SimulatedNeon) -> Iterator[psychopy_neon.Neon]:
    """A `psychopy_neon.Neon` connected to `neon_simulator`; closed when the test ends.

    Parameters
    ----------
    neon_simulator
        The fixture.
    """
    from psychopy_neon import Neon

    with Neon.connect(neon_simulator.address, neon_simulator.port) as connected:
        yield connected
