"""Gaze samples, tidy: one row per sample, a unit in the name of each column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from psychopy_neon.export.columns import Columns
from psychopy_neon.export.hub_tables import Table
from psychopy_neon.export.run_clock import RunClock
from psychopy_neon.export.settled_gaze import places, texts, with_settled

BINOCULAR, MONOCULAR = "BinocularEyeSampleEvent", "MonocularEyeSampleEvent"
SIDES = ("left", "right")
# What PsychoPy's rows of an eye hold, and how it is called here.
EYE_FIELDS = {
    "pupil_measure1": "pupil_mm",
    "eye_cam_x": "eye_center_x_mm",
    "eye_cam_y": "eye_center_y_mm",
    "eye_cam_z": "eye_center_z_mm",
    "angle_x": "axis_horizontal_deg",
    "angle_y": "axis_vertical_deg",
}
OWN_FIELDS = {
    "axis_x": "axis_x",
    "axis_y": "axis_y",
    "axis_z": "axis_z",
    "lid_angle_top_rad": "lid_angle_top_rad",
    "lid_angle_bottom_rad": "lid_angle_bottom_rad",
    "lid_aperture_mm": "lid_aperture_mm",
    "point_x": "point_x_px",
    "point_y": "point_y_px",
}


def main_table(tables: dict[str, Table]) -> Table:
    """The table that the samples are in: the binocular one if the phone sent eye state."""
    binocular = tables.get(BINOCULAR)
    if binocular is not None and len(binocular):
        return binocular
    monocular = tables.get(MONOCULAR)
    return np.empty(0, [("time", "f8"), ("device_time", "f8")]) if monocular is None else monocular


def tidy_samples(tables: dict[str, Table], clock: RunClock) -> Columns:
    """All gaze samples of a run.

    Parameters
    ----------
    tables : dict
        As `read_tables` returns them.
    clock : RunClock

    Returns
    -------
    Columns
        In the order of time. ``gaze_x`` and ``gaze_y`` are in the window's units, settled where
        that is known (``gaze_source``) and else live; ``raw_x_px`` and ``raw_y_px`` are scene
        camera pixels; what is missing is NaN.
    """
    table = main_table(tables)
    names = table.dtype.names or ()
    if not len(table) or "status" not in names:
        return {}
    left = "left_" if "left_gaze_x" in names else ""
    columns: Columns = {
        "time_s": clock.times(table),
        "device_time_s": np.asarray(table["device_time"]),
        "time_error_s": table["confidence_interval"] / 2,
        "delay_s": np.asarray(table["delay"]),
        "gaze_valid": (table["status"] == 0).astype(np.int64),
        "gaze_x": np.asarray(table[f"{left}gaze_x"]),
        "gaze_y": np.asarray(table[f"{left}gaze_y"]),
        "raw_x_px": np.asarray(table[f"{left}raw_x"]),
        "raw_y_px": np.asarray(table[f"{left}raw_y"]),
    }
    if left:
        columns.update(_eyes(table))
    columns.update(_own(table, tables.get("NeonSampleEvent")))
    return with_settled(columns, tables.get("NeonSettledGazeEvent"))


def _eyes(table: Table) -> Columns:
    columns: Columns = {}
    for side in SIDES:
        is_known = table[f"{side}_pupil_measure1_type"] != 0
        for field, name in EYE_FIELDS.items():
            columns[f"{side}_{name}"] = np.where(is_known, table[f"{side}_{field}"], np.nan)
    return columns


def _own(table: Table, own: Table | None) -> Columns:
    """What our own class holds of the same samples; older files do not have it."""
    if own is None or not len(own):
        return {}
    # A late packet, or a phone's clock that was put back, leaves them in another order.
    own = own[np.argsort(own["device_time"], kind="stable")]
    place, is_there = places(own["device_time"], table["device_time"])
    columns: Columns = {
        "device_ns": np.where(is_there, own["device_ns"][place], 0),
        "worn": np.where(is_there, own["worn"][place], 0).astype(np.int64),
        "gaze_problem": np.where(is_there, texts(own["gaze_problem"][place]), ""),
        "tags": np.where(is_there, own["tags"][place], 0).astype(np.int64),
        "pose_age_s": np.where(is_there, own["pose_age_s"][place], np.nan),
        "correction_version": _whole(own, "correction_version", place, is_there),
    }
    for side in SIDES:
        for field, name in OWN_FIELDS.items():
            values = own[f"{side}_{field}"][place]
            columns[f"{side}_{name}"] = np.where(is_there, values, np.nan)
    return columns


def _whole(own: Table, name: str, place: NDArray[Any], is_there: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers; 0 in files of before this field."""
    if name not in (own.dtype.names or ()):
        return np.zeros(len(place), np.int64)
    return np.where(is_there, own[name][place], 0).astype(np.int64)
