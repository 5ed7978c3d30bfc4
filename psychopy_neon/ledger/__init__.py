"""What an experiment's ledger tells afterwards: read it, date it again, mend an export with it.

Needs neither glasses nor PsychoPy. The ledger is the file named as ``journal`` in `Neon.connect`.
Who writes it imports single modules of this package; so the names below, which need NumPy and its
memory, are fetched when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psychopy_neon.clock.clock_history import ClockHistory, ClockStep
    from psychopy_neon.clock.refit import refit
    from psychopy_neon.ledger.corrected_times import RefitResult, refit_run
    from psychopy_neon.ledger.overview import summary
    from psychopy_neon.ledger.reader import read_sessions
    from psychopy_neon.ledger.repair import RepairResult, repair_export
    from psychopy_neon.ledger.session import (
        LedgerCheck,
        LedgerCorrection,
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
    "LedgerCheck",
    "LedgerCorrection",
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

# Name -> the module that it is fetched from; all others come from `session`.
_HOMES = {
    "ClockHistory": "clock.clock_history",
    "ClockStep": "clock.clock_history",
    "refit": "clock.refit",
    "RefitResult": "ledger.corrected_times",
    "refit_run": "ledger.corrected_times",
    "summary": "ledger.overview",
    "read_sessions": "ledger.reader",
    "RepairResult": "ledger.repair",
    "repair_export": "ledger.repair",
    "refit_session": "ledger.timeline",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"psychopy_neon.{_HOMES.get(name, 'ledger.session')}")
    value: object = getattr(home, name)
    globals()[name] = value
    return value
