"""Files through which one process hands events over to another.

The experiment copies each event into the file's next slot (`event_slots`); the process that holds
the glasses follows the file. A request to that process takes half a millisecond, and several when
it is busy; a copy takes microseconds and never waits. From the first event on that does not fit
into a slot, or finds none left, each is a line that is appended behind the slots. What is in the
file survives the end of either process.

One `SpoolWriter` and one `SpoolReader` per file: no two processes write to the same one.
"""

from __future__ import annotations

import logging
import os
import tempfile
from io import FileIO
from pathlib import Path

from psychopy_neon.transport.event_slots import allocate

logger = logging.getLogger(__name__)

SLOTS = 4_096
MAX_BESIDE = 1_000
SUFFIX = "handed_over"


def make_spool(beside: str | Path | None = None) -> Path:
    """Make an empty file of a new name.

    Parameters
    ----------
    beside : path-like, optional
        File that its name and folder follow; else, or if that cannot be written, it is a file in
        the folder for temporary ones.

    Raises
    ------
    OSError
        If no file can be made.
    """
    made = _make_beside(Path(beside)) if beside else None
    if made is None:
        descriptor, name = tempfile.mkstemp(prefix="psychopy_neon_events_", suffix=".bin")
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            _give_slots(file)
        made = Path(name)
    return made


def _make_beside(path: Path) -> Path | None:
    for number in range(1, MAX_BESIDE):
        count = f"_{number}" if number > 1 else ""
        made = path.resolve().with_name(f"{path.stem}.{SUFFIX}{count}.bin")
        try:
            made.parent.mkdir(parents=True, exist_ok=True)
            with made.open("xb", buffering=0) as file:
                _give_slots(file)
            return made
        except FileExistsError:
            continue  # of an earlier run that did not end properly
        except OSError:
            return None
    return None


def _give_slots(file: FileIO) -> None:
    """Without them, as where they find no place, every event is a line."""
    try:
        allocate(file, SLOTS)
    except OSError as error:
        file.truncate(0)
        logger.info("%s holds lines only: %s", file.name, error)
