"""The tables that ioHub saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from psychopy_neon.exceptions import UsageError

Table = NDArray[Any]


def read_tables(path: Path) -> dict[str, Table]:
    """Read the tables of the eye tracker and of the messages.

    Parameters
    ----------
    path : Path
        An HDF5 file of ioHub.

    Returns
    -------
    dict
        Structured arrays by the name of the event class, such as ``"FixationEndEvent"``.

    Raises
    ------
    UsageError
        If the file cannot be read or is not ioHub's.
    """
    import tables

    try:
        with tables.open_file(str(path)) as file:
            events = file.root.data_collection.events
            groups = [events.eyetracker, events.experiment]
            return {table.name: table[:] for group in groups for table in group}
    except (OSError, tables.HDF5ExtError, tables.NoSuchNodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(
            f"{path} cannot be read as an HDF5 file of ioHub: {reason}. If the experiment was "
            "killed, the file may have lost its end"
        ) from error
