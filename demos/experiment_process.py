"""A Builder experiment, exported and run as PsychoPy does it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

STOP_TIMEOUT_S = 10.0


def export_experiment(psyexp: Path, log: Path) -> Path:
    """Write the Python script of a ``.psyexp`` beside it, and PsychoPy's remarks to `log`.

    The script gets an ioHub port of its own: two ioHub servers on one port answer each other's
    experiments, and one may be left over from a run that was killed.
    """
    with log.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        from psychopy import plugins

        plugins.activatePlugins()
        from psychopy.experiment import Experiment

        experiment = Experiment.fromFile(str(psyexp))
        source = experiment.writeScript(expPath=str(psyexp), target="PsychoPy")
    script = psyexp.with_suffix(".py")
    script.write_text(
        source.replace("ioConfig = {}", f"ioConfig = {{'udp_port': {free_port()}}}", 1),
        encoding="utf-8",
    )
    return script


def free_port() -> int:
    """A port for ioHub that nobody else is likely to have."""
    return random.randint(20_000, 60_000)


class ExperimentProcess:
    """Runs a script in a process of its own, under `observed_run`; use as a context manager.

    Parameters
    ----------
    script : path
    picture, frames : path
        Where the picture of a trial and the count of frames go.
    environment : dict
        Variables on top of our own.
    log : path
        Gets everything that the experiment and its ioHub print.
    watching : tuple of str
        Further options of `observed_run`.
    arguments : tuple of str
        For the script.
    """

    def __init__(
        self,
        script: Path,
        picture: Path,
        frames: Path,
        environment: dict[str, str],
        log: Path,
        watching: tuple[str, ...] = (),
        arguments: tuple[str, ...] = (),
    ) -> None:
        observed = [sys.executable, "-m", "psychopy_neon.demos.observed_run"]
        results = ["--picture", str(picture), "--frames", str(frames)]
        self._command = [*observed, *results, *watching, str(script), *arguments]
        self._folder = script.parent
        self._environment = {**os.environ, **environment}
        self._log = log

    def __enter__(self) -> ExperimentProcess:
        # Into a file, not a pipe: an ioHub left over would keep a pipe open for ever.
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_running:
            self._end_all()

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def wait(self, timeout_s: float) -> int | None:
        """Wait for the end; returns the exit code, or None if it did not end in time."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def _end_all(self) -> None:
        """End the experiment, and on systems with process groups its ioHub as well."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait(STOP_TIMEOUT_S)
