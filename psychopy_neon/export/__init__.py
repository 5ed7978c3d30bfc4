"""A finished run as tables: tidy CSV files, and BIDS eye-tracking files.

Needs neither glasses nor a running PsychoPy, only PyTables, which comes with it.
"""

from __future__ import annotations

from psychopy_neon.export.bids import BidsName, Screen, write_bids
from psychopy_neon.export.run import Run, read_run
from psychopy_neon.export.run_files import RunFiles, find_run
from psychopy_neon.export.tidy_csv import write_csv

__all__ = [
    "BidsName",
    "Run",
    "RunFiles",
    "Screen",
    "find_run",
    "read_run",
    "write_bids",
    "write_csv",
]
