"""Reads gaze, scene and eyes for six seconds at least, and prints its memory, MB. Not a test.

Started by test_open_and_close.py, in a process that loads nothing else.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from psychopy_neon import Neon

ENOUGH = {"gaze": 501, "scene": 76, "eyes": 501}  # on a busy computer they take their time
SHORTEST_S, LONGEST_S = 6.0, 60.0


def memory_mb():
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def lacks(counts):
    return any(counts[name] < least for name, least in ENOUGH.items())


def main(address):
    with Neon.connect(address) as neon:
        readers = {name: getattr(neon, name).reader() for name in ENOUGH}
        counts = dict.fromkeys(ENOUGH, 0)
        began_s, passed_s = time.perf_counter(), 0.0
        while passed_s < SHORTEST_S or (lacks(counts) and passed_s < LONGEST_S):
            time.sleep(1 / 60)
            for name, reader in readers.items():
                counts[name] += len(reader.drain())
            passed_s = time.perf_counter() - began_s
        print(memory_mb(), *counts.values())


if __name__ == "__main__":
    main(sys.argv[1])
