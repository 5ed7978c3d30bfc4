from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from psychopy_neon.samples import ScreenGaze
from psychopy_neon.transport import gaze_board
from psychopy_neon.transport.gaze_board import GazeBoard, GazeBoardWriter

GAZE = ScreenGaze(
    0.25, -0.5, True, None, 0.0, 0.03, 8, 1_700_000_000_000_000_001, 3.5, 0.08, "gyroscope"
)


@pytest.fixture
def now_ns(monkeypatch):
    """An instant at which the clock stands still, so that nothing grows old while a test runs."""
    instant_ns = time.perf_counter_ns()
    clock = SimpleNamespace(perf_counter_ns=lambda: instant_ns)
    monkeypatch.setattr(gaze_board, "time", clock)
    return instant_ns


@pytest.fixture
def writer():
    made = GazeBoardWriter()
    yield made
    made.close()


@pytest.fixture
def board(writer):
    made = GazeBoard(writer.path, max_age_s=0.1)
    yield made
    made.close()


def test_there_is_no_gaze_before_the_first(board):
    gaze = board.read()
    assert (gaze.valid, gaze.problem, gaze.device_ns) == (False, "no gaze", None)
    assert math.isnan(gaze.x) and math.isnan(gaze.age_s)


def test_what_is_written_is_read_with_its_present_age(writer, board, now_ns):
    writer.write(GAZE, now_ns - 20_000_000)
    gaze = board.read()
    assert (gaze.x, gaze.y, gaze.valid, gaze.problem) == (0.25, -0.5, True, None)
    assert (gaze.tags, gaze.device_ns, gaze.pupil_mm) == (8, GAZE.device_ns, 3.5)
    assert (gaze.expected_error_deg, gaze.pose_source) == (0.08, "gyroscope")
    assert gaze.age_s == pytest.approx(0.02)


def test_gaze_that_is_not_renewed_expires(writer, board):
    writer.write(GAZE, time.perf_counter_ns() - 150_000_000)
    gaze = board.read()
    assert (gaze.valid, gaze.problem) == (False, "too old")
    assert math.isnan(gaze.x) and math.isnan(gaze.y) and math.isnan(gaze.expected_error_deg)
    assert gaze.age_s >= 0.15


def test_a_problem_is_passed_on(writer, board, now_ns):
    lost = ScreenGaze(math.nan, math.nan, False, "no screen", 0.0, math.nan, 0, 5, 3.0)
    writer.write(lost, now_ns)
    assert board.read().problem == "no screen"


def test_a_half_written_entry_is_never_read(writer, board):
    """Every entry has equal coordinates; a mixture of two would not."""
    done = threading.Event()

    def keep_writing():
        number = 0
        while not done.is_set():
            number += 1
            value = float(number)
            writer.write(
                ScreenGaze(value, value, True, None, 0.0, value, 8, number, value),
                time.perf_counter_ns(),
            )

    thread = threading.Thread(target=keep_writing)
    thread.start()
    try:
        read = [board.read() for _ in range(20_000)]
    finally:
        done.set()
        thread.join()
    valid = [gaze for gaze in read if gaze.valid]
    assert valid
    assert all(g.x == g.y == g.pose_age_s == g.pupil_mm == g.device_ns for g in valid)


def test_another_process_reads_the_same(writer):
    writer.write(GAZE, time.perf_counter_ns())
    program = (
        "import sys; from psychopy_neon.transport.gaze_board import GazeBoard;"
        "gaze = GazeBoard(sys.argv[1], 60.0).read();"
        "print(gaze.x, gaze.y, gaze.valid, 0 <= gaze.age_s < 30)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(writer.path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.split() == ["0.25", "-0.5", "True", "True"], run.stderr


def test_closing_deletes_the_file(board):
    writer = GazeBoardWriter()
    reader = GazeBoard(writer.path, 1.0)
    writer.close()
    writer.close()
    assert not writer.path.exists()
    assert reader.read().problem == "no gaze"
    reader.close()
    with pytest.raises(OSError, match=writer.path.name):
        GazeBoard(writer.path, 1.0)
