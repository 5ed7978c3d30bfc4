"""The main job, end to end, with nobody's help: ``psychopy-neon demo``.

Starts simulated glasses, exports and runs the Builder experiment in
``builder/gaze_contingent`` against them, and compares what was saved with what really happened.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from psychopy_neon.demos.experiment_process import ExperimentProcess, export_experiment
from psychopy_neon.demos.observed_run import PICTURE_AT_EVENT
from psychopy_neon.demos.report import RunFiles, format_report, make_report, save_report
from psychopy_neon.transport.simulator_process import SimulatorProcess

NAME = "gaze_contingent"
SOURCE = Path(__file__).parent / "builder" / NAME
WINDOW_PX = (1280, 720)
SCREEN_WIDTH_MM = 531.0  # the simulator's drawn monitor
RUN_TIMEOUT_S = 150.0
Say = Callable[[str], None]


def run_demo(output: Path, say: Say = print, trials: int | None = None) -> int:
    """Run everything into a new folder below `output`; returns the exit code.

    Parameters
    ----------
    output : path
    say : callable
        Gets lines for people.
    trials : int, optional
        Not more than so many; it has one for each row of its conditions.

    Returns
    -------
    int
        0 if the experiment ended by itself and the phone has every event.
    """
    folder = _new_folder(output)
    if trials is not None:
        _shorten(folder / "conditions.csv", trials)
    say(f"exporting the Builder experiment to {folder}")
    script = export_experiment(folder / f"{NAME}.psyexp", folder / "export.log")
    exit_code = _run(folder, script, say, trials)
    if exit_code != 0:
        ending = "did not end in time" if exit_code is None else f"ended with code {exit_code}"
        say(f"the experiment {ending}; what it printed is in {folder / 'experiment.log'}")
        return 1
    files = _find_files(folder)
    report = make_report(files, WINDOW_PX, SCREEN_WIDTH_MM / WINDOW_PX[0])
    save_report(report, files, folder / "report.json")
    say(format_report(report, files))
    say(f"report           {folder / 'report.json'}")
    say("every event arrived" if report.passed else "the demo FAILED: see the lines above")
    return 0 if report.passed else 1


def _new_folder(output: Path) -> Path:
    folder = output.resolve() / datetime.now().strftime("%Y-%m-%d_%H%M%S_%f")
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("data", "*.py", "__pycache__"))
    return folder


def _shorten(conditions: Path, trials: int) -> None:
    rows = conditions.read_text("utf-8").splitlines(keepends=True)
    conditions.write_text("".join(rows[: trials + 1]), "utf-8")


def _run(folder: Path, script: Path, say: Say, trials: int | None) -> int | None:
    picture_at = min(trials or PICTURE_AT_EVENT, PICTURE_AT_EVENT)
    arguments = [
        *("--truth", str(folder / "truth.jsonl")),
        *("--screen", f"{WINDOW_PX[0]}x{WINDOW_PX[1]}"),
        *("--participant", str(folder / "participant.json")),
    ]
    say("starting the simulated glasses")
    with SimulatorProcess(arguments, folder / "simulator.log") as simulator:
        say("running the experiment; it needs nobody's help")
        started_s = time.perf_counter()
        with ExperimentProcess(
            script,
            picture=folder / "trial.png",
            frames=folder / "frames.json",
            environment={"NEON_ADDRESS": simulator.address},
            log=folder / "experiment.log",
            watching=("--picture-at", str(picture_at)),
        ) as experiment:
            exit_code: int | None = experiment.wait(RUN_TIMEOUT_S)
    say(f"the experiment took {time.perf_counter() - started_s:.0f} s")
    return exit_code


def _find_files(folder: Path) -> RunFiles:
    data = folder / "data"
    return RunFiles(
        csv=_only(data, "*.csv"),
        hdf5=_only(data, "*.hdf5"),
        journal=_only(data, "*_neon_events.jsonl"),
        truth=folder / "truth.jsonl",
        screenshot=folder / "trial.png",
        frames=folder / "frames.json",
        log=folder / "experiment.log",
    )


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise FileNotFoundError(f"{folder} should hold one {pattern}, it holds {len(found)}")
    return found[0]
