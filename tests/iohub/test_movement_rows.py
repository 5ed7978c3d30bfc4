"""Fixations, saccades and blinks as rows of PsychoPy's classes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from psychopy_neon.clock.experiment_clock import ClockPair
from psychopy_neon.samples import EyeEvent, EyeMovement

AHEAD_NS = 1_700_000_000_000_000_000  # of the phone's clock
SKEW_NS = 3_000_000_000
START_NS, END_NS = AHEAD_NS + 2_000_000_000, AHEAD_NS + 2_300_000_000
MOVEMENT = EyeMovement((800.0, 600.0), (820.0, 610.0), (811.0, 606.0), 22.4, 1.4, 310.0, 620.0)
FIXATION_START, FIXATION_END, SACCADE_START, SACCADE_END, BLINK_START, BLINK_END = range(53, 59)

Named = list[dict[str, Any]]


def packet(kind: Any, *, end: bool = True, movement: EyeMovement | None = MOVEMENT) -> EyeEvent:
    """As the phone sends it, with its own times on the sensor clock."""
    at_end = kind in ("fixation", "saccade")
    return EyeEvent(
        kind,
        END_NS if at_end else START_NS,
        0,
        START_NS - SKEW_NS,
        END_NS - SKEW_NS if end else None,
        movement if at_end else None,
    )


@pytest.fixture
def rows(sample_classes: Any) -> Callable[[EyeEvent], Named]:
    """Rows of packets, read back by field name; gaze moved to the right all the time."""
    from psychopy.iohub.constants import EventConstants

    from psychopy_neon.iohub.event_times import EventClock
    from psychopy_neon.iohub.gaze_trail import GazeTrail, Place
    from psychopy_neon.iohub.movement_rows import MovementRows

    trail = GazeTrail()
    for number in range(100):  # 0.1 s before the start to 0.095 s after the end
        device_ns = START_NS + (number - 20) * 5_000_000
        trail.append(Place(device_ns, (number / 100, 0.25), (800.0 + number, 500.0)))
    movements = MovementRows(trail)

    def host_time(device_ns: int) -> tuple[int, int]:
        return device_ns - AHEAD_NS, 100_000

    clock = EventClock(host_time, ClockPair(0, 10.0, 0), zero_s=4.0, logged_s=9.0)

    def named(event: EyeEvent) -> Named:
        found = movements.rows(event, *event.rebased(SKEW_NS), clock)
        classes = {kind: getattr(sample_classes, f"{name}Event") for kind, name in CLASSES.items()}
        assert all(EventConstants.getName(kind) for kind in classes)
        return [dict(zip(classes[row[4]].CLASS_ATTRIBUTE_NAMES, row, strict=True)) for row in found]

    return named


CLASSES = {
    FIXATION_START: "FixationStart",
    FIXATION_END: "FixationEnd",
    SACCADE_START: "SaccadeStart",
    SACCADE_END: "SaccadeEnd",
    BLINK_START: "BlinkStart",
    BLINK_END: "BlinkEnd",
}


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [("fixation", FIXATION_START, FIXATION_END), ("saccade", SACCADE_START, SACCADE_END)],
)
def test_an_onset_starts_and_the_summary_ends(rows: Any, kind: str, start: int, end: int) -> None:
    assert [row["type"] for row in rows(packet(f"{kind}_onset", end=False))] == [start]
    assert [row["type"] for row in rows(packet(kind))] == [end]


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [("fixation", FIXATION_START, FIXATION_END), ("saccade", SACCADE_START, SACCADE_END)],
)
def test_without_an_onset_the_summary_starts_and_ends(
    rows: Any, kind: str, start: int, end: int
) -> None:
    assert [row["type"] for row in rows(packet(kind))] == [start, end]


def test_a_blink_is_told_when_it_is_over_start_and_end(rows: Any) -> None:
    first, last = rows(packet("blink"))
    assert (first["type"], last["type"]) == (BLINK_START, BLINK_END)
    assert last["duration"] == pytest.approx(0.3)
    assert first["status"] != 0 and last["status"] != 0


@pytest.mark.parametrize("kind", ["fixation", "saccade", "blink"])
def test_times_are_those_of_the_start_and_the_end_on_iohubs_clock(rows: Any, kind: str) -> None:
    first, last = rows(packet(kind))
    assert (first["time"], last["time"]) == pytest.approx((8.0, 8.3))
    assert (first["delay"], last["delay"]) == pytest.approx((1.0, 0.7))
    assert first["device_time"] == pytest.approx(START_NS / 1e9, rel=0, abs=1e-6)
    assert last["device_time"] == pytest.approx(END_NS / 1e9, rel=0, abs=1e-6)
    assert last["confidence_interval"] > 0
    assert last["duration"] == pytest.approx(0.3)


def test_a_fixation_has_its_pixels_and_its_places_on_the_window(rows: Any) -> None:
    first, last = rows(packet("fixation"))
    assert (first["gaze_x"], first["gaze_y"]) == (0.2, 0.25)
    assert [last[f"{when}_gaze_x"] for when in ("start", "end")] == [0.2, 0.8]
    assert last["average_gaze_x"] == pytest.approx(0.5)
    assert [last[f"{when}_raw_x"] for when in ("start", "average", "end")] == [800, 811, 820]
    assert [last[f"{when}_raw_y"] for when in ("start", "average", "end")] == [600, 606, 610]
    assert first["status"] == last["status"] == 0


def test_a_saccade_has_the_angle_of_its_path_on_the_window(rows: Any) -> None:
    last = rows(packet("saccade"))[-1]
    assert [last[f"{when}_gaze_x"] for when in ("start", "end")] == [0.2, 0.8]
    assert last["angle"] == 0  # to the right


def test_no_field_holds_a_number_that_was_not_measured(rows: Any) -> None:
    fixation, saccade = rows(packet("fixation"))[-1], rows(packet("saccade"))[-1]
    for row, names in (
        (fixation, ("start_pupil_measure1", "average_angle_x", "peak_velocity_xy")),
        # Neon's velocities are pixels per second, its amplitude has no direction.
        (saccade, ("amplitude_x", "amplitude_y", "average_velocity_xy", "start_ppd_x")),
    ):
        assert all(math.isnan(row[name]) for name in names)


def test_where_gaze_is_not_known_there_is_none(rows: Any) -> None:
    hour_ns = 3_600_000_000_000
    early = packet("fixation")
    shifted = EyeEvent(
        "fixation",
        early.device_ns + hour_ns,
        0,
        early.start_sensor_ns + hour_ns,
        END_NS - SKEW_NS + hour_ns,
        MOVEMENT,
    )
    last = rows(shifted)[-1]
    assert all(math.isnan(last[f"{when}_gaze_x"]) for when in ("start", "average", "end"))
    assert last["status"] != 0
    assert last["start_raw_x"] == 800
