"""Which files belong to a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psychopy_neon.exceptions import UsageError

JOURNAL_ENDINGS = ("_neon_events.jsonl", ".jsonl")


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of one run; those that are not there are None.

    Attributes
    ----------
    name : str
        Of the run, which its files begin with.
    hdf5 : Path
        What ioHub saved.
    journal : Path or None
        The ledger of the events.
    trials : Path or None
        PsychoPy's CSV file, one row per trial.
    """

    name: str
    hdf5: Path
    journal: Path | None
    trials: Path | None


def find_run(path: str | Path) -> RunFiles:
    """Find the files of a run.

    Parameters
    ----------
    path : path-like
        Any file of the run, what their names have in common, or a folder with a single run.

    Returns
    -------
    RunFiles

    Raises
    ------
    UsageError
        If there is no HDF5 file, or there are several.
    """
    given = Path(path)
    hdf5 = _only_hdf5(given) if given.is_dir() else _hdf5_of(given)
    stem = hdf5.with_suffix("")
    return RunFiles(
        stem.name,
        hdf5,
        _first_there([stem.with_name(stem.name + ending) for ending in JOURNAL_ENDINGS]),
        _first_there([stem.with_name(f"{stem.name}.csv")]),
    )


def _only_hdf5(folder: Path) -> Path:
    found = sorted(folder.glob("*.hdf5"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(file.name for file in found[:5])
    raise UsageError(
        f"{folder} holds {names}: name one of them"
        if found
        else f"{folder} holds no HDF5 file; in Builder it is Experiment settings > Data > Save "
        "hdf5 file, in Coder the datastore_name of launchHubServer"
    )


def _hdf5_of(file: Path) -> Path:
    """The HDF5 file beside a file of the run: it has the longest name that the file begins with."""
    if file.suffix == ".hdf5" and file.is_file():
        return file
    beside = [each for each in file.parent.glob("*.hdf5") if _is_of_run(file.name, each.stem)]
    if not beside:
        raise UsageError(
            f"there is no HDF5 file beside {file}, which has the samples of the run; in Builder it "
            "is Experiment settings > Data > Save hdf5 file, in Coder the datastore_name of "
            "launchHubServer"
        )
    return max(beside, key=lambda each: len(each.stem))


def _is_of_run(name: str, run: str) -> bool:
    """Whether a name begins with that of a run; "p10.csv" is none of "p1"."""
    return name.startswith(run) and not name[len(run) : len(run) + 1].isalnum()


def _first_there(files: list[Path]) -> Path | None:
    return next((file for file in files if file.is_file()), None)
