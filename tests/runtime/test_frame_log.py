"""The frame log: what is noted is in the file, and noting costs next to nothing."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from psychopy_neon.certificate import read_frames

ROWS = 125
HEADER = "flip_experiment_s\tinterval_s\tgaze_age_s\tgaze_valid\tflip_host_s\n"
OLDER_HEADER = "flip_experiment_s\tinterval_s\tgaze_age_s\tgaze_valid\n"


@pytest.fixture
def frame_log(runtime: Any) -> ModuleType:
    """The module under test; its package loads PsychoPy."""
    module = import_module("psychopy_neon.runtime.frame_log")
    assert module.HEADER == HEADER
    return module


def _until(condition: Callable[[], object]) -> None:
    end_s = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def test_flips_come_back_as_they_were_noted(tmp_path: Path, frame_log: Any) -> None:
    log = frame_log.FrameLog(tmp_path / "data" / "f.tsv")
    log.note(100.5, 0.021, True)
    log.note(100.516667, 0.0215, False)
    log.note(100.533333, host_s=3.25)
    log.close()
    frames = read_frames(log.path.read_text("utf-8"))
    assert [frame.flip_experiment_s for frame in frames] == [100.5, 100.516667, 100.533333]
    assert math.isnan(frames[0].interval_s) and frames[1].interval_s == pytest.approx(0.016667)
    assert [frame.gaze_valid for frame in frames] == [True, False, None]
    assert frames[0].gaze_age_s == 0.021 and math.isnan(frames[2].gaze_age_s)
    assert math.isnan(frames[0].flip_host_s) and frames[2].flip_host_s == 3.25


def test_intervals_are_taken_on_the_clock_that_nobody_sets(tmp_path: Path, frame_log: Any) -> None:
    log = frame_log.FrameLog(tmp_path / "f.tsv")
    log.note(100.0, host_s=7.0)
    log.note(50.0, host_s=7.0625)
    log.close()
    assert read_frames(log.path.read_text("utf-8"))[1].interval_s == 0.0625


def test_a_pause_has_no_interval(tmp_path: Path, frame_log: Any) -> None:
    log = frame_log.FrameLog(tmp_path / "f.tsv")
    log.note(1.0)
    log.pause()
    log.note(9.0)
    log.close()
    assert all(math.isnan(f.interval_s) for f in read_frames(log.path.read_text("utf-8")))


def test_most_is_in_the_file_before_the_end(tmp_path: Path, frame_log: Any) -> None:
    """So that a run that is killed leaves its flips behind, but for the last half a second."""
    log = frame_log.FrameLog(tmp_path / "f.tsv")
    for number in range(ROWS):
        log.note(number / 60)
    _until(lambda: log.path.exists() and log.path.read_text("utf-8").count("\n") == ROWS + 1)
    log.close()
    assert len(read_frames(log.path.read_text("utf-8"))) == ROWS


def test_a_file_torn_by_a_kill_is_continued_on_a_new_line(tmp_path: Path, frame_log: Any) -> None:
    path = tmp_path / "f.tsv"
    path.write_text(OLDER_HEADER + "1.0\t\t0.02\t1\n1.1\t0.0", "utf-8")
    log = frame_log.FrameLog(path)
    log.note(5.0, 0.02, True)
    log.close()
    assert [f.flip_experiment_s for f in read_frames(path.read_text("utf-8"))] == [1.0, 5.0]


def test_closing_twice_is_harmless(tmp_path: Path, frame_log: Any) -> None:
    log = frame_log.FrameLog(tmp_path / "f.tsv")
    log.note(1.0)
    log.close()
    log.close()
    assert log.path.read_text("utf-8").count("\n") == 2


def test_a_file_that_cannot_be_written_is_said_once_and_stops_nobody(
    tmp_path: Path, frame_log: Any, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    log = frame_log.FrameLog(tmp_path / "taken" / "f.tsv")
    for number in range(ROWS):
        log.note(number / 60)
    log.close()
    (record,) = caplog.records
    assert record.getMessage().startswith(f"the frame log {log.path} cannot be written (")
    assert log.lost == ROWS


def test_memory_is_bounded_while_the_disk_hangs(
    tmp_path: Path, frame_log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_log, "MOST_ROWS", 3 * ROWS)
    monkeypatch.setattr(frame_log, "WRITE_EVERY_S", 600.0)
    log = frame_log.FrameLog(tmp_path / "f.tsv")
    for number in range(10 * ROWS):
        log.note(number / 60)
    assert log.lost == 7 * ROWS
    log.close()
    assert len(read_frames(log.path.read_text("utf-8"))) == 3 * ROWS


def test_noting_a_flip_takes_microseconds(tmp_path: Path, frame_log: Any) -> None:
    log = frame_log.FrameLog(tmp_path / "f.tsv")
    took_ns = []
    gc.collect()
    for number in range(20 * ROWS):
        start_ns = time.perf_counter_ns()
        log.note(number / 60, 0.0213, True)
        took_ns.append(time.perf_counter_ns() - start_ns)
    log.close()
    ordered = sorted(took_ns)
    assert ordered[len(ordered) // 2] < 20_000
    assert len(read_frames(log.path.read_text("utf-8"))) == 20 * ROWS
