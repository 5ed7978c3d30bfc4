"""Runs one demonstration with simulated glasses, so that anybody can see it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from psychopy_neon.demos.catalogue import Demo
from psychopy_neon.demos.experiment_process import ExperimentProcess, export_experiment, free_port
from psychopy_neon.transport.simulator_process import SimulatorProcess

WINDOW_PX = (1280, 720)
RUN_TIMEOUT_S = 400.0
ANALYSIS_TIMEOUT_S = 60.0
NOT_COPIED = ("data", "__pycache__", "*_lastrun.py")
OTHER_PHONE = ("--name", "Another simulated Neon", "--offset", "-4.2", "--drift", "-25")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """A demonstration that has been copied to a folder of its own, and can run."""

    demo: Demo
    folder: Path
    script: Path

    @property
    def picture(self) -> Path:
        """Where the picture of its window goes."""
        return self.folder / "picture.png"

    def truth(self, glasses: int = 0) -> Path:
        """What the simulated glasses of that number know."""
        return self.folder / ("truth.jsonl" if glasses == 0 else f"truth_{glasses + 1}.jsonl")


def run_demo(demo: Demo, output: Path, trials: int | None = None, say: Say = print) -> int:
    """Run a demonstration in a new folder below `output`; returns the exit code.

    Parameters
    ----------
    demo : Demo
    output : path
    trials : int, optional
        Fewer than it has.
    say : callable
        Gets lines for people.
    """
    folder = output.resolve() / f"{datetime.now():%Y-%m-%d_%H%M%S_%f}_{Path(demo.name).stem}"
    say(f"{demo.name}: {demo.shows}")
    prepared = prepare(demo, folder, {} if trials is None else {"trials": trials})
    say(f"No glasses are needed: simulated ones are started, whose wearer {demo.does}.")
    exit_code = perform(prepared)
    if exit_code != 0:
        ending = "did not end in time" if exit_code is None else f"ended with code {exit_code}"
        say(f"the demo {ending}; what it printed is in {folder / 'experiment.log'}")
        return 1
    say(analyse(prepared))
    say(f"All of it, with a picture of the window, is in {folder}")
    return 0


def prepare(demo: Demo, folder: Path, info: Mapping[str, object] | None = None) -> Prepared:
    """Copy a demonstration to a new folder, and export it if it is for Builder.

    Parameters
    ----------
    demo : Demo
    folder : path
        Must not exist yet.
    info : mapping, optional
        What is different in the experiment's ``expInfo``, or in the constants of a script.
    """
    if demo.is_script:
        folder.mkdir(parents=True)
        script = Path(shutil.copy(demo.folder / demo.name, folder))
        _give_own_port(script)
    else:
        shutil.copytree(demo.folder, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
        script = export_experiment(folder / f"{demo.name}.psyexp", folder / "export.log")
    _set_info(script, info or {})
    return Prepared(demo, folder, script)


def perform(prepared: Prepared, flips_per_second: int = 60) -> int | None:
    """Start the simulated glasses and run the demonstration; None if it did not end in time.

    Parameters
    ----------
    prepared : Prepared
    flips_per_second : int
        On a display that has no refresh of its own.
    """
    demo, folder = prepared.demo, prepared.folder
    with contextlib.ExitStack() as stack:
        addresses = [
            stack.enter_context(
                SimulatorProcess(
                    _simulator_options(prepared, number), folder / f"simulator_{number + 1}.log"
                )
            ).address
            for number in range(demo.glasses)
        ]
        experiment = stack.enter_context(
            ExperimentProcess(
                prepared.script,
                picture=prepared.picture,
                frames=folder / "frames.json",
                environment={"NEON_ADDRESS": ",".join(addresses)},
                log=folder / "experiment.log",
                watching=(*_moment(demo), "--flips-per-second", str(flips_per_second)),
                arguments=tuple(addresses) if demo.is_script else (),
            )
        )
        exit_code: int | None = experiment.wait(RUN_TIMEOUT_S)
    return exit_code


def analyse(prepared: Prepared) -> str:
    """What the demonstration's own analysis says of the data, or the script has printed."""
    analysis = prepared.folder / "analyse.py"
    if not analysis.exists():
        log = (prepared.folder / "experiment.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(line for line in log.splitlines() if line.startswith("> "))
    done = subprocess.run(
        [sys.executable, str(analysis)],
        cwd=prepared.folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=ANALYSIS_TIMEOUT_S,
    )
    return (done.stdout + done.stderr).rstrip()


def _moment(demo: Demo) -> tuple[str, ...]:
    after = () if demo.picture_after_s is None else ("--picture-after", str(demo.picture_after_s))
    return ("--picture-at", str(demo.picture_at), *after)


def _simulator_options(prepared: Prepared, number: int) -> list[str]:
    demo = prepared.demo
    return [
        *("--truth", str(prepared.truth(number))),
        *("--screen", f"{WINDOW_PX[0]}x{WINDOW_PX[1]}"),
        *("--participant", str(demo.participant(number))),
        *(() if number == 0 else OTHER_PHONE),
        *demo.simulator,
    ]


def _give_own_port(script: Path) -> None:
    """Two ioHub servers on one port answer each other's experiments."""
    text = script.read_text(encoding="utf-8")
    start = "launchHubServer(window=win, "
    own = f"{start}udp_port={free_port()}, "
    script.write_text(text.replace(start, own), encoding="utf-8")


def _set_info(script: Path, info: Mapping[str, object]) -> None:
    text = script.read_text(encoding="utf-8")
    for name, value in info.items():
        in_info = rf"^(\s*'{re.escape(name)}': )'[^']*'"
        as_constant = rf"^({re.escape(name.upper())} = )[\d.]+"
        text = re.sub(in_info, rf"\g<1>'{value}'", text, count=1, flags=re.MULTILINE)
        text = re.sub(as_constant, rf"\g<1>{value}", text, count=1, flags=re.MULTILINE)
    script.write_text(text, encoding="utf-8")
