"""Gaze samples as rows, read back by the field names of PsychoPy's own event classes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from psychopy_neon.samples import EyeState, GazeSample

LEFT = EyeState(3.0, (-30.0, 11.0, -25.0), (0.0, 0.0, 1.0))
RIGHT = EyeState(4.0, (31.0, 12.0, -24.0), (math.sin(0.2), 0.0, math.cos(0.2)))


def sample(**parts: Any) -> GazeSample:
    return GazeSample(
        device_ns=1_700_000_000_250_000_000, arrived_host_ns=5, x=810, y=590, worn=True, **parts
    )


GAZE = sample()
GAZE_AND_EYES = sample(left_eye=LEFT, right_eye=RIGHT)
POINT = (0.25, -0.125)
NOWHERE = (math.nan, math.nan)

Fields = dict[str, Any]


@pytest.fixture
def row(sample_classes: Any) -> Callable[..., Fields]:
    """Make rows with one `SampleRows`, as a device does; each comes back as named fields."""
    from psychopy_neon.iohub.event_times import EventTimes
    from psychopy_neon.iohub.sample_rows import SampleRows

    rows = SampleRows()
    times = EventTimes(
        device_s=GAZE.device_ns / 1e9, time_s=12.5, logged_s=12.53125, confidence_interval_s=0.0005
    )
    classes = {
        51: sample_classes.MonocularEyeSampleEvent,
        52: sample_classes.BinocularEyeSampleEvent,
    }

    def named(sample: GazeSample, point: tuple[float, float] = POINT) -> Fields:
        values = rows.row(sample, point, times)
        names = classes[values[4]].CLASS_ATTRIBUTE_NAMES
        assert names[4] == "type"
        return dict(zip(names, values, strict=True))

    return named


def test_without_eye_state_a_row_is_monocular(row: Callable[..., Fields]) -> None:
    fields = row(GAZE)
    assert (fields["gaze_x"], fields["gaze_y"]) == POINT
    assert (fields["raw_x"], fields["raw_y"]) == (810, 590)
    assert fields["eye"] == 27  # ioHub's code of an average of both eyes


def test_with_eye_state_a_row_is_binocular(row: Callable[..., Fields]) -> None:
    fields = row(GAZE_AND_EYES)
    for side in ("left", "right"):
        assert (fields[f"{side}_gaze_x"], fields[f"{side}_gaze_y"]) == POINT
        assert (fields[f"{side}_raw_x"], fields[f"{side}_raw_y"]) == (810, 590)


def test_each_eye_keeps_its_own_state(row: Callable[..., Fields]) -> None:
    fields = row(GAZE_AND_EYES)
    assert [fields[f"left_eye_cam_{axis}"] for axis in "xyz"] == [-30, 11, -25]
    assert [fields[f"right_eye_cam_{axis}"] for axis in "xyz"] == [31, 12, -24]
    assert (fields["left_pupil_measure1"], fields["right_pupil_measure1"]) == (3, 4)
    assert fields["left_pupil_measure1_type"] == 77  # ioHub's code of a diameter in mm


def test_optical_axes_become_angles_in_degrees(row: Callable[..., Fields]) -> None:
    fields = row(GAZE_AND_EYES)
    assert (fields["left_angle_x"], fields["left_angle_y"]) == (0, 0)
    assert fields["right_angle_x"] == pytest.approx(math.degrees(0.2))
    assert fields["right_angle_y"] == 0


@pytest.mark.parametrize("gaze", [GAZE, GAZE_AND_EYES], ids=["monocular", "binocular"])
def test_times_are_on_iohubs_clock_and_the_phones_is_kept(
    row: Callable[..., Fields], gaze: GazeSample
) -> None:
    fields = row(gaze)
    assert fields["device_time"] == pytest.approx(1_700_000_000.25, rel=0, abs=1e-6)
    assert (fields["time"], fields["logged_time"]) == (12.5, 12.53125)
    assert fields["delay"] == 0.03125
    assert fields["confidence_interval"] == 0.0005


def test_a_good_sample_has_status_0_as_psychopys_validation_expects(
    row: Callable[..., Fields],
) -> None:
    assert row(GAZE)["status"] == 0


@pytest.mark.parametrize("gaze", [GAZE, GAZE_AND_EYES], ids=["monocular", "binocular"])
def test_gaze_beside_every_screen_is_nan_and_marked(
    row: Callable[..., Fields], gaze: GazeSample
) -> None:
    fields = row(gaze, NOWHERE)
    places = [value for name, value in fields.items() if name.endswith(("gaze_x", "gaze_y"))]
    assert places and all(math.isnan(value) for value in places)
    assert fields["status"] != 0
    raw = [value for name, value in fields.items() if name.endswith("raw_x")]
    assert set(raw) == {810}


def test_the_first_sample_decides_the_class_of_all(row: Callable[..., Fields]) -> None:
    assert [row(GAZE)["type"], row(GAZE_AND_EYES)["type"]] == [51, 51]


def test_a_binocular_row_stays_one_when_an_eye_is_missing(row: Callable[..., Fields]) -> None:
    row(GAZE_AND_EYES)
    fields = row(sample(left_eye=LEFT))
    assert fields["type"] == 52
    assert fields["left_pupil_measure1"] == 3
    assert fields["right_pupil_measure1"] == 0  # ioHub's "undefined"


def test_gaze_of_one_eye_stands_in_its_own_half_only(row: Callable[..., Fields]) -> None:
    eyes = {"left_eye": LEFT, "right_eye": RIGHT}
    fields = row(sample(**eyes, left_point=(800.0, 580.0), right_point=(820.0, 600.0)))
    assert (fields["left_raw_x"], fields["left_raw_y"]) == (800, 580)
    assert (fields["right_raw_x"], fields["right_raw_y"]) == (820, 600)


def test_gaze_that_is_of_the_left_eye_alone_is_marked_so(row: Callable[..., Fields]) -> None:
    assert row(sample(is_monocular=True))["eye"] == 21  # ioHub's code of the left eye


def test_what_neon_does_not_send_is_left_undefined(row: Callable[..., Fields]) -> None:
    fields = row(GAZE_AND_EYES)
    empty = ("gaze_z", "pupil_measure2", "ppd_x", "ppd_y", "velocity_x", "velocity_xy")
    assert {fields[f"left_{name}"] for name in empty} == {0}
