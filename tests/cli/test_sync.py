"""`psychopy-neon sync` against a simulated phone."""

from __future__ import annotations

import logging
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest

from psychopy_neon.cli import sync
from psychopy_neon.cli.main import main

LINE = re.compile(
    r"offset ([+-][\d.]+) s \| drift +([+-][\d.]+) ppm \| bound ([\d.]+) ms \| "
    r"round trip [\d.]+ / [\d.]+ ms \| steps (\d+)"
)
CLEAR_LINE = "\r\x1b[K"


@pytest.fixture
def address(simulated_neon: Callable[..., Any]) -> str:
    simulator = simulated_neon(scene=False, offset_s=7.3, drift_ppm=40)
    return f"{simulator.address}:{simulator.port}"


def test_plain_lines_tell_offset_drift_bound_and_steps(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sync", address, "--seconds", "1.5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found)
    last = found[-1]
    assert last is not None
    assert float(last[1]) == pytest.approx(7.3, abs=0.05)
    assert 0 < float(last[3]) < 20 and last[4] == "0"


def _read_until(terminal: int, text: bytes, timeout_s: float = 30.0) -> bytes:
    shown, end_s = b"", time.monotonic() + timeout_s
    while text not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end_s - time.monotonic()))
        assert ready, f"{text!r} was not shown: {shown!r}"
        shown += os.read(terminal, 4096)
    return shown


@pytest.fixture
def heeded_control_c() -> Iterator[None]:
    """A shell's background jobs ignore it, and whatever they start would, too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo terminals here")
@pytest.mark.usefixtures("heeded_control_c")
def test_in_a_terminal_one_line_is_written_over_until_control_c(address: str) -> None:
    terminal, end = os.openpty()
    command = [sys.executable, "-m", "psychopy_neon", "sync", address]
    environment = {**os.environ, "COLUMNS": "120"}
    process = subprocess.Popen(command, stdout=end, stderr=end, env=environment)
    os.close(end)
    try:
        shown = _read_until(terminal, CLEAR_LINE.encode())
        shown += _read_until(terminal, CLEAR_LINE.encode() + b"offset")
        process.send_signal(signal.SIGINT)
        shown += _read_until(terminal, b"\r\n")
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    assert shown.count(b"\n") == 1 and b"Traceback" not in shown


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_logged_stays_above_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    stream = _Terminal()
    board = sync._Board(stream)
    board.show("offset is long")
    board.emit(logging.makeLogRecord({"msg": "the clock was set"}))
    board.show("offset")
    board.end()
    line, rest = stream.getvalue().split("\n", 1)
    assert line.startswith(f"{CLEAR_LINE}offset is l{CLEAR_LINE}")
    assert line.endswith("the clock was set")
    assert rest == f"{CLEAR_LINE}offset\n"


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_impossible_time_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sync", "127.0.0.1", "--seconds", seconds])
    assert "--seconds" in capsys.readouterr().err
