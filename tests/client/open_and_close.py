"""Opens and closes a device 200 times and prints what is left of it, as JSON. Not a test.

Started by test_open_and_close.py, in a process of its own, whose memory is then ours alone.
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
import threading
import time

import psutil

from psychopy_neon import Neon

TIMES = 200
STREAMS = ("gaze", "imu", "eye_events", "eyes")


def open_and_close(address, number):
    """As many streams as the number says; every fourth time gaze is read, too."""
    neon = Neon.connect(address)
    for name in STREAMS[: number % 5]:
        getattr(neon, name).start()
    if number % 4 == 3:
        assert neon.gaze.read(10.0) is not None
    started_s = time.perf_counter()
    neon.close()
    return time.perf_counter() - started_s


class Complaints(logging.Handler):
    """Keeps what the client says is wrong."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage())


def main(address):
    process, complaints = psutil.Process(), Complaints()
    logging.getLogger("psychopy_neon").addHandler(complaints)
    left = []
    for number in range(TIMES):
        close_s = open_and_close(address, number)
        left.append((process.memory_info().rss / 1e6, process.num_fds(), close_s))
    memory_mb, files, closes_s = zip(*left, strict=True)
    result = {
        "files": [max(files[:10]), files[-1]],
        "threads": [thread.name for thread in threading.enumerate()],
        "memory_mb": [statistics.median(memory_mb[80:100]), statistics.median(memory_mb[180:])],
        "longest_close_s": max(closes_s),
        "complaints": complaints.said,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1])
