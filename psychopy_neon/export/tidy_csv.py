"""A run as CSV files that every program reads."""

from __future__ import annotations

from pathlib import Path

from psychopy_neon.export.columns import Columns, write_rows
from psychopy_neon.export.run import Run

TABLES = ("samples", "events", "trials", "motion", "poses", "corrections")


def write_csv(run: Run, folder: str | Path | None = None) -> list[Path]:
    """Write the tables of a run; blocks, some seconds for ten minutes of data.

    Parameters
    ----------
    run : Run
    folder : path-like, optional
        Made if it is missing; by default the one of the run.

    Returns
    -------
    list of Path
        One file per table that is not empty: ``<run>_neon_samples.csv`` and so on, UTF-8, with
        a header. Missing values are empty fields. Earlier files are replaced.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    place = run.files.hdf5.parent if folder is None else Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    written = []
    for name in TABLES:
        columns: Columns = getattr(run, name)
        if columns:
            path = place / f"{run.files.name}_neon_{name}.csv"
            _write(columns, path)
            written.append(path)
    return written


def _write(columns: Columns, path: Path) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(",".join(f'"{name}"' if "," in name else name for name in columns) + "\n")
        write_rows(columns, file, delimiter=",", missing="")
