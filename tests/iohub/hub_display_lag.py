"""The display lag through ioHub, before simulated glasses that film a monitor of known lag.

python hub_display_lag.py FOLDER
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from pathlib import Path

from psychopy import clock, visual
from psychopy.iohub import launchHubServer

from psychopy_neon.clock.experiment_clock import pair
from psychopy_neon.runtime import connect, measure_display_lag
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

KEY = "eyetracker.neon_realtime.EyeTracker"
CHANGES = 36
LAG_S = 0.0234
FRAME_S = 0.004


def measure(folder: Path, phone: SimulatedNeon) -> None:
    port = json.loads((folder / "choices.json").read_text("utf-8"))["udp_port"]
    window = visual.Window((1280, 720), fullscr=False, checkTiming=False, units="height")
    settings = {"address": f"{phone.address}:{phone.port}"}
    hub = launchHubServer(
        window=window,
        udp_port=port,
        **{KEY: {"name": "tracker", "runtime_settings": settings}},
    )

    def on_monitor(bright: bool, raw_s: float) -> None:
        clocks = pair(time.perf_counter_ns, clock.getTime)
        phone.show_patch(bright, phone.clock.device_ns(clocks.host_from_experiment(raw_s)))
        time.sleep(FRAME_S)

    tracker = hub.devices.tracker
    found = measure_display_lag(window, tracker, changes=CHANGES, on_change=on_monitor)
    refused = connect(tracker).ask("neon_watch_patch", bool, [["a", "b"]])
    seen = {**dataclasses.asdict(found), "refused": refused, "agrees": found.clock_agrees}
    (folder / "results.json").write_text(json.dumps(seen), "utf-8")
    hub.quit()
    window.close()


if __name__ == "__main__":
    with SimulatedNeon(SimulatorOptions(display_lag_s=LAG_S, exposure_s=0.01)) as simulator:
        assert simulator.scene is not None and simulator.scene.wait_until_drawn(30.0)
        measure(Path(sys.argv[1]), simulator)
