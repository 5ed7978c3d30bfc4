"""A demo script without ioHub, the same with one line changed, and what else its object offers.

    python hub_one_line.py FOLDER

Writes what it saw into ``results.json`` of that folder.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psychopy import core, visual

import psychopy_neon
import psychopy_neon.iohub
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions

DEMO = Path(__file__).parents[2] / "demos" / "coder" / "with_or_without_iohub.py"
WITHOUT = "    neon = psychopy_neon.Neon.connect("
WITH = "    neon = psychopy_neon.iohub.connect("
PLACES = {"dot 1": (-0.5, 0.0), "dot 2": (0.5, 0.0), "dot 3": (0.0, 0.4)}
ASKED = ("neon_status", "neon_link", "neon_clock_map", "neon_events", "neon_recording", "neon_gaze")
TIMEOUT_S = 20.0


def wait(condition: Callable[[], Any]) -> Any:
    deadline_s = time.perf_counter() + TIMEOUT_S
    while not (found := condition()):
        if time.perf_counter() > deadline_s:
            raise TimeoutError("something that was waited for did not happen")
        core.wait(0.01, hogCPUperiod=0.0)
    return found


def refused(action: Callable[[], object]) -> str:
    try:
        action()
    except psychopy_neon.NeonError as error:
        return f"{type(error).__name__}: {error}"
    return "nothing was refused"


class Demo:
    """The script, with this run's place of ioHub."""

    def __init__(self, port: int, address: str) -> None:
        self.address = address
        self.port = port
        self.source = DEMO.read_text("utf-8")

    def run(self, source: str) -> str:
        names: dict[str, Any] = {"__name__": "demo"}
        exec(compile(source, str(DEMO), "exec"), names)
        printed, connect = io.StringIO(), psychopy_neon.iohub.connect
        psychopy_neon.iohub.connect = functools.partial(connect, udp_port=self.port)
        with contextlib.redirect_stdout(printed):
            names["main"](self.address)
        psychopy_neon.iohub.connect = connect
        return printed.getvalue()


def look(neon: Any, window: Any, recording: Any = None) -> dict[str, Any]:
    """What the object says of phone, clock, streams, events and gaze."""
    seen: dict[str, Any] = {"state": neon.state.value, "error": neon.link_error}
    seen["phone"] = [neon.host, neon.port, neon.phone_name, neon.module_serial, neon.phone_ip]
    seen["sensor"] = neon.sensor("gaze").connected
    clock_map = neon.wait_for_clock()
    before_ns, device_ns, after_ns = (
        time.perf_counter_ns(),
        neon.now_device_ns(),
        time.perf_counter_ns(),
    )
    seen["clock"] = [before_ns, device_ns, after_ns, clock_map.bound_ns(after_ns)]
    seen["zero"] = neon.experiment_time(device_ns).experiment_s - before_ns / 1e9
    seen["streams"] = [read_stream(neon, name) for name in ("gaze", "imu", "eye_events")]
    reader = neon.gaze.reader()
    read = [wait(lambda: reader.read(1.0)) for _ in range(60)]
    seen["steps_ns"] = [b.device_ns - a.device_ns for a, b in itertools.pairwise(read)]
    eye = read[-1].left_eye
    seen["eye"] = None if eye is None else [*eye.eyeball_center_mm, eye.pupil_diameter_mm]
    return seen


def read_stream(neon: Any, name: str) -> list[Any]:
    stream = getattr(neon, name)
    sample = wait(lambda: stream.read(1.0))
    return [type(sample).__name__, stream.health.state.value, wait(stream.latest).device_ns]


def correct(neon: Any, window: Any) -> dict[str, Any]:
    screen = neon.track_screen(frame_layout((1280, 720)).markers)
    first = wait(lambda: valid(screen.latest()))
    sample = wait(lambda: neon.gaze.latest() if valid(screen.latest()) else None)
    mapped = screen.map(sample, neon.now_device_ns())
    earlier = wait(lambda: screen.map(neon.gaze.read(1.0), neon.now_device_ns()))
    screen.correction = GazeCorrection(offset_deg=(2.0, 0.0), version=1)
    shifted = wait(lambda: moved(screen.latest(), first.x))
    screen.correction = None
    seen = {"mapped_ns": mapped.device_ns, "sample_ns": sample.device_ns}
    return {**seen, "earlier_ns": earlier.device_ns, "shift": shifted.x - first.x}


