"""Events as BIDS wants them: those that the glasses found, and those of the experiment."""

from __future__ import annotations

from typing import Any

import numpy as np

from psychopy_neon.export.columns import Columns, from_records, length
from psychopy_neon.export.run import Run
from psychopy_neon.export.screen import WindowPixels

MOVEMENTS = ("fixation", "saccade", "blink")


def found_by_the_glasses(run: Run, pixels: WindowPixels) -> tuple[Columns, dict[str, Any]]:
    """Fixations, saccades and blinks, and the events as messages.

    Returns
    -------
    Columns and dict
        Of ``_physioevents``, without what has no time: BIDS requires one.
    """
    is_dated = ~np.isnan(run.events["time_s"])
    events = {name: column[is_dated] for name, column in run.events.items()}
    kinds = events["kind"]
    is_movement = np.isin(kinds, MOVEMENTS)
    x, y = pixels.convert(events["x"], events["y"])
    end_x, end_y = pixels.convert(events["end_x"], events["end_y"])
    columns: Columns = {
        "onset": events["time_s"],
        "duration": events["duration_s"],
        "trial_type": np.where(is_movement, kinds, ""),
        "message": np.where(is_movement, "", events["name"]),
        "x": x,
        "y": y,
        "end_x": end_x,
        "end_y": end_y,
        "amplitude": events["amplitude_deg"],
    }
    place = {"Description": "mean of a fixation, start of a saccade", "Units": pixels.unit}
    end = {"Description": "end of a saccade", "Units": pixels.unit}
    about = {
        "Description": "Eye movements found by the Companion app, and events of the experiment",
        "OnsetSource": "timestamp",
        "onset": {"Description": "start", "Units": "s"},
        "duration": {"Description": "end minus start", "Units": "s"},
        "trial_type": {
            "Description": "kind of eye movement",
            "Levels": {
                "fixation": "gaze rests on something",
                "saccade": "gaze moves between two fixations",
                "blink": "the lids shut and open again",
            },
        },
        "message": {"Description": "name of an event that the experiment sent"},
        **dict.fromkeys(("x", "y"), place),
        **dict.fromkeys(("end_x", "end_y"), end),
        "amplitude": {"Description": "from start to end of a movement", "Units": "degree"},
    }
    return columns, about


def of_the_experiment(run: Run) -> tuple[Columns, dict[str, Any]]:
    """Trials and events.

    Returns
    -------
    Columns and dict
        Of ``_events``, without what is said about the screen.
    """
    records = [*_trials(run.trials), *_events(run.events)]
    records.sort(key=lambda record: record[0])
    columns = from_records(("onset", "duration", "trial_type", "trial"), records)
    about = {
        "onset": {"Description": "on the experiment's clock", "Units": "s"},
        "duration": {"Description": "n/a if it is not known", "Units": "s"},
        "trial_type": {"Description": "'trial' for a row of PsychoPy's data, else an event's name"},
        "trial": {"Description": "number of the row of PsychoPy's data, from 1; 0 outside"},
    }
    return columns, about


def _trials(trials: Columns) -> list[tuple[float, float, str, int]]:
    if not length(trials):
        return []
    rows = zip(trials["start_s"], trials["end_s"], trials["trial"], strict=True)
    return [(float(a), float(b - a), "trial", int(n)) for a, b, n in rows if not np.isnan(a)]


def _events(events: Columns) -> list[tuple[float, float, str, int]]:
    if not length(events):
        return []
    rows = zip(*(events[name] for name in ("time_s", "kind", "name", "trial")), strict=True)
    return [
        (float(time_s), 0.0, str(name), int(trial))
        for time_s, kind, name, trial in rows
        if kind == "event" and not np.isnan(time_s)
    ]
