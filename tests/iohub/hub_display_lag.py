"""A Builder experiment that measures the display's lag, before simulated glasses that film it.

python hub_display_lag.py FOLDER
"""

from __future__ import annotations

import functools
import json
import time
from pathlib import Path
from typing import Any

from builder_script import (
    add_routine,
    add_standalone,
    main,
    new_experiment,
    rows_and_journal,
    run_script,
    write_script,
)
from psychopy import clock

from psychopy_neon.clock.experiment_clock import pair
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

CHANGES = 24
LAG_S = 0.0234
PAUSE_S = 0.004
TRIES = 3


def export(folder: Path) -> Path:
    """Write the script of an experiment: the measurement, and a trial with an event."""
    exp = new_experiment()
    from psychopy_neon.builder_components.neon_display_lag import NeonDisplayLagRoutine

    choices = {"mode": "frame", "changes": CHANGES, "otherwise": LAG_S}
    add_standalone(exp, NeonDisplayLagRoutine(exp, name="neonDisplayLag", **choices))
    trial = add_routine(
        exp, "trial", {"text": "Text", "rec": "NeonRecording", "event": "NeonEvent"}
    )
    trial["text"].params["stopVal"].val = 1.0
    trial["event"].params["displayLag"].val = "neonDisplayLag.lag"
    trial["event"].params["displayLag"].updates = "set every repeat"
    return write_script(exp, folder, "lag")


def run(script: Path, phone: SimulatedNeon) -> dict[str, Any]:
    """Run it as it is, but for the monitor, which changes with the window."""
    from psychopy_neon.runtime import display_lag_routine

    seen: dict[str, Any] = {}
    measure = display_lag_routine.measure_display_lag

    def on_monitor(bright: bool, raw_s: float) -> None:
        clocks = pair(time.perf_counter_ns, clock.getTime)
        phone.show_patch(bright, phone.clock.device_ns(clocks.host_from_experiment(raw_s)))
        time.sleep(PAUSE_S)

    def measuring(win: Any, tracker: Any, **choices: Any) -> Any:
        seen["refused"] = tracker.ask("neon_watch_patch", bool, [["a", "b"]])
        # A busy computer tells the simulator too late of a change, which it then shows late. The
        # measurement says so, and an experimenter would repeat it.
        for _ in range(TRIES):
            found = measure(win, tracker, on_change=on_monitor, **choices)
            if found.verdict != "inconsistent":
                break
        seen.update(agrees=found.clock_agrees, lag_s=found.lag_s, found=str(found))
        return found

    display_lag_routine.measure_display_lag = functools.partial(measuring)
    run_script(script, phone)
    return seen


def results(folder: Path) -> dict[str, Any]:
    """What the experiment left: rows of its data, events of its journal, its certificate."""
    rows, lines = rows_and_journal(folder)
    [certificate] = folder.glob("data/*_neon_timing.json")
    return {
        "rows": rows,
        "events": [line for line in lines if line["kind"] == "event"],
        "certificate": json.loads(certificate.read_text("utf-8")),
    }


if __name__ == "__main__":
    main(
        export,
        run,
        results,
        SimulatorOptions(display_lag_s=LAG_S, exposure_s=0.01, blinking="frame"),
    )
