"""Reads gaze, scene and eyes for six seconds and prints its memory, MB. Not a test.

Started by test_open_and_close.py, in a process that loads nothing else.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from psychopy_neon import Neon

STREAMS = ("gaze", "scene", "eyes")


def memory_mb():
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main(address):
    with Neon.connect(address) as neon:
        readers = [getattr(neon, name).reader() for name in STREAMS]
        counts = [0] * len(readers)
        end_s = time.perf_counter() + 6.0
        while time.perf_counter() < end_s:
            time.sleep(1 / 60)
            for number, reader in enumerate(readers):
                counts[number] += len(reader.drain())
        print(memory_mb(), *counts)


if __name__ == "__main__":
    main(sys.argv[1])