def valid(gaze: Any) -> Any:
    return gaze if gaze.valid else None


def moved(gaze: Any, x: float) -> Any:
    return gaze if gaze.valid and abs(gaze.x - x) > 0.02 else None


def refusals(neon: Any) -> dict[str, str]:
    # Asking for the name is enough.
    names = [name for name in dir(psychopy_neon.Neon) if name[0] != "_" and name != "connect"]
    names += ["scene", "eyes", "audio", "template", "camera"]
    told = {name: refused(lambda name=name: getattr(neon, name)) for name in names}
    return {name: text for name, text in told.items() if text != "nothing was refused"}


def second_run(port: int, phone: SimulatedNeon, window: Any) -> dict[str, Any]:
    """With an ioHub that runs already, a window in other units, and a second connection."""
    address = f"{phone.address}:{phone.port}"
    seen: dict[str, Any] = {}
    chosen = {"window": window, "journal": "ledger.jsonl", "udp_port": port}
    with psychopy_neon.iohub.connect(address, **chosen) as neon:
        seen["again"] = refused(lambda: psychopy_neon.iohub.connect(address))
        other = psychopy_neon.iohub.connect()
        seen["shared"] = other.neon_tracker is neon.neon_tracker
        seen.update(look(neon, window), **correct(neon, window))
        seen["refusals"] = refusals(neon)
        seen["keys"] = {name: keys_of(neon.neon_tracker, name) for name in ASKED}
        seen["no_recording"] = neon.send_event("to nobody").wait(TIMEOUT_S).value
        neon.recording.start()
        seen["twice"] = refused(lambda: neon.recording.start())
        seen["late"] = neon.send_event("half a second ago", at=time.perf_counter() - 0.5).number
        seen["bad"] = refused(lambda: neon.send_event(""))
        seen["bad_age"] = refused(lambda: neon.track_screen([], max_gaze_age_s=1.0))
        seen["bad_markers"] = refused(lambda: neon.track_screen([]))
        counts = wait(lambda: settled(neon.event_counts))
        seen["counts"] = [counts.sent, counts.confirmed, counts.discarded]
        seen["journal"] = str(neon.journal_path)
    seen["closed"] = [neon.state.value, neon.gaze.state.value]
    seen["too_late"] = [refused(lambda: neon.send_event("too late")), refused(neon.gaze.latest)]
    return seen


def keys_of(tracker: Any, method: str) -> list[str]:
    """Types of all keys in a reply; ioHub's end in the script understands texts only."""

    def inside(value: Any) -> set[str]:
        if isinstance(value, dict):
            return {type(key).__name__ for key in value}.union(*map(inside, value.values()))
        return set().union(*map(inside, value)) if isinstance(value, list) else set()

    return sorted(inside(wait(lambda: tracker.ask(method, dict))))


def settled(counts: Any) -> Any:
    return counts if counts.sent and not counts.pending else None


def main(folder: Path) -> None:
    port = json.loads((folder / "choices.json").read_text("utf-8"))["udp_port"]
    os.chdir(folder)
    participant = Participant(start=(-0.5, 0.0), reaction_s=0.05, on_event=PLACES)
    options = SimulatorOptions(participant=participant, blinks_per_minute=60)
    seen: dict[str, Any] = {}
    with SimulatedNeon(options) as phone:
        assert phone.scene is not None and phone.scene.wait_until_drawn(30.0)
        demo = Demo(port, f"{phone.address}:{phone.port}")
        seen["without"] = demo.run(demo.source)
        seen["with"] = demo.run(demo.source.replace(WITHOUT, WITH))
        seen["is_changed"] = demo.source.count(WITHOUT) == 1
        window = visual.Window((1280, 720), units="height", fullscr=False, checkTiming=False)
        seen.update(second_run(port, phone, window))
        window.close()
        seen["address"] = [phone.address, phone.port]
        seen["recordings"] = [[each.action, each.id] for each in phone.truth.recordings]
    (folder / "results.json").write_text(json.dumps(seen), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
