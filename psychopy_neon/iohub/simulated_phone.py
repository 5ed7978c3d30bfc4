"""A simulator that ioHub starts by itself, for pilot runs and for tables without glasses."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.transport.simulator_process import SimulatorProcess

logger = logging.getLogger(__name__)

# Films what the experiment shows, and looks where the mouse points. Where the screen cannot be
# filmed, the simulator says so and draws a monitor of its own.
FOLLOWING_THE_MOUSE = ["--screen", "own", "--mouse"]
BY_ITSELF = ["--screen", "own"]


class SimulatedPhone:
    """Started when it is first asked for its address; ends with `close`, or with this process."""

    def __init__(self) -> None:
        self._process: SimulatorProcess | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started."""
        return self._process is not None

    def address(self) -> str:
        """Where it answers; the first call takes some seconds.

        Raises
        ------
        NeonConnectionError
            If it does not start.
        """
        if self._process is None:
            self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            self._process = self._start(Path(self._folder.name) / "simulator.log")
        return self._process.address

    def close(self) -> None:
        """End it; takes 5 s at most. Idempotent."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def _start(self, log: Path) -> SimulatorProcess:
        try:
            return SimulatorProcess(FOLLOWING_THE_MOUSE, log).__enter__()
        except NeonConnectionError as error:
            logger.warning("the simulated wearer does not follow the mouse: %s", error)
            return SimulatorProcess(BY_ITSELF, log).__enter__()
