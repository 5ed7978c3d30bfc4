"""Gaze samples as BIDS wants them: one recording per eye, and one of both."""

from __future__ import annotations

from typing import Any

import numpy as np

from psychopy_neon.export.columns import Columns, length, sorted_by
from psychopy_neon.export.corrections import described_corrections
from psychopy_neon.export.run import Run
from psychopy_neon.export.screen import WindowPixels

EYES = {"eye1": "left", "eye2": "right", "eye3": "cyclopean"}
ONE_GAZE = (
    "Neon computes one gaze from both eyes: it is in the recording of the cyclopean eye, and not "
    "available here."
)
DESCRIPTIONS: dict[str, tuple[str, str]] = {
    "gaze_source": (
        "'settled' if the place on the screen lies between two pictures of it, 'live' if it was "
        "known no better than when the experiment saw it",
        "",
    ),
    "expected_error_deg": ("error that the place of the screen is expected to add", "degree"),
    "pose_source": ("how the place of the screen was got", ""),
    "correction_version": ("correction of gaze in force (see GazeCorrections), 0 without one", ""),
    "live_correction_version": ("the same, of live gaze", ""),
    "live_gaze_valid": ("1 if live gaze could be used, else 0", ""),
    "live_gaze_problem": ("why there was no live gaze on the screen", ""),
    "gaze_valid": ("1 if the gaze on the screen can be used, else 0", ""),
    "gaze_problem": ("why there is no gaze on the screen", ""),
    "raw_x_px": ("gaze in the scene camera's picture, origin top left", "pixel"),
    "raw_y_px": ("gaze in the scene camera's picture, origin top left", "pixel"),
    "worn": ("1 if the glasses were worn, else 0", ""),
    "time_error_s": ("greatest possible error of the timestamp", "s"),
    "eye_center_x_mm": ("centre of the eyeball in the scene camera's axes, to the right", "mm"),
    "eye_center_y_mm": ("centre of the eyeball in the scene camera's axes, down", "mm"),
    "eye_center_z_mm": ("centre of the eyeball in the scene camera's axes, forward", "mm"),
    "axis_horizontal_deg": ("direction of the optical axis, to the right", "degree"),
    "axis_vertical_deg": ("direction of the optical axis, down", "degree"),
    "axis_x": ("optical axis, a unit vector in the scene camera's axes, to the right", ""),
    "axis_y": ("optical axis, a unit vector in the scene camera's axes, down", ""),
    "axis_z": ("optical axis, a unit vector in the scene camera's axes, forward", ""),
    "lid_angle_top_rad": ("angle of the upper lid", "rad"),
    "lid_angle_bottom_rad": ("angle of the lower lid", "rad"),
    "lid_aperture_mm": ("opening between the lids", "mm"),
    "point_x_px": ("gaze of this eye in the scene camera's picture", "pixel"),
    "point_y_px": ("gaze of this eye in the scene camera's picture", "pixel"),
}
BOTH = (
    *("raw_x_px", "raw_y_px", "gaze_valid", "gaze_problem", "worn", "time_error_s"),
    *("gaze_source", "expected_error_deg", "pose_source", "correction_version"),
    *("live_gaze_valid", "live_gaze_problem", "live_correction_version"),
)
PLACES = ("live_gaze", "uncorrected_gaze")


def eyes_of(run: Run) -> list[str]:
    """Labels of the recordings that this run has."""
    has_eyes = "left_pupil_mm" in run.samples
    return [label for label in EYES if has_eyes or label == "eye3"]


