"""Eye movements, motion and poses in the data file of a real ioHub, against the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

NEAR_NS = 1_000_000
CLOCK_ERROR_S = 0.002
PLACES = ((0.5 * 8 / 9, 0.2), (-0.5 * 8 / 9, -0.15))  # in the window's units, as hub_session.py

Tables = dict[str, Any]
Truth = list[dict[str, Any]]


@pytest.fixture(scope="module")
def true_events(truth: Truth) -> Callable[[str], list[tuple[int, int]]]:
    """Start and end of what the participant did, phone's Unix clock, ns."""

    def of_kind(kind: str) -> list[tuple[int, int]]:
        found = [line for line in truth if line["kind"] == "eye_event"]
        return [(e["start_ns"], e["end_ns"]) for e in found if e["eye_event"] == kind]

    return of_kind


def _late_enough(rows: Any, tables: Tables) -> Any:
    """Those after the clock was set: only their places in time are comparable."""
    samples = tables["BinocularEyeSampleEvent"]["device_time"]
    gap = int(np.argmax(np.diff(samples)))
    return rows[rows["device_time"] > samples[gap + 1]]


@pytest.mark.parametrize("kind", ["fixation", "saccade", "blink"])
def test_ends_in_the_file_are_those_that_happened(
    kind: str, data_tables: Tables, true_events: Any
) -> None:
    rows = data_tables[f"{kind.capitalize()}EndEvent"]
    ends_ns = np.array([end for _, end in true_events(kind)])
    assert len(rows) >= 2 - (kind == "blink")
    for row in rows:
        nearest = int(np.argmin(np.abs(ends_ns - row["device_time"] * 1e9)))
        start_ns, end_ns = true_events(kind)[nearest]
        assert abs(row["device_time"] * 1e9 - end_ns) < NEAR_NS
        assert row["duration"] == pytest.approx((end_ns - start_ns) / 1e9, abs=0.001)


@pytest.mark.parametrize("kind", ["fixation", "saccade"])
def test_each_start_stands_once_and_at_its_time(
    kind: str, data_tables: Tables, true_events: Any
) -> None:
    rows = data_tables[f"{kind.capitalize()}StartEvent"]
    starts_ns = np.array([start for start, _ in true_events(f"{kind}_onset")])
    distances = np.abs(starts_ns[:, None] - rows["device_time"] * 1e9)
    assert len(rows) >= 2
    assert (distances.min(axis=0) < NEAR_NS).sum() >= len(rows) - 1  # one began before its onset
    assert len(set(rows["device_time"])) == len(rows)


def test_times_of_eye_movements_are_those_of_the_samples(
    data_tables: Tables, seen: dict[str, Any], raw_s: Callable[[Any], Any]
) -> None:
    for name in ("FixationEndEvent", "SaccadeStartEvent", "BlinkEndEvent", "NeonScreenPoseEvent"):
        rows = _late_enough(data_tables[name], data_tables)
        errors_s = rows["time"] - (raw_s(rows["device_time"]) - seen["zero_s"])
        assert len(rows) and np.abs(errors_s).max() < CLOCK_ERROR_S
        assert (rows["confidence_interval"] > 0).all()
        assert np.allclose(rows["delay"], rows["logged_time"] - rows["time"], atol=1e-4)
        assert (rows["delay"] > -CLOCK_ERROR_S).all()


def test_fixations_lie_where_the_participant_looked(data_tables: Tables) -> None:
    rows = data_tables["FixationEndEvent"]
    rows = rows[rows["status"] == 0]
    assert len(rows) >= 1
    for row in rows:
        place = (row["average_gaze_x"], row["average_gaze_y"])
        assert min(np.hypot(place[0] - x, place[1] - y) for x, y in PLACES) < 0.03
        assert 0 < row["average_raw_x"] < 1600


def test_the_big_saccade_leads_from_one_place_to_the_other(data_tables: Tables) -> None:
    rows = data_tables["SaccadeEndEvent"]
    known = rows[rows["status"] == 0]
    spans = np.hypot(
        known["end_gaze_x"] - known["start_gaze_x"], known["end_gaze_y"] - known["start_gaze_y"]
    )
    big = known[int(np.argmax(spans))]
    assert big["start_gaze_x"] * big["end_gaze_x"] < 0
    lean = np.degrees(np.arctan2(0.35, 8 / 9))
    assert min(abs(big["angle"] - lean), abs(big["angle"] + 180 - lean)) < 4


def test_every_packet_of_the_eye_events_is_kept_as_it_came(
    data_tables: Tables, true_events: Any
) -> None:
    rows = data_tables["NeonEyeMovementEvent"]
    kinds = set(rows["kind"].tolist())
    assert {b"fixation", b"saccade", b"blink", b"fixation_onset", b"saccade_onset"} <= kinds
    for row in rows[rows["kind"] == b"saccade"]:
        starts = [start for start, _ in true_events("saccade")]
        assert min(abs(start - row["start_device_ns"]) for start in starts) < NEAR_NS
        assert row["end_sensor_ns"] > row["start_sensor_ns"] > 0
        assert row["amplitude_deg"] > 0 and row["max_velocity_px_s"] > 0


def test_every_sample_has_its_row_of_what_psychopy_has_no_field_for(
    data_tables: Tables, rows: Any
) -> None:
    own = data_tables["NeonSampleEvent"]
    assert np.array_equal(own["device_time"], rows["device_time"])
    assert np.abs(own["device_ns"] / 1e9 - rows["device_time"]).max() < 1e-6
    assert (own["worn"] == 1).all()
    axes = np.stack([own[f"left_axis_{axis}"] for axis in "xyz"])
    assert np.allclose(np.linalg.norm(axes, axis=0), 1, atol=1e-3)
    assert own["left_lid_aperture_mm"].min() < 3 < np.median(own["left_lid_aperture_mm"])
    is_missing = rows["status"] != 0
    assert ((own["gaze_problem"] != b"") == is_missing).all()
    assert (own["tags"][~is_missing] >= 3).all()
    assert np.abs(own["left_point_x"] - rows["left_raw_x"]).max() == 0


def test_motion_is_kept_with_its_rate(data_tables: Tables) -> None:
    motion = _late_enough(data_tables["NeonImuEvent"], data_tables)
    assert np.median(np.diff(motion["device_ns"])) == pytest.approx(1e9 / 110, rel=0.2)
    assert (motion["sensor_ns"] > 0).all()
    assert -CLOCK_ERROR_S < np.median(motion["delay"]) < 0.05  # single ones are sent early
    weight = np.sqrt(sum(motion[f"acceleration_{axis}"] ** 2 for axis in "xyz"))
    assert np.median(weight) == pytest.approx(1, abs=0.2)


def test_poses_put_the_window_where_the_gaze_rests_on_it(data_tables: Tables, rows: Any) -> None:
    poses = _late_enough(data_tables["NeonScreenPoseEvent"], data_tables)
    assert len(poses) > 20 and (np.diff(poses["device_ns"]) > 0).all()
    pose = poses[len(poses) // 2]
    rotation = np.array([[pose[f"rotation_{i}{j}"] for j in "123"] for i in "123"])
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
    assert pose["half_width"] == pytest.approx(1280 / 720, rel=1e-3)
    assert (pose["window_width_px"], pose["window_height_px"]) == (1280, 720)
    assert pose["units_per_norm_x"] == pytest.approx(8 / 9)
    assert pose["tags"] >= 3 and pose["reprojection_error_px"] < 3
    assert pose["translation_z"] > 0
