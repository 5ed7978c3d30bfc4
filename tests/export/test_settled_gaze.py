"""Settled gaze in the place of live gaze, and corrections of gaze, in exported tables."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from psychopy_neon.export.corrections import all_corrections, described_corrections
from psychopy_neon.export.run_clock import RunClock
from psychopy_neon.export.settled_gaze import with_settled
from psychopy_neon.ledger import LedgerCorrection, Session, SessionHead, read_sessions, summary

FIELDS = [
    *(("device_ns", "i8"), ("gaze_x", "f4"), ("gaze_y", "f4"), ("gaze_problem", "S24")),
    *(("tags", "u1"), ("pose_age_s", "f4"), ("pose_source", "S16"), ("expected_error_deg", "f4")),
    *(("uncorrected_x", "f4"), ("uncorrected_y", "f4"), ("correction_version", "u2")),
]
NAN = math.nan


def samples() -> dict[str, np.ndarray]:
    """Live gaze of four samples; the last two were corrected."""
    return {
        "device_ns": np.array([10, 20, 30, 40]),
        "gaze_valid": np.array([1, 1, 0, 1]),
        "gaze_x": np.array([0.1, 0.2, NAN, 0.4]),
        "gaze_y": np.array([0.5, 0.5, NAN, 0.5]),
        "gaze_problem": np.array(["", "", "no screen", ""]),
        "correction_version": np.array([0, 0, 1, 1]),
        "raw_x_px": np.array([800.0, 810.0, 820.0, 830.0]),
    }


def settled(*rows: tuple[object, ...]) -> np.ndarray:
    return np.array(list(rows), FIELDS)


TABLE = settled(
    (30, 0.33, 0.55, b"", 8, 0.01, b"interpolated", 0.1, 0.30, 0.5, 1),
    (20, NAN, NAN, b"blink", 8, 0.01, b"interpolated", NAN, NAN, NAN, 0),
)


def test_settled_gaze_takes_the_place_of_live_gaze_also_where_it_knows_of_none() -> None:
    found = with_settled(samples(), TABLE)
    assert found["gaze_source"].tolist() == ["live", "settled", "settled", "live"]
    assert found["gaze_valid"].tolist() == [1, 0, 1, 1]
    assert found["gaze_problem"].tolist() == ["", "blink", "", ""]
    assert found["gaze_x"] == pytest.approx([0.1, NAN, 0.33, 0.4], nan_ok=True)
    assert found["live_gaze_x"] == pytest.approx([0.1, 0.2, NAN, 0.4], nan_ok=True)
    assert found["pose_source"].tolist() == ["", "interpolated", "interpolated", ""]
    assert found["raw_x_px"].tolist() == samples()["raw_x_px"].tolist()


def test_gaze_without_the_correction_is_known_where_it_can_be() -> None:
    found = with_settled(samples(), TABLE)
    assert found["uncorrected_gaze_x"] == pytest.approx([0.1, NAN, 0.30, NAN], nan_ok=True)
    assert found["correction_version"].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("table", [None, TABLE[:0]])
def test_a_run_of_before_settled_gaze_stays_as_it_was(table: np.ndarray | None) -> None:
    assert with_settled(samples(), table).keys() == samples().keys()


CORRECTION = {
    "format": 1,
    "space": "camera angles, deg",
    "offset_deg": [1.5, -0.25],
    "linear": [[0.01, 0.0], [0.0, 0.02]],
    "version": 3,
    "points": 5,
    "distance": 1.2,
    "expected_error_deg": None,
}


def ledger(folder: Path, *corrections: object) -> Session:
    head = {"kind": "session", "version": 1, "host_ns": 1_000_000_000, "experiment_s": 1.0}
    lines = [
        {"kind": "gaze_correction", "host_ns": 3_500_000_000, "experiment_s": 3.5, "correction": it}
        for it in corrections
    ]
    path = folder / "ledger.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in (head, *lines)), "utf-8")
    [session] = read_sessions(path)
    return session


def test_the_ledger_tells_what_gaze_was_corrected_by(tmp_path: Path) -> None:
    session = ledger(tmp_path, json.dumps(CORRECTION))
    [found] = session.corrections
    assert (found.version, found.points, found.offset_deg) == (3, 5, (1.5, -0.25))
    assert found.linear == ((0.01, 0.0), (0.0, 0.02)) and math.isnan(found.expected_error_deg)
    assert (
        "gaze: corrected (version 3, +1.50 degrees to the right, -0.25 up, by 5 targets) from "
        "2.5 s on"
    ) in summary(session)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "null", "[" * 100_000, 7),
        json.dumps({**CORRECTION, "format": 2}),
        json.dumps({**CORRECTION, "offset_deg": [1.0]}),
        json.dumps({**CORRECTION, "offset_deg": ["a", 1]}),
        json.dumps({**CORRECTION, "offset_deg": [10**400, 1]}),
        json.dumps({**CORRECTION, "linear": 3}),
    ],
)
def test_a_line_that_makes_no_sense_is_counted_and_left_out(tmp_path: Path, text: object) -> None:
    session = ledger(tmp_path, text, json.dumps(CORRECTION))
    assert len(session.corrections) == 1 and session.unreadable == 1


def test_corrections_are_a_table_and_a_description() -> None:
    linear = ((0.01, 0.0), (0.0, 0.02))
    made = LedgerCorrection(5, 3.5, 3, (1.5, -0.25), linear, 5, 1.2)
    ended = LedgerCorrection(9, 4.5, 0, (0.0, 0.0), ((0.0, 0.0), (0.0, 0.0)))
    session = Session(SessionHead(), corrections=(made, ended))
    table = all_corrections([session], RunClock([], np.empty(0, [("time", "f8")])))
    assert table["version"].tolist() == [3, 0]
    assert table["offset_right_deg"].tolist() == [1.5, 0.0]
    assert math.isnan(table["time_s"][0])  # nothing tells where the run's zero is
    told = described_corrections(table)["Corrections"]
    assert told[0]["Linear"] == [[0.01, 0.0], [0.0, 0.02]] and told[0]["Onset"] is None
    assert told[1]["Version"] == 0
    assert all_corrections([], RunClock([], np.empty(0, [("time", "f8")]))) == {}
