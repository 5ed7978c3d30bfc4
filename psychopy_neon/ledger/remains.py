"""Events that are in a spool beside the ledger, and not in the ledger: of a run that was killed.

A run that goes on has some, too: those of the last milliseconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.event_line import event_line
from psychopy_neon.protocol.event_slot import session_of, slots_in

SPOOL_SUFFIX = "spool"
MAX_SPOOLS = 1_000
MAX_SPOOL_BYTES = 100_000_000


def spools_beside(ledger: Path) -> list[Path]:
    """Return the spools that runs with this ledger have left, or still write to."""
    path = ledger.resolve()
    return sorted(path.parent.glob(f"{_escaped(path.stem)}.{SPOOL_SUFFIX}*.bin"))[:MAX_SPOOLS]


class Remains(NamedTuple):
    """What a spool holds.

    Attributes
    ----------
    session_host_ns : int
        When the session began that the events belong to; 0 if that is not known.
    lines : list of str
        Of the events, oldest first; some may be in the ledger, too.
    """

    session_host_ns: int
    lines: list[str]


def read_spool(spool: Path) -> Remains:
    """Read a spool, also one that is being written to.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    try:
        with spool.open("rb") as file:
            data = file.read(MAX_SPOOL_BYTES)
    except FileNotFoundError:  # its run has ended just now, and written all of it
        data = b""
    except OSError as error:
        raise UsageError(f"{spool} cannot be read ({error.strerror})") from error
    lines = [
        event_line(slot.number, slot.name, slot.host_ns, slot.seconds, slot.attached)
        for slot in slots_in(data)
    ]
    return Remains(session_of(data), lines)


def _escaped(stem: str) -> str:
    """As a pattern that fits itself only."""
    return "".join(f"[{character}]" if character in "[*?" else character for character in stem)
