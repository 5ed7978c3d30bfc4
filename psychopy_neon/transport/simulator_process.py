"""The simulated glasses as a process of their own, as real ones are."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

from psychopy_neon.exceptions import NeonConnectionError

READY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0


class SimulatorProcess:
    """Runs ``psychopy-neon simulate``; use as a context manager.

    It ends by itself when this process does, however that ends.

    Parameters
    ----------
    arguments : list of str
        Options of the command.
    log : path
        Gets what the process prints.
    """

    def __init__(self, arguments: list[str], log: Path) -> None:
        command = [sys.executable, "-m", "psychopy_neon", "simulate", "--end-with-input"]
        self._command = [*command, *arguments]
        self._log = log
        self.address = ""

    def __enter__(self) -> SimulatorProcess:
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,  # closed by the system at the latest
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        try:
            self.address = self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def kill(self) -> None:
        """End it without warning, like a phone whose battery is out."""
        self._process.kill()
        self._process.wait(STOP_TIMEOUT_S)

    def stop(self) -> None:
        """Ask it to end, so that its truth log is complete; kill it if it does not."""
        if self._process.poll() is None:
            self._process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _wait_until_ready(self) -> str:
        """Read the line that tells the address; reading has no timeout of its own."""
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        stdout = self._process.stdout
        assert stdout is not None
        threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=READY_TIMEOUT_S)
        except queue.Empty:
            line = ""
        if not line.startswith("ready http://"):
            said = self._log.read_text(encoding="utf-8").strip().splitlines()
            reason = said[-1] if said else f"nothing came from it within {READY_TIMEOUT_S:g} s"
            raise NeonConnectionError(f"the simulator did not start: {reason} (see {self._log})")
        return line.removeprefix("ready http://").strip()
