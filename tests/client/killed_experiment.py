"""Sends a thousand events, says so, and waits to be killed.

python killed_experiment.py ADDRESS JOURNAL
"""

from __future__ import annotations

import sys
import time

from psychopy_neon import Neon

neon = Neon.connect(sys.argv[1], journal=sys.argv[2])
neon.recording.start()
neon.wait_for_clock()
for number in range(1000):
    neon.send_event(f"event {number}")
print("sent", flush=True)
time.sleep(60.0)
