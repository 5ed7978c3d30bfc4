"""Carries out a scenario, step by step."""

from __future__ import annotations

import threading
import time

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.actions import Device, find_action
from psychopy_neon.simulator.scenario import Scenario

# As long as a reboot under way may need to end, see Services.come_back.
JOIN_TIMEOUT_S = 8.0


class Playback:
    """A scenario under way; `SimulatedNeon.play` makes it.

    A step that takes long, such as a reboot, holds up those after it; each is noted in the truth
    log when it really begins.
    """

    def __init__(self, device: Device, scenario: Scenario) -> None:
        for number, step in enumerate(scenario.steps, 1):
            try:
                find_action(step.do).check_glasses(device, step.arguments)
            except UsageError as error:
                raise UsageError(f"step {number} in order of time: {error}") from error
        self._device = device
        self._scenario = scenario
        self._problems: list[str] = []
        self._end = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="neon-sim-scenario", daemon=True)
        if scenario.seed is not None:
            device.faults.seed(scenario.seed)

    @property
    def is_done(self) -> bool:
        """Whether the last step is over, or the simulator was closed."""
        return self._done.is_set()

    @property
    def problems(self) -> list[str]:
        """Steps that the phone refused, one sentence each."""
        return list(self._problems)

    def start(self) -> None:
        """Begin; time 0 is now. Called by the simulator."""
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the last step is over.

        Parameters
        ----------
        timeout_s : float
            Longest time to wait, seconds.

        Returns
        -------
        bool
            False if it was not over in that time.
        """
        return self._done.wait(timeout_s)

    def close(self) -> None:
        """Leave out all further steps. Idempotent; takes 8 s at most, during a reboot."""
        self._end.set()
        if self._thread.ident is not None:
            self._thread.join(JOIN_TIMEOUT_S)
        self._done.set()

    def _run(self) -> None:
        start_s = time.monotonic()
        for step in self._scenario.steps:
            if self._end.wait(max(0.0, start_s + step.at_s - time.monotonic())):
                break
            try:
                find_action(step.do).perform(self._device, step.arguments, step.at_s)
            except (UsageError, OSError) as error:
                self._problems.append(f"Step at {step.at_s:g} s: {error}")
        self._done.set()
