"""``psychopy-neon sync``: watch how well the phone's clock is known."""

from __future__ import annotations

import argparse
import logging
import math
import shutil
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from psychopy_neon.cli import argument_types

if TYPE_CHECKING:
    from psychopy_neon.client import Neon

CLEAR_LINE = "\r\x1b[K"
REFRESH_S = 0.25
PLAIN_LINE_EVERY_S = 1.0
EXCHANGES_SHOWN = 60
LOGGER = "psychopy_neon"
DESCRIPTION = (
    "Shows how well the phone's clock is known. Offset: how far it is ahead of this computer's "
    "time of day. Drift: by how many millionths it is too fast. Bound: how wrong the time of an "
    "event can be at most. Round trip: how long the phone takes to answer, the shortest and the "
    "median. Steps: how often its clock was set since."
)


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "sync", help="watch how well the phone's clock is known", description=DESCRIPTION
    )
    parser.add_argument(
        "address", nargs="?", help="as the Companion app shows it (default: discover)"
    )
    parser.add_argument("--name", help="the phone's name")
    parser.add_argument("--serial", help="serial number of the glasses")
    parser.add_argument(
        "--seconds",
        type=argument_types.seconds,
        default=math.inf,
        metavar="N",
        help="how long to watch (default: until Ctrl-C)",
    )


def run(args: argparse.Namespace) -> int:
    """Print one line that is kept up to date; Ctrl-C is the usual end."""
    from psychopy_neon.client import Neon

    with Neon.connect(args.address, name=args.name, serial=args.serial) as neon:
        neon.wait_for_clock()
        board = _Board(sys.stdout)
        logger = logging.getLogger(LOGGER)
        logger.addHandler(board)
        try:
            _watch(neon, board, args.seconds)
        except KeyboardInterrupt:
            pass
        finally:
            logger.removeHandler(board)
            board.end()
    return 0


def _watch(neon: Neon, board: _Board, seconds: float) -> None:
    end_s = time.perf_counter() + seconds
    while True:
        board.show(_line(neon))
        left_s = end_s - time.perf_counter()
        if left_s <= 0:
            return
        time.sleep(min(board.pause_s, left_s))


def _line(neon: Neon) -> str:
    """Everything about the clock at this moment; the offset is that from this computer's time."""
    clock_map = neon.wait_for_clock()
    host_ns, unix_ns = time.perf_counter_ns(), time.time_ns()
    offset_s = (clock_map.device_from_host(host_ns) - unix_ns) / 1e9
    trips = [exchange.round_trip_ns / 1e6 for exchange in neon.clock_exchanges[-EXCHANGES_SHOWN:]]
    return (
        f"offset {offset_s:+.6f} s | drift {clock_map.rate * 1e6:+7.2f} ppm | "
        f"bound {clock_map.bound_ns(host_ns) / 1e6:.3f} ms | "
        f"round trip {min(trips):.2f} / {statistics.median(trips):.2f} ms | "
        f"steps {clock_map.steps}{'' if not neon.link_error else ' | phone lost'}"
    )


class _Board(logging.Handler):
    """One line that is written over in a terminal; lines below each other in a file.

    What the package logs meanwhile, such as a step of the clock, stays above it.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(logging.WARNING)
        self._stream = stream
        self._in_place = stream.isatty()
        self.pause_s = REFRESH_S if self._in_place else PLAIN_LINE_EVERY_S

    def show(self, line: str) -> None:
        """Write the line."""
        self.acquire()
        try:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(CLEAR_LINE + line[:width] if self._in_place else line + "\n")
            self._stream.flush()
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message; called by logging, in any thread."""
        start = CLEAR_LINE if self._in_place else ""
        self._stream.write(f"{start}{time.strftime('%H:%M:%S')} {record.getMessage()}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the last line standing."""
        if self._in_place:
            self._stream.write("\n")
            self._stream.flush()
