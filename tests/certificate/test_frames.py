"""Reading the frame log, and what follows from it."""

from __future__ import annotations

import math

import pytest

from psychopy_neon.certificate.frames import COLUMNS, OLDER_COLUMNS, frame_facts, read_frames
from psychopy_neon.exceptions import UsageError

HEADER = "\t".join(COLUMNS) + "\n"
OLDER_HEADER = "\t".join(OLDER_COLUMNS) + "\n"


def test_blank_cells_are_unknown() -> None:
    (frame,) = read_frames(HEADER + "12.500000\t\t\t0\n")
    assert frame.flip_experiment_s == 12.5 and not frame.gaze_valid
    assert math.isnan(frame.interval_s) and math.isnan(frame.gaze_age_s)


@pytest.mark.parametrize(
    "torn",
    ["12.6\t0.0", "12.6\t0.016\t0.02\t", "\0\0\0", "12.6\t0.016\t0.02\t1", "1\t1\t1\t1\t1\t1\n"],
)
def test_a_line_torn_by_a_crash_is_left_out(torn: str) -> None:
    """Also in the middle, when a later run continues the file; the last may be short of digits."""
    assert len(read_frames(HEADER + "12.5\t\t0.02\t1\n" + torn)) == 1


@pytest.mark.parametrize("absurd", ["nan", "inf", "-1e308"])
def test_absurd_numbers_are_unknown(absurd: str) -> None:
    assert read_frames(f"{HEADER}{absurd}\t\t0.02\t1\n") == []
    (frame,) = read_frames(f"{HEADER}12.5\t{absurd}\t{absurd}\t1\n")
    assert math.isnan(frame.interval_s) and math.isnan(frame.gaze_age_s)


def test_a_torn_line_does_not_spoil_those_after_it() -> None:
    frames = read_frames(HEADER + "12.5\t\t0.02\t1\n12.6\t0.0\n13.5\t\t0.03\t1\n")
    assert [frame.flip_experiment_s for frame in frames] == [12.5, 13.5]


def test_an_older_log_may_be_continued() -> None:
    frames = read_frames(OLDER_HEADER + "12.5\t\t0.02\t1\n\n13.5\t\t0.03\t1\t7.25\n")
    assert math.isnan(frames[0].flip_host_s)
    assert frames[1].flip_host_s == 7.25


def test_a_run_that_was_killed_at_once_leaves_an_empty_log() -> None:
    assert read_frames("") == []


@pytest.mark.parametrize("text", ["\n", "a,b\n1,2\n", '{"kind": "session"}\n'])
def test_what_is_no_frame_log_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a frame log: its first line must be"):
        read_frames(text)


def test_late_flips_and_missed_refreshes_are_counted() -> None:
    intervals = [0.01, 0.01, 0.0149, 0.0151, 0.05, 0.01, 0.01]
    lines = [f"{n}\t{interval}\t0.02\t1\n" for n, interval in enumerate(intervals)]
    facts = frame_facts(read_frames(HEADER + "".join(lines)))
    assert facts is not None
    assert facts.refresh_ms == pytest.approx(10)
    assert facts.late == 2
    assert facts.refreshes_missed == 1 + 4
    assert facts.late_share == pytest.approx(2 / 7)


def test_flips_without_gaze_count_for_no_validity() -> None:
    facts = frame_facts(read_frames(HEADER + "1\t\t\t\n2\t1\t0.02\t1\n3\t1\t\t0\n"))
    assert facts is not None
    assert (facts.flips, facts.with_gaze, facts.valid_share) == (3, 2, 0.5)


def test_a_log_without_gaze_says_nothing_of_gaze() -> None:
    facts = frame_facts(read_frames(HEADER + "1.0\t\t\t\n1.1\t0.1\t\t\n"))
    assert facts is not None
    assert facts.gaze_ages_ms is None and facts.valid_share is None
    assert frame_facts([]) is None


def test_a_run_that_misses_most_refreshes_is_not_taken_for_a_slower_screen() -> None:
    intervals = [1 / 60, 2 / 60, 2 / 60] * 20
    lines = [f"{n}\t{interval:.6f}\t\t0\n" for n, interval in enumerate(intervals)]
    facts = frame_facts(read_frames(HEADER + "".join(lines)))
    assert facts is not None
    assert facts.refresh_ms == pytest.approx(16.667, abs=0.01)
    assert facts.late == facts.refreshes_missed == 40
