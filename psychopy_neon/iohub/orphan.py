"""The end of an ioHub whose experiment was killed.

PsychoPy's ioHub then closes its devices, but its server goes on waiting for requests, and keeps
its port, for ever. And an experiment that nobody has taken note of, as when the Runner hangs,
stays in the list of processes; to PsychoPy it then looks alive.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from psychopy.iohub.devices import Computer
from psychopy.iohub.errors import print2err

LAST_RESORT_S = 10.0
ENDED = "psychopy_neon: the experiment has ended without its end; what it recorded is saved"


class ExperimentWatch:
    """Knows whether the experiment that started this process is still there."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        experiment = Computer.psychopy_process
        # On Windows a parent's number stays, but there PsychoPy itself sees that it has ended.
        self._is_parent = experiment is not None and experiment.pid == self._parent

    def is_gone(self) -> bool:
        """Whether it was there, and is not any more."""
        return self._is_parent and os.getppid() != self._parent


def experiment_pid() -> int:
    """Number of the experiment's process; 0 if it is not known."""
    experiment = Computer.psychopy_process
    return 0 if experiment is None else int(experiment.pid)


def shut_down(server: Any) -> None:
    """Have ioHub close its data file and its devices, as it does when it sees an experiment end."""
    Computer.psychopy_process = None  # tells our device that nobody waits for the end
    server.shutdown()


def end_process(server: Any) -> None:
    """Let this process end soon; call it when the device is closed.

    Parameters
    ----------
    server : ioServer
    """
    print2err(ENDED)
    threading.Thread(target=_end_anyway, name="neon-orphan-end", daemon=True).start()
    server.udpService.stop()


def _end_anyway() -> None:
    """Only a process that still runs comes to this: something does not let it end."""
    threading.Event().wait(LAST_RESORT_S)
    os._exit(0)
