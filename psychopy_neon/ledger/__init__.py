"""What an experiment's ledger tells afterwards: read it, date it again, mend an export with it.

Needs neither glasses nor PsychoPy. The ledger is the file named as ``journal`` in `Neon.connect`.
"""

from __future__ import annotations

from psychopy_neon.clock.clock_history import ClockHistory, ClockStep
from psychopy_neon.clock.refit import refit
from psychopy_neon.ledger.corrected_times import RefitResult, refit_run
from psychopy_neon.ledger.overview import summary
from psychopy_neon.ledger.reader import read_sessions
from psychopy_neon.ledger.repair import RepairResult, repair_export
from psychopy_neon.ledger.session import (
    LedgerDisplayLag,
    LedgerEvent,
    LedgerRecording,
    LedgerStream,
    Session,
    SessionHead,
)
from psychopy_neon.ledger.timeline import refit_session

__all__ = [
    "ClockHistory",
    "ClockStep",
    "LedgerDisplayLag",
    "LedgerEvent",
    "LedgerRecording",
    "LedgerStream",
    "RefitResult",
    "RepairResult",
    "Session",
    "SessionHead",
    "read_sessions",
    "refit",
    "refit_run",
    "refit_session",
    "repair_export",
    "summary",
]
