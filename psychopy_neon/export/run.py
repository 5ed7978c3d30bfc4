"""A finished run, read from its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from psychopy_neon.export.columns import Columns
from psychopy_neon.export.corrections import all_corrections
from psychopy_neon.export.gaze_samples import main_table, tidy_samples
from psychopy_neon.export.hub_tables import Table, read_tables
from psychopy_neon.export.run_clock import RunClock
from psychopy_neon.export.run_events import all_events
from psychopy_neon.export.run_files import RunFiles, find_run
from psychopy_neon.export.trials import read_trials, trial_of
from psychopy_neon.ledger.reader import read_sessions

# Fields that mean something to ioHub only.
HUB_FIELDS = (
    *("experiment_id", "session_id", "device_id", "event_id", "type", "filter_id"),
    *("logged_time", "time", "device_time", "confidence_interval", "delay"),
)


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """Tables of a run: names of columns -> arrays of equal length; empty if there is none.

    Times named ``time_s`` are on the experiment's clock, the one of PsychoPy's CSV file.

    Attributes
    ----------
    files : RunFiles
        Where it was read from.
    samples : dict
        One row per gaze sample.
    events : dict
        One row per fixation, saccade, blink, event and message.
    trials : dict
        One row per row of PsychoPy's CSV file.
    motion : dict
        One row per motion sample.
    poses : dict
        One row per picture of the scene camera that showed the window, and per surface if there
        were several.
    corrections : dict
        One row per change of what gaze is corrected by.
    module_serial : str
        Serial number of the glasses; empty if the ledger does not tell.
    """

    files: RunFiles
    samples: Columns
    events: Columns
    trials: Columns
    motion: Columns
    poses: Columns
    module_serial: str = ""
    corrections: Columns = field(default_factory=dict)


def read_run(path: str | Path) -> Run:
    """Read a finished run; blocks, about a second for ten minutes of data.

    Parameters
    ----------
    path : path-like
        Any file of the run, what their names have in common, or a folder with a single run.

    Returns
    -------
    Run

    Raises
    ------
    UsageError
        If there is no such run, or a file cannot be read.
    """
    files = find_run(path)
    tables = read_tables(files.hdf5)
    sessions = [] if files.journal is None else read_sessions(files.journal)
    clock = RunClock(sessions, main_table(tables))
    trials = read_trials(files.trials)
    return Run(
        files,
        _with_trials(tidy_samples(tables, clock), trials),
        _with_trials(all_events(tables, sessions, clock), trials),
        trials,
        _plain(tables.get("NeonImuEvent"), clock),
        _plain(tables.get("NeonScreenPoseEvent"), clock),
        next((each.head.module_serial for each in sessions if each.head.module_serial), ""),
        all_corrections(sessions, clock),
    )


def _with_trials(columns: Columns, trials: Columns) -> Columns:
    if not columns:
        return columns
    numbers = trial_of(columns["time_s"], trials)
    return {"time_s": columns["time_s"], "trial": numbers, **columns}


def _plain(table: Table | None, clock: RunClock) -> Columns:
    if table is None or not len(table):
        return {}
    names = [name for name in table.dtype.names or () if name not in HUB_FIELDS]
    return {"time_s": clock.times(table), **{name: np.asarray(table[name]) for name in names}}