def recording(run: Run, label: str, pixels: WindowPixels) -> tuple[Columns, dict[str, Any]]:
    """Columns of one recording, and what is to be said about it.

    Parameters
    ----------
    run : Run
    label : {"eye1", "eye2", "eye3"}
    pixels : WindowPixels
    """
    samples = sorted_by(run.samples, "time_s")
    eye = EYES[label]
    columns = _both(samples, pixels) if eye == "cyclopean" else _one(samples, eye)
    about = {
        "PhysioType": "eyetrack",
        "RecordedEye": eye,
        "SampleCoordinateSystem": "gaze-on-screen",
        "SamplingFrequency": _rate_hz(samples),
        "StartTime": float(samples["time_s"][0]),
        "Manufacturer": "Pupil Labs",
        "ManufacturersModelName": "Neon",
        "EyeTrackingMethod": "other: neural network on images of both eyes, no calibration",
        "timestamp": {
            "Description": "time of the sample",
            "Units": "s",
            "Origin": "zero of the experiment's clock, as of the onsets in the events",
        },
        **_about_columns(columns, eye, pixels.unit),
    }
    if run.module_serial:
        about["DeviceSerialNumber"] = run.module_serial
    if length(run.corrections) and eye == "cyclopean":
        about["GazeCorrections"] = described_corrections(run.corrections)
    return columns, about


def _both(samples: Columns, pixels: WindowPixels) -> Columns:
    x, y = pixels.convert(samples["gaze_x"], samples["gaze_y"])
    columns = {"timestamp": samples["time_s"], "x_coordinate": x, "y_coordinate": y}
    if "left_pupil_mm" in samples:
        pupils = np.stack([samples["left_pupil_mm"], samples["right_pupil_mm"]])
        columns["pupil_size"] = pupils.mean(axis=0)
    columns.update({name: samples[name] for name in BOTH if name in samples})
    for name in PLACES:
        if f"{name}_x" in samples:
            x, y = pixels.convert(samples[f"{name}_x"], samples[f"{name}_y"])
            columns.update({f"{name}_x": x, f"{name}_y": y})
    return columns


def _one(samples: Columns, side: str) -> Columns:
    nowhere = np.full(length(samples), np.nan)
    columns = {
        "timestamp": samples["time_s"],
        "x_coordinate": nowhere,
        "y_coordinate": nowhere,
        "pupil_size": samples[f"{side}_pupil_mm"],
    }
    prefix = f"{side}_"
    own = [name for name in samples if name.startswith(prefix) and name != f"{side}_pupil_mm"]
    return {**columns, **{name.removeprefix(prefix): samples[name] for name in own}}


def _about_columns(columns: Columns, eye: str, unit: str) -> dict[str, Any]:
    about: dict[str, Any] = {}
    in_pixels = unit == "pixel"
    for axis, direction in (("x", "to the right"), ("y", "down" if in_pixels else "up")):
        text = f"gaze on the window, {direction}" + ("" if in_pixels else ", in its own units")
        about[f"{axis}_coordinate"] = {
            "Description": text if eye == "cyclopean" else ONE_GAZE,
            "Units": unit,
        }
    if "pupil_size" in columns:
        whose = "mean of both eyes" if eye == "cyclopean" else f"{eye} eye"
        about["pupil_size"] = {"Description": f"diameter of the pupil, {whose}", "Units": "mm"}
    for name in PLACES:
        about.update(_about_place(columns, name, unit))
    for name in (name for name in columns if name in DESCRIPTIONS):
        text, its_unit = DESCRIPTIONS[name]
        about[name] = {"Description": text, **({"Units": its_unit} if its_unit else {})}
    return about


def _about_place(columns: Columns, name: str, unit: str) -> dict[str, Any]:
    what = {
        "live_gaze": "gaze as the experiment saw it",
        "uncorrected_gaze": "gaze without the correction",
    }[name]
    axes = [axis for axis in "xy" if f"{name}_{axis}" in columns]
    return {f"{name}_{axis}": {"Description": what, "Units": unit} for axis in axes}


def _rate_hz(samples: Columns) -> float:
    steps = np.diff(samples["time_s"])
    return round(1 / float(np.median(steps)), 3) if len(steps) and np.median(steps) > 0 else 200.0
