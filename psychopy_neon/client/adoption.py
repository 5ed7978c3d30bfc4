"""Events that an experiment handed over and nobody took: into the ledger, where they belong.

If the experiment and the process that holds the glasses both end without warning, the last events
are in the spool between them only.
"""

from __future__ import annotations

from pathlib import Path

from psychopy_neon.client.journal import Journal
from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger import Session, read_sessions
from psychopy_neon.protocol.spooled_event import SpooledEvent
from psychopy_neon.transport.event_spool import SUFFIX
from psychopy_neon.transport.spool_reader import SpoolReader

MAX_SPOOLS = 1_000


def adopt_events(ledger: str | Path) -> int:
    """Append events of spools beside the ledger that its last session lacks.

    Returns
    -------
    int
        How many there were. A second call finds none.

    Raises
    ------
    UsageError
        If the ledger or a spool cannot be read, or the ledger not be written.
    """
    path = Path(ledger)
    sessions = read_sessions(path)
    spooled = [event for spool in _spools(path) for event in _read(spool)]
    if not sessions or not spooled:
        return 0
    missing = _missing(spooled, sessions)
    last = max((event.number for event in sessions[-1].events), default=0)
    journal = Journal(path if missing else None)
    try:
        for number, event in enumerate(missing, start=last + 1):
            journal.write_event(
                number, event.name, event.host_ns, event.raw_s, event.data, event.number
            )
    finally:
        journal.close()
    return len(missing)


def _spools(ledger: Path) -> list[Path]:
    beside = ledger.resolve()
    return sorted(beside.parent.glob(f"{_escaped(beside.stem)}.{SUFFIX}*"))[:MAX_SPOOLS]


def _escaped(stem: str) -> str:
    """As a pattern that fits itself only."""
    return "".join(f"[{character}]" if character in "[*?" else character for character in stem)


def _read(spool: Path) -> list[SpooledEvent]:
    events: list[SpooledEvent] = []
    try:
        reader = SpoolReader(spool)
        try:
            while not reader.is_at_end:
                events += reader.read()
        finally:
            reader.close()
    except OSError as error:
        raise UsageError(f"{spool} cannot be read ({error.strerror})") from error
    return events


def _missing(spooled: list[SpooledEvent], sessions: list[Session]) -> list[SpooledEvent]:
    """Those of the last session's time that are in no session; oldest first."""
    known = {(event.host_ns, event.name) for session in sessions for event in session.events}
    start_ns = sessions[-1].head.host_ns or 0
    missing = {
        (event.host_ns, event.name): event
        for event in spooled
        if event.host_ns >= start_ns and (event.host_ns, event.name) not in known
    }
    return sorted(missing.values(), key=lambda event: event.host_ns)
