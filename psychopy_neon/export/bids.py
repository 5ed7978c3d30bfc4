"""A run as eye-tracking files of BIDS, the Brain Imaging Data Structure.

By the specification of version 1.11, section "Physiological recordings", subsection "Eye-tracking".
"""

from __future__ import annotations

from pathlib import Path

from psychopy_neon.exceptions import UsageError
from psychopy_neon.export.bids_events import found_by_the_glasses, of_the_experiment
from psychopy_neon.export.bids_files import write_json, write_recording, write_table
from psychopy_neon.export.bids_name import BidsName as BidsName
from psychopy_neon.export.bids_samples import eyes_of, recording
from psychopy_neon.export.columns import length
from psychopy_neon.export.run import Run
from psychopy_neon.export.screen import Screen as Screen
from psychopy_neon.export.screen import WindowPixels

BIDS_VERSION = "1.11.1"


def write_bids(
    run: Run, root: str | Path, name: BidsName, screen: Screen | None = None
) -> list[Path]:
    """Add a run to a BIDS dataset; blocks, some seconds for ten minutes of data.

    Writes ``_recording-eye1``, ``-eye2`` and ``-eye3_physio`` (left, right, and both together,
    which is where gaze is), ``_recording-eye3_physioevents``, ``_events``, and a
    ``dataset_description.json`` if there is none. Earlier files of the same name are replaced.

    Parameters
    ----------
    run : Run
    root : path-like
        Folder of the dataset; made if it is missing.
    name : BidsName
    screen : Screen, optional
        BIDS requires its size and distance; what is neither given here nor told by the run is
        "n/a", and the dataset then does not validate.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    UsageError
        If the run has no gaze samples.
    OSError
        If a file cannot be written.
    """
    if not length(run.samples):
        raise UsageError(f"{run.files.hdf5} holds no gaze samples; there is nothing to export")
    screen = screen or Screen()
    pixels = WindowPixels(run.poses, screen)
    folder = Path(root) / name.folder
    folder.mkdir(parents=True, exist_ok=True)
    written = _describe_dataset(Path(root))
    for label in eyes_of(run):
        stem = folder / f"{name.matches}_recording-{label}_physio"
        written += write_recording(stem, *recording(run, label, pixels))
    if length(run.events):
        stem = folder / f"{name.matches}_recording-eye3_physioevents"
        written += write_recording(stem, *found_by_the_glasses(run, pixels))
    return written + _write_events(run, folder / f"{name.matches}_events", name, screen, pixels)


def _write_events(
    run: Run, stem: Path, name: BidsName, screen: Screen, pixels: WindowPixels
) -> list[Path]:
    columns, about = of_the_experiment(run)
    known = Screen(pixels.size_px, screen.size_m, screen.distance_m)
    about = {"TaskName": name.task, **about, "StimulusPresentation": known.presentation()}
    return write_table(stem, columns, about)


def _describe_dataset(root: Path) -> list[Path]:
    path = root / "dataset_description.json"
    if path.exists():
        return []
    content = {
        "Name": root.resolve().name,
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "psychopy-neon"}],
    }
    write_json(path, content)
    return [path]
