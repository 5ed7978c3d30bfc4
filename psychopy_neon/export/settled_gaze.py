"""Gaze on the window as it is known by the pictures before and after it, beside live gaze."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.export.columns import Columns, length
from psychopy_neon.export.hub_tables import Table

LIVE = {
    "gaze_x": "live_gaze_x",
    "gaze_y": "live_gaze_y",
    "gaze_valid": "live_gaze_valid",
    "gaze_problem": "live_gaze_problem",
    "correction_version": "live_correction_version",
}
Here = tuple[NDArray[Any], NDArray[Any]]


def with_settled(samples: Columns, settled: Table | None) -> Columns:
    """Put settled gaze in the place of live gaze, wherever there is some.

    Parameters
    ----------
    samples : Columns
        With ``device_ns``, except in old files, which have no settled gaze either.
    settled : ndarray or None
        Table of that gaze.

    Returns
    -------
    Columns
        ``gaze_source`` says "settled" or "live". What the experiment saw is in ``live_gaze_x``
        and so on, and ``uncorrected_gaze_x`` and ``_y`` are without a correction of gaze (NaN in
        live gaze that was corrected).
    """
    if settled is None or not len(settled) or "device_ns" not in samples:
        return samples
    settled = settled[np.argsort(settled["device_ns"], kind="stable")]
    place, is_there = places(settled["device_ns"], samples["device_ns"])
    columns = {**samples, **_best(samples, settled, (place, is_there))}
    columns["gaze_source"] = np.where(is_there, "settled", "live")
    for name in ("expected_error_deg", "pose_source"):
        values = settled[name][place]
        is_text = values.dtype.kind == "S"
        columns[name] = np.where(is_there, texts(values) if is_text else values, _blank(is_text))
    columns.update(_uncorrected(samples, settled, (place, is_there)))
    return {**columns, **{name: samples[old] for old, name in LIVE.items() if old in samples}}


def places(sorted_times: NDArray[Any], times: NDArray[Any]) -> Here:
    """Where each time stands among the sorted ones, and whether it does at all."""
    place = np.minimum(np.searchsorted(sorted_times, times), len(sorted_times) - 1)
    return place, sorted_times[place] == times


def texts(values: NDArray[Any]) -> NDArray[Any]:
    """Text of bytes."""
    return np.array([value.decode("ascii", "replace") for value in values.tolist()])


def _best(samples: Columns, settled: Table, here: Here) -> Columns:
    place, is_there = here
    problem = texts(settled["gaze_problem"])[place]
    found = {
        "gaze_x": settled["gaze_x"][place],
        "gaze_y": settled["gaze_y"][place],
        "gaze_valid": (problem == "").astype(np.int64),
        "gaze_problem": problem,
        "tags": settled["tags"][place].astype(np.int64),
        "pose_age_s": settled["pose_age_s"][place],
        "correction_version": settled["correction_version"][place].astype(np.int64),
    }
    return {
        name: np.where(is_there, values, samples[name])
        for name, values in found.items()
        if name in samples
    }


def _uncorrected(samples: Columns, settled: Table, here: Here) -> Columns:
    place, is_there = here
    is_corrected = samples.get("correction_version", np.zeros(length(samples))) != 0
    return {
        f"uncorrected_gaze_{axis}": np.where(
            is_there,
            settled[f"uncorrected_{axis}"][place],
            np.where(is_corrected, np.nan, samples[f"gaze_{axis}"]),
        )
        for axis in "xy"
    }


def _blank(is_text: bool) -> Any:
    return "" if is_text else np.nan
